// What others do meanwhile: every moment, while the page is seen, one small question about the items it shows. An
// item somebody else took or decided greys out, with words; the counts are those of the same answer.
import { say, tell } from './desk_say.js';

const EVERY = 1500; // with the answer's own time: less than two seconds
const RENEW = 4 * 60 * 1000; // a lease of fifteen minutes, kept alive by an open page
let tag = '';
let asked = '';
let timer;
let desk;
let renewed = Date.now();
const known = new Map(); // id → what was said of it last

const shown = () => [...document.querySelectorAll('main [data-item]')];

export function watch(element) {
  desk = element;
  tag = '';
  known.clear();
  ask();
}

export async function ask() {
  clearTimeout(timer);
  timer = setTimeout(ask, EVERY);
  if (document.hidden) return;
  const address = `${desk.dataset.live}?ids=${shown().map((item) => item.dataset.item).join(',')}`;
  try {
    const answer = await fetch(address, { headers: { Accept: 'application/json', ...(tag && address === asked ? { 'If-None-Match': tag } : {}) }, cache: 'no-store' });
    if (answer.status === 200) {
      const found = await answer.json();
      if (!address.endsWith(shown().map((item) => item.dataset.item).join(','))) return; // another page by now
      [tag, asked] = [answer.headers.get('ETag'), address];
      take(found);
    }
  } catch { /* the network is missing: asked again */ }
  keep();
}

function take({ items, counts }) {
  for (const figure of document.querySelectorAll('[data-count]')) figure.textContent = counts[figure.dataset.count] ?? figure.textContent;
  const news = [];
  for (const item of shown()) {
    const now = items[item.dataset.item];
    const words = now ? change(item, now) : gone(item);
    if (words) news.push(say(words, { what: item.dataset.reference, held: now?.held }));
  }
  if (news.length) tell(news.join(' '));
}

// Shows it; gives the words to say aloud if something is new.
function change(item, now) {
  const before = known.get(item.dataset.item);
  known.set(item.dataset.item, now);
  const moved = now.version !== Number(item.dataset.version) || now.revision !== Number(item.dataset.revision);
  const others = Boolean(now.held) && !now.mine;
  item.dataset.mine = now.mine ? '1' : '';
  item.classList.toggle('taken', others || moved);
  item.classList.toggle('moved', moved);
  item.querySelector('input[name=item]')?.toggleAttribute('disabled', moved);
  for (const note of item.querySelectorAll('[data-moved]')) note.hidden = !moved;
  const holder = item.querySelector('[data-held]');
  if (holder) {
    holder.hidden = !now.held;
    holder.querySelector('span').textContent = now.held;
  }
  const badge = item.querySelector('[data-badge]');
  if (badge && now.state !== item.dataset.shownState) badge.innerHTML = now.badge;
  item.dataset.shownState = now.state;
  if (moved && (!before || before.version !== now.version)) return desk.dataset.sayMoved;
  if (others && before?.held !== now.held) return before && before.held && !before.mine ? '' : desk.dataset.sayTaken;
  return before?.held && !before.mine && !now.held && !moved ? desk.dataset.sayFree : '';
}

function gone(item) {
  if (item.classList.contains('moved')) return '';
  item.classList.add('taken', 'moved');
  return desk.dataset.sayGone;
}

// An open page keeps its lease.
function keep() {
  if (Date.now() - renewed < RENEW) return;
  renewed = Date.now();
  for (const item of shown()) if (item.dataset.mine) fetch(`${item.dataset.address}/prise`, { method: 'POST', redirect: 'manual' }).catch(() => {});
}

document.addEventListener('visibilitychange', () => { if (desk && !document.hidden) ask(); });
