"""What every change of places is made of: one event held, seats and people waiting counted, each step written down.

Locks are taken in one order everywhere: the event (`hold`), what the public sees (`bump…`), the journal. A rule that
bumps first and then holds an event may wait for ever.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, select

from app import audit
from app.errors import Conflict
from app.events import messages
from app.models import SEATED, Access, Event, EventState, Place, Registration
from app.models.driver import fetch, insert_new, run
from app.models.publication import bump_seats

# What is told under another name than the journal's.
TOLD = {"registration_promoted": "promoted", "place_offered": "offered"}
TOO_LATE_TO_SAY = ("offer_expired", "registration_changed")  # once the event has begun


def hold(db: Session, event_seq: int) -> Event:
    """The event as it is now, with a new number in its line; nobody else changes its places until the commit."""
    db.flush()
    run(db, "UPDATE event SET line = line + 1 WHERE seq = ?", event_seq)
    return db.get_one(Event, event_seq, populate_existing=True)


@dataclass
class Held:
    """What signing up asks of an event that is held; `taken` and `waiting` are counted here, then written."""

    seq: int
    state: EventState
    access: Access
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    capacity: int | None
    taken: int
    waiting: int
    line: int


@dataclass(frozen=True)
class Fresh:
    """A registration just taken: what telling and writing down ask of it."""

    seq: int
    id: UUID
    state: Place
    people: int
    language: str
    email_sealed: bytes | None
    phone_sealed: bytes | None
    state_since: datetime
    version: int = 1


Step = tuple[Registration | Fresh, str, str]  # whose, what was done, who did it
ASKED = tuple(Event.__table__.columns[each.name] for each in fields(Held))  # type: ignore[attr-defined]
# In the driver's own words: many sign up at once, and each waits for the one before.
HOLD = f"UPDATE event SET line = line + 1 WHERE seq = ? RETURNING {', '.join(each.name for each in ASKED)}"  # noqa: S608
COUNTED = "UPDATE event SET taken = ?, waiting = ? WHERE seq = ?"


def hold_lightly(db: Session, event_seq: int) -> Held:
    """As `hold`, without what nobody asks who only takes a place."""
    db.flush()
    return Held(*(fetch(db, ASKED, HOLD, event_seq) or ()))


def add(db: Session, event: Held, row: Mapping[str, Any]) -> Fresh:
    """A new registration, counted."""
    seq = insert_new(db, Registration, row, "seq")
    if seq is None:
        raise Conflict(code="stale")
    made = Fresh(seq, *(row[each.name] for each in fields(Fresh)[1:-1]))
    _count(event, made, +1)
    run(db, COUNTED, event.taken, event.waiting, event.seq)
    if loaded := db.identity_map.get(identity_key(Event, event.seq)):
        db.refresh(loaded)
    return made


def held(db: Session, registration: Registration) -> tuple[Event, Registration]:
    """Its event, held, and the registration as it is then."""
    event = hold(db, registration.event_seq)
    db.refresh(registration)
    return event, registration


def fits(event: Event | Held, people: int) -> bool:
    """Whether so many more find a seat."""
    return event.capacity is None or event.taken + people <= event.capacity


def put(
    db: Session,
    event: Event,
    registration: Registration,
    to: Place,
    *,
    now: datetime,
    until: datetime | None = None,
    people: int | None = None,
    last: bool = False,
) -> None:
    """Changes the state, the number of `people`, or the place in the line, of a registration whose event is held."""
    _count(event, registration, -1)
    if to is not registration.state:
        registration.state_since = now
    if last:
        event.line += 1
        registration.line = event.line
    registration.state, registration.offered_until = to, until
    registration.people = people or registration.people
    registration.version += 1
    _count(event, registration, +1)
    db.flush()


def _count(event: Event | Held, registration: Registration | Fresh, by: int) -> None:
    if registration.state in SEATED:
        event.taken += by * registration.people
    elif registration.state is Place.WAITING:
        event.waiting += by


def position(db: Session, registration: Registration) -> int:
    """Which one in the waiting list, from 1; 0 when not in it."""
    if registration.state is not Place.WAITING:
        return 0
    before = (
        select(sa.func.count())
        .select_from(Registration)
        .where(
            Registration.event_seq == registration.event_seq,
            Registration.state == Place.WAITING,
            Registration.line <= registration.line,
        )
    )
    return db.exec(before).one()


def close(db: Session, event: Event | Held, steps: Iterable[Step], *, now: datetime) -> None:
    """Last in every rule: people are told, the public sees other numbers, the journal has each step."""
    done = list(steps)
    for registration, action, _ in done:
        if now < event.starts_at or action not in TOO_LATE_TO_SAY:
            messages.tell(db, registration, template=_template(registration, action), now=now)
    bump_seats(db)
    for registration, action, actor in done:
        audit.append(
            db, actor=actor, action=action, kind="registration", object_id=str(registration.id), now=now,
            hashes={"to": registration.state.value},
        )  # fmt: skip


def _template(registration: Registration | Fresh, action: str) -> str:
    if action in ("registered", "offer_accepted"):
        return "waiting" if registration.state is Place.WAITING else "registered"
    return TOLD.get(action, action)
