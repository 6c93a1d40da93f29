// Quitter vite: empties the screen, forgets what was typed, and puts a neutral page in the place of this one.
// A click, or Escape three times within two seconds. Without JavaScript it is a plain link.
// Back must not undo it: browsers keep what was typed with each page of the history, and each screen of the form is one.
export const DRAFT = 'draft:';
const LEFT = 'left'; // says for the life of this tab that somebody left in a hurry, no more

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

function leave({ href, dataset }) {
  // The page of one's own words opens for half an hour: no longer for whoever presses Back.
  if (dataset.close) fetch(dataset.close, { method: 'POST', redirect: 'manual', keepalive: true }).catch(() => {});
  document.title = '';
  document.body.replaceChildren();
  try { takeBack(); } catch { /* nothing was kept */ }
  try { forget(); } catch { /* storage refused: nothing was kept */ }
  try { sessionStorage.setItem(LEFT, '1'); } catch { /* refused */ }
  window.dispatchEvent(new Event('dialogue:quit'));
  location.replace(href);
}

// Some browsers fill in what they kept while the page is read, some once it is shown.
function wipe() {
  const [how] = performance.getEntriesByType('navigation');
  if (how?.type !== 'back_forward' || !sessionStorage.getItem(LEFT)) return;
  const clear = () => {
    for (const form of document.forms) form.reset();
    window.dispatchEvent(new Event('dialogue:wiped'));
  };
  clear();
  window.addEventListener('pageshow', clear, { once: true });
}

export function start([link]) {
  try { wipe(); } catch { /* storage refused: nothing is known of before */ }
  link.addEventListener('click', (event) => { event.preventDefault(); leave(link); });
  let times = [];
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') { times = []; return; }
    times = [...times.filter((at) => event.timeStamp - at < 2000), event.timeStamp];
    if (times.length >= 3) leave(link);
  });
}
