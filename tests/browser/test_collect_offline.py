"""The collecting page without network: whole or as before, and never another one in the middle of a card."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from app import web
from tests.browser.collecting import DEVICE, prepare
from tests.browser.conftest import Open, no_script_problems
from tests.live import Live
from tests.processes import HOST

PORTAL = ("text/html", "<h1>Wi-Fi de la gare</h1>")
SCRIPT = ("text/javascript", "export const x = 1")
INSTALL = """async () => {
  const registration = await navigator.serviceWorker.register('/app/worker.js', { scope: '/app' });
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  await new Promise((done) => {
    const look = () => { if (['activated', 'redundant'].includes(worker.state)) done(); };
    worker.addEventListener('statechange', look);
    look();
  });
  return worker.state;
}"""
ANOTHER = """() => navigator.serviceWorker.register(
  '/equipe/collecte/hors-ligne.js?2', { scope: '/equipe/collecte' })"""
KEPT = """async () => Promise.all((await caches.keys()).map(async (name) => (
  (await (await caches.open(name)).keys()).length)))"""


class Site:
    """A page of a few files, in one version or another, in front of which things go wrong."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, str]] = {}
        self.publish("1")

    def publish(self, version: str) -> None:
        build = f"/static/{version}/"
        said = {"version": version, "build": build, "pages": ["/app", "/app/guide"], "parts": [f"{build}a.js"]}
        worker = f"const COPY = {json.dumps(said)};\n{(web.STATIC / 'js/collect_worker.js').read_text()}"
        page = f"<!doctype html><title>{version}</title><script type=module src='{build}a.js'></script>"
        self.files |= {
            "/app/worker.js": ("text/javascript", worker),
            "/app": ("text/html", page + f'<link rel="stylesheet" href="{build}a.css">'),
            "/app/guide": ("text/html", "Le guide"),
            f"{build}a.js": SCRIPT,
            f"{build}a.css": ("text/css", "p {}"),
        }

    @contextmanager
    def served(self) -> Iterator[str]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, text = site.files.get(self.path, ("text/plain", ""))
                self.send_response(200 if text else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Service-Worker-Allowed", "/")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = ThreadingHTTPServer((HOST, 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://{HOST}:{server.server_port}"
        server.shutdown()
        server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_the_worker_keeps_everything_or_what_was_there_before(page: Page) -> None:
    site = Site()
    with site.served() as address:
        page.goto(address + "/app")
        for path, wrong in (
            ("/static/1/a.js", None),
            ("/static/1/a.js", PORTAL),
            ("/static/1/a.css", PORTAL),
            ("/app", PORTAL),
        ):
            right = site.files.pop(path)
            site.files |= {path: wrong} if wrong else {}
            assert page.evaluate(INSTALL) == "redundant", path
            assert page.evaluate(KEPT) in ([], [0])
            site.files[path] = right
        assert page.evaluate(INSTALL) == "activated"
        assert page.evaluate(KEPT) == [4]
        site.publish("2")
        site.files["/static/2/a.css"] = PORTAL
        page.evaluate("async () => { await (await navigator.serviceWorker.ready).update().catch(() => {}); }")
        page.wait_for_function("async () => !(await navigator.serviceWorker.getRegistration('/app')).installing")
        assert page.evaluate(KEPT) == [4]
        site.files.clear()
        page.reload()
        assert page.title() == "1"
        page.goto(address + "/app/guide?x")
        assert "Le guide" in page.inner_text("body")


def test_the_page_opens_without_network_and_changes_only_between_two_cards(visit: Open, live: Live) -> None:
    visitor = visit()
    page = visitor.page
    with no_script_problems(visitor):  # the service says 401
        prepare(page, live, DEVICE)
        visitor.go("/equipe/collecte")
        page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
        page.context.set_offline(True)
        page.reload()
        page.locator("[data-do=new]").click()
        page.evaluate("() => { window.same = true; }")
        page.fill("#card-words", "Au milieu d’une phrase")
        page.context.set_offline(False)
        # Another script at the same place, as after a release.
        page.evaluate(ANOTHER)
        page.wait_for_function(
            "async () => (await navigator.serviceWorker.getRegistration('/equipe/collecte')).waiting"
        )
        page.wait_for_timeout(1500)  # longer than the page waits between two looks
        assert page.evaluate("() => window.same")
        assert page.input_value("#card-words") == "Au milieu d’une phrase"
        page.go_back()
        page.wait_for_function("() => !window.same")
        page.locator("[data-screen=home]:not([hidden])").wait_for()
        expect(page.locator("[data-draft-waits]")).to_be_visible()
