"""`python -m tests.assises.moved 30 100`: a release moves so many sessions, each with so many people signed up.

On SQLite and on PostgreSQL: everybody gets one letter, with a calendar entry of the same UID, a higher SEQUENCE and the
new hour, read by a parser of calendars; every difference is in the release; the worker computes for a minute at most.
Doing all jobs again sends nothing more (`make chaos`).
"""

import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import icalendar
from pydantic import SecretStr
from sqlmodel import Session, col, select

from app import db, jobs, migrate, process
from app.adapters import Adapters
from app.adapters.mailer import Outbox
from app.db import insert
from app.events import people, tokens
from app.jobs import embedded, execution, registry
from app.models import Event, Message, MessageState, Place, ProgrammeSession, Registration, Release
from app.models.base import new_id
from app.settings import Settings
from tests import factories
from tests.processes import folder
from tests.servers import create_database, drop_database, postgres

NOW = datetime(2022, 4, 12, 8, tzinfo=UTC)
LATER = timedelta(minutes=5)
WITHIN = 60.0  # seconds the worker computes; how long it takes on a machine of its own: `make bench`
KEY = "k" * 48
Entry = tuple[str, int, datetime]  # UID, SEQUENCE, when it begins


@dataclass
class Box(Outbox):
    """Keeps what is sent in the order of sending, once a key, however much it is."""

    keys: set[str] = field(default_factory=set)

    def send(self, message: EmailMessage, *, key: str) -> None:
        if key not in self.keys:
            self.keys.add(key)
            self.sent.append(message)


@dataclass
class Run:
    """What came of one release."""

    differences: int
    letters: int
    wrong: list[str]  # people told otherwise than once and rightly
    seen: bool  # that one letter lost, or sent twice, would have shown
    released: float
    worked: float
    busy: float  # of the worker's part, what this process computed

    def good(self, sessions: int, each: int) -> bool:
        counted = (self.differences, self.letters) == (sessions, sessions * each)
        return counted and not self.wrong and self.seen and self.busy <= WITHIN

    def __str__(self) -> str:
        told = f"{self.differences} differences, {self.letters} letters, wrong {len(self.wrong)} {self.wrong[:3]}"
        took = f"released in {self.released:.1f} s, the worker's part {self.worked:.1f} s ({self.busy:.1f} s computing)"
        return f"{told}, {took}"


@contextmanager
def instance(database: str, admin: str) -> Iterator[tuple[Adapters, Outbox]]:
    """An empty one, whose mail stays here."""
    name = f"moved_{uuid.uuid4().hex[:8]}"
    with folder("moved") as home:
        url = create_database(admin, name) if database == "postgresql" else ""
        settings = Settings(
            data_dir=home, secret_key=SecretStr(KEY), base_url="http://testserver", now=NOW, database_url=url
        )
        migrate.to(url=settings.database)
        jobs.configure("embedded:")
        outbox = Box()
        try:
            yield replace(process.configure(settings), mailer=outbox), outbox
        finally:
            db.dispose()
            if url:
                drop_database(admin, name)


def run(database: str, admin: str, sessions: int, each: int) -> Run:
    with instance(database, admin) as (adapters, outbox):
        with db.writing() as session:
            factories.released(session, sessions=sessions, rooms=3, seats=each, now=NOW)
            sign_up(session, each)
        began = time.perf_counter()
        with db.writing() as session:
            release = move(session)
            differences = len(release.changes)
        released = time.perf_counter() - began
        began, computed = time.perf_counter(), time.process_time()
        work(adapters)
        worked, busy = time.perf_counter() - began, time.process_time() - computed
        with db.reading() as session:
            expected = expectations(session)
            left = session.exec(select(Message).where(Message.state != MessageState.SENT)).all()
        again = len(outbox.sent)
        work(adapters)
        came = [(mail["To"], read(mail)) for mail in outbox.sent]
        wrong = [*went_wrong(came, expected), *(each.once for each in left)]
        wrong += ["sent again"] * (len(outbox.sent) - again)
        seen = all(went_wrong(others, expected) for others in (came[1:], [*came, came[0]]))
        return Run(differences, len(outbox.sent), wrong, seen, released, worked, busy)


def sign_up(session: Session, each: int) -> None:
    """So many at each, everybody with an address that says where."""
    for event in session.exec(select(Event)).all():
        rows = [_person(event, number) for number in range(each)]
        session.connection().execute(insert(session, Registration), rows)
        event.taken = each
        session.add(event)


def _person(event: Event, number: int) -> dict[str, Any]:
    one = f"{number}@{event.slug}.example"
    return {
        "id": new_id(), "event_seq": event.seq, "state": Place.CONFIRMED, "version": 1, "people": 1, "line": number,
        "name_sealed": people.seal("Camille"), "email_sealed": people.seal(one), "token_mac": tokens.mac(one),
        "token_sealed": tokens.seal(one), "needs": [], "language": "fr", "wording": "1", "may_contact": False,
        "reminders": False, "walk_in": False, "by": "person", "registered_at": NOW, "state_since": NOW,
    }  # fmt: skip


def move(session: Session) -> Release:
    for one in session.exec(select(ProgrammeSession)).all():
        one.starts_at = (one.starts_at or NOW) + LATER
        session.add(one)
    session.flush()
    return factories.released(session, now=NOW)


def work(adapters: Adapters) -> None:
    """Every job that is due, as the worker does."""
    registry.load()
    while job := embedded.claim("moved", lease=600):
        embedded.settle(job, "moved", execution.attempt(job.task, job.args, job.attempts, adapters))


def expectations(session: Session) -> dict[str, Entry]:
    """Address → UID, SEQUENCE and beginning of the entry that must arrive there."""
    signed = select(Event.id, Event.slug, Event.starts_at, Registration.line).join(
        Registration, col(Registration.event_seq) == col(Event.seq)
    )
    return {
        f"{line}@{slug}.example": (f"{event_id}@testserver", 1, starts_at)
        for event_id, slug, starts_at, line in session.exec(signed).all()
    }


def went_wrong(came: list[tuple[str, Entry]], expected: dict[str, Entry]) -> list[str]:
    """Who was not told exactly once, or of something else."""
    letters = Counter(address for address, _entry in came)
    wrong = [f"{address}: {letters[address]} letters" for address in expected if letters[address] != 1]
    return wrong + [f"{address}: another entry" for address, entry in came if entry != expected.get(address)]


def read(mail: EmailMessage) -> Entry:
    """What a calendar takes out of the letter."""
    (attached,) = mail.iter_attachments()
    (entry,) = icalendar.Calendar.from_ical(attached.get_payload(decode=True)).walk("VEVENT")  # type: ignore[arg-type]
    return str(entry["UID"]), int(entry["SEQUENCE"]), entry.start.astimezone(UTC)


def main(sessions: int, each: int) -> int:
    good = True
    with postgres() as admin:
        for database in ("sqlite", "postgresql"):
            came = run(database, admin, sessions, each)
            print(f"{database}: {came}", flush=True)  # noqa: T201 - what it is run for
            good = good and came.good(sessions, each)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
