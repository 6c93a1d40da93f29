// The device's own database, and how an older one becomes today's: a queue filled by last week's page is not lost.
//   kept    what the service said last, settings, this device     records  sealed words and what became of their sending
//   blobs   sealed media, by [uuid, client_id]                    lines    the receipt of each record that has left
//   codes   receipt codes given in advance                        draft    the card being filled in
import { openDB } from '../../vendor/idb.js';

const NAME = 'collecte';
const SECOND = 1000;

// One for each version: from the one before. All of them in one transaction, so all or nothing.
const STEPS = [
  (db) => {
    db.createObjectStore('kept');
    db.createObjectStore('records', { keyPath: 'uuid' });
    db.createObjectStore('lines', { keyPath: 'uuid' });
    db.createObjectStore('codes', { autoIncrement: true });
    db.createObjectStore('draft');
  },
  // Media lay inside their record: to show what waits, all of them were read.
  async (db, transaction) => {
    const blobs = db.createObjectStore('blobs');
    for (let cursor = await transaction.objectStore('records').openCursor(); cursor; cursor = await cursor.continue()) {
      const { media, ...record } = cursor.value;
      for (const { client_id, data } of media) await blobs.add(data, [record.uuid, client_id]);
      await cursor.update({ ...record, proven: true, media: media.map(({ data, ...medium }) => medium) });
    }
  },
];

// `busy()`: somebody is in the middle of a card here. A newer page in another tab waits for that, and `blocked()` says so
// there; here, the connection is handed over between two cards (`gone()`).
export async function openBase({ busy = () => false, blocked, gone } = {}) {
  const yieldIt = () => {
    if (busy()) { setTimeout(yieldIt, SECOND); return; }
    db.close();
    gone?.();
  };
  const db = await openDB(NAME, STEPS.length, {
    async upgrade(base, from, to, transaction) {
      try {
        for (const step of STEPS.slice(from)) await step(base, transaction);
      } catch { transaction.abort(); } // as it was; opening fails with words
    },
    blocked, blocking: yieldIt, terminated: gone,
  });
  return db;
}
