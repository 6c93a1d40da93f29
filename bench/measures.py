"""The measures, one function for each part; each answers with the lines of the table."""

import contextlib
import json
import random
import re
import shutil
import sqlite3
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import psutil

from app.consultation.content import consultation
from app.contributions.queries import write_cursor
from bench import language, load, serving
from bench.generate import FOLDER, database
from bench.report import Result, at_least, at_most, told
from bench.serving import Server

UNCACHED = {"DIALOGUE_PAGE_CACHE": "off"}
GZIP = {"Accept-Encoding": "gzip"}
KNOWN_HELLO, KNOWN_LIST, KNOWN_ONE = 30_000, 250, 300  # requests per second the targets were set with
PAST = 980
COMBINATIONS, ROUNDS, SEARCHES = 60, 25, 40
TURNS = 5  # of what varies most, each beside its yardstick


def pages() -> list[Result]:
    """The page cache and the list, beside the hello of this run."""
    with serving.hello() as server:
        bare = load.reads(server, "/").per_second
    with _service() as server:
        _status, headers, _body = load.fetch(server, "/", GZIP)
        kept = load.reads(server, "/", headers=GZIP).per_second
        unchanged = load.reads(server, "/", headers=GZIP | {"If-None-Match": headers["etag"]}).per_second
    with _service(workers=2, **UNCACHED) as server:
        listed = load.reads(server, "/paroles", headers=GZIP)
        shown = load.reads(server, _one(server), headers=GZIP)
    return [
        told("pages", "bare Starlette hello, one worker: 1.00", f"{bare:,.0f}/s"),
        at_least("pages", "home from the cache, ratio to hello", 0.8, kept / bare, told=f" ({kept:,.0f}/s)"),
        at_least("pages", "304, ratio to hello", 1.0, unchanged / bare, told=f" ({unchanged:,.0f}/s)"),
        _at_hello("list of 20 cards, page cache off, two workers", KNOWN_LIST, listed, bare),
        _at_hello("one contribution, page cache off, two workers", KNOWN_ONE, shown, bare),
    ]


def _at_hello(what: str, asked: int, done: load.Load, bare: float) -> Result:
    """So many a second were asked of a machine whose hello makes `KNOWN_HELLO`."""
    wanted, rate = asked * bare / KNOWN_HELLO, f"{done.per_second:.0f}/s"
    target = f"≥ {wanted:.0f}/s ({asked} at a hello of {KNOWN_HELLO:,})"
    return Result("pages", what, target, rate, done.per_second >= wanted and not done.refused)


def _one(server: Server) -> str:
    """The address of a published contribution."""
    _status, _headers, body = load.fetch(server, "/api/v1/contributions?limit=1")
    return str(json.loads(body)["items"][0]["url"])


@contextlib.contextmanager
def _service(size: int = 1000, *, workers: int = 1, **settings: str):  # type: ignore[no-untyped-def]
    """The service on a database of `size` (written to as little as reading does), its data folder thrown away."""
    folder = load.folder(FOLDER)
    try:
        with serving.service(folder, database(size), workers=workers, **settings) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def lists(sizes: tuple[int, ...] = (1_000, 100_000, 1_000_000)) -> list[Result]:
    """The list page, page cache off: the same for any number of contributions. The servers are asked in turn."""
    with contextlib.ExitStack() as stack:
        servers = {size: stack.enter_context(_service(size, **UNCACHED)) for size in sizes}
        times: dict[int, dict[str, float]] = {size: {} for size in sizes}
        for name in ("unfiltered", *_single(), f"after {PAST} items"):
            taken: dict[int, list[float]] = {size: [] for size in sizes}
            for _ in range(ROUNDS):
                for size, server in servers.items():
                    taken[size] += load.latencies(server, [_path(name, size)])
            for size in sizes:
                times[size][name] = median(taken[size])
        combined = load.latencies(servers[sizes[-1]], _combinations())
    small, large = times[sizes[0]], times[sizes[-1]]
    worst = max(_single(), key=lambda name: large[name] / small[name])
    over, past = f"{sizes[-1]:,} against {sizes[0]:,}", f"after {PAST} items"
    results = [told("list", f"list page at {size:,}", f"{times[size]['unfiltered']:.1f} ms (median)") for size in sizes]
    return [
        *results,
        at_most("list", f"unfiltered, {over}", 1.5, large["unfiltered"] / small["unfiltered"], " ×"),
        at_most("list", f"worst single filter, {over}", 1.5, large[worst] / small[worst], " ×", told=f" ({worst})"),
        at_most("list", f"{past}, {over}", 1.5, large[past] / small[past], " ×"),
        at_most(
            "list", f"{COMBINATIONS} combinations at {sizes[-1]:,}, p95", 150, load.percentile(combined, 0.95), " ms"
        ),
    ]


