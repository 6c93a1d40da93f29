// The device handed over: one person, alone with their own card, in their language. Everything else of the page is away
// until the mediator's four figures; closing the browser and opening it again changes nothing of that.
// What is typed here lives in this form alone: no draft, nothing the browser fills in, gone with the page and after a while
// without a touch. Every sentence is in the page (templates/outreach/_kiosk.html) or in the card (card.html).
import { start as listen } from '../listen.js';

const WRONG = 5; // then one waits
const PAUSE = 30_000;
const ASKED = 30; // seconds to answer « encore là ? »
const ROUNDS = 100_000;
const bytes = new TextEncoder();

// Hands the device over; without `language` it asks for one, and for the four figures. `store` keeps small things
// (kept, keep); `onDone(said)` seals what was said and resolves to its receipt code, or to null; `onOut` is called when
// the mediator is back, with what the person had begun to write, or null; `pair(code)` relates the device anew and resolves
// to whether it did: the way back for somebody who forgot the figures. With `again`, it locks only if the device was in
// somebody's hands when the page went, and resolves to whether it was.
export async function lock(root, { store, language, question = null, onDone, onOut = () => {}, pair, again = false }) {
  const kept = await store.kept('kiosk');
  if (again && !kept) return false;
  const away = alone(root);
  const state = { root, store, onDone, question, pair, words: () => null, typed: () => {} };
  const leave = async () => {
    const begun = state.words();
    state.typed();
    await store.keep('kiosk', null);
    root.querySelector('[data-kiosk-card]').replaceChildren();
    root.removeEventListener('click', press);
    away();
    onOut(begun);
  };
  const press = ({ target }) => {
    const button = target.closest('button');
    if (button?.matches('[data-kiosk-out]')) ask(state, leave);
    else if (button?.matches('[data-kiosk-cancel]')) leave();
    else if (button?.dataset.tongue) hand(state, button.dataset.tongue).catch(() => say(root, 'away'));
  };
  root.addEventListener('click', press);
  if (kept) Object.assign(state, { question: kept.question });
  if (!kept && !language) await prepare(state);
  else await hand(state, kept?.language ?? language).catch(() => { show(root, 'card'); say(root, 'away'); });
  return true;
}

// Nothing else on screen, nor behind it: not by Tab, not by the back button, not by a reader.
function alone(root) {
  const others = [];
  for (let part = root; part !== document.body; part = part.parentElement) {
    for (const other of part.parentElement.children) if (other !== part && !other.hidden && !other.matches('script, template')) others.push(other);
  }
  for (const other of others) other.hidden = true;
  root.hidden = false;
  const title = document.title;
  const stay = () => history.pushState({ kiosk: true }, '');
  stay();
  window.addEventListener('popstate', stay);
  return () => {
    window.removeEventListener('popstate', stay);
    for (const other of others) other.hidden = false;
    root.hidden = true;
    document.title = title;
  };
}

const part = (root, name) => root.querySelector(`[data-kiosk-${name}]`);

function show(root, name) {
  for (const one of ['setup', 'card', 'pin']) part(root, one).hidden = one !== name;
  part(root, 'bar').hidden = name !== 'card';
  part(root, 'tongues').hidden = name !== 'card' || !root.querySelector('[data-own-card] form > [data-part]:not([hidden])')?.matches(':first-child');
  say(root, '');
}

function say(root, name, words = {}) {
  const place = part(root, 'said');
  place.textContent = Object.entries(words).reduce((text, [key, value]) => text.replace(`{${key}}`, value), name ? root.dataset[`say${name[0].toUpperCase()}${name.slice(1)}`] : '');
  place.hidden = !name;
}

// Before: the language, and the figures where there are none yet.
async function prepare(state) {
  const { root, store } = state;
  const form = part(root, 'setup').querySelector('form');
  const known = await store.kept('pin');
  show(root, 'setup');
  form.reset();
  form.querySelector('[data-kiosk-known]').hidden = !known;
  form.onsubmit = async (event) => {
    event.preventDefault();
    const typed = figures(form.elements.pin.value);
    const language = form.elements.language.value;
    if (typed ? typed.length !== 4 : !known) { say(root, 'four'); form.elements.pin.focus(); return; }
    if (typed) await store.keep('pin', await secret(typed));
    form.reset();
    await hand(state, language).catch(() => { show(root, 'setup'); say(root, 'away'); });
  };
  form.querySelector('h2').focus();
}

