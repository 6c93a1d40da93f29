// One door's page, when there is no network: as it was last seen on this phone, for a working day at most. Its scope is
// that page alone. What the service answers always goes first; where it shows somebody else in, the copy is deleted.
const scope = new URL(self.registration.scope).pathname;
const NAME = `door:${scope}`;
const DAY = 16 * 3600 * 1000;
const PATIENCE = 5000; // a network that neither works nor fails

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('message', (event) => event.waitUntil(
  caches.open(NAME).then((cache) => cache.addAll(event.data.keep)).then(() => true, () => caches.has(NAME)).then((kept) => event.ports[0].postMessage(kept)),
));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  if (request.mode === 'navigate' && new URL(request.url).pathname === scope) event.respondWith(page(request));
  else if (request.url.includes('/static/')) event.respondWith(part(request));
});

async function page(request) {
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE); });
  const asked = fetch(request).then((answer) => {
    if (answer.type === 'opaqueredirect' || [401, 403, 404].includes(answer.status)) return caches.delete(NAME).then(() => answer);
    return answer;
  });
  const answer = await Promise.race([asked, late]).catch(() => null);
  return answer ?? (await copy()) ?? asked;
}

async function copy() {
  const kept = await caches.match(scope, { cacheName: NAME, ignoreSearch: true });
  if (kept && Date.now() - Date.parse(kept.headers.get('date')) < DAY) return kept;
  if (kept) await caches.delete(NAME);
  return null;
}

// Named by the hash of what is in them: a copy is as good.
const part = async (request) => (await caches.match(request.url, { cacheName: NAME })) ?? fetch(request);
