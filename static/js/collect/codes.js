// Receipt codes given in advance: they work before any network is back. Under a key of this device's, so that whoever reads
// its memory card reads none.
import { hide, ownKey, showText } from './seal.js';

export function codes({ db, write }) {
  async function key() {
    const there = await db.get('kept', 'codes:key');
    if (there) return there;
    const made = await ownKey();
    return write(['kept'], async (table) => {
      const other = await table('kept').get('codes:key'); // another tab was quicker
      if (!other) await table('kept').put(made, 'codes:key');
      return other ?? made;
    });
  }

  // With them goes the note that they were asked for: an answer lost on the way is asked for again, and counts once.
  async function addCodes(list) {
    const own = await key();
    const hidden = await Promise.all(list.map((code) => hide(own, JSON.stringify(code))));
    await write(['codes', 'kept'], (table) => Promise.all([...hidden.map((code) => table('codes').add(code)), table('kept').delete('codes:asked')]));
  }

  // Out of the list first, on disk; then told. After a kill in between it is lost to everybody, never given twice.
  async function takeCode() {
    const code = await write(['codes'], async (table) => {
      const cursor = await table('codes').openCursor();
      await cursor?.delete();
      return cursor?.value ?? null;
    });
    return code && JSON.parse(await showText(await key(), code));
  }

  return { addCodes, takeCode, codesLeft: () => db.count('codes') };
}
