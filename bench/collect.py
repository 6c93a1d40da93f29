"""The collecting page on a phone: what it weighs, how soon it opens without network, how soon words are safe."""

import shutil
import statistics
import time

from playwright.sync_api import Page, sync_playwright

from app import db, migrate
from app.adapters import vault
from bench import load, serving
from bench.generate import FOLDER
from bench.report import Result, at_most, told
from tests.outreach.phone import Person, Phone
from tests.outreach.proxy import Proxy
from tests.outreach.street import paired

PAGE = "/equipe/collecte"
OPENINGS, RECORDS = 10, 40
# From the touch to « Enregistré » on screen, as the page itself sees both.
WATCH = """() => {
  window.taken = [];
  let began;
  document.addEventListener('submit', () => { began = performance.now(); }, true);
  new MutationObserver(() => {
    if (began && !document.querySelector('[data-screen=receipt]').hidden) {
      window.taken.push(performance.now() - began);
      began = undefined;
    }
  }).observe(document.querySelector('[data-screen=receipt]'), { attributes: true });
}"""
# Of this document: from the navigation to a screen that can be used.
USABLE = """() => new Promise(done => {
  const look = () => {
    if (document.querySelector('[data-screen=home]:not([hidden])')) done(performance.now());
    else requestAnimationFrame(look);
  };
  look();
})"""


def collect() -> list[Result]:
    folder = load.folder(FOLDER)
    profile = folder / "profile"
    url = f"sqlite:///{folder / 'dialogue.sqlite'}"
    migrate.to(url=url)
    with serving.service(folder) as server, sync_playwright() as playwright:
        db.configure(url)
        vault.configure(serving.KEY)
        network = Proxy(serving.free_port(), upstream=server.port, seed=0)
        profile.mkdir()
        phone = Phone(playwright, profile, network.url + PAGE)
        with network.running(), phone.on():
            weight = _first_load(phone.page, phone.address)
            phone.open()
            phone.pair(*paired())
            kept = sum(size for path, size in network.sent.items() if not path.startswith("/api/"))
            network.mode = "cut"
            opened = [_opened(phone) for _ in range(OPENINGS)]
            saved = _saved(phone)
    db.dispose()
    shutil.rmtree(folder, ignore_errors=True)
    return [
        at_most("collect", f"{PAGE}, first load", 120, weight / 1000, " kB"),
        told("collect", "with what its worker keeps for later: every card, the guide", f"{kept / 1000:.0f} kB"),
        at_most("collect", "opening without network, median", 1000, statistics.median(opened), " ms"),
        told("collect", "opening without network, slowest", f"{max(opened):.0f} ms"),
        at_most("collect", f"saving words, median of {RECORDS}", 100, statistics.median(saved), " ms"),
        told("collect", "saving words, slowest", f"{max(saved):.0f} ms"),
    ]


def _first_load(page: Page, address: str) -> int:
    """Bytes on the wire, heads of answers too."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    received = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    return int(sum(received))


def _opened(phone: Phone) -> float:
    """ms until the home screen can be touched, the browser started, everything else from its disk."""
    phone.page.goto("about:blank")
    phone.page.goto(phone.address)
    return float(phone.page.evaluate(USABLE))


def _saved(phone: Phone) -> list[float]:
    phone.page.evaluate(WATCH)
    for number in range(RECORDS):
        phone.record(Person(number, f"Ici, on se salue tous les matins. {number} " * 4))
        time.sleep(0.1)
    taken: list[float] = phone.page.evaluate("() => window.taken")
    assert len(taken) == RECORDS
    return taken
