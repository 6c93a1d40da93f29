// Écouter: reads a part of the page with a voice of the device, never with one that sends the text away.
// <button data-listen="#selector" data-stop="words while it reads" hidden>
const speech = window.speechSynthesis;

function voiceFor(language) {
  const wanted = language.toLowerCase().split('-')[0];
  const local = speech.getVoices().filter((voice) => voice.localService && voice.lang.toLowerCase().split(/[-_]/)[0] === wanted);
  return local.find((voice) => voice.default) ?? local[0];
}

// By paragraph: long utterances stop half-way on many phones.
function passages(root) {
  const parts = [...root.querySelectorAll('h1, h2, h3, p, li, dt, dd, blockquote, legend, label, figcaption')]
    .filter((part) => !part.closest('nav, [hidden], [aria-hidden=true], .trap') && !part.parentElement.closest('li, p, blockquote, label, legend') && part.checkVisibility?.() !== false);
  return (parts.length ? parts : [root]).map((part) => ({ text: part.innerText.trim(), lang: part.closest('[lang]').lang })).filter((part) => part.text);
}

function prepare(button) {
  const root = document.querySelector(button.dataset.listen);
  if (!root) return;
  const words = button.querySelector('span');
  const rest = words.textContent;
  const idle = () => { words.textContent = rest; button.removeAttribute('aria-pressed'); };
  const show = () => { button.hidden = !voiceFor(root.closest('[lang]').lang); };
  show();
  speech.addEventListener?.('voiceschanged', show);
  button.addEventListener('click', () => {
    const reading = button.hasAttribute('aria-pressed');
    speech.cancel();
    if (reading) { idle(); return; }
    words.textContent = button.dataset.stop;
    button.setAttribute('aria-pressed', 'true');
    const queue = passages(root);
    queue.forEach(({ text, lang }, index) => {
      const said = new SpeechSynthesisUtterance(text);
      said.lang = lang;
      said.voice = voiceFor(lang) ?? voiceFor(document.documentElement.lang);
      said.rate = .9;
      if (index === queue.length - 1) said.onend = idle;
      said.onerror = idle;
      speech.speak(said);
    });
  });
}

export function start(buttons) {
  buttons.forEach(prepare);
  const hush = () => speech.cancel();
  window.addEventListener('pagehide', hush);
  window.addEventListener('dialogue:quit', hush);
}
