// Speaks instead of writing: a level that moves, pause, a time left; what is recorded is handed over as a file.
// Each few seconds are sealed at once (keep.js): a reload or a dead battery loses nothing of what was said.
import { drop, put, seal } from './keep.js';
import { stayAwake } from './send.js';

const TYPES = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus', 'audio/webm'];
const SLICE = 2000; // ms
const BARS = 36;
export const possible = () => Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);
export const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

// area: [data-recorder]; say(name, values): the page's words; announce(words); minutes: the most one may speak;
// choose(): opens the list of files; done(file, entry): what was said. → {open, finish}
export function recorder(area, { say, announce, minutes, choose, done }) {
  const part = (name) => area.querySelector(`[data-recorder-${name}]`);
  const button = (name) => area.querySelector(`[data-record=${name}]`);
  const words = part('words');
  const invitation = words.textContent;
  const rest = button('pause').querySelector('span').textContent;
  const bars = Array.from({ length: BARS }, () => part('level').appendChild(document.createElement('i')));
  let now = null; // what is being recorded

  button('start').addEventListener('click', start);
  button('pause').addEventListener('click', () => (now?.media.state === 'paused' ? resume() : pause()));
  button('stop').addEventListener('click', () => finish());
  button('restart').addEventListener('click', async () => { await finish({ forget: true }); start(); });
  button('close').addEventListener('click', () => { area.hidden = true; choose(null); });
  button('file').addEventListener('click', () => choose('sound'));
  window.addEventListener('dialogue:quit', () => finish({ forget: true }));
  return { open, finish };

  function open() {
    area.hidden = false;
    show('ready');
    words.textContent = invitation;
    button('start').focus();
  }

  async function start() {
    area.hidden = false;
    say_('asking');
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
    } catch { show('ready'); say_('denied'); button('file').focus(); return; }
    const type = TYPES.find((each) => MediaRecorder.isTypeSupported(each)) ?? '';
    const media = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 48_000 });
    const key = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    const entry = { key, kind: 'sound', name: '', type: media.mimeType.split(';')[0] || 'audio/webm', size: 0, recording: true, kept: true, seconds: 0 };
    now = { media, stream, entry, pieces: [], number: 0, sealing: Promise.resolve(), spoken: 0, since: performance.now(), told: minutes };
    const mine = now;
    put(entry);
    media.ondataavailable = (event) => keep(mine, event.data);
    media.onstop = () => { mine.ended?.(); if (now === mine) finish(); }; // the phone rang: what was said is kept
    stream.getAudioTracks()[0].onended = () => { if (media.state !== 'inactive') media.stop(); };
    media.start(SLICE);
    stayAwake(1);
    mine.meter = meter(stream);
    mine.timer = setInterval(() => tick(mine), 100);
    show('recording');
    say_('listening');
    button('stop').focus();
  }

  function keep(mine, piece) {
    if (!piece.size) return;
    mine.pieces.push(piece);
    mine.entry.size += piece.size;
    mine.entry.seconds = Math.round(spoken(mine));
    mine.sealing = mine.sealing.then(async () => {
      if (!mine.entry.kept || mine.forgotten) return;
      try { mine.number = await seal(mine.entry.key, piece, mine.number); } catch { mine.entry.kept = false; }
      if (!mine.forgotten && mine.entry.recording) put(mine.entry);
    });
  }

  function pause() {
    now.spoken = spoken(now);
    now.since = 0;
    now.media.pause();
    show('paused');
    say_('paused');
  }

  function resume() {
    now.since = performance.now();
    now.media.resume();
    show('recording');
    say_('listening');
  }

  // Ends the recording, if there is one, and hands it over; the promise is kept once it was.
  async function finish({ forget = false, words: told = 'recorded' } = {}) {
    if (!now) return;
    const mine = now;
    now = null;
    mine.forgotten = forget;
    clearInterval(mine.timer);
    mine.spoken = spoken(mine);
    if (mine.media.state !== 'inactive') await new Promise((resolve) => { mine.ended = resolve; mine.media.stop(); });
    mine.stream.getTracks().forEach((track) => track.stop());
    mine.meter.close();
    stayAwake(-1);
    await mine.sealing;
    area.hidden = true;
    if (forget || !mine.entry.size) { await drop(mine.entry); return; }
    const { entry } = mine;
    entry.recording = false;
    entry.seconds = Math.round(mine.spoken);
    entry.name = say('voice', { time: clock(entry.seconds) });
    put(entry);
    announce(say(told));
    done(new File(mine.pieces, entry.name, { type: entry.type }), entry);
  }

  function tick(mine) {
    const seconds = spoken(mine);
    const left = Math.max(0, minutes * 60 - seconds);
    part('now').textContent = clock(seconds);
    part('left').textContent = say('left', { time: clock(left) });
    if (mine.media.state === 'recording') mine.meter.read(bars);
    for (const soon of [5, 1]) if (left <= soon * 60 && mine.told > soon) { mine.told = soon; announce(say('soon', { minutes: soon })); }
    if (!left) finish({ words: 'over' });
  }

  function spoken(mine) { return mine.spoken + (mine.since ? (performance.now() - mine.since) / 1000 : 0); }

  function show(state) {
    area.dataset.state = state;
    const on = state !== 'ready';
    button('start').hidden = button('close').hidden = on;
    button('stop').hidden = button('pause').hidden = part('level').hidden = part('time').hidden = !on;
    button('restart').hidden = state !== 'paused';
    button('file').parentElement.hidden = on;
    button('pause').querySelector('span').textContent = state === 'paused' ? button('pause').dataset.resume : rest;
  }

  function say_(name) { words.textContent = say(name); announce(words.textContent); }
}

// How loud it is, drawn from old to new.
function meter(stream) {
  const Context = window.AudioContext ?? window.webkitAudioContext;
  if (!Context) return { read() {}, close() {} };
  const context = new Context();
  const ear = context.createAnalyser();
  ear.fftSize = 512;
  context.createMediaStreamSource(stream).connect(ear);
  const wave = new Float32Array(ear.fftSize);
  const past = new Array(BARS).fill(0);
  return {
    read(bars) {
      ear.getFloatTimeDomainData(wave);
      const loud = Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0) / wave.length);
      past.push(Math.min(1, loud * 4));
      past.shift();
      bars.forEach((bar, index) => bar.style.setProperty('--loud', past[index].toFixed(2)));
    },
    close() { context.close().catch(() => {}); },
  };
}
