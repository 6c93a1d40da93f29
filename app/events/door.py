"""The door: who came. Sent once or ten times, at one door or at two, a person counts once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import audit
from app.adapters import vault
from app.errors import N_, NotFound
from app.events import line, tokens
from app.events.door_schemas import ArrivalIn, Kind
from app.models import Arrival, Event, EventState, Place, Registration
from app.models.driver import insert_new
from app.models.publication import bump_seats

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that looks like something else
LETTERS = 6
BELIEVED = timedelta(days=7)  # a phone's clock further off than that says nothing
SETTLED_AFTER = timedelta(hours=12)  # of the end: phones that had no network have had time
UNKNOWN = N_("Ce code n’ouvre aucune inscription à ce rendez-vous. Cherchez la personne par son nom.")
GONE = N_("Cette inscription n’est pas de ce rendez-vous.")


@dataclass(frozen=True)
class Outcome:
    """`counted`, `already` (it was, by `arrival`), or `undone`."""

    result: str
    arrival: Arrival | None = None
    registration: Registration | None = None


def say(db: Session, event: Event, said: ArrivalIn, *, by: str, now: datetime) -> Outcome:
    """One thing a door says. NotFound `unknown_registration`, `unknown_code`.

    The event is held (`line.hold`): two doors that name the same people in another order would wait for each other.
    """
    at = said.at if said.at and now - BELIEVED <= said.at <= now else now
    if said.kind is Kind.UNDO:
        return undo(db, event, said.arrival or said.id, by=by, now=now)
    if said.kind is Kind.WALK_IN:
        return walk_in(db, event, id=said.id, people=said.people or 1, at=at, by=by, now=now)
    if said.kind is Kind.CODE:
        registration = by_code(db, event, said.code)
    else:
        registration = _registration(db, event, said.registration)
    people = said.people or registration.people
    return arrive(db, event, registration, id=said.id, people=people, at=at, by=by, now=now)


def arrive(
    db: Session,
    event: Event,
    registration: Registration,
    *,
    id: UUID,
    people: int,
    at: datetime,
    by: str,
    now: datetime,
) -> Outcome:
    """Whatever the registration's state: who stands there is there. `id` is the device's own."""
    row = _row(event, id=id, people=people, at=at, by=by, now=now) | {"registration_seq": registration.seq}
    if insert_new(db, Arrival, row) is None:
        return _already(db, id, registration)
    if registration.state is Place.ABSENT:  # a phone that found the network days later
        line.put(db, event, registration, Place.ATTENDED, now=now)
    _journal(db, "arrived", "registration", registration.id, by=by, now=now)
    return Outcome("counted", _arrival(db, id), registration)


def walk_in(db: Session, event: Event, *, id: UUID, people: int, at: datetime, by: str, now: datetime) -> Outcome:
    """Came without having signed up: counted, not named."""
    if insert_new(db, Arrival, _row(event, id=id, people=people, at=at, by=by, now=now)) is not None:
        _journal(db, "walked_in", "event", event.id, by=by, now=now)
    return Outcome("counted", _arrival(db, id))


def undo(db: Session, event: Event, id: UUID, *, by: str, now: datetime) -> Outcome:
    """A wrong tap. Undoing what is not there, or not any more, changes nothing."""
    arrival = _arrival(db, id)
    if arrival is None or arrival.event_seq != event.seq:
        return Outcome("undone")
    db.delete(arrival)
    db.flush()
    registration = db.get(Registration, arrival.registration_seq) if arrival.registration_seq else None
    if registration and registration.state is Place.ATTENDED:
        line.put(db, event, registration, Place.ABSENT, now=now)
    kind, about = ("registration", registration.id) if registration else ("event", event.id)
    _journal(db, "arrival_undone", kind, about, by=by, now=now)
    return Outcome("undone", arrival, registration)


def door_code(registration_id: UUID) -> str:
    """Six letters and digits a person without paper reads out: says which registration, opens nothing."""
    number = int(vault.blind("door", str(registration_id))[:16], 16)
    return "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(LETTERS))


def by_code(db: Session, event: Event, typed: str) -> Registration:
    """From the personal link (of a QR) or the short code. NotFound `unknown_code`."""
    token = unquote(urlsplit(typed.strip()).path).rstrip("/").rsplit("/", 1)[-1]
    plain = re.sub(r"[\W_]", "", typed).upper()
    if len(plain) == LETTERS:
        found = [one for one in _registrations(db, event) if door_code(one.id) == plain]
    else:
        found = list(_held(db, token))
    if len(found) != 1 or found[0].event_seq != event.seq:
        raise NotFound(UNKNOWN, code="unknown_code")
    return found[0]


def settle(db: Session, now: datetime) -> None:
    """Half a day after the end: who came, who did not. Where no door was kept nobody is called absent.

    One event in a transaction: whoever held a second one could wait for ever for who holds the journal.
    """
    over = sa.and_(col(Event.state) == EventState.PUBLISHED, col(Event.ends_at) < now - SETTLED_AFTER)
    confirmed = sa.and_(col(Registration.event_seq) == Event.seq, col(Registration.state) == Place.CONFIRMED)
    kept = col(Arrival.event_seq) == Event.seq
    wanted = select(Event).where(over, sa.exists().where(confirmed), sa.exists().where(kept)).limit(1)
    for event in db.exec(wanted).all():
        settle_one(db, event, now=now)


def settle_one(db: Session, event: Event, *, now: datetime) -> None:
    """Confirmed becomes attended or absent; who waited and was let in attended too."""
    event = line.hold(db, event.seq or 0)
    came = set(db.exec(select(Arrival.registration_seq).where(Arrival.event_seq == event.seq)))
    for registration in _registrations(db, event):
        there = registration.seq in came
        if registration.state is Place.CONFIRMED or (registration.state is Place.WAITING and there):
            line.put(db, event, registration, Place.ATTENDED if there else Place.ABSENT, now=now)
    bump_seats(db)
    _journal(db, "attendance_settled", "event", event.id, by="system", now=now)


def _registration(db: Session, event: Event, id: UUID | None) -> Registration:
    found = db.exec(select(Registration).where(Registration.id == id, Registration.event_seq == event.seq)).first()
    if found is None:
        raise NotFound(GONE, code="unknown_registration")
    return found


def _registrations(db: Session, event: Event) -> Iterable[Registration]:
    return db.exec(select(Registration).where(Registration.event_seq == event.seq)).all()


def _held(db: Session, token: str) -> Iterable[Registration]:
    try:
        yield tokens.of(db, token)
    except NotFound:
        return


def _row(event: Event, *, id: UUID, people: int, at: datetime, by: str, now: datetime) -> dict[str, object]:
    return {"id": id, "event_seq": event.seq, "people": people, "at": at, "received_at": now, "by": by}


def _already(db: Session, id: UUID, registration: Registration) -> Outcome:
    """The same thing sent again is as good as new; another door's is said."""
    if mine := _arrival(db, id):
        return Outcome("counted", mine, registration)
    theirs = db.exec(select(Arrival).where(Arrival.registration_seq == registration.seq)).one()
    return Outcome("already", theirs, registration)


def _arrival(db: Session, id: UUID) -> Arrival | None:
    return db.exec(select(Arrival).where(Arrival.id == id)).first()


def _journal(db: Session, action: str, kind: str, about: UUID, *, by: str, now: datetime) -> None:
    audit.append(db, actor=by, action=action, kind=kind, object_id=str(about), now=now)
