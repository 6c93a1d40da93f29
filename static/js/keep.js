// What is being sent, for the life of this tab: a list in sessionStorage, the files themselves sealed in IndexedDB.
// Whoever takes this phone next must find nothing: the key of the seal lives in sessionStorage and goes with the tab;
// what it sealed is then noise, swept after a day. `draft:` in front, so that *Quitter vite* forgets it at once.
const LIST = 'draft:media';
const KEY = 'draft:seal';
const PIECE = 4 * 1024 * 1024;
const DAY = 24 * 3600 * 1000;
export const KEEPABLE = 200e6; // bytes; beyond, a phone's disk may be full: choosing the file again goes on

// An entry: {key, kind, name, type, size, url?, done?, kept?, sent?, recording?, seconds?, said?: {alt, face, voice}}
export function entries() {
  try { return JSON.parse(sessionStorage.getItem(LIST)) ?? []; } catch { return []; }
}

function save(list) {
  try {
    if (list.length) sessionStorage.setItem(LIST, JSON.stringify(list));
    else { sessionStorage.removeItem(LIST); sessionStorage.removeItem(KEY); }
  } catch { /* refused: it is sent all the same, but does not survive a reload */ }
}

export function put(entry) {
  const list = entries();
  const at = list.findIndex((other) => other.key === entry.key);
  if (at < 0) list.push(entry); else list[at] = entry;
  save(list);
}

export function drop(entry) {
  save(entries().filter((other) => other.key !== entry.key));
  return unkeep(entry.key).catch(() => {});
}

export const tokenOf = (url) => url ? decodeURIComponent(url.split('/').pop()) : '';

// Adds a piece of a file, numbered from `from`; answers the number of the next. Throws where the browser cannot.
export async function seal(key, blob, from = 0) {
  const secret = await seals();
  let number = from;
  for (let at = 0; at < blob.size; at += PIECE) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, secret, await blob.slice(at, at + PIECE).arrayBuffer());
    await ask('readwrite', (store) => store.put({ at: Date.now(), iv, data }, [key, number]));
    number += 1;
  }
  return number;
}

// The whole file again, or null when there is none, or it was sealed in a tab that is gone.
export async function unseal(key, type) {
  try {
    const secret = await seals();
    const parts = [];
    for (let number = 0; ; number += 1) {
      const piece = await ask('readonly', (store) => store.get([key, number]));
      if (!piece) break;
      parts.push(new Blob([await crypto.subtle.decrypt({ name: 'AES-GCM', iv: piece.iv }, secret, piece.data)]));
    }
    return parts.length ? new Blob(parts, { type }) : null;
  } catch { return null; }
}

const unkeep = (key) => ask('readwrite', (store) => store.delete(IDBKeyRange.bound([key], [key, Infinity])));

// What tabs long gone left behind; nobody can read it any more.
export async function sweep() {
  try {
    await ask('readwrite', (store) => {
      const walk = store.openCursor();
      walk.onsuccess = () => {
        const cursor = walk.result;
        if (!cursor) return;
        if (Date.now() - cursor.value.at > DAY) cursor.delete();
        cursor.continue();
      };
      return walk;
    });
  } catch { /* no IndexedDB: nothing was kept */ }
}

async function seals() {
  const held = sessionStorage.getItem(KEY);
  const raw = held ? Uint8Array.from(atob(held), (letter) => letter.charCodeAt(0)) : crypto.getRandomValues(new Uint8Array(32));
  if (!held) sessionStorage.setItem(KEY, btoa(String.fromCharCode(...raw)));
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

let opened;
function base() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('dialogue', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('pieces');
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error);
  });
  return opened;
}

async function ask(mode, act) {
  const transaction = (await base()).transaction('pieces', mode);
  const request = act(transaction.objectStore('pieces'));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}
