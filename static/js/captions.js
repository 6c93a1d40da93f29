// The editor of captions: listen, type, cut, join, time, all by key; what is typed is never lost by mistake.
// [data-captions] around [data-captions-media], [data-captions-tools] with [data-do] buttons, and [data-captions-form]
// with a list [data-cues] of [data-cue]; a <template data-cue-blank> beside it. The form itself is sent as it is.
const KEYS = {
  F2: 'play', 'shift+F2': 'back', F4: 'begin', F8: 'end', 'shift+F8': 'jump', 'ctrl+Enter': 'split',
  'ctrl+shift+Enter': 'merge', 'alt+Enter': 'add', 'alt+Delete': 'remove', 'alt+ArrowUp': 'previous',
  'alt+ArrowDown': 'next', 'ctrl+s': 'save',
};
const TIME = /^\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?\s*$/;
const KEPT = 'captions:at';

export function start(areas) { areas.forEach(prepare); }

// Seconds, or NaN for what is no time: as app/media/webvtt.py reads it.
export function seconds(text) {
  const found = TIME.exec(text);
  if (!found) return NaN;
  const [, hours = 0, minutes, rest, parts = '0'] = found;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest) + Number(parts.padEnd(3, '0')) / 1000;
}

export function clock(time) {
  const whole = Math.max(0, Math.round(time * 1000));
  const two = (number) => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600000), Math.floor(whole / 60000) % 60];
  const rest = `${two(Math.floor(whole / 1000) % 60)}.${String(whole % 1000).padStart(3, '0')}`;
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

