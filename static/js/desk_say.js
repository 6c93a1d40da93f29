// Says to those who listen what those who look see; outside <main>, which changes from item to item.
let place;

export const say = (words, more) => words.replace(/{(\w+)}/g, (_, name) => more[name] ?? '');

export function tell(words) {
  if (!place) {
    place = document.createElement('p');
    place.className = 'visually-hidden';
    place.setAttribute('role', 'status');
    document.querySelector('main').after(place);
  }
  place.textContent = words;
}