def _single() -> dict[str, str]:
    """For each filter a value that fills a page at a thousand contributions already."""
    return {
        "question": "q2", "kind": "collective", "channel": "street", "audience": consultation().audiences[0].id,
        "quartier": consultation().public_quartiers[0].id, "language": "ar", "has": "photo", "since": "2022-03-15",
    }  # fmt: skip


def _path(name: str, size: int) -> str:
    if name in _single():
        return f"/paroles?{name}={_single()[name]}"
    return f"/paroles?after={write_cursor(f's{size - PAST + 1}')}" if name.startswith("after") else "/paroles"


def _combinations() -> list[str]:
    """Two to five filters at random, rare and contradictory ones among them, a word in every third."""
    dice, content = random.Random(7), consultation()
    values = {
        "question": [part.id for part in content.questions],
        "kind": ["individual", "collective"],
        "channel": ["online", "street", "paper", "phone", "workshop", "email"],
        "audience": [part.id for part in content.audiences],
        "quartier": [part.id for part in content.public_quartiers],
        "language": ["fr", "ar", "en", "uk", "ti"],
        "has": ["photo"],
    }
    found = []
    for number in range(COMBINATIONS):
        names = dice.sample(sorted(values), dice.randint(2, 5))
        chosen = {name: dice.choice(values[name]) for name in names}
        if number % 3 == 0:
            chosen["q"] = dice.choice(("table", "logement", "quartier", "hébergement urgence"))
        found.append(f"/paroles?{urlencode(chosen)}")
    return found


def searches() -> list[Result]:
    """A common word, a rare one, both, over the whole text of 100,000 contributions."""
    dice = random.Random(11)
    rare = [next(iter(said.plain - {"dit"})) for said in dice.sample(language.rare(random.Random(2022)), SEARCHES)]
    common = ["table", "logement", "quartier", "solitude", "précarité", "voisins", "associations", "repas"]
    queries = {
        "a common word": [{"q": dice.choice(common)} for _ in range(SEARCHES)],
        "a rare word": [{"q": word} for word in rare],
        "both": [{"q": f"{dice.choice(common)} {word}"} for word in rare],
        "a common word, by relevance": [{"q": dice.choice(common), "sort": "relevance"} for _ in range(SEARCHES)],
        "a mistyped word": [{"q": dice.choice(("hebergemnt", "solidartés", "assocation"))} for _ in range(SEARCHES)],
    }
    results = []
    with _service(100_000) as server:
        load.latencies(server, ["/paroles"])
        for name, asked in queries.items():
            taken = load.latencies(server, [f"/paroles?{urlencode(each)}" for each in asked])
            results.append(at_most("search", f"{name}, at 100,000, p95", 50, load.percentile(taken, 0.95), " ms"))
    return results


def submissions() -> list[Result]:
    """Durable contributions beside the barest durable INSERT on the same disk, in turn; the middle of the rounds."""
    taken: dict[int, list[float]] = {0: [], 1: [], 2: []}
    for _ in range(TURNS):
        taken[0].append(raw_commits(2))
        for workers in (1, 2):
            folder = load.folder(FOLDER)
            with serving.service(folder, workers=workers) as server:
                load.submissions(server, seconds=1)
                done = load.submissions(server, seconds=4)
            if done.refused:
                raise SystemExit(f"{done.refused} submissions were refused")
            taken[workers].append(done.per_second)
            shutil.rmtree(folder, ignore_errors=True)
    raw, one, two = (median(rates) for rates in taken.values())
    return [
        told("submit", "raw SQLite BEGIN IMMEDIATE; INSERT; COMMIT, synchronous=FULL", f"{raw:,.0f}/s"),
        at_least(
            "submit", "submissions, 8 clients, ratio to raw", 0.05, beside(taken[1], taken[0]), told=f" ({one:.0f}/s)"
        ),
        at_least("submit", "two workers against one", 0.9, beside(taken[2], taken[1]), told=f" ({two:.0f}/s)"),
    ]  # fmt: skip


def beside(rates: list[float], yardsticks: list[float]) -> float:
    """The middle of the rounds' ratios: each round beside its own yardstick, for the machine's pace drifts."""
    return median(rate / yardstick for rate, yardstick in zip(rates, yardsticks, strict=True))


