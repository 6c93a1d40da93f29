// Copy and print: <button data-copy="#selector" data-done="words" hidden>, <button data-print hidden>.
export function start(buttons) {
  for (const button of buttons) {
    if ('print' in button.dataset) {
      button.hidden = false;
      button.addEventListener('click', () => window.print());
    } else if (navigator.clipboard) {
      button.hidden = false;
      button.addEventListener('click', () => copy(button));
    }
  }
}

async function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  const words = source.textContent.trim().replace(/\s+/g, ' ');
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    getSelection().selectAllChildren(source); // refused: at least it is selected
    return;
  }
  button.querySelector('span').textContent = button.dataset.done;
  const status = document.querySelector('[data-copy-status]');
  if (status) status.textContent = button.dataset.done;
}
