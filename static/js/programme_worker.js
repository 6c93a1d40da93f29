// The Assises when there is no network, read only: the programme, one's own, and the pages seen. The service goes first; a
// copy says that it is one, and of when. In front of this, /assises/hors-ligne.js puts COPY: {version, mine, note}. Another
// release is another version: another worker, which fetches everything anew before it takes over.
const scope = new URL(self.registration.scope).pathname;
const FAMILY = `programme:${scope}:`;
const NAME = FAMILY + COPY.version;
const PATIENCE = 5000; // a network that neither works nor fails

self.addEventListener('install', (event) => event.waitUntil(fill().then(() => self.skipWaiting())));
self.addEventListener('activate', (event) => event.waitUntil(older().then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => self.clients.claim())));
self.addEventListener('message', (event) => event.waitUntil(take(event.data)));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate' && isPage(pathname)) event.respondWith(page(event, pathname, search));
  else if (pathname.includes('/static/')) event.respondWith(part(event));
});

// Within /assises and nowhere else; no calendar, no print sheet, no personal link: those have an ending.
const isPage = (path) => (path === scope || path.startsWith(`${scope}/`)) && !path.split('/').pop().includes('.');
const older = async () => (await caches.keys()).filter((name) => name.startsWith(FAMILY) && name !== NAME);

async function fill() {
  const cache = await caches.open(NAME);
  await put(cache, scope);
  const seen = new Set([COPY.mine]);
  for (const name of await older()) for (const { url } of await (await caches.open(name)).keys()) if (isPage(new URL(url).pathname)) seen.add(new URL(url).pathname);
  seen.delete(scope);
  await Promise.all([...seen].map((path) => put(cache, path).catch(() => {})));
}

// `visited`: a page opened before this worker was there; `again`: one that is no longer as it was.
async function take({ visited, again }) {
  const [path, cache] = [visited ?? again, await caches.open(NAME)];
  if (path && isPage(path) && (again || !(await cache.match(path)))) await put(cache, path).catch(() => {});
}

// A page, and what it is made of.
async function put(cache, path) {
  const answer = await fetch(path, { cache: 'no-cache', credentials: 'same-origin' });
  if (!answer.ok || answer.redirected) throw new Error(`${path}: ${answer.status}`);
  const found = [...(await answer.clone().text()).matchAll(/(?:href|src)="([^"]*\/static\/[^"]+\.(?:css|js|svg))"/g)].map(([, address]) => address);
  const scripts = found.filter((address) => address.endsWith('/main.js')).map((address) => address.replace(/main\.js$/, 'programme.js'));
  for (const address of new Set([...found, ...scripts])) if (!(await cache.match(address))) await cache.add(address);
  await cache.put(path, answer);
}

async function page(event, path, search) {
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE); });
  const asked = fetch(event.request).then(async (answer) => {
    if (path === scope && [404, 410].includes(answer.status)) await leave();
    else if (answer.ok && !answer.redirected && !search) await (await caches.open(NAME)).put(path, answer.clone());
    return answer;
  });
  event.waitUntil(asked.catch(() => {}));
  const answer = await Promise.race([asked, late]).catch(() => null);
  return answer && answer.status < 500 ? answer : (await copy(path)) ?? asked;
}

// Said at the top, with the day of its release; what cannot work without network is not shown (assises.css).
async function copy(path) {
  const kept = await caches.match(path, { cacheName: NAME });
  if (!kept) return null;
  const headers = new Headers(kept.headers);
  for (const name of ['content-encoding', 'content-length', 'etag']) headers.delete(name);
  const html = (await kept.text()).replace('<html ', '<html data-offline ');
  const note = `<div class="switched" role="status"><p>${COPY.note}</p></div>`;
  return new Response(html.replace(/<main[^>]*>/, (main) => `${main}\n${note}`), { headers });
}

// Named by the hash of what is in them: a copy is as good.
async function part({ request }) {
  return (await caches.match(request.url, { cacheName: NAME })) ?? fetch(request);
}

// There is no programme any more.
async function leave() {
  for (const name of await caches.keys()) if (name.startsWith(FAMILY)) await caches.delete(name);
  await self.registration.unregister();
}
