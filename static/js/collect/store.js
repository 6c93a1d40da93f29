// All that a collecting device keeps. What this file promises: a record is whole or not there; `finalise` says done only
// after what was written has been read back and hashed; a code is given once; a record goes only against its receipt.
import { openBase } from './base.js';
import { codes } from './codes.js';
import { drafts } from './draft.js';
import { StorageFull } from './full.js';
import { EmptyFile, sealBlob, sealText, sha256 } from './seal.js';

const STRICT = { durability: 'strict' }; // on the disk itself, not in a buffer that a dead battery empties
const ALL = ['records', 'blobs', 'draft'];
const blobsOf = (uuid) => IDBKeyRange.bound([uuid], [uuid, []]);

export class NoKey extends Error { name = 'NoKey'; } // this device has never spoken with the service, or is nobody's
export class NotKept extends Error { name = 'NotKept'; } // read back, it was not what had been written: the card stays
export { EmptyFile, StorageFull };

// `busy`, `blocked`, `gone`: see base.js.
export async function open(options) {
  const db = await openBase(options);
  const card = drafts({ db, write });
  const kept = (name) => db.get('kept', name);
  const finalised = new Map(); // by their cards' names

  // One transaction, on disk when it resolves; whatever fails in it undoes it whole.
  async function write(names, act) {
    const transaction = db.transaction(names, 'readwrite', STRICT);
    try {
      const [done] = await Promise.all([act((name) => transaction.objectStore(name)), transaction.done]);
      return done;
    } catch (error) {
      try { transaction.abort(); } catch { /* over already */ }
      throw transaction.error ?? error;
    }
  }

  // As POST /collect/devices answers it. Codes were given to one device: another one may not use them.
  async function setDevice(found) {
    const [before, people] = await Promise.all([kept('device'), kept('people')]);
    await write(['kept', 'codes'], (table) => Promise.all([
      found ? table('kept').put(found, 'device') : table('kept').delete('device'),
      found && table('kept').put({ ...people, [found.mediator.id]: found.mediator.name }, 'people'),
      ...(before?.device.id === found?.device.id ? [] : [table('codes').clear(), table('kept').delete('codes:asked')]),
    ]));
  }

  // said: the fields of PUT /collect/{uuid}; files: [{client_id, blob, type, wishes}]. The draft goes with it. card: a name of
  // this card's own, as in its draft: a second tap on the same is the same record.
  function finalise({ card: name = crypto.randomUUID(), ...given }) {
    if (finalised.has(name)) return finalised.get(name);
    const done = card.next(() => finaliseOne({ name, ...given }));
    finalised.set(name, done);
    done.catch((error) => { if (!error.uuid) finalised.delete(name); });
    return done;
  }

  async function finaliseOne({ name, said, files = [], owner, outing }) {
    const jwk = await kept('key');
    if (!jwk || !owner) throw new NoKey();
    const uuid = crypto.randomUUID();
    const sealed = await Promise.all(files.map(async ({ blob, ...one }) => ({ ...one, ...await sealBlob(blob) })));
    const refused = [];
    for (;;) {
      try {
        await lay({ uuid, name, said, sealed, owner, outing, jwk });
        break;
      } catch (cause) {
        if (cause instanceof NotKept) throw cause;
        const heaviest = sealed.reduce((most, one) => (one.size > (most?.size ?? 0) ? one : most), null);
        if (heaviest) refused.push(sealed.splice(sealed.indexOf(heaviest), 1)[0].client_id);
        if (!heaviest || (!sealed.length && !said.body)) throw new StorageFull({ cause, refused }); // not kept: nothing would be left of it
      }
    }
    card.forget();
    if (refused.length) throw new StorageFull({ uuid, refused });
    return { uuid };
  }

  async function lay({ uuid, name, said, sealed, owner, outing, jwk }) {
    const made_at = new Date().toISOString();
    const media = sealed.map(({ client_id, type, wishes, sha256: sum, size, key, iv }) => ({ client_id, sha256: sum, size, type, key, iv, ...wishes }));
    const jose = await sealText({ collected_at: made_at, ...(outing && { outing }), ...said, media }, jwk);
    const record = {
      uuid, card: name, jose, sha256: await sha256(jose), owner, outing, made_at, proven: false, stage: 'text', tries: 0, next: 0, trouble: null,
      media: await Promise.all(sealed.map(async ({ client_id, data }) => ({ client_id, size: data.byteLength, sum: await sha256(data) }))),
      bytes: sealed.reduce((sum, { data }) => sum + data.byteLength, jose.length),
    };
    await write(['records', 'blobs'], (table) => Promise.all([
      table('records').add(record), ...sealed.map(({ client_id, data }) => table('blobs').add(data, [uuid, client_id]))]));
    if (!(await prove(uuid))) throw new NotKept(uuid);
  }

  // Read back and hashed. Only then the card is dropped, and the record may leave; else the record goes and the card stays.
  async function prove(uuid) {
    const good = await whole(await db.get('records', uuid));
    await write(ALL, async (table) => {
      const record = await table('records').get(uuid);
      if (!record || record.proven) return;
      const dropped = (await table('draft').get('said'))?.card === record.card; // not another one, begun meanwhile
      await (good
        ? Promise.all([table('records').put({ ...record, proven: true }), dropped && table('draft').clear()])
        : Promise.all([table('records').delete(uuid), table('blobs').delete(blobsOf(uuid))]));
    });
    return good;
  }

  async function whole(record) {
    if (!record || await sha256(record.jose) !== record.sha256) return false;
    for (const { client_id, sum } of record.media) {
      const data = await db.get('blobs', [record.uuid, client_id]);
      if (!data || await sha256(data) !== sum) return false;
    }
    return true;
  }

  const all = async () => (await db.getAll('records')).sort((one, other) => one.made_at.localeCompare(other.made_at));
  const queue = async () => (await all()).map(({ uuid, owner, outing, made_at, media, bytes, tries, trouble, stage }) => (
    { uuid, owner, outing, made_at, media: media.length, bytes, tries, trouble, stage }));

  // What sending has brought to light. Of a record deleted meanwhile nothing comes back.
  const note = (uuid, change) => write(['records'], async (table) => {
    const record = await table('records').get(uuid);
    if (record) await table('records').put({ ...record, ...(typeof change === 'function' ? change(record) : change) });
  });

  const remove = (uuid) => write(['records', 'blobs'], (table) => Promise.all([table('records').delete(uuid), table('blobs').delete(blobsOf(uuid))]));

  // All of it has arrived: its receipt alone stays.
  const leave = (uuid, line) => write(['records', 'blobs', 'lines'], (table) => Promise.all([
    table('records').delete(uuid), table('blobs').delete(blobsOf(uuid)), table('lines').put({ ...line, uuid })]));

  const lines = async () => (await db.getAll('lines')).sort((one, other) => other.at.localeCompare(one.at));

  // Asked for where the person sees the answer: a browser that promises to keep all this, or does not.
  async function space() {
    const persisted = Boolean(await navigator.storage?.persist?.().catch(() => false));
    const { usage = 0, quota = 0 } = await navigator.storage?.estimate?.() ?? {};
    return { usage, quota, persisted };
  }

  // Killed between writing and reading back: judged now, before anything is sent.
  for (const record of await all()) if (!record.proven) await prove(record.uuid);

  // Of a card that is saved, or being saved: it would bring it back.
  const saveDraft = async (said, files) => {
    if (!(await finalised.get(said.card)?.then(() => true, (error) => Boolean(error.uuid)))) await card.saveDraft(said, files);
  };

  return {
    device: () => kept('device'), setDevice, kept, keep: (name, value) => write(['kept'], (table) => table('kept').put(value, name)),
    finalise, queue, lines, remove, leave, note, space, saveDraft, draft: card.draft, hasDraft: card.hasDraft, dropDraft: card.dropDraft, ...codes({ db, write }),
    record: (uuid) => db.get('records', uuid), blob: (uuid, id) => db.get('blobs', [uuid, id]),
    ready: async () => (await all()).filter((record) => record.proven),
  };
}
