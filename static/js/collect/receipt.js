// What the person leaves with: a ticket's number, or a code to photograph or to copy. Gone from the page with the next one.
const SVG = 'http://www.w3.org/2000/svg';
const WET = 400; // ms: the second tap of a trembling finger would take the receipt away unseen

export function start(app) {
  const { part } = app;
  const [ticket, words, digits, qr] = ['ticket', 'words', 'digits', 'qr'].map((name) => part(`receipt-${name}`));
  let more = false; // words on the same photo
  app.act('next', () => app.card.begin({ again: more }));

  function clear() {
    for (const place of [ticket, words, digits, qr]) place.replaceChildren();
  }

  // kind: ticket, screen or none; full: there was no room for its photo or sound; again: the next words are on its photo too.
  function show({ kind, number, code, full, again }) {
    clear();
    more = again;
    const shown = kind === 'screen' && !code ? 'empty' : kind;
    for (const box of app.root.querySelectorAll('[data-receipt]')) box.hidden = box.dataset.receipt !== shown;
    part('receipt-full').hidden = !full;
    ticket.textContent = number ?? '';
    if (shown === 'screen') {
      for (const [place, text] of [[words, code.words], [digits, code.digits]]) {
        place.append(...text.split(/[ -]/).flatMap((piece, index) => [...(index ? [' '] : []), Object.assign(document.createElement('span'), { textContent: piece })]));
      }
      qr.append(drawing(code.qr));
    }
    const next = app.root.querySelector('[data-do=next]');
    next.disabled = true;
    setTimeout(() => { next.disabled = false; }, WET);
    app.show('receipt');
  }

  return { show, clear };
}

function drawing({ d, size }) {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', d);
  svg.append(path);
  return svg;
}
