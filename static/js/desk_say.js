// What the desk says, outside <main>, which changes from item to item: a bar with decisions that wait, and a sentence
// for those who listen; those who look read it there too when a key did nothing.
const READ = 5000;
let section;
let timer;

export const say = (words, more) => words.replace(/{(\w+)}/g, (_, name) => more[name] ?? '');

export function bar() {
  if (!section) {
    section = document.createElement('section');
    section.className = 'pending';
    section.setAttribute('aria-label', document.querySelector('[data-desk]').dataset.sayPending);
    section.innerHTML = '<p class="visually-hidden" role="status"></p><ol></ol>';
    document.querySelector('main').after(section);
  }
  return section;
}

export function tell(words, seen) {
  const place = bar().firstChild;
  clearTimeout(timer);
  place.className = seen ? '' : 'visually-hidden';
  place.textContent = words;
  if (seen) timer = setTimeout(() => { place.className = 'visually-hidden'; }, READ);
}
