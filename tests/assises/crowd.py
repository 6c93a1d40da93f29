"""`python -m tests.assises.crowd 2000 50`: so many people sign up at once, each at one of so many sessions with places.

Two real web workers, on SQLite and on PostgreSQL: each answered with 201 within a minute, no session oversold, every
place as the order of the commits gives it, nothing acknowledged lost. Then fewer without the guard, which must go wrong
(`make chaos`).
"""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from app import db
from app.models import AuditEntry, Event, EventKind, Place, Registration
from tests import factories
from tests.events.crowd import crowd, serving
from tests.servers import postgres

SEATS, ROOMS = 20, 5
FEW = (300, 5)  # people and sessions of the control
WITHIN = 60.0  # seconds, for the last of them


@dataclass
class Run:
    """What came of one crowd."""

    statuses: Counter[int]
    lost: int  # acknowledged, and not there
    wrong: list[str]
    slowest: float
    spread: list[int]  # connections of each worker

    def good(self, number: int) -> bool:
        shared = len(self.spread) == 2 and all(self.spread)
        return shared and self.statuses == {201: number} and not self.lost and not self.wrong

    def __str__(self) -> str:
        said = f"{dict(self.statuses)}, lost {self.lost}, sessions that went wrong {len(self.wrong)} {self.wrong[:3]}"
        return f"{said}, slowest {self.slowest:.1f} s, connections by worker {self.spread}"


def with_places(session: Session, sessions: int) -> list[str]:
    """A programme of so many sessions with places, released: the words in their addresses."""
    factories.released(session, sessions=sessions, rooms=ROOMS, seats=SEATS)
    return list(session.exec(select(Event.slug).order_by(col(Event.seq))))


def wishes(slugs: Sequence[str], number: int) -> list[tuple[str, int]]:
    """At random, the same ones each time: at which session, for how many people."""
    dice = random.Random(2022)
    return [(dice.choice(slugs), dice.choice((1, 1, 1, 2, 3))) for _ in range(number)]


def went_wrong(session: Session) -> list[str]:
    """Sessions whose places are not those that the order of the commits gives."""
    events = session.exec(select(Event).where(Event.kind == EventKind.SESSION)).all()
    return [f"{event.slug}: {fault}" for event in events for fault in _faults(session, event)]


def _faults(session: Session, event: Event) -> Iterator[str]:
    """Replayed: whoever came while there was room has a place, the others wait, and all of it was counted."""
    taken = waiting = 0
    for registration in _in_order_of_commit(session, event):
        seated = taken + registration.people <= (event.capacity or 0)
        if registration.state is not (Place.CONFIRMED if seated else Place.WAITING):
            yield f"{registration.state} where {taken} seats were taken"
        taken += registration.people if seated else 0
        waiting += not seated
    if (event.taken, event.waiting) != (taken, waiting):
        yield f"counted {event.taken} and {event.waiting}, there are {taken} and {waiting}"


def _in_order_of_commit(session: Session, event: Event) -> list[Registration]:
    mine = {str(one.id): one for one in session.exec(select(Registration).where(Registration.event_seq == event.seq))}
    entries = select(AuditEntry.object_id).where(AuditEntry.action == "registered").order_by(col(AuditEntry.seq))
    return [mine[each] for each in session.exec(entries) if each in mine]


def run(database: str, admin: str, number: int, sessions: int, module: str = "app.cli") -> Run:
    with serving(database, admin, module) as live:
        with db.writing() as session:
            slugs = with_places(session, sessions)
        answers, spread = asyncio.run(crowd(live, wishes(slugs, number)))
        with db.reading() as session:
            there = {str(id) for id in session.exec(select(Registration.id))}
            wrong = went_wrong(session)
        acknowledged = {answer["id"] for status, answer, _ in answers if status == 201}
        return Run(
            statuses=Counter(status for status, _, _ in answers),
            lost=len(acknowledged - there),
            wrong=wrong,
            slowest=max(took for _, _, took in answers),
            spread=spread,
        )


def main(number: str = "2000", sessions: str = "50") -> int:
    many, wrong = int(number), 0
    with postgres() as admin:
        for database in ("sqlite", "postgresql"):
            guarded = run(database, admin, many, int(sessions))
            print(f"{database}: {guarded}", flush=True)  # noqa: T201 - what it is run for
            control = run(database, admin, *FEW, module="tests.events.hasty")
            print(f"{database}, without the guard: {control}", flush=True)  # noqa: T201
            wrong += not guarded.good(many) or guarded.slowest > WITHIN or control.good(FEW[0])
    return wrong


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
