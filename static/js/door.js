// The door on a helper's phone. What is tapped is kept here first, then sent: an hour without network loses nothing.
// Each thing noted has an id of its own, so that it counts once however often it is sent; who is there is what the
// service said last, with what still waits here laid over it.
import { start as scan } from './door_scan.js';

const AGAIN = 5000;
const LOOK = 10000;
const MOST = 200; // in one sending
const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
let root;
let prefix;
let arrivals = []; // {id, people, at, registration}, as the service said last
let expected;
let busy = false;
let timer;
let trouble = ''; // why nothing leaves: '', 'waits', 'login', 'gone'
const spare = new Map(); // where the browser keeps nothing: this page at least does
let spared = false;

export function start([found]) {
  if (!window.crypto?.randomUUID) return; // without https the forms go as they are
  root = found;
  prefix = `door:${root.dataset.door}:`;
  arrivals = [...root.querySelectorAll('[data-arrival]')].filter((one) => one.dataset.arrival).map((one) => (
    { id: one.dataset.arrival, people: Number(one.dataset.people), at: one.dataset.at, registration: one.dataset.guest ?? null }));
  expected = figure('expected').textContent;
  root.addEventListener('submit', (event) => {
    if (event.target.matches('[data-door-form]')) { event.preventDefault(); take(event.target); }
    if (event.target.matches('[data-door-search]')) event.preventDefault();
  });
  root.querySelector('[data-door-search] input').addEventListener('input', search);
  window.addEventListener('online', send);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) send(); });
  scan(root, (code) => note({ kind: 'code', code }), tell);
  show();
  send();
  keepPage();
}

// The queue: one key for each thing, so that two tabs of one phone lose nothing to each other.
function queue() {
  const kept = [...spare.values()];
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) kept.push(JSON.parse(localStorage.getItem(key)));
  } catch { /* refused: only what this page holds */ }
  return kept.sort((one, other) => one.order - other.order);
}

function put(item) {
  try { localStorage.setItem(prefix + item.id, JSON.stringify(item)); } catch { spare.set(item.id, item); spared = true; }
}

function drop(id) {
  spare.delete(id);
  try { localStorage.removeItem(prefix + id); } catch { /* refused */ }
}

function take(form) {
  const said = Object.fromEntries(new FormData(form));
  if (said.kind === 'code' && !said.code.trim()) { form.elements.code.focus(); return; }
  note(said);
  if (said.kind === 'code') form.reset();
  if (said.kind === 'walk_in') form.elements.people.value = 1;
  [...form.parentElement.querySelectorAll('form:not([hidden]) button')].at(-1)?.focus();
}

let last = 0;
async function note({ kind, people, registration, code, arrival }) {
  last = Math.max(Date.now(), last + 1);
  const item = { id: crypto.randomUUID(), order: last, kind, at: new Date().toISOString() };
  if (kind === 'undo') {
    const waits = queue().find((one) => one.id === arrival);
    if (waits && !waits.tried) { drop(arrival); tell(root.dataset.sayUndone); show(); return; }
    put({ ...item, arrival });
    tell(root.dataset.sayUndone);
  } else if (kind === 'walk_in') {
    put({ ...item, people: Number(people) || 1 });
    tell(root.dataset.sayCounted);
  } else {
    const guest = kind === 'code' ? await byCode(code) : byId(registration);
    if (guest && standing().some((one) => one.registration === guest.dataset.guest)) { tell(named(guest, root.dataset.sayAlready)); return; }
    if (guest) put({ ...item, kind: 'registered', registration: guest.dataset.guest, people: Number(people || guest.querySelector('[name=people]').value) || 1 });
    else put({ ...item, code });
    tell(guest ? named(guest, root.dataset.sayCounted) : root.dataset.sayUnknown);
  }
  show();
  send();
}

const byId = (id) => root.querySelector(`[data-guest="${CSS.escape(id)}"]`);
// Who signed up since this page came is on no list here, and counts all the same.
const named = (guest, words) => (guest ? `${guest.querySelector('h3').textContent} · ${words}` : words);

