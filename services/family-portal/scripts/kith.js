// What pages add to htmx and plain links: focus, one spoken line, kept text, and a stream that knows when it is late.
// Everything works without it; it only saves a reload. No inline script, no eval, nothing stored about a person
// except typed text, in this tab alone, across one reload, or one form that is sent from beside it.
(() => {
  "use strict";

  const quietMs = 10_000;
  const pollMs = 30_000;
  const keptName = "kith-kept";

  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  /* ---------- focus: a form that came back with errors, a page that reloaded itself ---------- */

  function focusOn(element, how) {
    if (!element) return;
    if (element.tabIndex < 0 && !element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
    element.focus(how);
  }

  function followErrorLink(event) {
    const link = event.target.closest?.(".nhsuk-error-summary a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    (field.closest("fieldset, .nhsuk-form-group") ?? field).scrollIntoView();
    focusOn(field, { preventScroll: true });
  }

  /* ---------- the Enter key sends no form that others read ---------- */

  function sendByButton(event) {
    const field = event.target;
    if (event.key === "Enter" && field.matches("input") && field.form && one("[data-by-button]", field.form))
      event.preventDefault();
  }

  /* ---------- what somebody else changed, said once, never over a person who types ---------- */

  let lastSaid = -quietMs;

  function isTyping() {
    return document.activeElement?.matches("textarea, input:not([type=radio], [type=checkbox], [type=hidden])");
  }

  function say(sentence) {
    const place = document.getElementById("said");
    const now = performance.now();
    if (!place || !sentence || isTyping() || now - lastSaid < quietMs) return;
    lastSaid = now;
    place.textContent = sentence;
  }

  const shownBefore = new Map();

  function rememberShown(event) {
    const part = event.target;
    if (part.matches?.("[data-live], #known-at")) shownBefore.set(part.id, part.textContent);
  }

  function sayWhatChanged(event) {
    const header = event.detail?.ctx?.response?.raw?.headers?.get("Kith-Said");
    const part = event.target;
    const same = shownBefore.get(part.id) === part.textContent;
    shownBefore.delete(part.id);
    if (header && !same) say(decodeURIComponent(header));
  }

  /* ---------- unsent text is never swapped away ---------- */

  const typedIn = "textarea, select, input:not([type=hidden], [type=password], [type=file])";
  const isTick = (field) => field.type === "radio" || field.type === "checkbox";

  function isUnsent(field) {
    if (field.form && one(".nhsuk-error-summary, .nhsuk-error-message", field.form)) return true;
    const cameBack = field.form && one("[data-came-back]", field.form);
    if (isTick(field)) return field.checked !== field.defaultChecked || (cameBack && field.checked);
    if (field.value && cameBack) return true;
    if (!field.matches("select")) return field.value !== field.defaultValue;
    return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
  }

  function holdWhileWriting(event) {
    const part = event.target;
    if (!part.matches?.("[data-live]") || !all(typedIn, part).some(isUnsent)) return;
    event.preventDefault();
    if (part.previousElementSibling?.matches("[data-changed]")) return;
    const note = document.createElement("p");
    note.className = "k-note";
    note.dataset.changed = "";
    note.append("This changed while you were writing. ");
    const look = document.createElement("a");
    look.href = address();
    look.textContent = "Look";
    note.append(look);
    part.before(note);
  }

  /* ---------- a reload of its own keeps what was typed, and puts the reader at the top ---------- */

  const address = () => document.body.dataset.at ?? location.pathname + location.search;
  const reader = () => one(".k-who")?.textContent ?? "";

  // Staff write long forms. Nobody else is asked: who leaves quickly leaves, and a page that has to close closes.
  let leaving = document.body.dataset.area !== "staff";

  function askBeforeWordsAreLost(event) {
    if (!leaving && all("main form textarea").some(isUnsent)) event.preventDefault();
  }

  // Back from what came of it goes to the page itself: browsers ask coldly whether the answered form is to go again.
  function leaveNoAnswerBehind() {
    if (!one("[data-at], [data-came-back], .nhsuk-error-summary")) return;
    history.replaceState(history.state, "", address());
  }

  const path = () => address().split("?")[0];

  function keep(fields, reloads) {
    const kept = fields.map((field) => [field.id, field.value, field.checked, versionBeside(field)?.value]);
    sessionStorage.setItem(keptName, JSON.stringify({ path: path(), reader: reader(), kept, reloads }));
  }

  // The version of what a field changes, as its page showed it.
  const versionBeside = (field) => field.form && one("input[type=hidden][name=version]", field.form);

  /* ---------- quickly away: Back from there does not lead to the page that somebody left ---------- */

  function leaveQuickly(event) {
    const link = event.target.closest?.("a[href='/leave']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    location.replace(link.href);
  }

  /* ---------- without signal a form stays where it is: the browser's own page would stand in its place ---------- */

  let reached = false;

  function sendOrStay(event) {
    forgetNoSignal();
    if (!navigator.onLine && !reached && event.target.method === "post") return stay(event);
    keepTheOthers(event);
    leaveNoAnswerBehind();
  }

  // Who has Kith on the same machine needs no network: it is asked before anybody is told that there is none.
  function stay(event) {
    const { target, submitter } = event;
    event.preventDefault();
    const again = () => { reached = true; target.requestSubmit(submitter); };
    fetch("/healthz", { cache: "no-store" }).then(again, () => sayNoSignal(target));
  }

  function sayNoSignal(form) {
    const note = document.createElement("p");
    note.className = "k-note k-note--wait";
    note.dataset.noSignal = "";
    note.setAttribute("role", "status");
    form.append(note);
    note.textContent = "There is no signal. What you wrote stays here. Send it when there is.";
    note.scrollIntoView({ block: "nearest" });
  }

  function forgetNoSignal() {
    all("[data-no-signal]").forEach((note) => note.remove());
  }

  // Anew by GET: a page that answered a form is not sent a second time.
  function keepAndReload() {
    keep(all(typedIn).filter((field) => field.id && isUnsent(field)), true);
    leaving = true;
    location.replace(address());
  }

  // Words of worry that wait for their writer's choice stand in no field: their page goes once it has ended, and not before.
  function reloadOrStay() {
    if (one("[data-waits]")) closeIfEnded();
    else keepAndReload();
  }

  // One form is sent, and the page comes anew: what stands in its other forms comes back with it.
  function keepTheOthers(event) {
    leaving = true;
    const others = all(typedIn).filter((field) => field.form && field.form !== event.target);
    const fields = others.filter((field) => field.id && isUnsent(field));
    if (fields.length && event.target.closest("main")) keep(fields, false);
  }

  // A form's own address leads on to the page above it, so that is the same page; another person's words are not put back.
  function bringBack() {
    const text = sessionStorage.getItem(keptName);
    if (!text) return;
    sessionStorage.removeItem(keptName);
    const { path: from, reader: writer, kept, reloads } = JSON.parse(text);
    if (reloads ? !from.startsWith(path()) : from !== path()) return;
    for (const [id, ...typed] of writer === reader() && Array.isArray(kept) ? kept : []) putBack(id, ...typed);
    if (reloads) focusOn(one("main h1"));
  }

  // With the version that its writer has read: what a colleague wrote meanwhile is shown before it is written over.
  // A tick goes back to what was ticked: in a list that is another one now, its place is another's.
  function putBack(id, value, checked, read) {
    const field = document.getElementById(id);
    if (!field?.matches(typedIn)) return;
    const ticked = isTick(field) ? all("input", field.form).find((each) => each.name === field.name && each.value === value) : null;
    if (isTick(field) && !ticked) return;
    if (read && versionBeside(field)) versionBeside(field).value = read;
    if (ticked) ticked.checked = checked;
    else field.value = value;
    const fold = field.closest("details");
    if (fold) fold.open = true;
  }

  /* ---------- the stream: hx-sse pauses hidden tabs itself; we look again after a gap and poll while it is away ---- */

  let connections = 0;
  let away = false;

  // What has ended meanwhile answers 401 or 404; anything else leaves the page, and what is written on it, as it is.
  async function closeIfEnded() {
    const asked = { headers: { "HX-Request": "true" }, cache: "no-store" };
    const answer = await fetch(address(), asked).catch(() => undefined);
    if (answer?.status === 401 || answer?.status === 404) keepAndReload();
  }

  function closeWithPart(event) {
    const status = event.detail?.ctx?.response?.status;
    if (event.target.matches?.("[data-live]") && (status === 401 || status === 404)) closeIfEnded();
  }

  function lookAgain() {
    const parts = all("[data-live]");
    for (const part of [...parts, ...all("#known-at[hx-get]")]) part.dispatchEvent(new Event("kith-refresh"));
    if (!parts.length) closeIfEnded();
  }

  function onConnected() {
    connections += 1;
    if (connections > 1 || away) lookAgain();
    away = false;
  }

  function pollWhileAway() {
    if (away && !document.hidden) lookAgain();
  }

  function start() {
    document.documentElement.classList.add("has-script");
    focusOn(one(".nhsuk-error-summary"));
    bringBack();
    document.addEventListener("click", followErrorLink);
    document.addEventListener("click", leaveQuickly);
    document.addEventListener("keydown", sendByButton);
    document.addEventListener("submit", sendOrStay);
    addEventListener("online", forgetNoSignal);
    addEventListener("beforeunload", askBeforeWordsAreLost);
    document.addEventListener("htmx:before:request", holdWhileWriting);
    document.addEventListener("htmx:after:request", closeWithPart);
    document.addEventListener("htmx:before:swap", rememberShown);
    document.addEventListener("htmx:after:swap", sayWhatChanged);
    document.addEventListener("htmx:sse:after:connection", onConnected);
    document.addEventListener("htmx:sse:error", () => { away = true; });
    document.getElementById("live")?.addEventListener("access", reloadOrStay);
    document.getElementById("live")?.addEventListener("enough", () => { away = true; });
    document.getElementById("live")?.addEventListener("refresh", () => { if (!one("[data-live]")) closeIfEnded(); });
    setInterval(pollWhileAway, pollMs);
    navigator.serviceWorker?.register("/sw.js").catch(() => {});
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
