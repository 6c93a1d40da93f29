// The collecting page when there is no network: all of it, or what was there before. GET only, and only what the page is
// made of; what is collected never passes here. In front of this, …/hors-ligne.js puts COPY: {version, build, pages, parts}.
// Another version waits until the page says that nobody is in the middle of a card.
const FAMILY = `collecte:${new URL(self.registration.scope).pathname}:`;
const NAME = FAMILY + COPY.version;
const KINDS = { js: /javascript/, css: /css/, svg: /svg/, png: /png/ };

self.addEventListener('install', (event) => event.waitUntil(fill()));
self.addEventListener('activate', (event) => event.waitUntil(tidy().then(() => self.clients.claim())));
self.addEventListener('message', ({ data }) => { if (data === 'take over') self.skipWaiting(); });
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (COPY.pages.includes(pathname) || pathname.includes('/static/')) event.respondWith(answer(request, pathname));
});

// As nobody: what is kept says nothing of whoever is logged in here.
async function fetched(address) {
  const found = await fetch(address, { cache: 'no-cache', credentials: 'omit' });
  const kind = KINDS[/\.(\w+)$/.exec(address)?.[1]];
  if (!found.ok || found.redirected || (kind && !kind.test(found.headers.get('content-type') ?? ''))) throw new Error(`${address}: ${found.status}`);
  return found;
}

// Everything is here before anything is kept, and a page of a network that asks for a password is none of ours.
async function fill() {
  const pages = await Promise.all(COPY.pages.map(async (path) => [path, await fetched(path)]));
  const found = await Promise.all(pages.map(([, page]) => page.clone().text()));
  if (!found[0].includes(COPY.build)) throw new Error('not this page');
  const named = found.flatMap((html) => [...html.matchAll(/(?:href|src)="([^"]*\/static\/[^"]+\.(?:css|js|svg|png))"/g)].map(([, address]) => address));
  const parts = await Promise.all([...new Set([...COPY.parts, ...named])].map(async (path) => [path, await fetched(path)]));
  const cache = await caches.open(NAME);
  try { await Promise.all([...pages, ...parts].map(([path, page]) => cache.put(path, page))); } catch (error) {
    await caches.delete(NAME);
    throw error;
  }
}

const ours = async () => (await caches.keys()).filter((name) => name.startsWith(FAMILY) && name !== NAME);

// The version before stays: a card begun with it in another tab is finished with it.
async function tidy() {
  for (const name of (await ours()).slice(0, -1)) await caches.delete(name);
}

async function answer(request, path) {
  for (const cacheName of [NAME, ...(await ours()).reverse()]) {
    const kept = await caches.match(path, { cacheName, ignoreSearch: true });
    if (kept) return kept;
  }
  return fetch(request);
}
