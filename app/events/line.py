"""What every change of places is made of: one event held, seats and people waiting counted, each step written down.

Locks are taken in one order everywhere: the event (`hold`), what the public sees (`bump…`), the journal. A rule that
bumps first and then holds an event may wait for ever.
"""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import Session, select

from app import audit
from app.errors import Conflict
from app.events import messages
from app.models import SEATED, Event, Place, Registration
from app.models.driver import insert_new, run
from app.models.publication import bump_seats

# What is told under another name than the journal's.
TOLD = {"registration_promoted": "promoted", "place_offered": "offered"}
TOO_LATE_TO_SAY = ("offer_expired", "registration_changed")  # once the event has begun
COLUMNS = tuple(name for name in Registration.model_fields if name != "seq")
Step = tuple[Registration, str, str]  # whose, what was done, who did it


def hold(db: Session, event_seq: int) -> Event:
    """The event as it is now, with a new number in its line; nobody else changes its places until the commit."""
    db.flush()
    run(db, "UPDATE event SET line = line + 1 WHERE seq = ?", event_seq)
    return db.get_one(Event, event_seq, populate_existing=True)


def held(db: Session, registration: Registration) -> tuple[Event, Registration]:
    """Its event, held, and the registration as it is then."""
    event = hold(db, registration.event_seq)
    db.refresh(registration)
    return event, registration


def fits(event: Event, people: int) -> bool:
    """Whether so many more find a seat."""
    return event.capacity is None or event.taken + people <= event.capacity


def add(db: Session, event: Event, registration: Registration) -> None:
    """A new one, counted. In the driver's own words: many come at once, and each waits for the one before."""
    _count(event, registration, +1)
    registration.seq = insert_new(db, Registration, {name: getattr(registration, name) for name in COLUMNS}, "seq")
    if registration.seq is None:
        raise Conflict(code="stale")
    make_transient_to_detached(registration)  # it is in the table: nothing to insert, all of it known
    db.add(registration)
    db.flush()


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


def _count(event: Event, registration: Registration, by: int) -> None:
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


def close(db: Session, event: Event, steps: Iterable[Step], *, now: datetime) -> None:
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


def _template(registration: Registration, action: str) -> str:
    if action in ("registered", "offer_accepted"):
        return "waiting" if registration.state is Place.WAITING else "registered"
    return TOLD.get(action, action)