function prepare(area) {
  const form = area.querySelector('[data-captions-form]');
  const list = form.querySelector('[data-cues]');
  const media = area.querySelector('[data-captions-media]');
  const status = form.querySelector('[data-captions-status]');
  const blank = document.querySelector('template[data-cue-blank]').content;
  const track = media?.addTextTrack('captions', media.dataset.track, form.elements.language.value);
  let current = list.firstElementChild;
  let unsaved = 'unsaved' in form.dataset;
  let times = null; // of each row, until something changes

  const field = (row, name) => row.querySelector(`[name="${name}[]"]`);
  const text = (row) => field(row, 'text');
  const now = () => media?.currentTime ?? 0;
  const set = (row, name, time) => { field(row, name).value = clock(time); };
  const isBlank = (row) => ['start', 'end', 'text'].every((name) => !field(row, name).value.trim());

  const acts = {
    play() { if (media) { if (media.paused) media.play().catch(() => {}); else media.pause(); } },
    back() { if (media) media.currentTime = Math.max(0, now() - 3); },
    begin() { set(current, 'start', now()); changed(); },
    end() {
      set(current, 'end', now());
      const row = after(current);
      if (!field(row, 'start').value.trim()) set(row, 'start', now());
      changed();
      go(row);
    },
    jump() {
      const from = seconds(field(current, 'start').value);
      if (media && !Number.isNaN(from)) { media.currentTime = from; media.play().catch(() => {}); }
    },
    split() {
      const words = text(current);
      const [before, rest] = [words.value.slice(0, words.selectionStart).trim(), words.value.slice(words.selectionStart).trim()];
      if (!before || !rest) return;
      const [from, to] = ['start', 'end'].map((name) => seconds(field(current, name).value));
      const row = insert(current);
      words.value = before;
      text(row).value = rest;
      if (!Number.isNaN(from) && to > from) {
        const at = now() > from && now() < to ? now() : from + (to - from) * (before.length / (before.length + rest.length));
        field(row, 'end').value = field(current, 'end').value;
        set(current, 'end', at);
        set(row, 'start', at);
      }
      changed();
      go(row);
    },
    merge() {
      const row = current.nextElementSibling;
      if (!row || isBlank(row)) return;
      const [mine, other] = [text(current).value.trim(), text(row).value.trim()];
      text(current).value = [mine, other].filter(Boolean).join(' ');
      field(current, 'end').value = field(row, 'end').value;
      field(current, 'start').value ||= field(row, 'start').value;
      row.remove();
      changed();
      go(current, mine.length);
    },
    add() {
      const row = insert(current);
      const end = field(current, 'end').value;
      if (end.trim()) field(row, 'start').value = end;
      changed();
      go(row);
    },
    remove() {
      const other = current.nextElementSibling ?? current.previousElementSibling ?? insert(current);
      current.remove();
      changed();
      go(other);
    },
    previous() { if (current.previousElementSibling) go(current.previousElementSibling); },
    next() { if (current.nextElementSibling) go(current.nextElementSibling); },
    save() { form.requestSubmit(form.querySelector('[value=save]')); },
  };

  function after(row) { return row.nextElementSibling ?? insert(row); }

  function insert(row) {
    row.after(document.importNode(blank, true));
    return row.nextElementSibling;
  }

  function go(row, caret = 0) {
    current = row;
    text(row).focus();
    text(row).setSelectionRange(caret, caret);
  }

  function changed() {
    unsaved = true;
    times = null;
    [...list.children].forEach((row, index) => { row.querySelector('[data-number]').textContent = index + 1; });
    status.textContent = current.isConnected ? current.querySelector('legend').textContent : '';
    follow();
  }

  // Which caption is being said: marked in the list, and shown on the picture as it is now.
  function follow() {
    if (!times) {
      times = [...list.children].map((row) => [row, seconds(field(row, 'start').value), seconds(field(row, 'end').value)]);
      draw();
    }
    for (const [row, from, to] of times) {
      const said = Boolean(media) && now() >= from && now() < to;
      if (said === row.hasAttribute('aria-current')) continue;
      if (said) mark(row); else row.removeAttribute('aria-current');
    }
  }

  function mark(row) {
    row.setAttribute('aria-current', 'true');
    if (!media.paused && !list.contains(document.activeElement)) row.scrollIntoView({ block: 'nearest' });
  }

  function draw() {
    if (!track) return;
    track.mode = 'showing';
    for (const cue of [...track.cues ?? []]) track.removeCue(cue);
    for (const [row, from, to] of times) {
      const words = text(row).value.trim();
      if (!words || !(to > from)) continue;
      const cue = new VTTCue(from, to, words);
      cue.text = words.replace(/&/g, '&amp;').replace(/</g, '&lt;');
      track.addCue(cue);
    }
  }

  function press(event) {
    if (event.isComposing || event.defaultPrevented || event.getModifierState('AltGraph')) return;
    const held = [['ctrl', event.ctrlKey || event.metaKey], ['alt', event.altKey], ['shift', event.shiftKey]];
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = KEYS[[...held.filter(([, down]) => down).map(([name]) => name), key].join('+')];
    if (!act || (event.target.closest?.('form') ?? form) !== form) return;
    event.preventDefault();
    if (!event.repeat || act === 'back') acts[act]();
  }

  // The place in the recording survives saving: the page comes back anew.
  function leave() {
    unsaved = false;
    const row = [...list.children].indexOf(current);
    sessionStorage.setItem(KEPT, JSON.stringify({ path: location.pathname, time: now(), row }));
  }

  function comeBack() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}');
    sessionStorage.removeItem(KEPT);
    if (kept.path !== location.pathname) return;
    current = list.children[kept.row] ?? current;
    if (media && kept.time) media.currentTime = kept.time;
  }

  for (const shown of media?.textTracks ?? []) if (shown !== track) shown.mode = 'disabled';
  for (const shown of media?.querySelectorAll('track') ?? []) shown.remove(); // what is being written takes its place
  comeBack();
  list.addEventListener('focusin', (event) => { current = event.target.closest('[data-cue]') ?? current; });
  list.addEventListener('input', () => { unsaved = true; times = null; });
  list.addEventListener('change', follow);
  area.querySelector('[data-captions-tools]').addEventListener('click', (event) => {
    const button = event.target.closest('[data-do]');
    if (button) acts[button.dataset.do]();
  });
  document.addEventListener('keydown', press);
  for (const name of ['timeupdate', 'seeked', 'pause']) media?.addEventListener(name, follow);
  form.addEventListener('submit', leave);
  window.addEventListener('beforeunload', (event) => { if (unsaved) event.preventDefault(); });
  follow();
}
