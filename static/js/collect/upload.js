// One sealed medium, by tus: it goes on where it stood, after a cut, a kill, a restart. Its address is on the disk before a
// byte of it leaves.
import { Halt, Refused, judge, unreachable } from './ask.js';

const SILENCE = 30_000; // ms without a byte: the connection is dead, whatever the browser believes
const AGAIN = new Set(['wrong_offset', 'upload_taken_over', 'upload_locked', 'upload_stalled']); // bytes of a connection just cut still came in

let tries = 0;
let loading;
function library() {
  // A failed import may be remembered by its address: each try has its own.
  loading ??= import(new URL(`../../vendor/tus.js${tries ? `?${tries}` : ''}`, import.meta.url)).then(() => window.tus)
    .catch((error) => { loading = undefined; tries += 1; throw unreachable(error); });
  return loading;
}

// data: sealed bytes; url: of an upload begun before; began(url): awaited before the first byte. Refused or Halt when not all
// of it has arrived.
export async function upload(data, { uuid, client_id, url, token, began, progress }) {
  const { Upload } = await library();
  // Made anew here: Safari sends nothing of what it kept as a file.
  const file = new File([data], client_id, { type: 'application/octet-stream' });
  if (!file.size) throw new Refused({ status: 0, code: 'medium_missing' });
  const endpoint = new URL(document.querySelector('[data-collect]').dataset.uploads, location).href;
  let moved = Date.now();
  let guard;
  let sending;
  try {
    await new Promise((resolve, reject) => {
      sending = new Upload(file, {
        endpoint, uploadUrl: url ?? null, headers: { Authorization: `Bearer ${token}` },
        metadata: { collect: uuid, client_id, filename: client_id, filetype: file.type },
        storeFingerprintForResuming: false, // a secret address: never in localStorage
        retryDelays: [300, 1500], onShouldRetry: (error) => AGAIN.has(codeOf(error)),
        onProgress: (sent, total) => { moved = Date.now(); progress(sent / total); },
        async onAfterResponse(request, response) {
          moved = Date.now();
          own(request, response);
          const at = request.getMethod() === 'POST' && response.getStatus() === 201 && new URL(response.getHeader('Location') ?? '', endpoint);
          if (at) await began(at.pathname);
        },
        onSuccess: resolve, onError: reject,
      });
      guard = setInterval(() => { if (Date.now() - moved > SILENCE) reject(new Halt('offline')); }, 5000);
      sending.start();
    });
  } catch (error) {
    const reason = meant(error); // before its answer is let go of
    sending?.abort().catch(() => {});
    throw reason;
  } finally { clearInterval(guard); }
}

// Each answer of the service names the protocol, and sends nowhere else; a server that is down is no reason to begin anew.
function own(request, response) {
  const status = response.getStatus();
  if (status >= 500 || status === 413) said(response);
  if (response.getHeader('Tus-Resumable') !== '1.0.0') throw new Halt('portal');
  const address = response.getHeader('Location');
  if (address && new URL(address, location).origin !== location.origin) throw new Halt('portal');
}

const said = (response) => judge({ status: response.getStatus(), text: response.getBody(), header: (name) => response.getHeader(name) });
const codeOf = (error) => { try { return JSON.parse(error.originalResponse.getBody()).code; } catch { return ''; } };

function meant(error) {
  const cause = error.causingError ?? error;
  if (cause instanceof Halt || cause instanceof Refused) return cause;
  if (!error.originalResponse) return unreachable(error);
  try { said(error.originalResponse); } catch (known) { return known; }
  return new Halt('portal', error);
}
