// The desk by keyboard: j k next and previous, o open, p publish (never what has files), r return, x refuse, z undo,
// ? help. Inert in fields and with modifiers; may be switched off (WCAG 2.1.4). Everything it does, the page does
// without it. [data-desk] holds addresses and words; [data-item] is an item, on the list or on its own page.
import * as view from './desk_view.js';
import * as live from './desk_live.js';
import { say, tell } from './desk_say.js';
import { SECONDS, decide, pending, undo } from './desk_undo.js';

const OFF = 'desk:no-keys';
const FIELDS = 'input, textarea, select, [contenteditable]';
let started = false;

export function start([found]) {
  live.watch(found);
  found.dataset.ready = '';
  dialog(found);
  claimByTyping();
  if (found.dataset.next) view.prefetch(found.dataset.next);
  if (started) return;
  started = true;
  document.addEventListener('keydown', press);
  window.addEventListener('pagehide', leave);
  window.addEventListener('desk:leave', leave);
}

const desk = () => document.querySelector('[data-desk]');
const words = () => desk().dataset;
const told = (text, more, seen = false) => tell(say(text, more), seen);
const items = () => [...document.querySelectorAll('main [data-item]')];
const alone = () => Boolean(words().next);

function current() {
  return alone() ? items()[0] : document.activeElement?.closest('[data-item]');
}

function press(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (!(event.target instanceof Element) || event.target.closest(FIELDS) || document.querySelector('dialog[open]')) return;
  const act = { j: () => step(1), k: () => step(-1), o: open, p: publish, r: () => reason('return'), x: () => reason('refuse'), z: takeBack, '?': help }[event.key];
  if (!act || (off() && event.key !== '?')) return;
  event.preventDefault();
  act();
}

const off = () => { try { return Boolean(localStorage.getItem(OFF)); } catch { return false; } };

function step(by) {
  if (alone()) { view.show(by > 0 ? words().next : words().previous); return; }
  const all = items();
  const at = all.indexOf(current());
  const to = at < 0 ? all[0] : all[Math.min(all.length - 1, Math.max(0, at + by))];
  const link = to?.querySelector('h2 a');
  link?.focus();
  link?.scrollIntoView({ block: 'nearest' });
  if (link) view.prefetch(link.href);
}

function open() {
  const link = !alone() && current()?.querySelector('h2 a');
  if (link) view.show(link.href);
}

// By one key, so: only words, and five seconds to think again.
function publish() {
  const item = current();
  if (!item) { step(1); return; }
  const { item: id, reference, address, version, revision, can, files } = item.dataset;
  if (!can.split(' ').includes('publish') || item.classList.contains('taken')) { told(words().sayCannot, { what: reference }, true); return; }
  if (files !== '0') { told(words().sayFiles, { what: reference }, true); return; }
  decide({ id, reference, address, version, revision }, 'publish', { ...words() }, outcome);
  if (alone()) view.show(words().next).then(announce); else { item.classList.add('leaving'); step(1); announce(); }
  function announce() { told(words().saySoon, { what: reference, n: SECONDS }); }
}

function outcome(kind, { id, reference }) {
  told(words()[{ undone: 'sayUndone', done: 'sayDone', refused: 'sayRefused' }[kind]], { what: reference });
  document.querySelector(`main [data-item="${CSS.escape(id)}"]`)?.classList.remove('leaving');
  live.ask();
}

function takeBack() {
  const item = undo();
  if (!item) { told(words().sayNothing, {}, true); return; }
  const row = !alone() && document.querySelector(`main [data-item="${CSS.escape(item.id)}"] h2 a`);
  if (row) row.focus(); else view.show(item.address);
}

function reason(action) {
  const item = current();
  if (!item) { step(1); return; }
  if (!item.dataset.can.split(' ').includes(action)) { told(words().sayCannot, { what: item.dataset.reference }, true); return; }
  if (alone()) reasons(action);
  else view.show(item.querySelector('h2 a').href).then(() => reasons(action));
}

// The reasons, the first of them focused; what is decided is chosen already.
function reasons(action) {
  const choice = document.querySelector(`input[name=action][value=${action}]`);
  if (!choice) return;
  choice.checked = true;
  choice.dispatchEvent(new Event('input', { bubbles: true }));
  choice.dispatchEvent(new Event('change', { bubbles: true }));
  const first = document.querySelector('input[name=reason]');
  first?.focus();
  first?.closest('fieldset').scrollIntoView({ block: 'start' });
}

function help() { desk().querySelector('[data-keys]').showModal(); }

function dialog(found) {
  found.querySelector('[data-help]').addEventListener('click', help);
  const box = found.querySelector('[data-keys-on]');
  box.checked = !off();
  box.addEventListener('change', () => {
    try { if (box.checked) localStorage.removeItem(OFF); else localStorage.setItem(OFF, '1'); } catch { /* refused: they stay on */ }
  });
}

// Whoever begins to decide has it; whoever leaves the item gives it back.
let deciding = false;
function claimByTyping() {
  deciding = false;
  const form = alone() && document.querySelector('form[action$="/decisions"]');
  if (!form) return;
  form.addEventListener('input', () => { if (!items()[0].dataset.mine) post('prise').then(live.ask, () => {}); }, { once: true });
  form.addEventListener('submit', () => { deciding = true; });
}

const post = (act, more) => fetch(`${items()[0].dataset.address}/${act}`, { method: 'POST', redirect: 'manual', ...more });

function leave() {
  const item = alone() ? items()[0] : null;
  if (item?.dataset.mine && !deciding && !pending(item.dataset.item)) post('rendre', { keepalive: true }).catch(() => {});
}
