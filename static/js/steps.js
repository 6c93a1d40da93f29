// One question on screen at a time. Nothing is removed from the form: screens are shown and hidden.
// <form data-steps data-next="…" data-back="…" data-count="… %(now)s … %(total)s …" data-required="…">
//   [data-step]                 a screen; its legend, h2 or first label takes the focus
//   [data-when="kind=collective"]  shown (and sent, if a fieldset) only when this answer is chosen
//   [data-submit]               the row with the real button; put after the last screen
// Back in the browser goes to the screen before; a link to `#id`, in the page or of the error summary, opens the screen that
// holds it; in the address it makes this screen the first (the home page's four ways in).
export function start(forms) { forms.forEach(prepare); }

function prepare(form) {
  const steps = [...form.querySelectorAll('[data-step]')];
  const submit = form.querySelector('[data-submit]');
  if (steps.length < 2) return;
  form.noValidate = true;
  const bar = progress();
  const nav = row();
  form.insertBefore(bar.element, steps[0]);
  submit.before(nav.element);
  const asked = location.hash && document.getElementById(location.hash.slice(1))?.closest('[data-step]');
  if (steps.includes(asked)) steps.unshift(...steps.splice(steps.indexOf(asked), 1));
  let now = steps[0];

  const conditions = [...form.querySelectorAll('[data-when]')];
  const open = () => steps.filter((step) => step.dataset.off !== 'yes');

  function judge() {
    for (const part of conditions) {
      const [name, value] = part.dataset.when.split('=');
      const on = [...form.elements].some((field) => field.name === name && field.value === value && (field.checked || field.type === 'hidden' || field.tagName === 'SELECT'));
      if (part.matches('fieldset')) part.disabled = !on;
      if (part.matches('[data-step]')) part.dataset.off = on ? 'no' : 'yes';
      else part.hidden = !on;
    }
    if (now) show(now);
  }

  function show(step, { focus = false } = {}) {
    now = step;
    const all = open();
    const index = all.indexOf(step);
    for (const other of steps) other.hidden = other !== step;
    bar.set(index + 1, all.length, form.dataset.count);
    nav.back.hidden = index === 0;
    nav.next.hidden = index === all.length - 1;
    submit.hidden = index !== all.length - 1;
    if (!focus) return;
    const title = step.querySelector('legend, h2, label') ?? step;
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
    form.scrollIntoView({ block: 'start' });
  }

  function go(step) {
    if (step === now) return;
    history.pushState({ step: steps.indexOf(step), from: steps.indexOf(now) }, '');
    form.dispatchEvent(new Event('dialogue:step'));
    show(step, { focus: true });
  }

  nav.next.addEventListener('click', () => { if (complete(now, form)) go(open()[open().indexOf(now) + 1]); });
  nav.back.addEventListener('click', () => {
    if (history.state?.from !== undefined) history.back();
    else { const all = open(); history.replaceState({ step: steps.indexOf(all[all.indexOf(now) - 1]) }, ''); show(all[all.indexOf(now) - 1], { focus: true }); }
  });
  form.addEventListener('change', judge);
  // Enter goes on to the next screen instead of sending half an answer.
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target.matches('input:not([type=file], [type=submit])') && !nav.next.hidden) { event.preventDefault(); nav.next.click(); }
  });
  form.addEventListener('submit', (event) => {
    if (event.submitter?.formNoValidate) return; // put aside, not sent
    const missing = open().find((step) => !complete(step, form));
    if (!missing) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    go(missing);
  }, true);
  form.addEventListener('dialogue:open', (event) => go(event.detail.closest('[data-step]'))); // another module has something to say there
  window.addEventListener('popstate', (event) => {
    form.dispatchEvent(new Event('dialogue:step'));
    show(steps[event.state?.step ?? 0] ?? steps[0], { focus: true });
  });
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('[data-errors] a, [data-step] a[href^="#"]');
    const target = link && document.getElementById(link.hash.slice(1));
    const step = target?.closest('[data-step]');
    if (!step) return;
    event.preventDefault();
    go(step);
    (target.matches('input, textarea, select, button') ? target : target.querySelector('input, textarea, select, button') ?? target).focus();
  });
  judge();
  const faulty = form.querySelector('.has-error')?.closest('[data-step]');
  const start = faulty || steps[history.state?.step] || steps[0];
  history.replaceState({ ...history.state, step: steps.indexOf(start) }, '');
  show(start);
  if (asked) { // the browser goes to where `#id` stood before the other screens were put away
    const settle = () => requestAnimationFrame(() => form.scrollIntoView({ block: 'start' }));
    if (document.readyState === 'complete') settle(); else addEventListener('load', settle, { once: true });
  }

  function row() {
    const element = document.createElement('div');
    element.className = 'step-nav';
    const back = action(form.dataset.back, 'btn btn-second');
    const next = action(form.dataset.next, 'btn');
    element.append(back, next);
    return { element, back, next };
  }
}

function action(words, look) {
  const button = document.createElement('button');
  Object.assign(button, { type: 'button', className: look, textContent: words });
  return button;
}

function progress() {
  const element = document.createElement('div');
  const words = document.createElement('p');
  words.className = 'step-count';
  words.setAttribute('role', 'status');
  const line = document.createElement('ol');
  line.className = 'steps';
  line.setAttribute('aria-hidden', 'true');
  element.append(words, line);
  const set = (now, total, pattern) => {
    words.textContent = pattern.replace('%(now)s', now).replace('%(total)s', total);
    line.replaceChildren(...Array.from({ length: total }, (_, index) => {
      const item = document.createElement('li');
      item.className = index + 1 < now ? 'done' : index + 1 === now ? 'now' : '';
      return item;
    }));
  };
  return { element, set };
}

// The first required answer missing on this screen is said beside its field and takes the focus.
function complete(step, form) {
  step.querySelectorAll('[data-mine]').forEach((said) => said.remove());
  const field = [...step.querySelectorAll('input, textarea, select')].find((one) => one.willValidate && !one.checkValidity());
  if (!field) return true;
  const said = document.createElement('p');
  said.className = 'error';
  said.id = `${field.id}-missing`;
  said.dataset.mine = '';
  said.textContent = field.validity.valueMissing ? form.dataset.required : field.validationMessage;
  (field.closest('.options, .choice') ?? field).before(said);
  field.setAttribute('aria-invalid', 'true');
  field.setAttribute('aria-describedby', `${(field.getAttribute('aria-describedby') ?? '').replace(said.id, '').trim()} ${said.id}`.trim());
  field.addEventListener('input', () => { said.remove(); field.removeAttribute('aria-invalid'); }, { once: true });
  if (!step.hidden) field.focus();
  return false;
}
