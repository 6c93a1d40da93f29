// The card being filled in, hidden under a key of its own that is thrown away with it. Saved as one types; each file once.
import { EmptyFile, hide, ownKey, show, showText } from './seal.js';
import { StorageFull } from './full.js';

const fileOf = (id) => `file:${id}`;

export function drafts({ db, write }) {
  let held = new Map(); // client_id → the blob that lies there already
  let turn = Promise.resolve();

  // One after the other: a slow save never comes after the quick one that followed it.
  const next = (act) => { const done = turn.then(act); turn = done.catch(() => {}); return done; };

  async function save(said, files) {
    const key = (await db.get('draft', 'said'))?.key ?? await ownKey();
    const list = files.map(({ client_id, type, wishes }) => ({ client_id, type, wishes }));
    const fresh = await Promise.all(files.filter((one) => held.get(one.client_id) !== one.blob).map(async ({ client_id, blob }) => {
      const data = await blob.arrayBuffer().catch((cause) => { throw new EmptyFile(client_id, { cause }); });
      if (!data.byteLength) throw new EmptyFile(client_id);
      return [client_id, await hide(key, data)];
    }));
    const words = await hide(key, JSON.stringify({ said, files: list }));
    await write(['draft'], async (table) => {
      const wanted = new Set(['said', ...list.map((one) => fileOf(one.client_id))]);
      const stale = (await table('draft').getAllKeys()).filter((name) => !wanted.has(name));
      await Promise.all([
        ...stale.map((name) => table('draft').delete(name)),
        ...fresh.map(([id, piece]) => table('draft').put(piece, fileOf(id))),
        table('draft').put({ key, card: said.card, ...words }, 'said'),
      ]);
    });
    held = new Map(files.map(({ client_id, blob }) => [client_id, blob]));
  }

  // Without room for a file, the words at least.
  async function saveDraft(said, files = []) {
    const refused = files.filter((one) => held.get(one.client_id) !== one.blob).map((one) => one.client_id);
    try { await save(said, files); } catch (cause) {
      if (cause instanceof EmptyFile || !refused.length) throw cause;
      await save(said, files.filter((one) => !refused.includes(one.client_id)));
      throw new StorageFull({ cause, refused });
    }
  }

  async function draft() {
    const found = await db.get('draft', 'said');
    if (!found) return null;
    const { said, files } = JSON.parse(await showText(found.key, found));
    const back = await Promise.all(files.map(async (one) => (
      { ...one, blob: new Blob([await show(found.key, await db.get('draft', fileOf(one.client_id)))], { type: one.type }) })));
    held = new Map(back.map(({ client_id, blob }) => [client_id, blob]));
    return { said, files: back };
  }

  const forget = () => { held = new Map(); };

  return {
    next, forget, hasDraft: async () => Boolean(await db.count('draft', 'said')),
    saveDraft: (said, files) => next(() => saveDraft(said, files)),
    draft: () => next(draft),
    dropDraft: () => next(() => { forget(); return write(['draft'], (table) => table('draft').clear()); }),
  };
}
