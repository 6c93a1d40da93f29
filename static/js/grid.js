// The draft by hand: a session is dragged to an hour and a room with a mouse, a pen or a finger; or taken in hand by its
// link and placed with the arrows, or by a tap on a free cell. Everything is posted to the address the plain fields use,
// and the page that answers takes the place of this one: what does not fit is said by it.
const SHY = 6; // pixels before a press is a move
const FIELDS = 'input, textarea, select, button, [contenteditable]';
let grid; // [data-grid]
let drag; // { card, x, y, ghost }
let spot; // where the session in hand would go: { row, column }

export function start([found]) {
  grid = found;
  grid.dataset.gridLive = '';
  grid.parentElement.addEventListener('pointerdown', press);
  grid.addEventListener('click', tap);
  const keys = document.querySelector('[data-grid-keys]');
  if (keys && held()) {
    keys.hidden = false;
    keys.addEventListener('keydown', steer);
    keys.addEventListener('focus', begin);
    keys.addEventListener('blur', () => mark(null));
    if (matchMedia('(min-width: 48rem)').matches && !document.querySelector('[data-errors]')) keys.focus();
  }
}

const held = () => grid.dataset.held && document.querySelector(`[data-card="${CSS.escape(grid.dataset.held)}"]`);
const rows = () => [...grid.querySelectorAll('tr[data-at]')];
const heads = (row) => [...row.closest('table').querySelectorAll('thead th[data-room]')];
const say = (words) => { document.querySelector('[data-grid-status]').textContent = words; };

// By pointer. A finger that scrolls is cancelled by the browser, and nothing moves.
function press(event) {
  const card = event.target.closest('[data-card]');
  if (!card || event.button !== 0 || drag) return;
  drag = { card, x: event.clientX, y: event.clientY };
  window.addEventListener('pointermove', move);
  window.addEventListener('pointerup', drop);
  window.addEventListener('pointercancel', stop);
  window.addEventListener('keydown', giveUp);
  card.addEventListener('dragstart', (early) => early.preventDefault(), { once: true });
}

function move(event) {
  if (!drag.ghost) {
    if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < SHY) return;
    drag.ghost = drag.card.cloneNode(true);
    drag.ghost.removeAttribute('id');
    drag.ghost.classList.add('grid-dragged');
    drag.ghost.setAttribute('aria-hidden', 'true');
    document.body.append(drag.ghost);
    document.documentElement.classList.add('grid-moving');
  }
  drag.ghost.style.transform = `translate(${event.clientX + 12}px, ${event.clientY + 12}px)`;
  const edge = 48;
  if (event.clientY < edge) scrollBy(0, -16); else if (event.clientY > innerHeight - edge) scrollBy(0, 16);
  const wide = document.elementFromPoint(event.clientX, event.clientY)?.closest('.grid-scroll');
  if (wide) {
    const { left, right } = wide.getBoundingClientRect();
    if (event.clientX < left + edge) wide.scrollBy(-16, 0); else if (event.clientX > right - edge) wide.scrollBy(16, 0);
  }
  mark(under(event), aside(event));
}

function drop(event) {
  const { card, ghost } = drag;
  const to = ghost && under(event);
  const away = ghost && aside(event);
  stop();
  if (!ghost) return;
  window.addEventListener('click', swallow, { capture: true, once: true }); // the link is not followed
  setTimeout(() => window.removeEventListener('click', swallow, { capture: true }));
  if (to) place(card, to.row.dataset.at, to.column.dataset.room);
  else if (away) place(card, '', '');
}

function swallow(event) { event.preventDefault(); event.stopPropagation(); }

function stop() {
  drag?.ghost?.remove();
  drag = null;
  mark(null);
  document.documentElement.classList.remove('grid-moving');
  window.removeEventListener('pointermove', move);
  window.removeEventListener('pointerup', drop);
  window.removeEventListener('pointercancel', stop);
  window.removeEventListener('keydown', giveUp);
}

function giveUp(event) { if (event.key === 'Escape') stop(); }

// The line at that height and the column at that side, whatever spans them.
function under({ clientX, clientY }) {
  const inside = ({ top, bottom }) => top <= clientY && clientY < bottom;
  const across = ({ left, right }) => left <= clientX && clientX < right;
  const row = rows().find((each) => inside(each.getBoundingClientRect()));
  if (!row || across(row.cells[0].getBoundingClientRect())) return null; // the hours stay in front of what scrolls
  const column = heads(row).find((each) => across(each.getBoundingClientRect()));
  return column ? { row, column } : null;
}

const aside = ({ clientX, clientY }) => document.elementFromPoint(clientX, clientY)?.closest('[data-drop-aside]');

// A tap on a free cell places what is in hand.
function tap(event) {
  const card = held();
  const to = card && !event.target.closest('[data-card]') && under(event);
  if (to) place(card, to.row.dataset.at, to.column.dataset.room);
}

