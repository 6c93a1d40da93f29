"""One real service and one real browser per test process; visitors that notice whatever goes wrong on a page."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from tests.live import Live
from tests.processes import folder

CHROMIUM = "/usr/bin/chromium-headless-shell"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
FLAGS += ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]  # a microphone that beeps
PASSWORD = "trois barques sur l’Erdre"
# Reports what the policy of the page blocked; it runs before any script of the page.
WATCH = """document.addEventListener('securitypolicyviolation',
  event => console.error('CSP ' + event.violatedDirective + ' ' + event.blockedURI))"""


@dataclass
class Visitor:
    """One person with one browser window, and what went wrong in it."""

    context: BrowserContext
    page: Page
    live: Live
    problems: list[str] = field(default_factory=list)

    def go(self, path: str, *, expect: int = 200) -> Page:
        answer = self.page.goto(self.live.url + path)
        assert answer is not None
        assert answer.status == expect, f"{path}: {answer.status}"
        return self.page

    def open_form(self) -> Page:
        """The form, one question a screen, once the screens have taken their places."""
        page = self.go("/participer")
        page.get_by_role("button", name="Continuer", exact=True).wait_for()
        return page

    def press(self, name: str, *, exact: bool = True) -> None:
        """The button or link with this name, and the page it leads to."""
        found = self.page.get_by_role("button", name=name, exact=exact).or_(
            self.page.get_by_role("link", name=name, exact=exact)
        )
        found.first.click()
        self.page.wait_for_load_state()

    def text(self) -> str:
        return self.page.inner_text("main")


@pytest.fixture(scope="session")
def live(demonstration: Path) -> Iterator[Live]:
    """With the demonstration's words, at a date inside the collection."""
    with folder("browser") as home:
        made = Live(home)
        shutil.copytree(demonstration, made.data)
        with made.serving():
            yield made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


Open = Callable[..., Visitor]


@pytest.fixture
def visit(browser: Browser, live: Live) -> Iterator[Open]:
    """Opens windows, each with cookies of its own; at the end none of them may have seen a problem."""
    opened: list[Visitor] = []

    def open_window(**options: Any) -> Visitor:
        visitor = window(browser, live, **options)
        opened.append(visitor)
        return visitor

    yield open_window
    problems = [problem for visitor in opened for problem in visitor.problems]
    for visitor in opened:
        visitor.context.close()
    assert problems == []


def window(browser: Browser, live: Live, *, javascript: bool = True, width: int = 360, **options: Any) -> Visitor:
    """A window of that width. Problems: scripts that fail, what the CSP blocks, anything missing, third parties."""
    context = browser.new_context(
        viewport={"width": width, "height": 760}, java_script_enabled=javascript, locale="fr-FR", **options
    )
    context.set_default_timeout(15_000)
    context.add_init_script(WATCH)
    visitor = Visitor(context, context.new_page(), live)
    visitor.page.on("pageerror", lambda error: visitor.problems.append(f"script: {error}"))
    visitor.page.on("console", lambda said: _hear(visitor, said.type, said.text))
    visitor.page.on("response", lambda answer: _look(visitor, answer))
    visitor.page.on("request", lambda request: _third(visitor, request.url))
    return visitor


def _hear(visitor: Visitor, kind: str, text: str) -> None:
    # A page that is a 404 by intention is said in the console too; what a page misses is seen by _look.
    if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
        visitor.problems.append(f"{visitor.page.url}: {text}")


def _look(visitor: Visitor, answer: Response) -> None:
    moved = answer.status == 409 and "/api/v1/uploads/" in answer.url  # bytes of a cut connection still came in
    if answer.status >= 400 and answer.request.resource_type != "document" and not moved:
        visitor.problems.append(f"{visitor.page.url}: {answer.status} {answer.url}")


def _third(visitor: Visitor, url: str) -> None:
    if not url.startswith((visitor.live.url, "data:", "blob:")):
        visitor.problems.append(f"{visitor.page.url}: third party {url}")


@contextmanager
def no_script_problems(visitor: Visitor) -> Iterator[None]:
    """What happens inside may be wrong by intention."""
    before = list(visitor.problems)
    yield
    visitor.problems[:] = before


@dataclass
class Moderator:
    """A member of the team made on the command line; `enrol` sets the second factor up in the browser."""

    live: Live
    email: str
    secret: str = ""
    steps: int = 0

    def give_password(self, visitor: Visitor) -> None:
        page = visitor.go("/equipe/connexion")
        page.fill("#email", self.email)
        page.fill("#password", PASSWORD)
        visitor.press("Entrer")

    def enrol(self, visitor: Visitor) -> None:
        self.give_password(visitor)
        page = visitor.page
        self.secret = page.inner_text(".secret code").replace(" ", "")
        page.fill("#code", pyotp.TOTP(self.secret).now())
        visitor.press("C’est fait")
        assert "Vos codes de secours" in visitor.text()

    def log_in(self, visitor: Visitor) -> None:
        """With the next code: each serves once, and the one of the moment enrolled."""
        self.give_password(visitor)
        self.steps += 1
        totp = pyotp.TOTP(self.secret)
        visitor.page.fill("#code", totp.generate_otp(totp.timecode(_now()) + self.steps))
        visitor.press("Continuer")
        assert visitor.page.url == self.live.url + "/equipe"


def _now() -> Any:
    from app.adapters.clock import real_now

    return real_now()


def recruit(live: Live, *roles: str) -> Moderator:
    """Someone new in the team, through `dialogue user add`."""
    email = f"{secrets.token_hex(4)}@equipe.example"
    wanted = [part for role in roles or ("moderator",) for part in ("--role", role)]
    live.dialogue("user", "add", email, *wanted, "--password-stdin", typed=PASSWORD + "\n")
    return Moderator(live, email)
