// Reads QR codes with the browser's own detector, where there is one; nothing of the picture leaves the phone.
const EVERY = 250;
const SAME = 4000; // the same code held in front of the camera is one arrival

export async function start(root, found, tell) {
  const button = root.querySelector('[data-door-scan]');
  const place = root.querySelector('[data-door-camera]');
  const video = place.querySelector('video');
  const known = await window.BarcodeDetector?.getSupportedFormats().catch(() => []);
  if (!known?.includes('qr_code') || !navigator.mediaDevices) return;
  const detector = new window.BarcodeDetector({ formats: ['qr_code'] });
  let stream;
  const seen = new Map();

  async function look() {
    if (!stream) return;
    const codes = await detector.detect(video).catch(() => []);
    for (const { rawValue } of codes) {
      if (Date.now() - (seen.get(rawValue) ?? 0) > SAME) found(rawValue);
      seen.set(rawValue, Date.now());
    }
    setTimeout(look, EVERY);
  }

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    place.hidden = true;
    button.hidden = false;
    button.focus();
  }

  button.hidden = false;
  button.addEventListener('click', async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    } catch { tell(root.dataset.sayNoCamera, true); return; }
    video.srcObject = stream;
    await video.play();
    button.hidden = true;
    place.hidden = false;
    place.querySelector('[data-door-stop]').focus();
    look();
  });
  place.querySelector('[data-door-stop]').addEventListener('click', stop);
  window.addEventListener('pagehide', () => stream?.getTracks().forEach((track) => track.stop()));
}
