// A photo of a panel or a drawing, a voice: taken here, kept with the card every few seconds while it is being recorded.
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus', 'audio/webm'];
const NAMES = { heic: 'image/heic', heif: 'image/heif', jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp', mp3: 'audio/mpeg', m4a: 'audio/mp4', ogg: 'audio/ogg', oga: 'audio/ogg', opus: 'audio/ogg', wav: 'audio/wav', amr: 'audio/amr', aac: 'audio/aac', weba: 'audio/webm' };
const MB = 1e6;
const SLICE = 4000; // ms
const typeOf = (file) => file.type.split(';')[0] || NAMES[file.name.split('.').pop().toLowerCase()] || '';
export const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

// box: [data-media-box]; changed(): something was added or taken away. → {files, set, finish, has}
export function start(app, box, changed) {
  const { root, say } = app;
  const list = box.querySelector('[data-media-list]');
  const shape = box.querySelector('template');
  const voice = voiceOf(app, box, (item) => put(item), changed);
  let items = []; // {client_id, blob, type}

  for (const field of box.querySelectorAll('[data-files]')) {
    field.addEventListener('change', () => { const chosen = [...field.files]; field.value = ''; for (const file of chosen) take(file); });
  }
  app.act('voice', () => { if (room()) voice.open(); });
  app.act('remove-medium', (button) => {
    items = items.filter((one) => one.client_id !== button.value);
    draw();
    app.tell(say('removed'));
    changed();
    box.querySelector('[data-do=voice]').focus();
  });

  function room() {
    if (items.length < Number(root.dataset.most)) return true;
    app.warn(say('many', { most: root.dataset.most }));
    return false;
  }

  function take(file) {
    const type = typeOf(file);
    const limit = Number(root.dataset.photoMb);
    const wrong = (!/^(image|audio)\//.test(type) && say('unknown')) || (!file.size && say('fileEmpty')) || (file.size > limit * MB && say('heavy', { limit }));
    if (wrong) { app.warn(wrong); return; }
    if (room()) put({ client_id: crypto.randomUUID(), blob: file, type });
  }

  // The same one again (a voice that goes on) takes its place.
  function put(item) {
    const at = items.findIndex((one) => one.client_id === item.client_id);
    if (at < 0) items.push(item); else items[at] = item;
    draw();
    changed();
  }

  function draw() {
    for (const shown of list.querySelectorAll('[src]')) URL.revokeObjectURL(shown.src);
    list.replaceChildren(...items.filter((one) => !one.open).map(row));
    for (const asks of box.querySelectorAll('[data-media-asks]')) asks.hidden = !has(asks.dataset.mediaAsks);
  }

  function row({ client_id, blob, type, seconds }, index) {
    const item = shape.content.firstElementChild.cloneNode(true);
    const photo = type.startsWith('image/');
    const name = photo ? say('photo', { n: index + 1 }) : say('voice', { time: seconds ? clock(seconds) : '' });
    item.dataset.medium = client_id;
    for (const place of item.querySelectorAll('[data-medium-name]')) place.textContent = place.matches('span') ? ` ${name}` : name;
    item.querySelector('button').value = client_id;
    const src = URL.createObjectURL(blob);
    if (photo) item.querySelector('[data-medium-sign]').append(Object.assign(new Image(), { alt: '', src }));
    else {
      const player = Object.assign(document.createElement('audio'), { controls: true, src, preload: 'metadata' });
      player.setAttribute('aria-label', name);
      item.querySelector('[data-medium-player]').append(player);
    }
    return item;
  }

  const has = (kind) => items.some((one) => one.type.startsWith(kind === 'photo' ? 'image/' : 'audio/'));

  return {
    has, finish: voice.finish, speaking: voice.speaking,
    files: () => items,
    set(given) { items = given; draw(); },
  };
}

function voiceOf(app, box, put, changed) {
  const { root, say } = app;
  const area = box.querySelector('[data-voice]');
  const part = (name) => area.querySelector(`[data-voice-${name}]`);
  const pause = area.querySelector('[data-do=voice-pause]');
  const rest = pause.querySelector('span').textContent;
  const most = Number(root.dataset.soundMinutes) * 60;
  let now = null;

  app.act('voice-stop', () => finish());
  app.act('voice-pause', () => {
    if (!now) return;
    const paused = now.media.state === 'paused';
    if (paused) now.since = performance.now(); else { now.spoken = spoken(now); now.since = 0; }
    now.media[paused ? 'resume' : 'pause']();
    pause.querySelector('span').textContent = paused ? rest : pause.dataset.resume;
    part('words').textContent = say(paused ? 'listening' : 'paused');
  });

  const spoken = (one) => one.spoken + (one.since ? (performance.now() - one.since) / 1000 : 0);

  async function open() {
    if (now) return;
    let stream;
    part('words').textContent = say('asking');
    for (const button of area.querySelectorAll('button')) button.hidden = true;
    area.hidden = false;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
    } catch { area.hidden = true; app.warn(say('denied')); return; }
    const wanted = TYPES.find((each) => window.MediaRecorder.isTypeSupported(each)) ?? '';
    const media = new MediaRecorder(stream, { mimeType: wanted, audioBitsPerSecond: 48_000 });
    const mine = { media, stream, pieces: [], client_id: crypto.randomUUID(), type: (media.mimeType || 'audio/webm').split(';')[0], spoken: 0, since: performance.now(), level: meter(stream) };
    now = mine;
    media.ondataavailable = ({ data }) => {
      if (!data.size) return;
      mine.pieces.push(data);
      if (media.state !== 'inactive') put(item(mine, true));
    };
    media.onstop = () => { mine.ended?.(); if (now === mine) finish(); }; // the phone rang: what was said is kept
    stream.getAudioTracks()[0].onended = () => { if (media.state !== 'inactive') media.stop(); };
    media.start(SLICE);
    mine.timer = setInterval(tick, 200, mine);
    for (const button of area.querySelectorAll('button')) button.hidden = false;
    pause.querySelector('span').textContent = rest;
    part('words').textContent = say('listening');
    area.querySelector('[data-do=voice-stop]').focus();
  }

  const item = (mine, going) => ({ client_id: mine.client_id, blob: new Blob(mine.pieces, { type: mine.type }), type: mine.type, seconds: Math.round(spoken(mine)), open: going });

  function tick(mine) {
    const seconds = spoken(mine);
    part('time').textContent = clock(seconds);
    part('left').textContent = say('left', { time: clock(Math.max(0, most - seconds)) });
    part('level').value = mine.since ? mine.level.read() : 0;
    if (seconds >= most) finish();
  }

  // Ends what is being recorded, if anything is; kept once it was.
  async function finish() {
    const mine = now;
    if (!mine) return;
    now = null;
    clearInterval(mine.timer);
    mine.spoken = spoken(mine);
    mine.since = 0;
    if (mine.media.state !== 'inactive') await new Promise((resolve) => { mine.ended = resolve; mine.media.stop(); });
    mine.stream.getTracks().forEach((track) => track.stop());
    mine.level.close();
    area.hidden = true;
    if (mine.pieces.length) put(item(mine, false)); else changed();
  }

  return { open, finish, speaking: () => Boolean(now) };
}

// How loud it is, of a hundred.
function meter(stream) {
  const Context = window.AudioContext ?? window.webkitAudioContext;
  if (!Context) return { read: () => 0, close() {} };
  const context = new Context();
  const ear = context.createAnalyser();
  ear.fftSize = 512;
  context.createMediaStreamSource(stream).connect(ear);
  const wave = new Float32Array(ear.fftSize);
  return {
    read() {
      ear.getFloatTimeDomainData(wave);
      return Math.min(100, Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0) / wave.length) * 400);
    },
    close() { context.close().catch(() => {}); },
  };
}
