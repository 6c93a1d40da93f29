"""The moderators' desk: its list at a thousand and at a hundred thousand that wait, and a key pressed in Chromium."""

import contextlib
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page, sync_playwright

from app import db, migrate
from bench import language, load, serving
from bench.generate import CONTRIBUTION, FIRST, FOLDER, REVISION, _insert, reference
from bench.report import Result, at_most, told
from bench.serving import Server
from tests.browser.conftest import CHROMIUM, FLAGS

FORMAT = 1
SIZES = (1_000, 100_000)
WAITING, DECISIONS = 10_000, 45
ROUNDS = 40
THINKING = 0.6  # seconds a moderator reads at the very least
SHOWN = "/equipe/moderation"
# From the key to the next item's words painted: when the heading has changed, the frame after it.
WATCH = """window.taken = [];
addEventListener('keydown', (event) => {
  if (event.key !== 'p') return;
  const words = () => document.querySelector('main h1')?.textContent;
  const before = words();
  const look = () => (words() === before ? requestAnimationFrame(look)
    : requestAnimationFrame(() => setTimeout(() => window.taken.push(performance.now() - event.timeStamp), 0)));
  requestAnimationFrame(look);
}, true);"""


def desk() -> list[Result]:
    return [*lists(), *keys()]


def lists() -> list[Result]:
    """The queue, its filters, what pages that stay open ask: the servers are asked in turn."""
    paths = {
        "queue": SHOWN, "queue, past 400": "", "queue, one channel": f"{SHOWN}?channel=street",
        "what changed meanwhile": f"{SHOWN}/etat",
    }  # fmt: skip
    times: dict[int, dict[str, float]] = {}
    with contextlib.ExitStack() as stack:
        servers = {size: stack.enter_context(_service(size)) for size in SIZES}
        taken: dict[int, dict[str, list[float]]] = {size: {name: [] for name in paths} for size in SIZES}
        past = {size: _past(server, credential) for size, (server, credential) in servers.items()}
        for round in range(ROUNDS + 5):
            for name, path in paths.items():
                for size, (server, credential) in servers.items():
                    one = load.latencies(server, [path or past[size]], headers=credential)
                    taken[size][name] += one if round >= 5 else []
        times = {size: {name: median(each) for name, each in found.items()} for size, found in taken.items()}
    small, large = (times[size] for size in SIZES)
    over = f"{SIZES[1]:,} waiting against {SIZES[0]:,}"
    return [
        at_most(
            "desk", f"{name}, {over}", 1.5, large[name] / small[name], " ×", told=f" ({large[name]:.1f} ms)"
        )
        for name in paths
    ]  # fmt: skip


def _past(server: Server, credential: dict[str, str]) -> str:
    """The address of a page far down the list, as a moderator gets there."""
    path = f"{SHOWN}?limit=100"
    for _ in range(4):
        _status, _headers, body = load.fetch(server, path, credential)
        html = body.decode()
        path = html.split('rel="next" href="')[-1].split('"')[0].replace("&amp;", "&")
    return path.replace("limit=100", "limit=20")


def keys() -> list[Result]:
    """One moderator publishes by key: reading for a moment each time, then as fast as the page allows."""
    with _service(WAITING, copy=True) as (server, credential), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(extra_http_headers=credential, viewport={"width": 1280, "height": 900}).new_page()
        page.add_init_script(WATCH)
        page.goto(server.url + SHOWN)
        page.locator("main [data-item] h2 a").first.click()  # the list is left as by any link
        page.wait_for_selector("[data-desk][data-next][data-ready]")
        time.sleep(1)
        calm = _decide(page, DECISIONS, pause=THINKING)
        hurried = _decide(page, DECISIONS, pause=0)
        time.sleep(7)  # the last of them are sent
        left = int(_count(server, credential))
        browser.close()
    done = WAITING - left
    return [
        at_most("desk", f"key to next item painted, {WAITING:,} waiting, p95", 100, load.percentile(calm, 0.95), " ms",
                told=f" (median {median(calm):.0f} ms, {len(calm)} decisions)"),
        told("desk", "the same without a moment to read, p95", f"{load.percentile(hurried, 0.95):.0f} ms"),
        Result("desk", "decisions by key that were taken", str(2 * DECISIONS), str(done), done == 2 * DECISIONS),
    ]  # fmt: skip


def _decide(page: Page, times: int, *, pause: float) -> list[float]:
    page.evaluate("window.taken = []")
    for number in range(times):
        time.sleep(pause)
        page.keyboard.press("p")
        page.wait_for_function("n => window.taken.length > n", arg=number)
    return list(page.evaluate("window.taken"))


def _count(server: Server, credential: dict[str, str]) -> Any:
    html = load.fetch(server, SHOWN, credential)[2].decode()
    return html.split('data-count="waiting">')[1].split("<")[0]


@contextlib.contextmanager
def _service(size: int, *, copy: bool = False) -> Iterator[tuple[Server, dict[str, str]]]:
    """The service on a database where so many wait, and the credential of one moderator."""
    folder, database = load.folder(FOLDER), waiting(size)
    if copy:
        database = Path(shutil.copy(database, folder / "dialogue.sqlite"))
    try:
        with serving.service(folder, database) as server:
            yield server, {"Authorization": f"Bearer {_moderator(folder, database)}"}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _moderator(folder: Path, database: Path) -> str:
    env = serving.environment(folder, database)
    email = f"{random.Random().randbytes(4).hex()}@equipe.example"
    for arguments, typed in (
        (["user", "add", email, "--role", "moderator", "--password-stdin"], "trois barques sur l’Erdre\n"),
        (["token", "add", email, "--name", "bench"], ""),
    ):
        said = subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments], env=env, input=typed, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
    return said.stdout.strip()


def waiting(size: int, folder: Path = FOLDER) -> Path:
    """A database where `size` wait to be read, three in four of them late; made if it is not there."""
    path = folder / f"waiting-{size}-v{FORMAT}" / "dialogue.sqlite"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name("unfinished.sqlite")
    for left in path.parent.glob("unfinished*"):
        left.unlink()
    migrate.to(url=f"sqlite:///{unfinished.resolve()}")
    db.dispose()
    connection = sqlite3.connect(unfinished, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    dice = random.Random(2022)
    texts = language.texts(dice)
    rows = [_row(seq, size, dice, dice.choice(texts).text) for seq in range(1, size + 1)]
    _insert(connection, "contribution", [*CONTRIBUTION, "assisted_revision"], (row[0] for row in rows))
    _insert(connection, "revision", REVISION, (row[1] for row in rows))
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    unfinished.rename(path)
    return path


def _row(seq: int, size: int, dice: random.Random, body: str) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Received within the eight days before the service's clock (bench/serving.NOW)."""
    at = (FIRST + timedelta(days=68) + timedelta(days=8) * (seq / size)).isoformat(" ", "microseconds")
    channel = dice.choices(("online", "street", "paper"), (70, 20, 10))[0]
    nobody = (None, None, None, "[]", None, 0, 1)  # name … invented
    return (
        (seq, f"{seq:032x}", reference(seq), "individual", channel, "q1", "fr", "pending", 1, 1, *nobody,
         at, at, None, None, None, 0, 0, 0, 1),
        (seq, seq, 1, None, body, "fr", at),
    )  # fmt: skip
