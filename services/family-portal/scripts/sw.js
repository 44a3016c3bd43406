// Keeps the pages that must open without signal (help now, offline) and what they are drawn with. Nothing else:
// a page about a person is never kept here.
const stamp = "@stamp@";
const cacheName = `kith-${stamp}`;
const base = `/assets/${stamp}/`;
const shell = [@shell@].map((name) => base + name);
const pages = ["/help-now", "/offline"];
const patience = 2500;

self.addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (url.pathname.startsWith(base)) event.respondWith(kept(request));
  else if (url.pathname === "/help-now") event.respondWith(helpNow(request));
  else if (request.mode === "navigate") event.respondWith(orOffline(request));
});

async function keepAll() {
  const cache = await caches.open(cacheName);
  await Promise.all(shell.map(async (path) => cache.put(path, await ofThisBuild(path))));
  await cache.addAll(pages.map((page) => new Request(page, { cache: "reload" })));
}

// A server of another build gives its own file, which is not to be kept: the worker is installed another time then.
async function ofThisBuild(path) {
  const answer = await fetch(path);
  if (!answer.ok || /no-store/.test(answer.headers.get("Cache-Control"))) throw new Error(path);
  return answer;
}

async function dropOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== cacheName).map((name) => caches.delete(name)));
}

async function kept(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function helpNow(request) {
  const late = new Promise((resolve) => setTimeout(resolve, patience));
  const fresh = fetch(request).then((answer) => (answer.ok ? answer : undefined)).catch(() => undefined);
  return (await Promise.race([fresh, late])) ?? (await caches.match("/help-now")) ?? fetch(request);
}

async function orOffline(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match("/offline")) ?? Response.error();
  }
}