// By keyboard: one line or one room at a time, from one day into the next.
function begin() {
  const all = rows();
  const card = held();
  const cell = card.closest('td');
  const row = cell ? cell.parentElement : all.find((each) => [...each.cells].some((one) => one.tagName === 'TD' && !one.classList.contains('grid-cell')));
  if (!row) return;
  const { left, width } = (cell ?? heads(row)[0]).getBoundingClientRect();
  spot = { row, column: under({ clientX: left + width / 2, clientY: row.getBoundingClientRect().top + 1 })?.column ?? heads(row)[0] };
  show();
}

function steer(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !spot) return;
  const ahead = getComputedStyle(grid).direction === 'rtl' ? -1 : 1;
  const act = {
    ArrowDown: () => line(1), ArrowUp: () => line(-1), PageDown: () => line(4), PageUp: () => line(-4),
    ArrowRight: () => room(ahead), ArrowLeft: () => room(-ahead),
    Enter: () => place(held(), spot.row.dataset.at, spot.column.dataset.room),
    Escape: () => document.querySelector('[data-grid-leave]').click(),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function line(by) {
  const all = rows();
  const before = heads(spot.row).indexOf(spot.column);
  spot.row = all[Math.min(all.length - 1, Math.max(0, all.indexOf(spot.row) + by))];
  const now = heads(spot.row);
  spot.column = now[Math.min(before, now.length - 1)];
  show();
}

function room(by) {
  const all = heads(spot.row);
  spot.column = all[Math.min(all.length - 1, Math.max(0, all.indexOf(spot.column) + by))];
  show();
}

function show() {
  mark(spot);
  (cellAt(spot) ?? spot.row).scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const { day } = spot.row.closest('table').dataset;
  const hour = spot.row.querySelector('time').textContent;
  const there = taken(spot).map((card) => card.dataset.title);
  const state = there.length ? grid.dataset.taken.replace('%(what)s', there.join(', ')) : grid.dataset.free;
  say(`${day}, ${hour}, ${spot.column.textContent} : ${state}`);
}

// What stands in that room while the session in hand would.
function taken({ row, column }) {
  const card = held();
  const all = rows();
  const from = all.indexOf(row);
  const until = from + Math.max(1, Math.ceil(card.dataset.minutes / 15));
  const { left, width } = column.getBoundingClientRect();
  const middle = left + width / 2;
  return [...row.closest('tbody').querySelectorAll('[data-card]')].filter((each) => {
    const cell = each.closest('td');
    const first = all.indexOf(cell.parentElement);
    const box = cell.getBoundingClientRect();
    return each !== card && first < until && first + cell.rowSpan > from && box.left <= middle && middle < box.right;
  });
}

function mark(to, away = null) {
  for (const each of document.querySelectorAll('.grid-target')) each.classList.remove('grid-target');
  if (away && !to) away.classList.add('grid-target');
  if (!to) return;
  to.row.cells[0].classList.add('grid-target');
  to.column.classList.add('grid-target');
  const cell = cellAt(to);
  cell?.classList.add('grid-target');
}

function cellAt({ row, column }) {
  const { left, width } = column.getBoundingClientRect();
  const { top } = row.getBoundingClientRect();
  const middle = left + width / 2;
  return [...row.closest('tbody').querySelectorAll('td')].find((each) => {
    const box = each.getBoundingClientRect();
    return box.left <= middle && middle < box.right && box.top <= top + 1 && top + 1 < box.bottom;
  });
}

async function place(card, at, into) {
  const body = new URLSearchParams({ version: card.dataset.version, starts_at: at, room: into });
  try {
    const answer = await fetch(grid.dataset.place.replace('SESSION', card.dataset.card), { method: 'POST', body });
    take(await answer.text(), answer.url, answer.redirected);
  } catch { say(grid.dataset.lost); }
}

// The page that answers; where one was looking stays in sight.
function take(html, address, done) {
  const then = new DOMParser().parseFromString(html, 'text/html').querySelector('[data-grid-page]');
  if (!then) { location.reload(); return; }
  const here = scrollY;
  document.querySelector('[data-grid-page]').replaceWith(then);
  history.replaceState(null, '', done ? address : location.href);
  const found = then.querySelector('[data-grid]');
  start([found]);
  const put = then.querySelector('[data-placed] a');
  if (put) { put.focus({ preventScroll: true }); scrollTo(0, here); put.scrollIntoView({ block: 'nearest' }); }
  const said = then.querySelector('.notice, [data-errors]');
  const words = [...said?.querySelectorAll('p, li') ?? []].map((each) => each.textContent.trim().replace(/\s+/g, ' ')).join(' ');
  if (words) requestAnimationFrame(() => say(words));
}
