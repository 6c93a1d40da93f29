// One person's card: the question of the outing, their words, what they want shown; one touch saves it. What is typed is kept
// hidden on this phone as one goes, so that a call, a fall or an empty battery loses nothing.
import { start as capture } from './capture.js';
import { EmptyFile, NoKey, StorageFull } from './store.js';

const QUIET = 600; // ms after the last key
const visible = (text) => [...new Intl.Segmenter().segment(text)].length;

export function start(app) {
  const { root, part, say } = app;
  const form = root.querySelector('[data-screen=card] form');
  const field = (name) => form.elements[name];
  const media = capture(app, form.querySelector('[data-media-box]'), () => { ask(); keep(); });
  let card = ''; // this card's own name: a second tap is the same record
  let code = null; // taken for this card, whatever comes between
  let timer;
  let saving = false;

  form.addEventListener('input', ({ target }) => {
    ask();
    if (target === field('danger') && target.checked) part('danger-words').scrollIntoView({ block: 'center' });
    clearTimeout(timer);
    timer = setTimeout(keep, QUIET);
  });
  form.addEventListener('submit', (event) => { event.preventDefault(); save(); });
  document.addEventListener('visibilitychange', () => { if (document.hidden) keep(); });
  for (const [name, step] of [['less', -1], ['more', 1]]) {
    app.act(`ticket-${name}`, () => { field('ticket').value = Math.max(1, Number(field('ticket').value || 0) + step); keep(); });
  }

  // The next person. `again`: the photo stays, other words on the same panel; `begun`: what somebody began on the device
  // handed to them.
  async function begin({ again = false, begun = null } = {}) {
    const photos = again ? media.files().filter((one) => one.type.startsWith('image/')) : [];
    const question = again && field('question').value;
    const language = field('language').value;
    form.reset();
    for (const box of form.querySelectorAll('details')) box.open = false;
    field('language').value = language; // the next one at a stand mostly speaks it too
    [card, code] = [crypto.randomUUID(), null];
    media.set(photos.map((one) => ({ ...one, client_id: crypto.randomUUID() })));
    if (again) Object.assign(field('many'), { checked: true });
    field('question').value = question || app.outing?.question || (await app.store.kept('question')) || '';
    await receipts(again ? 'none' : '');
    if (begun) fill({ ...begun, name: begun.author.name });
    ask();
    app.show('card');
    keep();
  }

  function fill(said) {
    for (const [name, value] of Object.entries(said)) {
      for (const one of form.querySelectorAll(`[name="${name}"]`)) {
        if (['checkbox', 'radio'].includes(one.type)) one.checked = [value].flat().includes(one.value); else one.value = value ?? '';
      }
    }
  }

  async function resume() {
    const { said, files } = await app.store.draft();
    form.reset();
    [card, code] = [said.card, said.code ?? null];
    await receipts('');
    fill(said.values);
    media.set(files.map((one) => ({ ...one, open: false })));
    ask();
    app.show('card');
    app.tell(say('resumed'));
  }

  // The next ticket of the sheet, where this outing has any; else a code of this phone's.
  async function receipts(wanted) {
    const { prefix, tickets } = app.outing ?? {};
    const last = tickets ? await app.store.kept(`ticket:${app.outing.id}`) : 0;
    const chosen = wanted || await app.store.kept('receipt') || '';
    part('with-tickets').hidden = !tickets;
    part('ticket-prefix').textContent = tickets ? `${prefix}-` : '';
    field('ticket').value = tickets ? Math.min((last ?? 0) + 1, tickets) : '';
    field('receipt').value = tickets && (chosen === 'ticket' || !chosen) ? 'ticket' : chosen === 'none' ? 'none' : 'screen';
  }

  // What shows follows from what was answered.
  function ask() {
    const minor = field('under_15').checked;
    const words = field('body').value;
    const over = visible(words) - Number(root.dataset.body);
    const chosen = form.querySelector('[name=question]:checked');
    part('question-words').textContent = chosen?.parentElement.textContent.trim() ?? say('question');
    part('over').textContent = over > 0 ? say('long', { n: over }) : '';
    form.querySelector('[data-media-box]').hidden = minor;
    for (const adult of form.querySelectorAll('[data-adult]')) adult.hidden = minor;
    part('danger-words').hidden = !field('danger').checked;
    part('ticket-box').hidden = field('receipt').value !== 'ticket';
    part('save-words').textContent = say(field('unread').checked ? 'agreeUnread' : 'agree');
    return { minor, over };
  }

  function values() {
    const said = {};
    for (const [name, value] of new FormData(form)) said[name] = name in said ? [said[name], value].flat() : value;
    return said;
  }

  const blank = () => !field('body').value.trim() && !media.files().length && !field('name').value.trim();

  // The card as it stands, hidden; an empty one is none.
  async function keep() {
    clearTimeout(timer);
    if (!card || saving || app.screen !== 'card') return;
    try {
      if (blank()) await app.store.dropDraft();
      else await app.store.saveDraft({ card, code, values: values() }, field('under_15').checked ? [] : media.files());
    } catch (error) { if (error instanceof StorageFull) app.warn(say('full')); }
  }

  // From the first tap to the receipt: a second one on a wet screen does nothing.
  async function save() {
    if (saving) return;
    saving = true;
    clearTimeout(timer);
    try {
      await media.finish();
      await finalise();
    } finally { saving = false; }
  }

  async function finalise() {
    const { minor, over } = ask();
    const said = values();
    const files = minor ? [] : media.files();
    if (!said.question) { refuse('question', part('question-box')); return; }
    if (!said.body?.trim() && !files.length) { refuse('empty', field('body')); return; }
    if (over > 0) { app.warn(say('long', { n: over })); return; }
    const ticket = said.receipt === 'ticket' ? await numbered(said.ticket) : '';
    if (ticket === null) return;
    let full = false;
    try {
      if (said.receipt === 'screen') code ??= await app.store.takeCode();
      await app.store.finalise({
        card, said: record(said, ticket || (said.receipt === 'screen' && code?.words), minor),
        files: files.map(({ client_id, blob, type }) => ({ client_id, blob, type, wishes: wishes(said, type) })),
        owner: app.owner(), outing: app.outing?.id,
      });
    } catch (error) {
      full = error instanceof StorageFull && Boolean(error.uuid);
      if (!full) { app.warn(say(error instanceof NoKey ? 'noKey' : error instanceof EmptyFile ? 'fileEmpty' : 'notKept')); return; }
    }
    await after(said, ticket, full);
  }

  async function after(said, ticket, full) {
    await app.store.keep('question', said.question);
    if (!said.many) await app.store.keep('receipt', said.receipt);
    if (ticket) {
      await app.store.keep(`ticket:${app.outing.id}`, Number(said.ticket));
      await app.store.keep(`given:${app.outing.id}`, [...(await app.store.kept(`given:${app.outing.id}`) ?? []), ticket]);
    }
    card = '';
    app.sync.wake();
    if (said.many && said.receipt === 'none') {
      await begin({ again: true });
      app.tell(say(full ? 'full' : 'kept'));
      return;
    }
    app.receipt.show({ kind: said.receipt, number: ticket, code, full, again: Boolean(said.many) });
    if (!said.many) {
      form.reset();
      media.set([]);
    }
    code = null;
  }

  function refuse(words, place) {
    app.warn(say(words));
    if (place.matches('details')) place.open = true;
    else place.focus();
  }

  // The ticket as it is printed; null when it cannot be the one in the mediator's hand.
  async function numbered(typed) {
    const number = Number(typed);
    const { id, prefix, tickets } = app.outing;
    const name = `${prefix}-${String(number).padStart(3, '0')}`;
    const given = (await app.store.kept(`given:${id}`)) ?? [];
    const wrong = !Number.isInteger(number) || number < 1 ? 'ticketMissing' : number > tickets ? 'ticketBeyond' : given.includes(name) ? 'ticketGiven' : '';
    if (!wrong) return name;
    app.warn(say(wrong, { n: tickets }));
    return null;
  }

  return { begin, resume, keep };
}

// The fields of PUT /collect/{uuid}. Of a child the words alone.
function record(said, receipt_code, minor) {
  const name = minor ? '' : said.name?.trim();
  return {
    question: said.question, body: said.body?.trim() ?? '', consents: { publication: true, age: !minor }, read_back: !said.unread,
    audiences: [said.audiences ?? []].flat(),
    ...(name && { author: { name } }), ...(said.language && { language: said.language }), ...(said.age_band && { age_band: said.age_band }),
    ...(said.quartier && { quartier: said.quartier }), ...(said.sheet?.trim() && { sheet: said.sheet.trim() }), ...(receipt_code && { receipt_code }),
    ...(minor && { under_15: true }), ...(said.danger && { danger: true }),
  };
}

function wishes(said, type) {
  if (type.startsWith('audio/')) return { voice: said.voices === 'text_only' ? 'text_only' : 'play' };
  return { face: said.faces === 'show' ? 'show' : 'hide', people_recognisable: said.faces !== 'nobody', ...(said.agreements && { agreements_held: true }) };
}
