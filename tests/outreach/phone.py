"""A mediator's phone: Chromium with a memory of its own, which may be killed at any instant and opened again.

It uses the collecting page as a person does, by what shows; nothing of the page's own scripts is called.
"""

import json
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, Playwright
from playwright.sync_api import Error as Broken

from tests.browser.conftest import CHROMIUM, FLAGS

PATIENCE = 20_000  # ms
KEPT = """async names => {
  const { databases } = { databases: await indexedDB.databases() };
  const base = await new Promise((done, failed) => {
    const asked = indexedDB.open(databases[0].name);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const count = name => new Promise(done => {
    const asked = base.transaction(name).objectStore(name).count();
    asked.onsuccess = () => done(asked.result);
  });
  const found = Object.fromEntries(await Promise.all(names.map(async name => [name, await count(name)])));
  base.close();
  return found;
}"""


@dataclass
class Person:
    """What one of them says and shows."""

    number: int
    words: str
    photo: Path | None = None
    sound: Path | None = None

    @property
    def mark(self) -> str:
        """What no other says."""
        return self.words.rpartition(" ")[2]

    @property
    def files(self) -> list[Path]:
        return [file for file in (self.photo, self.sound) if file]


@dataclass
class Phone:
    playwright: Playwright
    profile: Path
    address: str  # of the collecting page
    kills: int = 0
    waited: list[float] = field(default_factory=list)  # ms from the touch to « Enregistré »
    process: "subprocess.Popen[bytes] | None" = None
    browser: Browser | None = None
    _page: Page | None = None

    @property
    def page(self) -> Page:
        assert self._page
        return self._page

    def start(self) -> None:
        """A browser on the profile as it was left."""
        told = self.profile / "DevToolsActivePort"
        told.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [
                CHROMIUM,
                *FLAGS,
                f"--user-data-dir={self.profile}",
                "--remote-debugging-port=0",
                "--lang=fr",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while not told.exists() or len(told.read_text().splitlines()) < 2:
            assert time.monotonic() < deadline, "the browser did not start"
            time.sleep(0.02)
        port = told.read_text().splitlines()[0]
        self.browser = self.playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        context = self.browser.contexts[0]
        context.set_default_timeout(PATIENCE)
        self._page = context.pages[0] if context.pages else context.new_page()

    def kill(self) -> None:
        """An empty battery: nothing is flushed, nobody is told."""
        assert self.process
        with suppress(psutil.NoSuchProcess):
            family = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
            for one in family:
                with suppress(psutil.NoSuchProcess):
                    one.send_signal(signal.SIGKILL)
            psutil.wait_procs(family, timeout=10)
        self.process.wait()
        self.kills += 1
        self._forget()

    def close(self) -> None:
        """As a person closes it; all it keeps is on the disk then."""
        with suppress(Broken):
            assert self.browser
            self.browser.new_browser_cdp_session().send("Browser.close")
        if self.process:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            if self.process.poll() is None:
                self.kill()
        self._forget()

    def _forget(self) -> None:
        with suppress(Broken):
            if self.browser:
                self.browser.close()
        self.browser = self._page = self.process = None

    @contextmanager
    def on(self) -> Iterator["Phone"]:
        self.start()
        try:
            yield self
        finally:
            self.close()

    # What a mediator does ------------------------------------------------------------------------------

    def open(self) -> None:
        """The page, and its first screen."""
        self.page.goto(self.address)
        self.page.locator("[data-collect] > [data-screen]:not([hidden])").first.wait_for()

    def reopen(self) -> None:
        """After a kill."""
        self.start()
        self.open()
        self.page.locator("[data-screen=home]:not([hidden])").wait_for()

    def pair(self, code: str, outing: str) -> None:
        """Once, with network; then the page says that it works without."""
        self.page.fill("[data-pair] [name=code]", code)
        self.page.fill("[data-pair] [name=name]", "Téléphone d’essai")
        self.page.click("[data-do=pair]")
        self.page.click(f"[data-do=take-outing][data-outing-id='{outing}']")
        self.page.locator("[data-screen=home]:not([hidden])").wait_for()
        self.page.wait_for_function("() => navigator.serviceWorker.controller")

    def card(self) -> None:
        """The next person's."""
        on_receipt = self.page.locator("[data-screen=receipt]:not([hidden])").count()
        self.page.click("[data-do=next]" if on_receipt else "[data-do=new]")
        self.page.locator("[data-screen=card]:not([hidden])").wait_for()

    def write(self, person: Person) -> None:
        """Every other one wants no receipt."""
        self.page.fill("#card-words", person.words)
        self.page.check(f"[name=receipt][value={'none' if person.number % 2 else 'screen'}]")

    def show(self, person: Person) -> None:
        """The photo by the camera's way, the sound as a file."""
        if person.photo:
            self.page.locator("[data-files][capture]").set_input_files(person.photo)
        if person.sound:
            self.page.locator("[data-files]:not([capture])").set_input_files(person.sound)
        self.page.locator("[data-media-list] > li").nth(len(person.files) - 1).wait_for()

    def touch_save(self) -> None:
        self.page.click("[data-do=save]", no_wait_after=True)

    def saved(self) -> None:
        """« Enregistré »."""
        self.page.locator("[data-screen=receipt]:not([hidden])").wait_for()

    def record(self, person: Person) -> None:
        """All of one person."""
        self.card()
        self.write(person)
        if person.files:
            self.show(person)
        self.touch_save()
        self.saved()

    def home(self) -> None:
        if self.page.locator("[data-screen=receipt]:not([hidden])").count():
            self.page.click("[data-screen=receipt] [data-see=home]")
        self.page.locator("[data-screen=home]:not([hidden])").wait_for()

    def total(self) -> int:
        """What the home says: waiting and arrived together."""
        return self.waiting() + self._figure("arrived")

    def waiting(self) -> int:
        return self._figure("waiting")

    def _figure(self, name: str) -> int:
        return int(self.page.inner_text(f"[data-count={name}]"))

    def has_draft(self) -> bool:
        return self.page.locator("[data-draft-waits]:not([hidden])").count() > 0

    def resume(self) -> str:
        """The card that was begun; its words."""
        self.page.click("[data-do=resume]")
        self.page.locator("[data-screen=card]:not([hidden])").wait_for()
        return self.page.input_value("#card-words")

    def shown(self) -> int:
        """How many photos and sounds the card holds."""
        return self.page.locator("[data-media-list] > li").count()

    def send_now(self) -> None:
        self.page.click("[data-do=send]")

    def kept(self, *stores: str) -> dict[str, int]:
        """How much lies in the device's own database."""
        found: dict[str, Any] = self.page.evaluate(KEPT, list(stores))
        return found

    def traces(self, words: Iterable[str]) -> list[str]:
        """Which of these stand on its disk, in any file, as one who found the phone could read them; it is off then.

        Each is a run of random letters: no compression of the browser's breaks it up.
        """
        kept = [file.read_bytes() for file in self.profile.rglob("*") if file.is_file() and not file.is_symlink()]
        return [one for one in words if any(one.encode(how) in file for file in kept for how in ("utf-8", "utf-16-le"))]

    def troubles(self) -> str:
        """What the page says of what waits."""
        said = self.page.locator("[data-queued-state]").all_inner_texts()
        return json.dumps([self.page.inner_text("[data-sync-words]"), *sorted(set(said))], ensure_ascii=False)
