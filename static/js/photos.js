// Photos leave one by one as soon as they are chosen, with progress; what arrived is a hidden input `upload`.
// What could not be sent goes back into the file field and leaves with the form, as without JavaScript.
// [data-photos][data-upload-url][data-max][data-mb] around a file field and a [data-photo-list]; data-say-* are the words.
export function start(areas) { areas.filter((area) => area.dataset.uploadUrl).forEach(prepare); }

function prepare(area) {
  const input = area.querySelector('input[type=file]');
  const list = area.querySelector('[data-photo-list]');
  const status = area.querySelector('[data-photo-status]');
  const form = input.form;
  const say = (name) => area.dataset[`say${name[0].toUpperCase()}${name.slice(1)}`];
  const waiting = new Map(); // item → File not (yet) arrived
  const sending = new Set(); // promises

  input.addEventListener('change', () => {
    const chosen = [...input.files];
    input.value = '';
    for (const file of chosen) add(file);
  });
  window.addEventListener('online', () => { for (const item of waiting.keys()) if (item.dataset.state === 'lost') send(item); });
  form.addEventListener('submit', hold);

  function add(file) {
    if (list.children.length >= Number(area.dataset.max)) { announce(say('many')); return; }
    const item = draw(file);
    list.append(item);
    if (file.size > Number(area.dataset.mb) * 1024 * 1024) { tell(item, say('heavy'), 'refused'); return; }
    waiting.set(item, file);
    send(item);
  }

  function draw(file) {
    const item = make('li', 'photo-item');
    const image = make('img', '', { alt: '', src: URL.createObjectURL(file) });
    image.addEventListener('error', () => image.replaceWith(make('span', 'blank'))); // HEIC shows in few browsers
    const side = make('div', 'stack-s');
    const name = make('p', '', { textContent: file.name });
    const words = make('p', 'hint');
    const bar = make('progress', '', { max: 1, value: 0 });
    bar.setAttribute('aria-label', file.name);
    const row = make('div', 'row');
    const retry = make('button', 'btn btn-second', { type: 'button', textContent: say('retry'), hidden: true });
    const remove = make('button', 'btn btn-quiet', { type: 'button', textContent: say('remove') });
    remove.append(make('span', 'visually-hidden', { textContent: ` : ${file.name}` }));
    retry.addEventListener('click', () => send(item));
    remove.addEventListener('click', () => { item.request?.abort(); waiting.delete(item); URL.revokeObjectURL(image.src); item.remove(); input.focus(); });
    row.append(retry, remove);
    side.append(name, bar, words, row);
    item.append(image, side);
    Object.assign(item, { words, bar, retry });
    return item;
  }

  function send(item) {
    const file = waiting.get(item);
    tell(item, say('sending'), 'sending');
    const done = new Promise((resolve) => {
      const request = item.request = new XMLHttpRequest();
      const body = new FormData();
      body.append('photo', file, file.name);
      request.open('POST', area.dataset.uploadUrl);
      request.setRequestHeader('Accept', 'application/json');
      request.upload.addEventListener('progress', (event) => { if (event.lengthComputable) item.bar.value = event.loaded / event.total; });
      request.addEventListener('load', () => { settle(item, request); resolve(); });
      request.addEventListener('error', () => { tell(item, say('lost'), 'lost'); resolve(); });
      request.addEventListener('abort', resolve);
      request.send(body);
    });
    sending.add(done);
    done.then(() => sending.delete(done));
  }

  function settle(item, request) {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* a proxy's own page */ }
    if (request.status === 201 && answer.upload) {
      waiting.delete(item);
      item.append(make('input', '', { type: 'hidden', name: 'upload', value: answer.upload }), describe(answer.upload));
      tell(item, say('sent'), 'sent');
    } else if (request.status >= 400 && request.status < 500 && request.status !== 408 && request.status !== 429) {
      waiting.delete(item); // the service refused this file: sending it again would not help
      tell(item, answer.errors?.[0]?.message ?? answer.detail ?? say('lost'), 'refused');
    } else tell(item, say('lost'), 'lost');
  }

  function describe(upload) {
    const field = make('div', 'field');
    const id = `alt-${upload}`;
    const label = make('label', '', { htmlFor: id, textContent: say('alt') });
    const hint = make('p', 'hint', { id: `${id}-hint`, textContent: say('altHint') });
    const line = make('input', '', { type: 'text', id, name: `alt.${upload}`, dir: 'auto' });
    line.setAttribute('aria-describedby', hint.id);
    field.append(label, hint, line);
    return field;
  }

  function tell(item, words, state) {
    item.dataset.state = state;
    item.words.textContent = words;
    item.words.className = state === 'refused' || state === 'lost' ? 'error' : 'hint';
    item.bar.hidden = state !== 'sending';
    item.retry.hidden = state !== 'lost';
    announce(words);
  }

  function announce(words) { status.textContent = words; }

  // Waits for what is on its way; what was lost leaves with the form itself.
  async function hold(event) {
    if (sending.size) {
      event.preventDefault();
      event.stopImmediatePropagation();
      announce(say('sending'));
      await Promise.all(sending);
      form.requestSubmit(event.submitter ?? undefined);
      return;
    }
    const rest = new DataTransfer();
    for (const file of waiting.values()) rest.items.add(file);
    input.files = rest.files;
  }
}

function make(tag, look = '', properties = {}) {
  const element = document.createElement(tag);
  if (look) element.className = look;
  return Object.assign(element, properties);
}
