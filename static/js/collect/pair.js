// Whose phone this is, said once with network; then where one is, chosen once for an outing.
export function start(app) {
  const { root, part, say } = app;
  const form = part('pair');
  const list = part('outings');
  const shape = part('outing');

  form.addEventListener('submit', (event) => { event.preventDefault(); relate(form.elements.code.value.trim()); });
  app.act('pair-session', () => relate(''));
  app.act('change-outing', () => choose());
  app.act('take-outing', (button) => take(button.value));

  async function relate(code) {
    app.warn('');
    if (!(await pair(code))) return;
    choose();
    app.tell(say('paired', { name: app.device.mediator.name }));
  }

  // Whether it is related now; else it has said why not.
  async function pair(code) {
    const name = form.elements.name.value.trim() || app.device?.device.name || form.dataset.name;
    let answer;
    try {
      answer = await fetch(`${root.dataset.api}/collect/devices`, { method: 'POST', cache: 'no-store', headers: { 'Content-Type': 'application/json', Accept: 'application/json' }, body: JSON.stringify({ ...(code && { code }), name }) });
    } catch { app.warn(say('pairOffline')); return false; }
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok || !said.token) { app.warn(!code && answer.status === 401 ? say('pairLogin') : said.detail ?? say('portal')); return false; }
    await app.store.setDevice(said);
    await app.store.keep('people', { ...await app.store.kept('people'), [said.mediator.id]: said.mediator.name });
    form.reset();
    await app.sync.now();
    await app.refresh();
    return true;
  }

  function choose() {
    const { outings, outing } = app;
    const near = (one) => Math.abs(new Date(one.starts_at) - Date.now());
    const open = outings.filter((one) => one.state !== 'cancelled').sort((one, other) => near(one) - near(other));
    list.replaceChildren(...open.map((one) => row(one.id, `${one.place}`, when(one), one.id === outing?.id)), row('', say('noOuting'), '', false));
    part('outings-none').hidden = open.length > 0;
    app.show('outing');
  }

  function row(id, place, hours, chosen) {
    const item = shape.content.firstElementChild.cloneNode(true);
    const button = item.querySelector('button');
    button.value = id;
    button.dataset.outingId = id;
    if (chosen) button.setAttribute('aria-current', 'true');
    item.querySelector('[data-outing-place]').textContent = place;
    item.querySelector('[data-outing-when]').textContent = hours;
    return item;
  }

  const paris = (at, how) => new Date(at).toLocaleString(document.documentElement.lang, { timeZone: 'Europe/Paris', ...how });
  const hour = (at) => paris(at, { hour: '2-digit', minute: '2-digit' });
  const date = (at) => paris(at, { weekday: 'long', day: 'numeric', month: 'long' });
  function when(one) {
    const day = date(one.starts_at) === date(Date.now()) ? '' : `${date(one.starts_at)}, `;
    return `${day}${say('hours', { from: hour(one.starts_at), to: hour(one.ends_at) })}${one.state === 'closed' ? ` · ${say('closed')}` : ''}`;
  }
  app.when = when;

  async function take(id) {
    await app.chooseOuting(app.outings.find((one) => one.id === id) ?? null);
    app.show('home');
  }

  // The code of a QR stands behind the #, which no server ever sees; it goes from the address at once.
  function first() {
    const code = decodeURIComponent(location.hash.slice(1)).split('=').pop().replace(/[^A-Za-z0-9]/g, '');
    const given = code.length === 8;
    if (given) { form.elements.code.value = code.toUpperCase(); history.replaceState(null, '', location.pathname); }
    if (!app.device || given) app.show('pair', { quiet: !given });
    else app.show('home', { quiet: true });
  }

  return { first, pair };
}