const figures = (typed) => typed.normalize('NFKC').replace(/\D/g, '');

async function secret(typed, salt = crypto.getRandomValues(new Uint8Array(16))) {
  const key = await crypto.subtle.importKey('raw', bytes.encode(typed), 'PBKDF2', false, ['deriveBits']);
  const hash = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ROUNDS }, key, 256);
  return { salt, hash: new Uint8Array(hash) };
}

async function judge({ root, store }, typed) {
  const tries = (await store.kept('pin-tries')) ?? { wrong: 0, until: 0 };
  const left = tries.until - Date.now();
  // More than that: the clock was set back.
  if (left > 0 && left <= PAUSE) { say(root, 'wait', { n: Math.ceil(left / 1000) }); return false; }
  const known = await store.kept('pin');
  if ((await secret(typed, known.salt)).hash.every((byte, n) => byte === known.hash[n])) { await store.keep('pin-tries', null); return true; }
  const wrong = tries.wrong + 1;
  await store.keep('pin-tries', { wrong: wrong % WRONG, until: wrong >= WRONG ? Date.now() + PAUSE : 0 });
  say(root, wrong >= WRONG ? 'wait' : 'wrong', { n: PAUSE / 1000 });
  return false;
}

// After: the figures. Five wrong ones in a row, and one waits; a new start of the page does not shorten it.
async function ask({ root, store, pair }, leave) {
  show(root, 'pin');
  const form = part(root, 'pin').querySelector('form');
  form.reset();
  form.elements.pin.focus();
  let judging = false;
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (judging) return; // one after the other: each counts
    judging = true;
    const right = await judge({ root, store }, figures(form.elements.pin.value)).finally(() => { judging = false; });
    form.reset();
    if (right) await leave();
    else form.elements.pin.focus();
  };
  const other = part(root, 'pin').querySelector('[data-kiosk-forgotten]');
  other.onsubmit = async (event) => {
    event.preventDefault();
    const done = await pair(other.elements.code.value).catch(() => false);
    other.reset();
    if (!done) { say(root, 'code'); return; }
    await store.keep('pin', null);
    await leave();
  };
  part(root, 'pin').querySelector('[data-kiosk-stay]').onclick = () => show(root, 'card');
}

// The card in this language, empty, at its beginning.
async function hand(state, language) {
  const { root, store } = state;
  const answer = await fetch(root.dataset.cards.replace('{language}', language));
  if (!answer.ok) throw new Error('no card');
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-own-card]');
  await store.keep('kiosk', { language, question: state.question });
  part(root, 'card').replaceChildren(fresh);
  for (const tongue of root.querySelectorAll('[data-tongue]')) tongue.setAttribute('aria-pressed', tongue.dataset.tongue === language);
  show(root, 'card');
  fill(state, fresh);
}

