// The service worker of a page that works with no network. KEPT (written before this text by the
// server) tells the page and the files to keep: path → address with the hash of the content.
//
// A version is fetched whole or not at all and never mixed with another. A new one waits until the
// page says "take over" or is closed, so that nothing changes under a code that is being shown.

const CACHE = `${KEPT.name}-${KEPT.version}`;

addEventListener("install", (event) => event.waitUntil(keepAll()));
addEventListener("activate", (event) => event.waitUntil(start()));
addEventListener("message", (event) => {
  if (event.data === "take over") skipWaiting();
});

async function keepAll() {
  const cache = await caches.open(CACHE);
  const page = keep(cache, KEPT.page, new Request(KEPT.page, { cache: "reload" }));
  await Promise.all([page, ...Object.entries(KEPT.files).map(([path, address]) => keep(cache, path, address))]);
}

async function keep(cache, path, from) {
  const answer = await fetch(from, { credentials: "omit" });
  if (!answer.ok || answer.redirected) throw new Error(`not to be had: ${path}`);
  await cache.put(path, answer);
}

async function start() {
  for (const name of await caches.keys()) {
    if (name.startsWith(`${KEPT.name}-`) && name !== CACHE) await caches.delete(name);
  }
  await clients.claim();
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const path = request.mode === "navigate" ? url.pathname.replace(/\/$/, "") : url.pathname;
  if (path === KEPT.page || path in KEPT.files) event.respondWith(kept(path, request));
});

async function kept(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}
