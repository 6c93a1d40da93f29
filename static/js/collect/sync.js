// Sending what waits: the words of a record first, as one PUT that may be repeated, then its media; it leaves the device only
// against the service's receipt for all of it. On opening, when there is a network, on coming back, by the clock, by a button;
// in one tab at a time. Whatever goes wrong keeps the record, with the reason: nothing ends in silence.
import { Halt, Refused, ask } from './ask.js';
import { isKey } from './seal.js';
import { upload } from './upload.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const SOON = 150;
const FEW_CODES = 60;
const SOME_CODES = 25;
const CODES = 100;
const STUCK = 3; // of them one after the other: it is the service, not the record
const PAUSES = { offline: 15 * SECOND, certificate: 30 * SECOND, portal: 30 * SECOND, server: 30 * SECOND, login: 5 * MINUTE, revoked: 5 * MINUTE };
let store;
let changed;
let timer;
let telling = null;
let running = null;
let wanted = null; // asked for during a pass: another one after it
let spoken = {}; // with whom, when, and how many waited
let standing = { state: 'idle' };

// state: idle, sending, offline, certificate (a network, and no way to the service), portal, server (it is in trouble), login,
// revoked, other_person (only somebody else's records wait; `name` is theirs). `share`: of the medium under way.
export const status = () => standing;

export function start(kept, { changed: tell }) {
  [store, changed] = [kept, tell];
  window.addEventListener('online', () => wake({ all: true }));
  window.addEventListener('offline', () => say({ state: 'offline' }));
  window.addEventListener('pageshow', ({ persisted }) => { if (persisted) wake(); });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) wake(); });
  wake();
}

// All that waits, at once, whenever its turn would be.
export const now = () => wake({ all: true });

// What is due. Resolves when it has been tried.
export function wake({ all = false } = {}) {
  if (running) {
    wanted = { all: all || Boolean(wanted?.all) };
    return running;
  }
  clearTimeout(timer);
  running = turns(all).finally(() => { running = null; });
  return running;
}

// Its code will not do (given twice, cancelled): sent again, the service makes another.
export async function newReceipt(uuid) {
  await store.note(uuid, { renew: true, trouble: null, next: 0 });
  await wake();
}

async function turns(all) {
  let pause = MINUTE;
  try {
    pause = await alone(all);
    while (wanted) {
      const { all: more } = wanted;
      wanted = null;
      pause = await alone(more);
    }
  } finally { timer = setTimeout(wake, pause); }
}

// Another tab is at it: ask again in a moment.
function alone(all) {
  if (!navigator.locks) return pass(all);
  return navigator.locks.request('collecte:envoi', { ifAvailable: true }, (lock) => (lock ? pass(all) : 5 * SECOND));
}

// Told soon, and of many things once.
function say(now) {
  standing = now;
  telling ??= setTimeout(() => { telling = null; changed(standing); }, SOON);
}

// Answers how long to wait until the next.
async function pass(all) {
  let ended = {};
  try {
    const device = await store.device();
    if (!device) ended = { state: 'login' };
    else {
      say({ state: 'sending' });
      await speak(device, all);
      ended = await send(device, all);
      if (spoken.to === device.token && (await store.queue()).length !== spoken.waiting) await report(device); // the team sees what still waits
    }
  } catch (error) {
    ended = { state: error instanceof Halt ? error.state : 'server' }; // Refused, or a fault of ours: it will be tried again
    if (!(error instanceof Halt || error instanceof Refused)) console.error(error);
  }
  const next = await until(ended);
  say(next.standing);
  return next.pause;
}

async function until({ state }) {
  const [queue, device, people] = await Promise.all([store.ready(), store.device(), store.kept('people')]);
  if (state) return { standing: { state }, pause: PAUSES[state] };
  const theirs = queue.find((one) => !isMine(one, device));
  const mine = queue.filter((one) => isMine(one, device));
  const soonest = Math.min(5 * MINUTE, ...mine.map((one) => one.next - Date.now()));
  const whose = theirs && !mine.length ? { state: 'other_person', name: people?.[theirs.owner] ?? '' } : { state: 'idle' };
  return { standing: whose, pause: Math.max(SECOND, soonest) };
}

const isMine = (record, device) => record.owner === device?.mediator.id;
// A clock set back leaves records due next year: those are due now.
const isDue = ({ next }) => next <= Date.now() || next > Date.now() + 2 * 60 * MINUTE;

// What this device needs to work without network: the key, its outings, codes. Being refused here stops no record.
async function speak(device, all) {
  const { token } = device;
  if (!(await store.kept('key'))) await fetchKey(token);
  if (!all && spoken.to === token && Date.now() - spoken.at < MINUTE) return;
  try {
    await report(device);
    await fetchKey(token);
    await fetchCodes(token);
  } catch (error) { if (!(error instanceof Refused)) throw error; }
}

async function report(device) {
  const waiting = (await store.queue()).length;
  const { said } = await ask('/collect/device', { method: 'PUT', token: device.token, body: JSON.stringify({ waiting, clock: new Date().toISOString() }) });
  if (!said.mediator?.id || !Array.isArray(said.outings)) throw new Halt('portal');
  spoken = { to: device.token, at: Date.now(), waiting };
  await store.keep('outings', said.outings);
  if (said.device && (said.device.name !== device.device.name || said.mediator.name !== device.mediator.name)) {
    await store.setDevice({ ...device, device: said.device, mediator: said.mediator });
  }
}

