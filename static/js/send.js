// Sends one file with tus, for as long as it takes: it goes on after a cut, a sleep, a restart of the service.
// send(blob, {url?, endpoint?, name, type, on: {url, progress, lost, done, refused}}) → {stop, cancel}
//   url: of an upload begun before; endpoint: where a new one is made (none: what is gone stays gone)
//   on.refused(words, gone): the service will not have it, and says why; sending it again would not help
const SILENCE = 30_000; // ms without a byte: the connection is dead, whatever the browser believes
const LONGEST = 60_000; // ms between two tries

let tries = 0;
let loading;
function library() {
  // A failed import may be remembered by its address: each try has its own.
  loading ??= import(new URL(`../vendor/tus.js${tries ? `?${tries}` : ''}`, import.meta.url)).then(() => window.tus)
    .catch((error) => { loading = undefined; tries += 1; throw error; });
  return loading;
}

export function send(blob, { url, endpoint, name, type, on }) {
  let upload = null;
  let moved = 0; // when the last byte moved; 0: nothing under way
  let pause = 1000;
  let timer;
  let over = false;
  const guard = setInterval(() => { if (moved && Date.now() - moved > SILENCE) { upload.abort(); lose(); } }, 5000);
  const now = () => { if (!over && !moved && navigator.onLine !== false) { pause = 1000; go(); } };
  const off = () => { if (!over) { upload?.abort(); lose(); } };
  const seen = () => { if (!document.hidden) now(); };
  window.addEventListener('online', now);
  window.addEventListener('offline', off);
  window.addEventListener('pageshow', now);
  document.addEventListener('visibilitychange', seen);
  stayAwake(1);
  go();
  return { stop: end, cancel: () => { end(); return upload ? upload.abort(true).catch(() => {}) : Promise.resolve(); } };

  async function go() {
    clearTimeout(timer);
    if (over || moved) return;
    moved = Date.now();
    try {
      const { Upload } = await library();
      if (over) return;
      upload ??= make(Upload);
      upload.start();
    } catch {
      if (tries > 2 && navigator.onLine !== false) give('', true); else lose();
    }
  }

  function make(Upload) {
    return new Upload(blob, {
      endpoint, uploadUrl: url ?? null, metadata: { filename: name, filetype: type },
      retryDelays: [300, 1500], // quietly, when the bytes of a connection just cut still come in (409, 423)
      storeFingerprintForResuming: false, // the address is a secret: never in localStorage
      onUploadUrlAvailable: () => on.url(new URL(upload.url, location.href).pathname),
      onProgress: (sent, total) => { moved = Date.now(); pause = 1000; on.progress(total ? sent / total : 0); },
      // Else a service that restarts behind a proxy (502) would be sent everything from the start.
      onAfterResponse: (request, response) => { if (request.getMethod() === 'HEAD' && response.getStatus() >= 500) throw new Error('later'); },
      onSuccess: () => { end(); on.done(); },
      onError: fail,
    });
  }

  function fail(error) {
    const status = error.originalResponse?.getStatus() ?? 0;
    if (status >= 400 && status < 500 && ![408, 409, 423, 429].includes(status)) {
      if ((status === 404 || status === 410) && endpoint && upload.url) upload.url = null; // expired: once more from the start
      else { give(reason(error.originalResponse.getBody()), status === 404 || status === 410); return; }
    }
    lose();
  }

  function lose() {
    moved = 0;
    on.lost();
    timer = setTimeout(go, pause);
    pause = Math.min(pause * 2, LONGEST);
  }

  function give(words, gone) { end(); on.refused(words, gone); }

  function end() {
    if (over) return;
    over = true;
    moved = 0;
    upload?.abort();
    clearTimeout(timer);
    clearInterval(guard);
    window.removeEventListener('online', now);
    window.removeEventListener('offline', off);
    window.removeEventListener('pageshow', now);
    document.removeEventListener('visibilitychange', seen);
    stayAwake(-1);
  }
}

function reason(body) {
  try {
    const told = JSON.parse(body);
    return told.errors?.[0]?.message ?? told.detail ?? '';
  } catch { return ''; }
}

// The screen stays on while something is recorded or sent, where the browser lets us.
let wanted = 0;
let lock;
export function stayAwake(change) {
  wanted += change;
  if (!wanted) { lock?.release().catch(() => {}); lock = undefined; } else take();
}

async function take() {
  if (!wanted || document.hidden || (lock && !lock.released)) return;
  try { lock = await navigator.wakeLock?.request('screen'); } catch { /* refused: a low battery, say */ }
}
document.addEventListener('visibilitychange', take);
