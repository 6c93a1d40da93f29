// Where one comes back to: what waits on this phone and why, what has arrived, how much room is left.
import { file as exported } from './export.js';

const MB = 1e6;
const SIGNS = { offline: 'offlineShort' };

export function start(app) {
  const { root, part, say } = app;
  const list = part('queue');
  const shape = part('queued');
  const lang = document.documentElement.lang;
  const clock = (at) => new Date(at).toLocaleString(lang, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  let install;
  let drawn = '';
  let people = {};

  app.act('new', () => app.card.begin());
  app.act('resume', () => app.card.resume());
  app.act('drop-draft', async () => { if (await app.ask(say('dropDraft'))) { await app.store.dropDraft(); open(); } });
  app.act('send', () => app.sync.now());
  app.act('export', save);
  app.act('unpair', async () => {
    if (!(await app.ask(say('unpair')))) return;
    await app.store.setDevice(null);
    await app.refresh();
    app.show('pair');
  });
  app.act('drop', async (button) => {
    if (!(await app.ask(say('drop')))) return;
    await app.store.remove(button.value);
    app.tell(say('dropped'));
    draw();
  });
  app.act('new-receipt', async (button) => { await app.sync.newReceipt(button.value); draw(); });
  app.act('install', async () => { await install?.prompt(); part('install-box').hidden = true; });
  window.addEventListener('beforeinstallprompt', (event) => { event.preventDefault(); install = event; offer(); });

  // iOS says nothing of itself, and forgets after seven days what is not on its home screen.
  function offer() {
    const there = matchMedia('(display-mode: standalone)').matches || navigator.standalone;
    const ios = /iP(hone|ad|od)/.test(navigator.userAgent) || (navigator.maxTouchPoints > 1 && /Mac/.test(navigator.userAgent));
    part('install-box').hidden = there || !(install || ios);
    root.querySelector('[data-do=install]').hidden = !install;
    root.querySelector('[data-install-how=ios]').hidden = !ios;
  }

  // Drawn anew only where something is different: whoever is about to touch a button keeps it.
  async function draw() {
    const { store, device, outing } = app;
    const queue = await store.queue();
    standing(queue.length);
    if (app.screen !== 'home') return;
    const [lines, codes, names] = await Promise.all([store.lines(), store.codesLeft(), store.kept('people')]);
    const now = JSON.stringify([queue, lines.length, codes, device?.device, outing, app.sync.status().state]);
    if (now === drawn) return;
    drawn = now;
    people = names ?? {};
    part('here-place').textContent = outing?.place ?? say('noOuting');
    part('here-when').textContent = outing ? app.when(outing) : '';
    root.querySelector('[data-count=waiting]').textContent = queue.length;
    root.querySelector('[data-count=arrived]').textContent = lines.length;
    list.replaceChildren(...queue.map(row));
    part('queue-box').hidden = !queue.length;
    if (queue.some((one) => one.trouble)) part('queue-box').open = true; // its reason is to be read
    part('lines').replaceChildren(...lines.map(line));
    part('lines-box').hidden = !lines.length;
    part('codes').textContent = say('codes', { n: codes });
    part('paired').textContent = device ? `${device.device.name} · ${device.mediator.name}` : '';
  }

  // On coming here: a card that was begun, the room there is.
  async function open() {
    drawn = '';
    await draw();
    part('draft-waits').hidden = !(await app.store.hasDraft());
    await room();
  }

  // How sending stands: a word in the header, the whole sentence here.
  function standing(waiting) {
    const { state, name } = app.device ? app.sync.status() : { state: 'idle' };
    document.querySelector('[data-status]').dataset.state = state;
    document.querySelector('[data-status-words]').textContent = waiting ? say('waiting', { n: waiting }) : say(SIGNS[state] ?? 'none');
    const words = { sending: waiting ? 'sending' : '', idle: waiting ? '' : 'sent', other_person: '' }[state] ?? state;
    part('sync-words').textContent = state === 'other_person' ? say('otherPerson', { name }) : words ? say(words) : '';
    part('sync-login').hidden = state !== 'login';
    part('sync-pair').hidden = !['login', 'revoked', 'other_person'].includes(state);
  }

  function row({ uuid, owner, made_at, media, trouble, tries, stage }) {
    const item = shape.content.firstElementChild.cloneNode(true);
    const mine = !owner || owner === app.owner();
    item.dataset.queued = uuid;
    for (const place of item.querySelectorAll('[data-queued-when]')) place.textContent = ` ${clock(made_at)}`;
    item.querySelector('[data-queued-what]').textContent = [media ? (media > 1 ? say('mediaMany', { n: media }) : say('mediaOne')) : '', mine ? '' : say('theirs', { name: people[owner] ?? '' })].filter(Boolean).join(' · ');
    const state = item.querySelector('[data-queued-state]');
    state.textContent = trouble ? trouble.words ?? say('server') : say(stage === 'media' ? 'mediaWaits' : 'wordsWait');
    state.classList.toggle('trouble', Boolean(trouble));
    if (tries > 1) state.append(` (${say('tries', { n: tries })})`);
    for (const button of item.querySelectorAll('button')) button.value = uuid;
    item.querySelector('[data-do=new-receipt]').hidden = !/receipt_code/.test(trouble?.code ?? '');
    return item;
  }

  const line = ({ reference, at }) => Object.assign(document.createElement('li'), { textContent: `${clock(at)} · ${say('arrived', { reference })}` });

  async function room() {
    const { usage, quota, persisted } = await app.store.space();
    const mb = (bytes) => Math.round(bytes / MB).toLocaleString(lang);
    part('space').textContent = `${say('space', { used: mb(usage), left: mb(Math.max(0, quota - usage)) })} ${say(persisted ? 'persisted' : 'notPersisted')}`;
  }

  async function save() {
    const address = URL.createObjectURL(await exported(app.store));
    const name = `collecte-${new Date().toISOString().slice(0, 16).replace(/\D/g, '')}.jsonl`;
    Object.assign(document.createElement('a'), { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    app.tell(say('exported'));
  }

  offer();
  return { draw, open };
}
