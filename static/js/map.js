// The map of the meetings or of the walk, once somebody asks for it: until then nothing of it is fetched, from us or from the map's server.
// The list below says the same; each point leads to its place in it.
const NEAR = 15;

function style(href) {
  return new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href, onload: resolve, onerror: reject });
    document.head.append(link);
  });
}

function popup(place) {
  const box = document.createElement('div');
  const name = document.createElement('p');
  const title = place.querySelector('h2').textContent;
  // A place that leads nowhere else leads to where the list says all of it.
  if (place.dataset.number) name.append(Object.assign(document.createElement('a'), { href: `#${place.id}`, textContent: title }));
  else name.textContent = title;
  box.append(name);
  for (const link of place.querySelectorAll('h3 a')) {
    const line = document.createElement('p');
    line.append(Object.assign(document.createElement('a'), { href: link.href, textContent: link.textContent }));
    box.append(line);
  }
  return box;
}

async function draw(root) {
  const base = new URL('../vendor/', import.meta.url);
  await Promise.all([style(new URL('leaflet.css', base).href), import(new URL('leaflet.js', base).href)]);
  const { L } = window;
  const frame = Object.assign(document.createElement('div'), { className: 'map' });
  frame.setAttribute('role', 'region');
  frame.setAttribute('aria-label', root.dataset.label);
  root.append(frame);
  const map = L.map(frame, { zoomControl: false, scrollWheelZoom: false, attributionControl: false });
  L.control.zoom({ zoomInTitle: root.dataset.in, zoomOutTitle: root.dataset.out }).addTo(map);
  L.control.attribution({ prefix: false }).addTo(map);
  L.tileLayer(root.dataset.map, { maxZoom: 18, attribution: root.dataset.credit }).addTo(map);
  const points = [];
  for (const place of document.querySelectorAll('[data-lat]')) {
    const at = [Number(place.dataset.lat), Number(place.dataset.lon)];
    const name = place.querySelector('h2').textContent;
    const icon = L.divIcon({ className: 'map-point', iconSize: [44, 44], html: `<span>${Number(place.dataset.number) || place.querySelectorAll('h3').length}</span>` });
    L.marker(at, { icon, title: name, alt: name }).addTo(map).bindPopup(popup(place), { minWidth: 160 });
    points.push(at);
  }
  if (document.querySelector('[data-lat][data-number]')) L.polyline(points, { className: 'map-way', weight: 3, dashArray: '6 8', interactive: false }).addTo(map);
  map.fitBounds(points, { padding: [40, 40], maxZoom: NEAR });
  return frame;
}

export function start([root]) {
  const ask = root.querySelector('[data-map-ask]');
  root.hidden = false;
  ask.querySelector('button').addEventListener('click', async () => {
    ask.querySelector('button').setAttribute('aria-disabled', 'true');
    try {
      const frame = await draw(root);
      ask.remove();
      frame.focus();
    } catch {
      ask.querySelector('button').removeAttribute('aria-disabled');
      root.querySelector('[data-map-said]').textContent = root.dataset.failed;
    }
  });
}
