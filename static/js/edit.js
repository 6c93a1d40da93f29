// The editor of an event: what the public would see, drawn by the server a moment after each change.
// Without JavaScript the button beside « Enregistrer » opens the same page in another tab.
const PAUSE = 700; // ms without typing

export function start([form]) {
  const pane = document.querySelector('[data-edit-preview]');
  const here = pane.querySelector('[data-edit-here]');
  const status = pane.querySelector('[data-edit-status]');
  let timer = 0;
  let asked = 0;

  async function draw() {
    const mine = ++asked;
    if (!form.checkValidity()) { status.textContent = status.dataset.wait; return; }
    let answer;
    try {
      answer = await fetch(form.dataset.edit, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
    } catch { return; } // no network: the last preview stays
    const text = await answer.text();
    if (mine !== asked) return; // overtaken by a newer one
    const shown = answer.ok && new DOMParser().parseFromString(text, 'text/html').querySelector('[data-edit-shown]');
    status.textContent = shown ? '' : status.dataset.wait;
    if (!shown) return;
    for (const title of shown.querySelectorAll('h1')) { // the page has its own
      const lower = document.createElement('h3');
      lower.className = 'serif legend-big';
      lower.append(...title.childNodes);
      title.replaceWith(lower);
    }
    here.replaceChildren(document.importNode(shown, true));
  }

  form.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(draw, PAUSE); });
  pane.hidden = false;
  draw();
}
