// Quitter vite: empties the screen, forgets what was typed, and puts a neutral page in the place of this one.
// A click, or Escape three times within two seconds. Without JavaScript it is a plain link.
export const DRAFT = 'draft:';

export function forget() {
  for (const store of [sessionStorage, localStorage]) {
    for (const key of Object.keys(store)) if (key.startsWith(DRAFT)) store.removeItem(key);
  }
}

// What was said into this phone and not yet part of a contribution goes from the service too.
function takeBack() {
  for (const { url, sent } of JSON.parse(sessionStorage.getItem(`${DRAFT}media`)) ?? []) {
    if (url && !sent) fetch(url, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' }, keepalive: true }).catch(() => {});
  }
  indexedDB.deleteDatabase('dialogue');
}

function leave(address) {
  document.title = '';
  document.body.replaceChildren();
  try { takeBack(); } catch { /* nothing was kept */ }
  try { forget(); } catch { /* storage refused: nothing was kept */ }
  window.dispatchEvent(new Event('dialogue:quit'));
  location.replace(address);
}

export function start([link]) {
  link.addEventListener('click', (event) => { event.preventDefault(); leave(link.href); });
  let times = [];
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') { times = []; return; }
    times = [...times.filter((at) => event.timeStamp - at < 2000), event.timeStamp];
    if (times.length >= 3) leave(link.href);
  });
}
