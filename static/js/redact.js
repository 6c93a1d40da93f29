// Words to hide, chosen in the text: each choice becomes a row. The rows are what is posted; without this script one
// types the words there.
export function start(editors) {
  for (const editor of editors) edit(editor);
}

function edit(editor) {
  const rows = editor.querySelector('[data-rows]');
  const status = editor.querySelector('[data-status]');
  const sources = [...editor.querySelectorAll('[data-source]')];
  let next = 0;
  let last = null; // the button takes the focus, not the choice

  for (const row of [...rows.children]) {
    if (row.querySelector('[name$=".words"]')?.value === '') row.remove(); // left blank for those without this script
    else if (row.dataset.noticed === undefined) removable(row);
  }
  for (const row of rows.children) next = Math.max(next, Number(row.dataset.number) + 1);
  for (const source of sources) {
    for (const event of ['select', 'keyup', 'pointerup', 'focus']) source.addEventListener(event, () => { last = source; });
  }
  editor.querySelector('[data-hide]').addEventListener('click', () => {
    const chosen = choice(last);
    if (!chosen) return say(editor.dataset.sayNone);
    if ([...rows.children].some((row) => overlaps(row, chosen))) return say(editor.dataset.sayAgain);
    return add(chosen);
  });

  // In code points, as Python counts: an emoji is one there and two here.
  function choice(source) {
    if (!source) return null;
    const text = source.value;
    let from = source.selectionStart, to = source.selectionEnd;
    while (from < to && /\s/.test(text[from])) from += 1;
    while (to > from && /\s/.test(text[to - 1])) to -= 1;
    if (from === to) return null;
    const words = text.slice(from, to), begin = [...text.slice(0, from)].length;
    return { place: source.dataset.source, start: begin, end: begin + [...words].length, words, left: text.split(words).length - 2 };
  }
  function value(row, name) { return row.querySelector(`[name$=".${name}"]`)?.value ?? ''; }
  function overlaps(row, one) {
    const start = value(row, 'start'), end = value(row, 'end');
    if (start === '' || value(row, 'place') !== one.place) return false;
    const asked = row.querySelector('[name$=".hide"]');
    return (!asked || asked.checked) && Number(start) < one.end && one.start < Number(end);
  }
  function add(one) {
    const row = editor.querySelector('template[data-row]').content.firstElementChild.cloneNode(true);
    for (const each of [row, ...row.querySelectorAll('*')]) {
      for (const { name, value: old } of [...each.attributes]) {
        if (old.includes('NUMBER')) each.setAttribute(name, old.replace('NUMBER', next));
      }
    }
    next += 1;
    for (const name of ['place', 'start', 'end']) row.querySelector(`[name$=".${name}"]`).value = one[name];
    row.querySelector('[data-quote]').textContent = one.words;
    rows.append(row);
    removable(row);
    row.querySelector('[name$=".label"]').focus();
    say(editor.dataset.sayAdded + (one.left > 0 ? ` ${editor.dataset.sayLeft.replace('{n}', one.left)}` : ''));
  }
  function removable(row) {
    const button = row.querySelector('[data-remove]');
    button.hidden = false;
    button.addEventListener('click', () => {
      row.remove();
      say(editor.dataset.sayRemoved);
      (last ?? sources[0])?.focus();
    });
  }
  function say(words) { status.textContent = words; }
}
