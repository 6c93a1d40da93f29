// The collecting page: one screen at a time over what this device keeps. It asks no network for anything; what leaves, and
// when, is sync.js' own affair. `app` is what its parts share: the page's root, the store, this device, the outing, words.
import { start as startCard } from './card.js';
import { start as startHome } from './home.js';
import { lock } from './kiosk.js';
import { start as keepPage } from './offline.js';
import { start as startPairing } from './pair.js';
import { start as startReceipt } from './receipt.js';
import { open } from './store.js';
import * as sync from './sync.js';

const root = document.querySelector('[data-collect]');
const part = (name) => root.querySelector(`[data-${name}]`);
const screens = [...root.querySelectorAll(':scope > [data-screen]')];
const told = part('told');
const problem = part('problem');
const kiosk = part('kiosk');
let now = '';

const app = {
  root, part, sync, device: null, outing: null, outings: [],

  // The page's words, {n} and the like filled in.
  say(name, values = {}) {
    const words = root.dataset[`say${name[0].toUpperCase()}${name.slice(1)}`] ?? '';
    return Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), words);
  },
  tell(words) { told.textContent = words; },
  warn(words) {
    problem.textContent = words;
    problem.hidden = !words;
    if (words) { problem.tabIndex = -1; problem.focus(); problem.scrollIntoView({ block: 'center' }); }
  },

  // The phone's own way back always leads home: from anywhere else it never leaves the page.
  show(name, { quiet = false } = {}) {
    if (name !== now) {
      const away = name !== 'home' && name !== 'pair';
      if (away && !history.state?.away) history.pushState({ away: true }, '');
      const before = now;
      if (before === 'card') app.card.keep();
      now = name;
      for (const screen of screens) screen.hidden = screen.dataset.screen !== name;
      app.warn('');
      app.tell('');
      if (before === 'receipt') app.receipt.clear();
      window.scrollTo(0, 0);
    }
    if (name === 'home') app.home.open();
    if (!quiet) root.querySelector(`:scope > [data-screen=${name}] h2`).focus({ preventScroll: true });
  },
  get screen() { return now; },

  // Yes or no, in the middle of the page.
  ask(words) {
    const dialog = part('confirm');
    part('confirm-words').textContent = words;
    dialog.returnValue = '';
    dialog.showModal();
    return new Promise((resolve) => { dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }); });
  },
  act(name, does) { acts[name] = does; },

  // Whose words these are, and where: what the sealed record says besides them.
  owner: () => app.device?.mediator.id,
  async chooseOuting(outing) {
    app.outing = outing;
    await app.store.keep('outing', outing?.id ?? '');
  },
};

const acts = {
  back: () => app.show(before),
  kiosk: () => hand(),
};
let before = 'home';

root.ownerDocument.addEventListener('click', (event) => {
  if (kiosk.contains(event.target)) return;
  const button = event.target.closest('[data-do], [data-see]');
  if (!button || button.matches('[type=submit]')) return;
  const { do: act, see } = button.dataset;
  if (see) {
    event.preventDefault();
    if (see === 'help' && now !== 'help') before = now;
    app.show(see);
  } else acts[act]?.(button, event);
});
for (const answer of ['yes', 'no']) part(`confirm-${answer}`).addEventListener('click', () => part('confirm').close(answer));
history.scrollRestoration = 'manual';
window.addEventListener('popstate', () => { if (kiosk.hidden && now !== 'home' && app.device) app.show('home'); });

// The device in somebody else's hands: their words, then a code to copy; the mediator's figures bring this page back.
function hand(options = {}) {
  const say = {
    store: app.store, question: app.outing?.question ?? null,
    async onDone(said) {
      const code = await app.store.takeCode();
      await app.store.finalise({ said: { ...said, ...(code && { receipt_code: code.words }) }, owner: app.owner(), outing: app.outing?.id });
      sync.wake();
      return code;
    },
    onOut: (begun) => { if (begun) app.card.begin({ begun }); else app.show('home'); }, // what they began is not lost
    pair: (code) => app.pairing.pair(code),
  };
  return lock(kiosk, { ...say, ...options });
}

// Nothing is under way that a newer page would interrupt.
const idle = () => ['home', 'outing', 'pair'].includes(now) && kiosk.hidden;

async function begin() {
  if (!window.indexedDB || !window.crypto?.subtle) { app.warn(app.say('forgotten')); return; }
  try {
    app.store = await open({ busy: () => !idle(), blocked: () => app.warn(app.say('blocked')), gone: () => location.reload() });
  } catch { app.warn(app.say('forgotten')); return; }
  app.receipt = startReceipt(app);
  app.home = startHome(app);
  app.card = startCard(app);
  app.pairing = startPairing(app);
  await app.refresh();
  sync.start(app.store, { changed: app.refresh });
  keepPage(root, { idle });
  if (app.device && await hand({ again: true })) return;
  app.pairing.first();
}

// What is known of this device and its outings, as it was said last; what waits is drawn anew.
app.refresh = async () => {
  const [device, outings, id] = await Promise.all(['device', 'outings', 'outing'].map((name) => app.store.kept(name)));
  Object.assign(app, { device, outings: outings ?? [] });
  app.outing = app.outings.find((one) => one.id === id) ?? (app.outing?.id === id ? app.outing : null);
  app.home.draw();
};

begin();
