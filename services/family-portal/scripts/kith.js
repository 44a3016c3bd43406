// What pages add to htmx and plain links: focus, one spoken line, kept text, and a stream that knows when it is late.
// Everything works without it; it only saves a reload. No inline script, no eval, nothing stored about a person
// except typed text, in this tab alone, across one reload.
(() => {
  "use strict";

  const quietMs = 10_000;
  const pollMs = 30_000;
  const keptName = "kith-kept";

  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  /* ---------- focus: a form that came back with errors, a page that reloaded itself ---------- */

  function focusOn(element) {
    if (!element) return;
    if (!element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
    element.focus();
  }

  function followErrorLink(event) {
    const link = event.target.closest?.(".nhsuk-error-summary a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.closest("fieldset, .nhsuk-form-group")?.scrollIntoView();
    field.focus({ preventScroll: true });
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

  function sayWhatChanged(event) {
    const header = event.detail?.ctx?.response?.raw?.headers?.get("Kith-Said");
    if (header) say(decodeURIComponent(header));
  }

  /* ---------- unsent text is never swapped away ---------- */

  function isUnsent(field) {
    if (field.type === "hidden") return false;
    if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
    return "defaultValue" in field && field.value !== field.defaultValue;
  }

  function holdWhileWriting(event) {
    const part = event.target;
    if (!part.matches?.("[data-live]") || !all("input, textarea", part).some(isUnsent)) return;
    event.preventDefault();
    if (part.previousElementSibling?.matches("[data-changed]")) return;
    const note = document.createElement("p");
    note.className = "k-note";
    note.dataset.changed = "";
    note.append("This changed while you were writing. ");
    const look = document.createElement("a");
    look.href = location.pathname + location.search;
    look.textContent = "Look";
    note.append(look);
    part.before(note);
  }

  /* ---------- a reload of its own keeps what was typed, and puts the reader at the top ---------- */

  function keepAndReload() {
    const fields = all("textarea[id], input[type=text][id]").filter(isUnsent);
    const kept = Object.fromEntries(fields.map((field) => [field.id, field.value]));
    sessionStorage.setItem(keptName, JSON.stringify({ path: location.pathname, kept }));
    location.reload();
  }

  function bringBack() {
    const text = sessionStorage.getItem(keptName);
    if (!text) return;
    sessionStorage.removeItem(keptName);
    const { path, kept } = JSON.parse(text);
    if (path !== location.pathname) return;
    for (const [id, value] of Object.entries(kept)) {
      const field = document.getElementById(id);
      if (field?.matches("textarea, input[type=text]")) field.value = value;
    }
    focusOn(one("main h1"));
  }

  /* ---------- the stream: hx-sse pauses hidden tabs itself; we refetch after a gap and poll while it is away ------ */

  let connections = 0;
  let away = false;

  function refreshAll() {
    for (const part of all("[data-live]")) part.dispatchEvent(new Event("kith-refresh"));
  }

  function onConnected() {
    connections += 1;
    if (connections > 1 || away) refreshAll();
    away = false;
  }

  function pollWhileAway() {
    if (away && !document.hidden) refreshAll();
  }

  function start() {
    document.documentElement.classList.add("has-script");
    focusOn(one(".nhsuk-error-summary"));
    bringBack();
    document.addEventListener("click", followErrorLink);
    document.addEventListener("htmx:before:request", holdWhileWriting);
    document.addEventListener("htmx:after:swap", sayWhatChanged);
    document.addEventListener("htmx:sse:after:connection", onConnected);
    document.addEventListener("htmx:sse:error", () => { away = true; });
    document.getElementById("live")?.addEventListener("access", keepAndReload);
    setInterval(pollWhileAway, pollMs);
    navigator.serviceWorker?.register("/sw.js").catch(() => {});
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
