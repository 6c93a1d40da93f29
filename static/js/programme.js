// What somebody keeps of the programme: a cookie of session numbers, marked on the pages here, which are one for everybody.
// The service is told afterwards: it says what is at the same time, and a cookie it sets lasts longer than one of a script.
const NAME = 'programme';
const MOST = 150;
const LASTS = 200 * 24 * 3600;
const CALM = 4000;
const NO_COPY = 'programme:no-copy';
const short = (id) => id.replaceAll('-', '').slice(-12);
let mine;
let address;
let told; // the button pressed last, which the service has not heard of yet
let busy = false;
let later; // renews the copy of one's own page
let toast;

export function start(found) {
  const [form] = document.querySelectorAll('[data-keep]');
  address = form?.action ?? location.pathname;
  mine = read();
  paint();
  document.addEventListener('submit', (event) => { if (event.target.matches('[data-keep]')) take(event); });
  for (const name of ['pageshow', 'visibilitychange']) window.addEventListener(name, () => { if (!busy) { mine = read(); paint(); } });
  window.addEventListener('pagehide', renew);
  window.addEventListener('online', () => { if (told) tell(); });
  copies(found.find((one) => 'mine' in one.dataset));
}

// A session's number → the release it was kept under, which the service adds.
function read() {
  const text = /(?:^|; )programme=([^;]*)/.exec(document.cookie)?.[1] ?? '';
  return new Map(text.split('.').filter(Boolean).map((one) => one.split('-')));
}

const text = () => [...mine].map(([number, release]) => (release ? `${number}-${release}` : number)).join('.');

function write() {
  const secure = location.protocol === 'https:' ? '; secure' : '';
  document.cookie = `${NAME}=${text()}; path=/; max-age=${mine.size ? LASTS : 0}; samesite=lax${secure}`;
}

function take(event) {
  const number = short(event.target.dataset.session);
  if (mine.has(number)) mine.delete(number);
  else if (mine.size < MOST) mine.set(number, '');
  else return; // the service says why
  event.preventDefault();
  write();
  if (read().size !== mine.size) { event.target.submit(); return; } // cookies are refused: the service says how things stand
  told = event.target.dataset.session;
  paint();
  tell();
}

function paint() {
  for (const form of document.querySelectorAll('[data-keep]')) {
    const [button, word] = [form.querySelector('button'), mine.has(short(form.dataset.session)) ? 'no' : 'yes'];
    if (button.value === word) continue;
    button.value = word;
    button.firstElementChild.textContent = button.dataset[word];
  }
  for (const one of document.querySelectorAll('[data-session]')) one.classList.toggle('kept', mine.has(short(one.dataset.session)));
}

// One at a time, always the whole: what was pressed meanwhile goes next. Without network it waits.
async function tell() {
  if (busy) return;
  busy = true;
  const [sent, session] = [text(), told];
  let fresh = false;
  try {
    const answer = await fetch(address, {
      method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams({ all: sent, ...(session && { session }) }), signal: AbortSignal.timeout?.(20000),
    });
    if (answer.ok) {
      const said = await answer.json();
      fresh = text() === sent;
      if (fresh) {
        mine = new Map(said.kept.split('.').filter(Boolean).map((one) => one.split('-')));
        told = null;
        say(said);
        clearTimeout(later);
        later = setTimeout(renew, CALM);
      }
    }
  } catch { /* the cookie holds it; told when there is a network again */ }
  busy = false;
  if (!fresh && text() !== sent) { write(); tell(); }
}

// The copy of one's own page, once several are kept or let go.
function renew() {
  if (!later) return;
  clearTimeout(later);
  later = null;
  navigator.serviceWorker?.controller?.postMessage({ again: new URL(address, location).pathname });
}

function say({ said, clashes, url, label }) {
  toast ??= document.querySelector('main').appendChild(Object.assign(document.createElement('div'), { className: 'kept-said', role: 'status' }));
  const line = (words) => Object.assign(document.createElement('p'), { textContent: words });
  toast.replaceChildren(line(said), ...clashes.map(line));
  if (location.pathname !== url) toast.append(Object.assign(document.createElement('a'), { href: url, textContent: label }));
}

// The copy for when there is no network: the worker's affair. Who does not want one says so on their own page.
async function copies(page) {
  if (!navigator.serviceWorker || !window.caches) return;
  const scope = new URL(address, location).pathname.replace(/\/[^/]+$/, '');
  const place = page?.querySelector('[data-offline-copy]');
  let refused = false;
  try { refused = Boolean(localStorage.getItem(NO_COPY)); } catch { /* refused: as if never asked */ }
  try {
    if (!refused) await keep(scope);
    if (place) show(place, scope, !refused);
  } catch { /* no https, no room: it is read as any page */ }
}

async function keep(scope) {
  if (document.readyState !== 'complete') await new Promise((resolve) => { window.addEventListener('load', resolve, { once: true }); });
  const { active, waiting, installing } = await navigator.serviceWorker.register(`${scope}/hors-ligne.js`, { scope });
  (active ?? waiting ?? installing).postMessage({ visited: location.pathname }); // at once: people go on quickly
}

function show(place, scope, on) {
  const [words, button] = [place.querySelector('p'), place.querySelector('button')];
  const say = () => { for (const one of [words, button]) one.textContent = one.dataset[on ? 'on' : 'off']; };
  button.addEventListener('click', async () => {
    on = !on;
    try { if (on) localStorage.removeItem(NO_COPY); else localStorage.setItem(NO_COPY, 'yes'); } catch { /* refused */ }
    await (on ? keep(scope) : forget());
    say();
  });
  say();
  place.hidden = false;
}

// In every language: copies and worker.
async function forget() {
  for (const name of await caches.keys()) if (name.startsWith('programme:')) await caches.delete(name);
  for (const one of await navigator.serviceWorker.getRegistrations()) if (new URL(one.scope).pathname.endsWith('/assises')) await one.unregister();
}
