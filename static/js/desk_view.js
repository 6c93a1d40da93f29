// From one page of the desk to the next without waiting: the next one is fetched before it is asked for, and takes
// the place of <main>. The address changes as if a link had been followed; back and reload work.
import { wake } from './main.js';

const ahead = new Map(); // address → promise of a page

async function load(address) {
  const answer = await fetch(address, { headers: { Accept: 'text/html' }, credentials: 'same-origin' });
  return { address: answer.url, page: new DOMParser().parseFromString(await answer.text(), 'text/html') };
}

// The address of a page that may be wanted soon; the promise says when it is there.
export function prefetch(address) {
  if (!ahead.has(address)) {
    ahead.set(address, load(address).catch(() => null));
    ahead.get(address).then((found) => { if (!found) ahead.delete(address); });
  }
  return ahead.get(address);
}

export function forget() { ahead.clear(); }

export async function show(address) {
  const found = await prefetch(address);
  // Logged out, or something unforeseen: the browser goes there itself.
  if (!found?.page.querySelector('[data-desk]')) { location.assign(found?.address ?? address); return; }
  put(found.page, found.address);
}

// `where`: the address to show for it; none: as it stands.
export function put(page, where) {
  const main = document.adoptNode(page.querySelector('main'));
  forget();
  window.dispatchEvent(new Event('desk:leave'));
  document.querySelector('main').replaceWith(main);
  document.title = page.title;
  if (where && where !== location.href) history.pushState({ desk: true }, '', where);
  window.scrollTo(0, 0);
  main.focus({ preventScroll: true });
  wake(main);
}

window.addEventListener('popstate', () => show(location.href));
