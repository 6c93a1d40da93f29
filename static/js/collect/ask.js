// One question to the service, and whether what comes back is the service's own answer. A network that answers 200 to
// everything, one that answers for another, one that nothing comes through: each has a name, and no record pays for it.

// Nothing more can be sent for now: `state` is offline, certificate, portal, login or revoked.
export class Halt extends Error {
  name = 'Halt';

  constructor(state, cause) { super(state, { cause }); this.state = state; }
}

// The service will not have this one thing (now): its own code and words; `wait`, the seconds it asks for.
export class Refused extends Error {
  name = 'Refused';

  constructor({ status, code, words = '', wait = 0 }) { super(code); Object.assign(this, { status, code, words, wait }); }
}

const JSON_TYPE = /^application\/(problem\+)?json\b/;
const PATIENCE = 30_000;
const api = () => document.querySelector('[data-collect]').dataset.api;

// Says `{status, said}`; Halt or Refused else. The session of whoever uses this browser never speaks for the device.
export async function ask(path, { token, body, type = 'application/json', headers, method = 'GET' } = {}) {
  let answer;
  let text;
  try {
    answer = await fetch(api() + path, {
      method, body, cache: 'no-store', credentials: 'omit', redirect: 'manual', signal: AbortSignal.timeout?.(PATIENCE),
      headers: { Accept: 'application/json', ...(token && { Authorization: `Bearer ${token}` }), ...(body && { 'Content-Type': type }), ...headers },
    });
    text = await answer.text();
  } catch (cause) { throw unreachable(cause); }
  const said = judge({ status: answer.type === 'opaqueredirect' ? 302 : answer.status, text, header: (name) => answer.headers.get(name) });
  return { status: answer.status, said };
}

// Browsers do not tell a bad certificate from a closed door: whoever has a network and gets nowhere reads of both.
export const unreachable = (cause) => new Halt(navigator.onLine === false || cause?.name === 'TimeoutError' || cause?.name === 'AbortError' ? 'offline' : 'certificate', cause);

export function judge({ status, text, header }) {
  if (status === 511 || (status >= 300 && status < 400)) throw new Halt('portal');
  let said = null;
  if (JSON_TYPE.test(header('Content-Type') ?? '')) try { said = JSON.parse(text); } catch { /* cut, or never JSON */ }
  if (status >= 500) throw new Refused({ status, code: said?.code ?? 'server', words: said?.detail, wait: Number(header('Retry-After')) || 0 });
  if (status === 413) throw new Refused({ status, code: said?.code ?? 'too_large', words: said?.detail }); // also a proxy's: of this one alone
  if (!said || typeof said !== 'object') throw new Halt('portal');
  if (status === 401) throw new Halt(said.code === 'device_revoked' ? 'revoked' : 'login');
  if (status >= 400) throw new Refused({ status, code: said.code ?? 'refused', words: said.errors?.[0]?.message ?? said.detail, wait: Number(header('Retry-After')) || 0 });
  return said;
}
