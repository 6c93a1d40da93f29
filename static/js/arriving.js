// On any page of this tab but the form: what was still being sent goes on. The page that says « Bien arrivé » says where
// it is: [data-arriving] with data-say-sending, data-say-lost, data-say-done, data-say-gone; [data-draft-done]: it is sent.
import { drop, entries, put, unseal } from './keep.js';
import { send } from './send.js';

export async function start([area]) {
  const arrived = document.querySelector('[data-draft-done]')?.dataset.draftDone;
  for (const entry of entries()) {
    if (arrived && !entry.sent) put({ ...entry, sent: true });
    if (entry.recording || (entry.done && (arrived || entry.sent))) await drop(entry);
  }
  const waiting = entries().filter((entry) => !entry.done);
  const shares = new Map();
  for (const entry of waiting) {
    const blob = entry.kept ? await unseal(entry.key, entry.type) : null;
    if (blob && entry.url) follow(entry, blob);
    else if (entry.sent) await drop(entry);
  }

  function follow(entry, blob) {
    shares.set(entry.key, 0);
    show('sending');
    const leave = () => { shares.delete(entry.key); };
    const sending = send(blob, {
      url: entry.url, name: entry.name, type: entry.type,
      on: {
        url() {},
        progress(share) { shares.set(entry.key, share); show('sending'); },
        lost() { show('lost'); },
        done() { leave(); if (entry.sent) drop(entry); else put({ ...entry, done: true }); show(shares.size ? 'sending' : 'done'); },
        refused() { leave(); drop(entry); show('gone'); },
      },
    });
    window.addEventListener('dialogue:quit', sending.stop);
  }

  function show(state) {
    if (!area) return;
    area.hidden = false;
    const mean = shares.size ? [...shares.values()].reduce((sum, share) => sum + share, 0) / shares.size : 1;
    const words = area.dataset[`say${state[0].toUpperCase()}${state.slice(1)}`].replace('{percent}', Math.floor(mean * 100));
    area.querySelector('[data-arriving-words]').textContent = words;
    const bar = area.querySelector('progress');
    bar.value = mean * 100;
    bar.hidden = state === 'done' || state === 'gone';
    const heard = area.querySelector('[role=status]'); // by quarters: a reader is not told of each per cent
    const step = state === 'sending' ? `sending ${Math.floor(mean * 4)}` : state;
    if (heard.dataset.step !== step) { heard.dataset.step = step; heard.textContent = words; }
  }
}
