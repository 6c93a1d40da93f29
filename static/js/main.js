// The entry: loads a module only where the page has its hook. Every page works without any of them.
const hooks = {
  quit: '[data-quit]',
  listen: '[data-listen]',
  steps: 'form[data-steps]',
  draft: 'form[data-draft], [data-draft-done]',
  media: '[data-media]',
  copy: '[data-copy], [data-print], [data-share]',
  counter: '[data-counter]',
  proof: 'form[data-proof]',
  captions: '[data-captions]',
  zones: '[data-zones]',
  desk: '[data-desk]',
  redact: '[data-redact]',
  edit: 'form[data-edit]',
  map: '[data-map]',
  door: '[data-door]',
  programme: '[data-keep], [data-mine]',
  grid: '[data-grid]',
};

document.documentElement.classList.add('js');
document.querySelector('[data-errors]')?.focus();
// The form is one page for everybody: its key is made here, so that a double tap is one contribution.
for (const key of document.querySelectorAll('input[data-key]')) key.value ||= window.crypto?.randomUUID?.() ?? '';
for (const menu of document.querySelectorAll('details.langs')) {
  menu.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && menu.open) { menu.open = false; menu.firstElementChild.focus(); event.stopPropagation(); }
  });
}
// The desk wakes what it puts in the place of <main> too.
export function wake(root) {
  for (const [name, selector] of Object.entries(hooks)) {
    const found = root.querySelectorAll(selector);
    if (found.length && (name !== 'listen' || 'speechSynthesis' in window)) {
      import(`./${name}.js`).then((module) => module.start([...found]));
    }
  }
}
wake(document);
// What this tab is still sending goes on from any of its pages; the form does it itself.
let sending = false;
try { sending = Boolean(sessionStorage.getItem('draft:media')); } catch { /* refused */ }
if (sending && !document.querySelector('[data-media]')) import('./arriving.js').then((module) => module.start(document.querySelectorAll('[data-arriving]')));
