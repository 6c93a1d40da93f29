// Where somebody is hidden: rectangles over a picture or a film, each of them one row of numbers below. The rows are
// what is posted; without this script they do it alone.
const SIDES = ['x', 'y', 'width', 'height'];
const LEAST = 0.02; // of the picture: smaller is a slip of the finger
const STEP = 0.01;
const MOST = 200;
const CORNER = 0.3; // of a zone's own size: taken there it grows, elsewhere it moves
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

export function start(editors) {
  for (const editor of editors) edit(editor);
}

function edit(editor) {
  const one = (selector) => editor.querySelector(selector);
  const layer = one('[data-layer]');
  const hidden = one('[data-hidden]');
  const rows = one('[data-rows]');
  const film = one('.stage video');
  const size = { x: +editor.dataset.width, y: +editor.dataset.height };
  size.width = size.x; size.height = size.y;
  let zones = [];
  let next = 0;

  layer.replaceChildren();
  for (const row of [...rows.children]) {
    if (read(row)) zones.push(draw(row));
    else if (!field(row, 'x').value) row.remove(); // left blank for those without this script
  }
  for (const row of rows.children) next = Math.max(next, +row.dataset.zone + 1);
  redraw();
  one('[data-add]').addEventListener('click', () => add({ x: 0.4, y: 0.4, width: 0.2, height: 0.2 }).rect.focus());
  rows.addEventListener('input', (event) => {
    const zone = zones.find((each) => each.row.contains(event.target)) ?? adopt(event.target.closest('[data-zone]'));
    if (zone) changed();
  });
  film?.addEventListener('timeupdate', redraw);
  if (!film) layer.addEventListener('pointerdown', (event) => { if (event.target === layer) trace(event); });

  function field(row, side) { return row.querySelector(`[name$=".${side}"]`); }
  function isKept(row) { return field(row, 'keep').checked; }
  function read(row) {
    const found = {};
    for (const side of SIDES) {
      const typed = field(row, side).value;
      if (typed === '' || Number.isNaN(+typed)) return null;
      found[side] = +typed;
    }
    return found;
  }
  function write(row, place) {
    const width = Math.min(Math.max(place.width, LEAST), 1), height = Math.min(Math.max(place.height, LEAST), 1);
    const within = { x: clamp(place.x, 1 - width), y: clamp(place.y, 1 - height), width, height };
    for (const side of SIDES) field(row, side).value = String(Math.round(within[side] * 1e4) / 1e4);
  }
  function clamp(value, most) { return Math.min(Math.max(value, 0), most); }

  function draw(row) {
    const rect = layer.appendChild(document.createElementNS(layer.namespaceURI, 'rect'));
    const zone = { row, rect, follows: 'track' in row.dataset };
    rect.setAttribute('tabindex', '0');
    rect.setAttribute('role', 'button');
    if (zone.follows) rect.setAttribute('class', 'follows');
    rect.addEventListener('keydown', (event) => press(zone, event));
    if (!zone.follows) rect.addEventListener('pointerdown', (event) => drag(zone, event));
    return zone;
  }
  function adopt(row) {
    if (!row || !read(row)) return null;
    const zone = draw(row);
    zones.push(zone);
    return zone;
  }
  function add(place) {
    if (zones.length >= MOST) { say(editor.dataset.sayMany); return zones.at(-1); }
    const row = one('template[data-row]').content.firstElementChild.cloneNode(true);
    for (const each of [row, ...row.querySelectorAll('*')]) {
      for (const { name, value } of [...each.attributes]) {
        if (value.includes('NUMBER')) each.setAttribute(name, value.replace('NUMBER', next));
      }
    }
    row.querySelector('[data-number]').textContent = next + 1;
    next += 1;
    rows.append(row);
    write(row, place);
    if (film) { // from here on, and for what one sees at once
      field(row, 'from').value = Math.floor(film.currentTime * 10) / 10;
      field(row, 'to').value = Math.round((film.duration || +editor.dataset.duration || film.currentTime + 5) * 10) / 10;
    }
    const zone = draw(row);
    zones.push(zone);
    changed();
    say(editor.dataset.sayAdded);
    return zone;
  }
  function remove(zone) {
    const after = zones[zones.indexOf(zone) + 1] ?? zones[0];
    if (zone.follows) field(zone.row, 'keep').checked = false; // a face that was found can be taken up again
    else {
      zones = zones.filter((each) => each !== zone);
      zone.row.remove();
      zone.rect.remove();
    }
    changed();
    say(editor.dataset.sayRemoved);
    (after && after !== zone && after.rect.isConnected ? after.rect : one('[data-add]')).focus();
  }

  function press(zone, event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Delete' || event.key === 'Backspace') remove(zone);
    else if (event.key === 'Enter' || event.key === ' ') {
      zone.row.closest('details').open = true;
      field(zone.row, 'x').focus();
    } else if (event.key in ARROWS && !zone.follows) {
      const [right, down] = ARROWS[event.key];
      const place = read(zone.row);
      write(zone.row, event.shiftKey
        ? { ...place, width: Math.min(place.width + right, 1 - place.x), height: Math.min(place.height + down, 1 - place.y) }
        : { ...place, x: place.x + right, y: place.y + down });
      changed();
      say(label(zone));
    } else return;
    event.preventDefault();
  }
  function at(event) {
    const box = layer.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  }
  function follow(target, event, move) {
    target.setPointerCapture(event.pointerId);
    const stop = new AbortController();
    const { signal } = stop;
    target.addEventListener('pointermove', (each) => { move(at(each)); changed(); }, { signal });
    for (const end of ['pointerup', 'pointercancel']) target.addEventListener(end, () => stop.abort(), { signal });
  }
  function drag(zone, event) {
    const from = at(event), place = read(zone.row);
    event.preventDefault();
    zone.rect.focus();
    const grows = from.x > place.x + place.width * (1 - CORNER) && from.y > place.y + place.height * (1 - CORNER);
    follow(zone.rect, event, (to) => {
      const right = to.x - from.x, down = to.y - from.y;
      write(zone.row, grows
        ? { ...place, width: Math.min(place.width + right, 1 - place.x), height: Math.min(place.height + down, 1 - place.y) }
        : { ...place, x: place.x + right, y: place.y + down });
    });
  }
  function trace(event) {
    const from = at(event);
    let zone = null;
    event.preventDefault();
    follow(layer, event, (to) => {
      const place = {
        x: Math.min(from.x, to.x), y: Math.min(from.y, to.y),
        width: Math.abs(to.x - from.x), height: Math.abs(to.y - from.y),
      };
      if (!zone && Math.max(place.width, place.height) < LEAST) return;
      if (!zone) (zone = add(place)).rect.focus();
      write(zone.row, place);
    });
  }

  function changed() {
    const made = one('[data-made]'), preview = one('[data-preview]');
    if (made && preview) { made.hidden = true; preview.hidden = false; }
    redraw();
  }
  function redraw() {
    for (const zone of zones) {
      const place = read(zone.row);
      const seen = place && isKept(zone.row) && isNow(zone.row);
      zone.rect.setAttribute('display', seen ? 'inline' : 'none');
      if (!place) continue;
      for (const side of SIDES) zone.rect.setAttribute(side, Math.max(place[side], 0) * size[side]);
      zone.rect.setAttribute('aria-label', label(zone));
    }
    hidden?.replaceChildren(...zones.filter(({ rect }) => rect.getAttribute('display') !== 'none').map(({ rect }) => {
      const copy = document.createElementNS(layer.namespaceURI, 'rect');
      for (const side of SIDES) copy.setAttribute(side, rect.getAttribute(side));
      return copy;
    }));
  }
  function isNow(row) {
    if (!film || (film.paused && film.currentTime === 0)) return true; // before it plays, everything is shown
    return film.currentTime >= +field(row, 'from').value && film.currentTime <= +field(row, 'to').value;
  }
  function label(zone) {
    const place = read(zone.row) ?? {};
    const values = { n: numberOf(zone.row) };
    for (const side of SIDES) values[side] = Math.round((place[side] ?? 0) * 100);
    return editor.dataset.sayZone.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }
  function numberOf(row) { return row.querySelector('[data-number]').textContent; }
  function say(words) { one('[data-status]').textContent = words; }
}
