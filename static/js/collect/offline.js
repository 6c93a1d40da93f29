// Keeps the page itself on the device, and changes to a newer one between two cards, never in one.
const OFTEN = 30 * 60 * 1000;
const SOON = 1000;

// idle(): nobody is in the middle of anything here.
export async function start(root, { idle }) {
  const { worker, here } = root.dataset;
  if (!navigator.serviceWorker || !worker) return;
  const before = navigator.serviceWorker.controller;
  const registration = await navigator.serviceWorker.register(worker, { scope: here }).catch(() => null); // no network, no https
  if (!registration) return;
  const whenIdle = (act) => { if (idle()) act(); else setTimeout(whenIdle, SOON, act); };
  const take = () => { if (registration.waiting && before) whenIdle(() => registration.waiting?.postMessage('take over')); };
  const watch = () => registration.installing?.addEventListener('statechange', take);
  registration.addEventListener('updatefound', watch);
  watch();
  take();
  if (before) navigator.serviceWorker.addEventListener('controllerchange', () => whenIdle(() => location.reload()), { once: true });
  const look = () => registration.update().catch(() => {}); // no network: later
  setInterval(look, OFTEN);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });
}