function fill(state, card) {
  const { root } = state;
  const form = card.querySelector('form');
  const [back, next] = [form.querySelector('[data-card-back]'), form.querySelector('[data-send]')];
  const field = (name) => form.elements[`k.${name}`];
  let screens;
  let now;

  const go = (screen) => {
    now = screen;
    for (const one of form.querySelectorAll('[data-part]')) one.hidden = one !== now;
    const last = now === screens.at(-1);
    back.hidden = now === screens[0];
    next.textContent = last ? next.dataset.send : next.dataset.next;
    part(root, 'tongues').hidden = now !== screens[0];
    const chosen = form.querySelector('[name="k.question"]:checked');
    card.querySelector('[data-asked]').textContent = chosen?.parentElement.textContent.trim() ?? '';
    if (now === screens[0]) return;
    const title = now.querySelector('legend, h2');
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
    root.scrollIntoView({ block: 'start' });
  };

  const begin = () => {
    form.reset();
    window.speechSynthesis?.cancel();
    for (const one of form.querySelectorAll('[data-missing]')) one.remove();
    for (const one of card.querySelectorAll('[data-card-words], [data-card-digits]')) one.replaceChildren();
    card.querySelector('[data-card-done]').hidden = card.querySelector('[data-card-idle]').hidden = true;
    form.hidden = form.inert = false;
    screens = [...form.querySelectorAll('[data-part]')];
    const given = state.question && [...field('question')].find((one) => one.value === state.question);
    if (given) { given.checked = true; screens = screens.filter((one) => !one.contains(given)); } // the outing's own question
    go(screens[0]);
  };

  // Nobody touches it any more: asks, then empties the card. Nothing is sealed that was not sent.
  const [idle, left] = [card.querySelector('[data-card-idle]'), card.querySelector('[data-card-left]')];
  let waiting;
  const used = () => now !== screens[0] || !card.querySelector('[data-card-done]').hidden;
  const wait = () => { clearTimeout(waiting); if (used()) waiting = setTimeout(count, Number(root.dataset.idle) * 1000, ASKED); };
  const count = (seconds) => {
    if (!idle.hidden && seconds <= 0) { begin(); return; }
    if (idle.hidden) { idle.hidden = false; form.inert = true; idle.querySelector('h2').focus(); }
    left.textContent = seconds;
    waiting = setTimeout(count, 1000, seconds - 1);
  };
  const stay = () => { idle.hidden = true; form.inert = false; wait(); };

  const words = () => ({
    question: new FormData(form).get('k.question'), body: field('body').value.trim(), language: card.lang,
    author: { name: field('name').value.trim() || null }, age_band: field('age_band').value || null,
    quartier: field('quartier').value || null, audiences: new FormData(form).getAll('k.audiences'),
  });
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (next.disabled || !complete(now, form)) return;
    if (now !== screens.at(-1)) { go(screens[screens.indexOf(now) + 1]); wait(); return; }
    next.disabled = true;
    form.querySelector('[data-card-error]').hidden = true;
    try {
      const code = await state.onDone({ ...words(), consents: { publication: true, age: true } });
      thank(card, form, code);
    } catch { form.querySelector('[data-card-error]').hidden = false; }
    next.disabled = false;
    wait();
  };
  back.onclick = () => go(screens[screens.indexOf(now) - 1]);
  card.querySelector('[data-card-stay]').onclick = stay;
  for (const over of card.querySelectorAll('[data-card-over]')) over.onclick = () => { clearTimeout(waiting); begin(); };
  const touch = () => { if (idle.hidden) wait(); };
  for (const name of ['pointerdown', 'keydown', 'input']) root.addEventListener(name, touch);
  // The page goes, also into the browser's memory of pages: nothing of anybody goes with it.
  window.addEventListener('pagehide', begin);
  state.typed();
  state.words = () => (field('body').value.trim() ? words() : null);
  state.typed = () => {
    clearTimeout(waiting);
    begin();
    for (const name of ['pointerdown', 'keydown', 'input']) root.removeEventListener(name, touch);
    window.removeEventListener('pagehide', begin);
  };
  begin();
  if (window.speechSynthesis) listen(card.querySelectorAll('[data-listen]'));
}

// The code in words and figures, to copy down; where none was left on the device the mediator's team has the page of it.
function thank(card, form, code) {
  form.reset();
  form.hidden = true;
  const done = card.querySelector('[data-card-done]');
  done.hidden = false;
  done.querySelector('[data-card-code]').hidden = !code;
  for (const [name, text] of [['words', code?.words], ['digits', code?.digits]]) {
    const pieces = (text ?? '').split(/[ -]/).flatMap((piece) => [Object.assign(document.createElement('span'), { textContent: piece }), ' ']);
    done.querySelector(`[data-card-${name}]`).replaceChildren(...pieces);
  }
  done.querySelector('h1').focus();
}

function complete(screen, form) {
  screen.querySelector('[data-missing]')?.remove();
  const fields = [...screen.querySelectorAll('input, textarea, select')];
  const choice = fields.find((one) => one.type === 'radio');
  const missing = choice && !fields.some((one) => one.checked) ? choice : fields.find((one) => !one.checkValidity() || (one.required && one.type !== 'checkbox' && !one.value.trim()));
  if (!missing) return true;
  const said = Object.assign(document.createElement('p'), { className: 'error', textContent: form.dataset.required, role: 'alert' });
  said.dataset.missing = '';
  (missing.closest('.options, .choice') ?? missing).before(said);
  missing.focus();
  return false;
}
