// What is left of a text, counted as people see it: one emoji, one letter with its accents, is one.
// <textarea data-counter="5000"> and <p id="<id>-counter" data-left="… %(n)s …" data-over="… %(n)s …">
const segmenter = Intl.Segmenter ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }) : null;

export function length(text) {
  if (!segmenter) return [...text].length;
  let count = 0;
  for (const _ of segmenter.segment(text)) count += 1;
  return count;
}

export function start(areas) {
  for (const area of areas) {
    const output = document.getElementById(`${area.id}-counter`);
    const most = Number(area.dataset.counter);
    let waiting;
    const show = () => {
      const left = most - length(area.value);
      output.textContent = (left < 0 ? output.dataset.over : output.dataset.left).replace('%(n)s', Math.abs(left).toLocaleString(document.documentElement.lang));
      output.classList.toggle('over', left < 0);
      if (left < 100) output.setAttribute('aria-live', 'polite'); else output.removeAttribute('aria-live');
    };
    area.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(show, 250); });
    if (area.value) show();
  }
}
