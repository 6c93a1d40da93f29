// From one page of the desk to the next without waiting: the next two are fetched before they are asked for, and take
// the place of <main>. The address changes as if a link had been followed; back and reload work.
import { wake } from './main.js';

const FRESH = 20_000; // milliseconds; what changed since is seen by desk_live.js, and refused by the service
const ahead = new Map(); // address → {at, found: promise of a page}

async function load(address) {
  const answer = await fetch(address, { headers: { Accept: 'text/html' }, credentials: 'same-origin' });
  return { address: answer.url, page: new DOMParser().parseFromString(await answer.text(), 'text/html') };
}

// The address of a page that may be wanted soon; the promise says when it is there.
export function prefetch(address, further = 1) {
  for (const [old, { at }] of ahead) if (Date.now() - at > FRESH) ahead.delete(old);
  if (!ahead.has(address)) ahead.set(address, { at: Date.now(), found: load(address).catch(() => null) });
  const { found } = ahead.get(address);
  found.then((page) => {
    const next = page?.page.querySelector('[data-desk]')?.dataset.next;
    if (!page) ahead.delete(address); else if (next && further) prefetch(next, further - 1);
  });
  return found;
}

export async function show(address) {
  const found = await prefetch(address, 0);
  ahead.delete(address); // its <main> is used up
  // Logged out, or something unforeseen: the browser goes there itself.
  if (!found?.page.querySelector('[data-desk]')) { location.assign(found?.address ?? address); return; }
  put(found.page, found.address);
}

// `where`: the address to show for it; none: as it stands.
export function put(page, where) {
  const main = document.adoptNode(page.querySelector('main'));
  window.dispatchEvent(new Event('desk:leave'));
  document.querySelector('main').replaceWith(main);
  document.title = page.title;
  if (where && where !== location.href) history.pushState({ desk: true }, '', where);
  shown = here();
  window.scrollTo(0, 0);
  main.focus({ preventScroll: true });
  wake(main);
}

// A link inside the page (« aller au contenu », an error's field) is announced the same way: nothing is fetched for it.
const here = () => location.pathname + location.search;
let shown = here();
window.addEventListener('popstate', () => { if (here() !== shown) show(location.href); });