def raw_commits(seconds: float) -> float:
    folder = load.folder(FOLDER)
    connection = sqlite3.connect(folder / "raw.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE said (seq INTEGER PRIMARY KEY, body TEXT)")
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO said (body) VALUES (?)", (load.BODY["body"],))
        connection.execute("COMMIT")
        done += 1
    rate = done / (time.perf_counter() - began)
    connection.close()
    shutil.rmtree(folder)
    return rate


def mixed() -> list[Result]:
    """Reading, page cache off, while 64 people send at once."""
    folder = load.folder(FOLDER)
    shutil.copy(database(1000), folder / "dialogue.sqlite")
    with serving.service(folder, **UNCACHED) as server:
        load.latencies(server, ["/paroles"], rounds=3)
        with load.in_background(lambda: load.submissions(server, seconds=8, clients=64)) as writers:
            taken, until = [], time.perf_counter() + 7
            while time.perf_counter() < until:
                taken += load.latencies(server, ["/paroles", "/paroles?q=table"])
    shutil.rmtree(folder, ignore_errors=True)
    written = writers[0]
    told_rate = f"{written.refused} ({written.per_second:.0f}/s sent)"
    return [
        at_most("mixed", "reads while 64 send at once, p99", 500, load.percentile(taken, 0.99), " ms"),
        Result("mixed", "submissions refused meanwhile", "0", told_rate, not written.refused),
    ]


def memory() -> list[Result]:
    """Web and job worker, idle; and the time from nothing to the first answer."""
    first = median(_start() for _ in range(TURNS))
    folder = load.folder(FOLDER)
    with serving.service(folder) as server:
        load.latencies(server, ["/", "/paroles", "/participer"], rounds=3)
        time.sleep(5)
        used = _proportional(server)
    with serving.service(folder, workers=2, **UNCACHED) as server:
        load.submissions(server, seconds=2)
        load.reads(server, "/paroles", headers=GZIP)
        after = _proportional(server)
    shutil.rmtree(folder, ignore_errors=True)
    return [
        at_most("memory", "memory of `serve`, idle, job worker included (PSS)", 240, used, " MB"),
        at_most("memory", "the same with two web workers, after load", 300, after, " MB"),
        at_most("memory", "start to first answer, on an empty folder", 3, first, " s"),
    ]


def _start() -> float:
    """Seconds from the command on an empty folder to the first answer."""
    folder = load.folder(FOLDER)
    with serving.service(folder) as server:
        first = server.started
    shutil.rmtree(folder, ignore_errors=True)
    return first


def _proportional(server: Server) -> float:
    parent = psutil.Process(server.pid)
    family = [parent, *parent.children(recursive=True)]
    return sum(process.memory_full_info().pss for process in family) / 1e6


def weights() -> list[Result]:
    """What a first visit fetches, compressed, photos aside."""
    results = []
    with _service() as server:
        one = _one(server)
        visits = [
            ("home", "/", 60),
            ("list", "/paroles", 60),
            ("one contribution", one, 60),
            ("form", "/participer", 90),
        ]
        for name, path, most in visits:
            size, requests = visit(server, path)
            results.append(at_most("weight", f"{name}, first visit", most, size / 1000, " kB"))
            results.append(
                at_most("weight", f"{name}, requests", 6, requests)
                if most == 60
                else told("weight", f"{name}, requests", str(requests))
            )
    return results  # fmt: skip


def visit(server: Server, path: str) -> tuple[int, int]:
    """Bytes and requests of a page, its styles, icon and the modules its hooks load."""
    status, headers, packed = load.fetch(server, path, GZIP)
    assert status == 200, path
    html = load.fetch(server, path)[2].decode()
    links = set(re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"', html)) | set(
        re.findall(r'<script[^>]+src="([^"]+)"', html)
    )
    size, seen, waiting = int(headers.get("content-length", len(packed))), {path}, links
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        size += len(load.fetch(server, address, GZIP)[2])
        if address.endswith(".js"):
            waiting |= set(_modules(address, load.fetch(server, address)[2].decode(), html))
    return size, len(seen)


def _modules(address: str, code: str, html: str) -> list[str]:
    """What a module imports: always, or for a hook the page has."""
    here = address.rsplit("/", 1)[0]
    always = [f"{here}/{name}" for name in re.findall(r"""(?:from|import)\s+['"]\./([\w-]+\.js)""", code)]
    hooked = [
        f"{here}/{name}.js"
        for name, selector in re.findall(r"^\s+(\w+): '([^']+)',$", code, re.MULTILINE)
        if any(hook in html for hook in re.findall(r"data-[\w-]+", selector))
    ]
    return always + hooked


def clean(folder: Path = FOLDER) -> None:
    """Data folders of runs that were interrupted."""
    for left in folder.glob("run-*"):
        shutil.rmtree(left, ignore_errors=True)