// The short code, or the personal link of which this page knows a fingerprint.
async function byCode(typed) {
  const short = typed.replace(/[\W_]/g, '').toUpperCase();
  const found = short.length === 6 ? [...root.querySelectorAll(`[data-code="${short}"]`)] : [];
  if (found.length === 1) return found[0];
  const token = unescaped(typed.trim().split(/[?#]/)[0].replace(/\/$/, '').split('/').pop());
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)));
  const key = [...sum.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return root.querySelector(`[data-key="${key}"]`);
}

// Any poster may stand before the camera: what is no address is taken as it is.
function unescaped(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

// Who is there: the service's word, with what waits here laid over it.
function standing() {
  const found = new Map(arrivals.map((one) => [one.id, one]));
  for (const item of queue()) {
    if (item.kind === 'undo') found.delete(item.arrival);
    else if (item.kind !== 'code' && ![...found.values()].some((one) => item.registration && one.registration === item.registration)) {
      found.set(item.id, { id: item.id, people: item.people, at: hour(item.at), registration: item.registration ?? null, waits: true });
    }
  }
  return [...found.values()];
}

const hour = (at) => new Date(at).toLocaleTimeString('fr', { hour: '2-digit', minute: '2-digit' });
const figure = (name) => root.querySelector(`[data-door-count="${name}"]`);
const sum = (list) => list.reduce((all, one) => all + one.people, 0);

function show() {
  const there = standing();
  const of = new Map(there.map((one) => [one.registration, one]));
  for (const guest of root.querySelectorAll('[data-guest]')) paint(guest, of.get(guest.dataset.guest));
  walked(there.filter((one) => !one.registration));
  figure('there').textContent = sum(there);
  figure('walked_in').textContent = sum(there.filter((one) => !one.registration));
  figure('expected').textContent = expected;
  const [status, n] = [root.querySelector('[data-door-status] p'), queue().length];
  const words = { waits: root.dataset.sayWaits, login: root.dataset.sayLogin, gone: root.dataset.sayGone }[trouble] ?? root.dataset.saySending;
  const said = n || trouble === 'login' || trouble === 'gone' ? words.replace('{n}', n) : root.dataset.saySent;
  if (status.dataset.said === said) return;
  status.dataset.said = said;
  status.textContent = said;
  status.parentElement.classList.toggle('trouble', Boolean(trouble && (n || trouble !== 'waits')));
  if (trouble === 'login') status.append(' ', Object.assign(document.createElement('a'), { href: root.dataset.login, textContent: root.dataset.sayLoginLink }));
}

function paint(guest, arrival) {
  const [come, undo] = guest.querySelectorAll('[data-door-form]');
  guest.classList.toggle('came', Boolean(arrival));
  guest.classList.toggle('waits', Boolean(arrival?.waits));
  [come.hidden, undo.hidden] = [Boolean(arrival), !arrival];
  undo.elements.arrival.value = arrival?.id ?? '';
  guest.querySelector('[data-door-here]').textContent = arrival ? root.dataset[arrival.people > 1 ? 'sayHereMany' : 'sayHere'].replace('{at}', arrival.at).replace('{people}', arrival.people) : '';
}

// Those without a registration: rows made after the pattern the page brought.
function walked(list) {
  const place = root.querySelector('[data-door-walked]');
  for (const row of [...place.children]) if (!list.some((one) => one.id === row.dataset.arrival)) row.remove();
  for (const one of list) {
    if (place.querySelector(`[data-arrival="${one.id}"]`)) continue;
    const row = root.querySelector('[data-door-row]').content.firstElementChild.cloneNode(true);
    row.dataset.arrival = row.querySelector('[name=arrival]').value = one.id;
    row.querySelector('p').textContent = row.querySelector('p').textContent.replace('{n}', one.people).replace('{at}', one.at);
    row.querySelector('.visually-hidden').textContent = ` ${one.at}`;
    place.append(row);
  }
}

async function send() {
  clearTimeout(timer);
  if (busy) return;
  busy = true;
  const items = queue().slice(0, MOST);
  for (const item of items) put({ ...item, tried: true });
  let more = false;
  try {
    const answer = items.length ? await post(items) : document.hidden ? null : await ask(root.dataset.state);
    trouble = { 401: 'login', 403: 'gone', 404: 'gone' }[answer?.status] ?? (answer && !answer.ok ? 'waits' : '');
    if (answer?.ok) {
      const said = await answer.json();
      for (const one of said.results ?? []) settle(one);
      [arrivals, expected] = [said.arrivals, said.counts.expected];
      more = queue().length > 0;
    }
  } catch { trouble = 'waits'; }
  busy = false;
  show();
  timer = setTimeout(send, more ? 0 : queue().length ? AGAIN : LOOK);
}

const ask = (address, options = {}) => fetch(address, { cache: 'no-store', signal: AbortSignal.timeout(20000), ...options, headers: { Accept: 'application/json', ...options.headers } });
const post = (items) => ask(root.dataset.send, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ arrivals: items.map(({ order, tried, ...item }) => item) }) });

function settle({ id, result, registration, detail }) {
  const item = queue().find((one) => one.id === id);
  drop(id);
  const guest = registration && byId(registration);
  if (result === 'refused') tell(item?.code ? `${item.code.slice(-40)} · ${detail}` : detail, true);
  else if (result === 'already') tell(named(guest, root.dataset.sayAlready));
  else if (item?.kind === 'code') tell(named(guest, root.dataset.sayCounted));
}

// What was just done, read aloud; what was refused stays until the next.
function tell(words, wrong = false) {
  const place = root.querySelector('[data-door-told]');
  place.classList.toggle('trouble', wrong);
  place.textContent = words;
}

function search({ target }) {
  const wanted = plain(target.value).split(/\s+/).filter(Boolean);
  let n = 0;
  for (const guest of root.querySelectorAll('[data-guest]')) {
    guest.hidden = !wanted.every((word) => guest.dataset.words.includes(word) || guest.dataset.code.toLowerCase() === word);
    if (!guest.hidden) n += 1;
  }
  root.querySelector('[data-door-found]').textContent = root.dataset.sayFound.replace('{n}', n);
}

// So that the page opens again without network; what it was made of is named to its worker, and to no other page's.
async function keepPage() {
  const place = root.querySelector('[data-door-kept]');
  const scope = location.pathname;
  const forget = root.querySelector('[data-door-forget]');
  try {
    if (spared) throw new Error('nothing can be kept');
    await navigator.serviceWorker.register(root.dataset.worker, { scope });
    const { active } = await navigator.serviceWorker.ready;
    const parts = performance.getEntriesByType('resource').map((one) => one.name).filter((name) => name.includes('/static/'));
    const answer = new MessageChannel();
    const kept = new Promise((resolve) => { answer.port1.onmessage = ({ data }) => resolve(data); });
    active.postMessage({ keep: [scope, ...new Set(parts)] }, [answer.port2]);
    place.textContent = await kept ? root.dataset.sayKept : root.dataset.sayNotKept;
    forget.hidden = false;
  } catch { place.textContent = root.dataset.sayNotKept; }
  forget.addEventListener('click', async () => {
    await caches.delete(`door:${scope}`);
    await (await navigator.serviceWorker.getRegistration(scope))?.unregister();
    forget.hidden = true;
    place.textContent = root.dataset.sayForgotten;
  });
}
