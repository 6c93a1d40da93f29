// Media of the form: speak, film, send. Each file leaves as soon as it is there, while the person goes on; where it is, is
// said in words. What arrived, or is on its way, is a hidden input `upload`. It survives a reload (keep.js), a cut, a sleep
// (send.js); what cannot be sent so leaves with the form, as without JavaScript.
// [data-media] holds the limits and the words (data-say-*), [data-media-list], the file fields, [data-recorder] and the
// template of an item. [data-media-asks="photo video"] shows only while there is such a medium.
import { KEEPABLE, drop, entries, put, seal, sweep, tokenOf, unseal } from './keep.js';
import { clock, possible, recorder } from './record.js';
import { send } from './send.js';

const MB = 1e6;
const SOUNDS = /\.(mp3|m4a|aac|amr|ogg|oga|opus|wav|flac|weba)$/i;
const VIDEOS = /\.(mp4|m4v|mov|webm|3gp|3g2|mkv|avi)$/i;
const PHOTOS = /\.(jpe?g|png|webp|avif|heic|heif)$/i;

export function start([area]) { picker(area); }

async function picker(area) {
  const { dataset } = area;
  const form = area.closest('form');
  const list = area.querySelector('[data-media-list]');
  const status = area.querySelector('[data-media-status]');
  const problem = area.querySelector('[data-media-problem]');
  const shape = area.querySelector('template');
  const fields = [...area.querySelectorAll('input[type=file]')];
  const asks = [...form.querySelectorAll('[data-media-asks]')];
  const items = new Set();
  const voice = recorder(area.querySelector('[data-recorder]'), {
    say, announce, minutes: Number(dataset.soundMinutes), choose,
    done: (file, entry) => { add(file, entry).item?.player?.focus(); },
  });

  for (const field of fields) field.addEventListener('change', () => { const chosen = [...field.files]; field.value = ''; chosen.forEach((file) => add(file)); });
  const speak = area.querySelector('#media-sound');
  speak.addEventListener('click', (event) => {
    if (!possible() || speak.dataset.plain) { delete speak.dataset.plain; return; }
    event.preventDefault();
    if (room()) voice.open();
  });
  form.addEventListener('submit', hold);
  form.addEventListener('dialogue:step', () => voice.finish());
  new MutationObserver(ask).observe(list, { childList: true });
  sweep();
  await restore();
  ask();
  if (location.hash === '#parler' && possible() && !list.children.length) voice.open();

  function choose(what) {
    if (!what) { speak.focus(); return; }
    speak.removeAttribute('capture'); // else some phones only record
    speak.dataset.plain = 'yes';
    speak.click();
  }

  // One more file, chosen or recorded. `entry`: what is already known of it.
  function add(file, entry) {
    const again = !entry && [...items].find((item) => item.lost && item.entry.size === file.size && item.entry.name === file.name);
    if (again) { again.lost = false; begin(again, file); return {}; }
    if (!entry && !room()) return {};
    const kind = entry?.kind ?? kindOf(file);
    entry ??= { key: crypto.randomUUID?.() ?? String(Math.random()).slice(2), kind, name: file.name, type: file.type || 'application/octet-stream', size: file.size };
    const item = draw(entry, file);
    refusal(file, kind).then((words) => {
      if (words) { drop(entry); tell(item, words, 'refused'); } else { put(entry); begin(item, file); }
    });
    return { item };
  }

  function room() {
    const full = list.querySelectorAll('[data-medium]').length >= Number(dataset.most);
    problem.textContent = full ? say('many', { most: dataset.most }) : '';
    problem.hidden = !full;
    return !full;
  }

  async function refusal(file, kind) {
    if (!kind) return say('unknown');
    if (!file.size) return say('empty');
    const limit = Number(dataset[`${kind}Mb`]);
    if (file.size > limit * MB) return say('heavy', { limit });
    if (kind === 'photo' && !await readable(file)) return say('unknown');
    const minutes = Number(dataset[`${kind}Minutes`] ?? 0);
    if (minutes && await lasts(file, kind) > minutes * 60 + 5) return say('long', { minutes });
    return '';
  }

  function begin(item, file) {
    const { entry } = item;
    item.file = file;
    keep(item);
    tell(item, say('waiting'), 'sending');
    item.sending = send(file, {
      url: entry.url, endpoint: dataset.endpoint, name: entry.name, type: entry.type,
      on: {
        url(url) { entry.url = url; put(entry); name(item); item.settle?.(); },
        progress(share) { item.bar.value = share * 100; tell(item, say('sending', { percent: Math.min(99, Math.floor(share * 100)) }), 'sending', Math.floor(share * 4)); },
        lost() { tell(item, say('lost'), 'lost'); },
        done() { entry.done = true; put(entry); tell(item, say('done'), 'done'); item.settle?.(); },
        refused(words) { drop(entry); entry.url = ''; name(item); tell(item, words || say('failed'), words ? 'refused' : 'failed'); item.settle?.(); },
      },
    });
  }

  // Sealed for this tab's life, so that a reload or the next page can go on sending.
  async function keep(item) {
    const { entry, file } = item;
    if (entry.kept || file.size > KEEPABLE) return;
    try { await seal(entry.key, file); entry.kept = true; if (items.has(item)) put(entry); else drop(entry); } catch { /* not here */ }
    item.settle?.();
  }

  // After a reload: what was there is there again; what the page itself brings back (after an error) is not shown twice.
  async function restore() {
    const refused = Boolean(document.querySelector('[data-errors]'));
    for (const entry of entries().filter((each) => !each.sent)) {
      const box = entry.url && list.querySelector(`[data-kept] input[value="${CSS.escape(tokenOf(entry.url))}"]`);
      if (refused && entry.url && !box) { await drop(entry); continue; }
      const file = entry.kept ? await unseal(entry.key, entry.type) : null;
      if (box) { adopt(entry, box); }
      const cut = entry.recording;
      if (cut) {
        if (!file) { await drop(entry); continue; }
        Object.assign(entry, { recording: false, size: file.size, name: say('voice', { time: clock(entry.seconds) }) });
        put(entry);
      }
      const item = draw(entry, file);
      if (cut) item.words.before(Object.assign(document.createElement('p'), { textContent: say('cut') }));
      name(item);
      if (entry.done) tell(item, say('done'), 'done');
      else if (file) begin(item, file);
      else { item.lost = true; tell(item, say('again'), 'lost'); }
    }
  }

  function adopt(entry, box) {
    const kept = box.closest('li');
    entry.said = Object.fromEntries([...kept.querySelectorAll('[name*="."]')].map((field) => [field.name.split('.')[0], field.value]));
    kept.remove();
  }

  function draw(entry, file) {
    const li = shape.content.firstElementChild.cloneNode(true);
    li.dataset.medium = entry.kind;
    for (const part of li.querySelectorAll('[data-only]')) if (!part.dataset.only.split(' ').includes(entry.kind)) part.remove();
    for (const part of li.querySelectorAll('*')) for (const { name: attribute, value } of [...part.attributes]) if (value.includes('TOKEN')) part.setAttribute(attribute, value.replace('TOKEN', entry.key));
    for (const place of li.querySelectorAll('[data-medium-name]')) place.textContent = entry.name;
    const item = { entry, li, file, name: entry.key, words: li.querySelector('[data-medium-state]'), bar: li.querySelector('progress') };
    item.bar.setAttribute('aria-label', entry.name);
    for (const field of li.querySelectorAll('[name*="."]')) {
      const what = field.name.split('.')[0];
      field.value = entry.said?.[what] ?? '';
      field.addEventListener('input', () => { entry.said = { ...entry.said, [what]: field.value }; put(entry); });
    }
    item.token = Object.assign(document.createElement('input'), { type: 'hidden', name: 'upload', disabled: true });
    li.append(item.token);
    li.querySelector('[data-medium-retry]').addEventListener('click', () => { begin(item, item.file); });
    li.querySelector('[data-medium-remove]').addEventListener('click', () => { remove(item); announce(say('removed')); speak.focus(); });
    li.querySelector('[data-medium-again]')?.addEventListener('click', () => { remove(item); voice.open(); });
    if (file) preview(item);
    list.append(li);
    items.add(item);
    return item;
  }

  function preview(item) {
    const { entry, file, li } = item;
    if (entry.kind === 'photo') {
      item.address = URL.createObjectURL(file);
      const image = Object.assign(document.createElement('img'), { alt: '', src: item.address });
      const sign = li.querySelector('[data-medium-sign]');
      const icon = [...sign.childNodes];
      image.addEventListener('error', () => sign.replaceChildren(...icon)); // HEIC shows in few browsers
      sign.replaceChildren(image);
    } else if (entry.kind === 'sound') {
      item.address = URL.createObjectURL(file);
      item.player = Object.assign(document.createElement('audio'), { controls: true, src: item.address, preload: 'metadata' });
      item.player.setAttribute('aria-label', entry.name);
      // A recording says no length until its end was looked for.
      item.player.addEventListener('loadedmetadata', () => { if (item.player.duration === Infinity) { item.player.currentTime = 1e7; item.player.addEventListener('timeupdate', () => { item.player.currentTime = 0; }, { once: true }); } }, { once: true });
      item.words.before(item.player);
      const again = li.querySelector('[data-medium-again]');
      again.hidden = entry.seconds === undefined || !possible();
    }
  }

  // The fields of an item bear the name of its upload as soon as there is one.
  function name(item) {
    const token = tokenOf(item.entry.url);
    for (const field of item.li.querySelectorAll('[name*="."]')) field.name = `${field.name.split('.')[0]}.${token || item.entry.key}`;
    item.token.value = token;
    item.token.disabled = !token;
  }

  function remove(item) {
    items.delete(item);
    if (item.entry.url) { // asked for once: a second time it would not be there any more
      item.sending?.stop();
      fetch(item.entry.url, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' }, keepalive: true }).catch(() => {});
    } else item.sending?.cancel();
    if (item.address) URL.revokeObjectURL(item.address);
    drop(item.entry);
    item.li.remove();
    problem.hidden = true;
    item.settle?.();
  }

  function ask() {
    const kinds = [...list.querySelectorAll('[data-medium]')].map((li) => li.dataset.medium);
    for (const part of asks) part.hidden = !part.dataset.mediaAsks.split(' ').some((kind) => kinds.includes(kind));
  }

  // heard: what of it is worth telling a screen reader again.
  function tell(item, words, state, heard = state) {
    item.words.textContent = words;
    item.words.className = state === 'refused' || item.lost ? 'error' : 'hint';
    item.bar.hidden = state !== 'sending' && state !== 'lost';
    item.li.querySelector('[data-medium-retry]').hidden = state !== 'failed';
    item.li.dataset.state = state;
    item.state = state;
    if (item.heard !== heard) { item.heard = heard; announce(`${item.entry.name} : ${words}`); }
  }

  function announce(words) { status.textContent = words; }

  function say(what, values = {}) {
    const words = dataset[`say${what[0].toUpperCase()}${what.slice(1)}`];
    return Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), words);
  }

  // Sending the form: what has an address and is kept goes on from the next page; the rest is waited for, in words.
  async function hold(event) {
    const lost = [...items].find((item) => item.lost);
    if (lost) { stop(event); problem.textContent = say('again'); problem.hidden = false; form.dispatchEvent(new CustomEvent('dialogue:open', { detail: area })); fields.at(-1).focus(); return; }
    if (area.dataset.holding) { stop(event); return; }
    const open = () => [...items].filter((item) => ['sending', 'lost'].includes(item.state) && !(item.entry.url && item.entry.kept));
    const speaking = !area.querySelector('[data-recorder]').hidden && area.querySelector('[data-recorder]').dataset.state !== 'ready';
    if (!speaking && !open().length) { along(); return; }
    stop(event);
    area.dataset.holding = 'yes';
    const { submitter } = event;
    submitter?.setAttribute('aria-disabled', 'true');
    const told = Object.assign(document.createElement('p'), { className: 'hint', textContent: say('hold') });
    told.setAttribute('role', 'status');
    (submitter?.tabIndex >= 0 ? submitter : form.lastElementChild).after(told); // Enter presses a button nobody sees
    await voice.finish();
    for (let waiting = open(); waiting.length; waiting = open()) await Promise.race(waiting.map((item) => new Promise((resolve) => { item.settle = resolve; })));
    told.remove();
    submitter?.removeAttribute('aria-disabled');
    delete area.dataset.holding;
    form.requestSubmit(submitter ?? undefined);
  }

  function stop(event) { event.preventDefault(); event.stopImmediatePropagation(); }

  function along() {
    const rest = new DataTransfer();
    for (const item of items) if (item.state === 'failed' && item.file.size <= Number(dataset.fieldMb) * MB) rest.items.add(item.file);
    fields.at(-1).files = rest.files;
  }
}

function kindOf(file) {
  const { type, name } = file;
  if (type.startsWith('image/') || PHOTOS.test(name)) return 'photo';
  if (type.startsWith('video/') || VIDEOS.test(name)) return 'video';
  return type.startsWith('audio/') || SOUNDS.test(name) ? 'sound' : '';
}

// By its first bytes, as the service judges: a GIF or a text named .jpg is said now, not when the person has gone.
async function readable(file) {
  try {
    const head = String.fromCharCode(...new Uint8Array(await file.slice(0, 12).arrayBuffer()));
    return /^(\xff\xd8\xff|\x89PNG|RIFF....WEBP|....ftyp)/s.test(head);
  } catch { return true; } // the service will say
}

// Seconds, as far as this browser can tell; 0 when it cannot.
function lasts(file, kind) {
  return new Promise((resolve) => {
    const player = document.createElement(kind === 'video' ? 'video' : 'audio');
    const address = URL.createObjectURL(file);
    const tell = () => { clearTimeout(patience); URL.revokeObjectURL(address); resolve(Number.isFinite(player.duration) ? player.duration : 0); };
    const patience = setTimeout(tell, 3000);
    player.preload = 'metadata';
    player.onloadedmetadata = player.onerror = tell;
    player.src = address;
  });
}