async function fetchKey(token) {
  const { said } = await ask('/collect/key', { token });
  if (!(await isKey(said))) throw new Halt('portal');
  if (said.kid !== (await store.kept('key'))?.kid) await store.keep('key', said);
}

// A few at a time: drawing them is work for the service. Until they are here, the same are asked for again.
async function fetchCodes(token) {
  let left = await store.codesLeft();
  if (left >= FEW_CODES) return;
  while (left < CODES) {
    const asked = await store.kept('codes:asked') ?? { key: crypto.randomUUID(), count: Math.min(SOME_CODES, CODES - left) };
    await store.keep('codes:asked', asked);
    const codes = await givenCodes(asked, token);
    if (!codes.length) return;
    left += codes.length;
  }
}

async function givenCodes({ key, count }, token) {
  try {
    const { said } = await ask('/collect/receipt-codes', { method: 'POST', token, body: JSON.stringify({ count }), headers: { 'Idempotency-Key': key } });
    if (!Array.isArray(said.codes) || !said.codes.every((one) => one.words && one.digits && one.qr)) throw new Halt('portal');
    await store.addCodes(said.codes);
    return said.codes;
  } catch (error) {
    if (error instanceof Refused && error.status < 500) await store.keep('codes:asked', null); // of another device, or enough of them
    throw error;
  }
}

// Those that have failed least go first, so that none stands in the way of another.
async function send(device, all) {
  const mine = (await store.ready()).filter((one) => isMine(one, device) && (all || isDue(one)));
  mine.sort((one, other) => one.tries - other.tries || one.made_at.localeCompare(other.made_at));
  let failed = 0;
  for (const record of mine) {
    try {
      await sendOne(record, device);
      failed = 0;
    } catch (error) {
      const halted = error instanceof Halt;
      if (halted && ['login', 'revoked'].includes(error.state)) throw error;
      await later(record.uuid, error);
      const broken = halted || !(error instanceof Refused) || error.status >= 500;
      failed = broken ? failed + 1 : 0;
      if (halted && (failed > 1 || navigator.onLine === false)) throw error;
      if (failed >= STUCK) return { state: 'server' };
    }
    say(standing);
  }
  return {};
}

// Kept, with the reason in words if the service gave any. The network is no fault of the record's, but its turn comes later.
function later(uuid, error) {
  const again = error instanceof Halt || !(error.status >= 400 && error.status < 500);
  return store.note(uuid, (record) => {
    const pause = Math.max((error.wait ?? 0) * SECOND, Math.min(again ? 2 * MINUTE : 60 * MINUTE, (again ? 3 * SECOND : MINUTE) * 2 ** Math.min(record.tries, 10)));
    return {
      tries: record.tries + 1, next: Date.now() + pause * (0.75 + Math.random() / 2),
      trouble: error instanceof Halt ? record.trouble : { code: error.code ?? 'server', words: error.words || null },
    };
  });
}

async function sendOne(record, { token }) {
  let receipt = record.stage === 'text' ? await sendText(record, token) : await ask(`/collect/${record.uuid}`, { token }).then(({ said }) => said);
  if (!isComplete(record, receipt)) {
    let trouble;
    for (const medium of record.media.filter((one) => !holds(receipt, one))) {
      try { await sendMedium(record, medium, token); } catch (error) {
        if (error instanceof Halt) throw error;
        trouble = error; // of this medium: the others may pass
      }
    }
    if (trouble) throw trouble;
    ({ said: receipt } = await ask(`/collect/${record.uuid}`, { token }));
  }
  if (receipt.uuid !== record.uuid) throw new Halt('portal');
  if (!isComplete(record, receipt)) {
    // It has forgotten what it said of a medium, or wants none of them any more: the words, sent again, tell.
    await store.note(record.uuid, { stage: 'text' });
    throw new Refused({ status: 0, code: 'media_missing' });
  }
  await store.leave(record.uuid, { reference: receipt.reference, at: receipt.received_at, media: record.media.length });
}

// A receipt names the body it is for: what a portal says to everybody is none.
async function sendText({ uuid, jose, sha256, media, renew }, token) {
  const { said } = await ask(`/collect/${uuid}${renew ? '?receipt=new' : ''}`, {
    method: 'PUT', token, body: jose, type: 'application/jose', headers: { 'Collect-Clock': new Date().toISOString() },
  });
  if (said.uuid !== uuid || said.body_sha256 !== sha256) throw new Halt('portal');
  if (media.length) await store.note(uuid, { stage: 'media', trouble: null, tries: 0 });
  return said;
}

const holds = (receipt, { client_id }) => Boolean(receipt.media?.some((one) => one.client_id === client_id && one.held === true));
const isComplete = (record, receipt) => record.media.every((medium) => holds(receipt, medium));

async function sendMedium({ uuid }, { client_id, url }, token) {
  const data = await store.blob(uuid, client_id);
  if (!data?.byteLength) throw new Refused({ status: 0, code: 'medium_missing' });
  const address = (found) => store.note(uuid, (record) => ({ media: record.media.map((one) => (one.client_id === client_id ? { ...one, url: found } : one)) }));
  let told = 0;
  try {
    await upload(data, {
      uuid, client_id, url, token, began: address,
      progress(share) { if (share - told > 0.05) { told = share; say({ ...standing, share }); } },
    });
  } catch (error) {
    if (error.code === 'medium_held') return; // the receipt will say so
    if (error.code === 'unknown_medium') await store.note(uuid, { stage: 'text' });
    if (error.code === 'medium_altered' || error.status === 404) await address(null);
    throw error;
  }
}
