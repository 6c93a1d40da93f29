"""`python -m tests.events.crowd 500 20`: so many sign up at once for so many seats, at two real web workers.

On SQLite and on PostgreSQL: exactly so many confirmed, the others waiting in the order of their commits, each answered
with 201 within ten seconds. Then the same without the guard, which must go wrong (`make chaos`).
"""

import asyncio
import json
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from app import db
from app.adapters import vault
from tests import factories
from tests.events.test_places_races import is_fair
from tests.live import Live
from tests.processes import HOST, folder
from tests.servers import create_database, drop_database, postgres

WITHIN = 10.0  # seconds
KEY = "k" * 48


@dataclass
class Run:
    """What came of one crowd."""

    statuses: Counter[int]
    states: Counter[str]
    positions: list[int]
    slowest: float
    spread: list[int]  # connections of each worker
    fair: bool

    def good(self, number: int, seats: int) -> bool:
        expected = {"confirmed": seats, "waiting": number - seats}
        in_line = self.positions == list(range(1, number - seats + 1))
        return (
            len(self.spread) == 2
            and all(self.spread)
            and self.statuses == {201: number}
            and self.states == expected
            and in_line
            and self.fair
        )

    def __str__(self) -> str:
        came = f"{dict(self.statuses)} {dict(self.states)}, in order of commit: {self.fair}"
        return f"{came}, slowest {self.slowest:.1f} s, connections by worker {self.spread}"


@contextmanager
def serving(database: str, admin: str, module: str) -> Iterator[Live]:
    """Two web workers on an empty database, which this process opens too."""
    settings, name = {"DIALOGUE_RATE_LIMITS": "off", "DIALOGUE_SECRET_KEY": KEY}, f"crowd_{uuid.uuid4().hex[:8]}"
    with folder("crowd") as home:
        url = f"sqlite:///{home / 'data' / 'dialogue.sqlite'}"
        if database == "postgresql":
            url = create_database(admin, name)
            settings |= {"DIALOGUE_DATABASE_URL": url}
        live = Live(home, settings=settings, module=module)
        with live.serving(workers=2):
            db.configure(url)
            vault.configure(KEY)
            try:
                yield live
            finally:
                db.dispose()
        if database == "postgresql":
            drop_database(admin, name)


async def crowd(live: Live, asked: Sequence[tuple[str, int]]) -> tuple[list[tuple[int, Any, float]], list[int]]:
    """All at once, each on a connection open already: status, answer, seconds of each; connections of each worker.

    `asked`: at which meeting, for how many people.
    """
    open_ones = []
    for _ in asked:  # one by one: a worker that wakes up takes all that knock
        open_ones.append(await asyncio.open_connection(HOST, live.port))
        await asyncio.sleep(0.002)
    spread = [_connections(worker, live.port) for worker in live.listeners()]
    each = enumerate(zip(open_ones, asked, strict=True))
    answers = await asyncio.gather(*(_ask(*held, *wish, place) for place, (held, wish) in each))
    return answers, spread


async def _ask(reader: Any, writer: Any, slug: str, people: int, place: int) -> tuple[int, Any, float]:
    said = {"name": f"n{place}", "email": f"n{place}@exemple.fr", "people": people, "consents": {"data": True}}
    body = json.dumps(said).encode()
    head = f"POST /api/v1/events/{slug}/registrations HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
    start = time.perf_counter()
    writer.write(f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    told = await reader.read()
    writer.close()
    return int(told.split()[1]), json.loads(told.partition(b"\r\n\r\n")[2]), time.perf_counter() - start


def _connections(worker: psutil.Process, port: int) -> int:
    held = worker.net_connections(kind="tcp")
    return sum(one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port for one in held)


def run(database: str, admin: str, number: int, seats: int, module: str = "app.cli") -> Run:
    with serving(database, admin, module) as live:
        with db.writing() as session:
            event = factories.event(session, capacity=seats)
        answers, spread = asyncio.run(crowd(live, [(event.slug, 1)] * number))
        taken = [answer for status, answer, _ in answers if status == 201]
        return Run(
            statuses=Counter(status for status, _, _ in answers),
            states=Counter(answer["state"] for answer in taken),
            positions=sorted(answer["position"] for answer in taken if answer["position"]),
            slowest=max(took for _, _, took in answers),
            spread=spread,
            fair=is_fair(event.seq or 0, seats, number),
        )


def main(number: str = "500", seats: str = "20") -> int:
    many, few, wrong = int(number), int(seats), 0
    with postgres() as admin:
        for database in ("sqlite", "postgresql"):
            guarded = run(database, admin, many, few)
            print(f"{database}: {guarded}", flush=True)  # noqa: T201 - what it is run for
            control = run(database, admin, many, few, module="tests.events.hasty")
            print(f"{database}, without the guard: {control}", flush=True)  # noqa: T201
            wrong += not guarded.good(many, few) or guarded.slowest > WITHIN or control.good(many, few)
    return wrong


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
