// Copy, print, send to oneself: <button data-copy="#selector" data-done="words" hidden>, <button data-print hidden>,
// <button data-share="#selector" data-at="address that goes with it" hidden>, where the device can.
export function start(buttons) {
  for (const button of buttons) {
    if ('print' in button.dataset) {
      button.hidden = false;
      button.addEventListener('click', () => window.print());
    } else if ('share' in button.dataset) {
      button.hidden = !navigator.share;
      button.addEventListener('click', () => share(button));
    } else if (navigator.clipboard) {
      button.hidden = false;
      button.addEventListener('click', () => copy(button));
    }
  }
}

const words = (source) => source.textContent.trim().replace(/\s+/g, ' ');

async function share({ dataset }) {
  const text = `${words(document.querySelector(dataset.share))}\n${new URL(dataset.at, location.href)}`;
  try {
    await navigator.share({ text });
  } catch {
    // closed without sending: the code is still there
  }
}

async function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(words(source));
  } catch {
    getSelection().selectAllChildren(source); // refused: at least it is selected
    return;
  }
  button.querySelector('span').textContent = button.dataset.done;
  const status = document.querySelector('[data-copy-status]');
  if (status) status.textContent = button.dataset.done;
}
