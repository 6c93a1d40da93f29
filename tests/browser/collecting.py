"""A collecting device as its scripts see it: the store and the sending, on any page of the real service."""

import io
import sqlite3
from typing import Any

from PIL import Image
from playwright.sync_api import Page

from tests.browser.conftest import Visitor, recruit
from tests.live import Live

SAID = {"question": "q1", "kind": "individual", "consents": {"publication": True, "age": True}, "read_back": True}
# Any page serves; the root says where the API is. The modules' address bears the build.
PREPARE = """async ([root, device]) => {
  const made = Object.assign(document.createElement('div'), { hidden: true });
  Object.assign(made.dataset, { collect: '', api: '/api/v1', uploads: '/api/v1/uploads' });
  document.querySelector('[data-collect]')?.remove();
  document.body.append(made);
  const folder = root + 'js/collect/';
  const names = ['store', 'sync', 'seal', 'export'];
  const [{ open }, sync, seal, { file }] = await Promise.all(names.map((name) => import(`${folder}${name}.js`)));
  const store = await open();
  await store.setDevice(device);
  window.kit = {
    store, sync, seal, file, begin: () => sync.start(store, { changed: () => {} }),
  };
  const blobOf = (text) => new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]);
  kit.save = (said, files = [], more = {}) => store.finalise({ said, owner: device.mediator.id, ...more,
    files: files.map(({ text, ...one }) => ({ ...one, blob: blobOf(text) })) });
}"""
PAIR = """async name => (await fetch('/api/v1/collect/devices', { method: 'POST', body: JSON.stringify({ name }),
  headers: { 'Content-Type': 'application/json' } })).json()"""
Device = dict[str, Any]
# One the service does not know: what is kept needs none of its answers.
DEVICE: Device = {"token": "t", "device": {"id": "d", "name": "Bleu"}, "mediator": {"id": "m", "name": "Ada"}}


def pair(visitor: Visitor) -> Device:
    """A mediator's browser becomes a device."""
    recruit(visitor.live, "mediator").give_password(visitor)
    made: Device = visitor.page.evaluate(PAIR, "Téléphone bleu")
    assert made["token"], made
    return made


def prepare(page: Page, live: Live, device: Device) -> Page:
    """`kit` in the page: store, sync, seal, save(said, files)."""
    page.goto(live.url + "/besoin-aide")
    script = page.locator("script[src$='/js/main.js']").get_attribute("src") or ""
    page.evaluate(PREPARE, [script.removesuffix("js/main.js"), device])
    return page


def photo(shade: int = 90, wide: int = 640) -> bytes:
    kept = io.BytesIO()
    Image.effect_noise((wide, wide), shade).convert("RGB").save(kept, "JPEG")
    return kept.getvalue()


def ask(live: Live, question: str, *values: Any) -> Any:
    """One row of the service's own database."""
    with sqlite3.connect(f"file:{live.data / 'dialogue.sqlite'}?mode=ro", uri=True) as base:
        return base.execute(question, values).fetchone()
