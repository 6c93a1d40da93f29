// A decision by one key waits five seconds, in sight, before it is sent: [Annuler] or z takes it back. Leaving the page
// sends what waits. What the service refuses is said in its own words, and the item can be looked at again.
import { bar, say } from './desk_say.js';
import { put } from './desk_view.js';

export const SECONDS = 5;
const waiting = []; // oldest first: {item, list entry, timer …}

export function pending(id) { return waiting.some((one) => one.item.id === id && one.timer); }

// item: {id, reference, address, version, revision}; `words`: the data-say-… of the page; told(kind, item): what came of it.
export function decide(item, action, words, told) {
  if (pending(item.id)) return;
  const one = { item, action, words, told, left: SECONDS };
  waiting.push(one);
  draw(one);
  count(one);
  one.timer = setInterval(() => { one.left -= 1; if (one.left > 0) count(one); else send(one); }, 1000);
  // Others see at once that somebody is at it; whoever was faster keeps it.
  one.held = post(`${item.address}/prise`).then((answer) => { if (answer.status === 409) refuse(one, answer); });
}

// Takes the last one back; its item, or nothing.
export function undo() {
  const one = waiting.findLast((each) => each.timer);
  if (!one) return null;
  stop(one);
  one.held.finally(() => post(`${one.item.address}/rendre`).catch(() => {}));
  one.told('undone', one.item);
  return one.item;
}

function post(address, fields = {}, more = {}) {
  // As a program: logged out is 401, not a page that looks like success. A redirect is success, and is not followed.
  const headers = { Accept: 'application/json, text/html' };
  return fetch(address, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual', ...more });
}

async function send(one, more) {
  clearInterval(one.timer);
  one.timer = 0;
  const { version, revision, address } = one.item;
  try {
    await Promise.race([one.held, new Promise((late) => { setTimeout(late, 1000); })]).catch(() => {});
    if (one.refused) return;
    const answer = await post(`${address}/decisions`, { version, revision, action: one.action }, more);
    if (answer.type === 'opaqueredirect') { close(one); one.told('done', one.item); } else refuse(one, answer);
  } catch {
    trouble(one, one.words.sayLost, [[one.words.sayAgain, () => { draw(one); send(one); }]]);
  }
}

async function refuse(one, answer) {
  clearInterval(one.timer);
  one.timer = 0;
  one.refused = true;
  if (answer.status === 401) { trouble(one, one.words.sayOut, []); one.told('refused', one.item); return; }
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const why = page.querySelector('main [role=alert] p, main [role=alert] li')?.textContent.trim() ?? '';
  const look = () => { close(one); put(page, one.item.address); };
  trouble(one, `${one.words.sayRefused} ${why}`, page.querySelector('[data-desk]') ? [[one.words.sayLook, look]] : []);
  one.told('refused', one.item);
}

function draw(one) {
  one.entry?.remove();
  one.entry = bar().lastChild.appendChild(document.createElement('li'));
  one.entry.innerHTML = '<p></p><span class="row"></span>';
  button(one, one.words.sayUndo, () => { if (one.timer) { stop(one); one.held.finally(() => post(`${one.item.address}/rendre`).catch(() => {})); one.told('undone', one.item); } });
}

function count(one) {
  one.entry.firstChild.textContent = say(one.words.sayCounting, { what: one.item.reference, n: one.left });
}

function trouble(one, words, acts) {
  one.entry.setAttribute('role', 'alert');
  one.entry.className = 'trouble';
  one.entry.firstChild.textContent = say(words, { what: one.item.reference });
  one.entry.lastChild.replaceChildren();
  for (const [label, act] of acts) button(one, label, act);
  button(one, one.words.sayClose, () => close(one));
}

function button(one, label, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'btn btn-second';
  made.textContent = label;
  made.addEventListener('click', act);
  one.entry.lastChild.append(made);
}

function stop(one) { clearInterval(one.timer); one.timer = 0; close(one); }

function close(one) {
  one.entry.remove();
  waiting.splice(waiting.indexOf(one), 1);
}

// Nobody waits here any more: what was decided is sent now.
window.addEventListener('pagehide', () => {
  for (const { item, action, timer } of waiting) {
    if (timer) post(`${item.address}/decisions`, { version: item.version, revision: item.revision, action }, { keepalive: true }).catch(() => {});
  }
});
