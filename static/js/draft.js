// The draft: what is typed stays in this tab, longer only when *Ce téléphone est à vous ?* was answered yes.
// <form data-draft="contribution">; [data-draft-keep] with [data-yes] and [data-no] asks the question;
// [data-draft-done="contribution"] on the page that says « Bien arrivé » forgets it all.
const key = (name) => `draft:${name}`;

function read(name) {
  for (const store of [sessionStorage, localStorage]) {
    try {
      const kept = JSON.parse(store.getItem(key(name)));
      if (kept) return kept;
    } catch { /* unreadable or refused: no draft */ }
  }
  return null;
}

function keepable(field) {
  return field.name && !field.disabled && !field.closest('.trap') && !['hidden', 'file', 'password', 'submit', 'button'].includes(field.type);
}

function collect(form) {
  const kept = {};
  for (const field of form.elements) {
    if (!keepable(field)) continue;
    const ticked = field.type === 'radio' || field.type === 'checkbox';
    if (ticked ? field.checked : field.value) (kept[field.name] ??= []).push(field.value);
  }
  return kept;
}

function restore(form, kept) {
  const said = asked();
  for (const field of form.elements) {
    if (!keepable(field) || !(field.name in kept) || said.has(field.name)) continue;
    if (field.type === 'radio' || field.type === 'checkbox') field.checked = kept[field.name].includes(field.value);
    else if (!field.value) field.value = kept[field.name][0];
    for (const happened of ['input', 'change']) field.dispatchEvent(new Event(happened, { bubbles: true })); // a choice may open more fields
  }
}

// What the address asks for (`?question=`: one tapped « Répondre »), unless the page is only shown again.
function asked() {
  const [how] = performance.getEntriesByType('navigation');
  return new URLSearchParams(!how || how.type === 'navigate' ? location.search : '');
}

function forget(name) {
  for (const store of [sessionStorage, localStorage]) {
    try { store.removeItem(key(name)); } catch { /* refused */ }
  }
}

function watch(form) {
  const name = form.dataset.draft;
  const question = form.querySelector('[data-draft-keep]');
  let longer = false;
  let waiting;
  try { longer = Boolean(localStorage.getItem(key(name))); } catch { /* refused */ }
  // After an error the page already holds what was sent: newer than any draft.
  if (!form.querySelector('[data-errors]') && !document.querySelector('[data-errors]')) {
    const again = () => { const kept = read(name); if (kept) restore(form, kept); };
    again();
    window.addEventListener('dialogue:wiped', again); // quit.js empties forms after somebody left in a hurry
  }
  const save = () => {
    if (!document.body.contains(form)) return; // Quitter vite emptied the page
    const text = JSON.stringify(collect(form));
    try {
      sessionStorage.setItem(key(name), text);
      if (longer) localStorage.setItem(key(name), text);
    } catch { /* full or refused: the form itself still holds everything */ }
  };
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, 300);
    if (question && !longer && !question.dataset.answered) question.hidden = false;
  });
  question?.querySelector('[data-yes]').addEventListener('click', () => { longer = true; question.dataset.answered = 'yes'; question.hidden = true; save(); });
  question?.querySelector('[data-no]').addEventListener('click', () => { question.dataset.answered = 'no'; question.hidden = true; });
  window.addEventListener('pagehide', save);
  form.addEventListener('submit', () => {
    save(); // this tab keeps it until the next page says « Bien arrivé »: the network may cut here
    longer = false;
    try { localStorage.removeItem(key(name)); } catch { /* refused */ }
  });
}

export function start(found) {
  for (const element of found) {
    if (element.dataset.draftDone) forget(element.dataset.draftDone);
    else watch(element);
  }
}
