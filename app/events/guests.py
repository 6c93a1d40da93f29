"""Who signed up for a meeting and who came, as the team reads it: names in clear, never an address or a number."""

import hashlib
import unicodedata
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, NotFound
from app.events import door, people, tokens
from app.models import Arrival, Event, EventState, Place, Registration

UNKNOWN = N_("Ce rendez-vous n’existe pas.")
EXPECTED = (Place.CONFIRMED, Place.OFFERED, Place.ATTENDED, Place.ABSENT)


@dataclass(frozen=True)
class Guest:
    """One registration; `arrival` when they came."""

    registration: Registration
    name: str
    arrival: Arrival | None

    @property
    def code(self) -> str:
        return door.door_code(self.registration.id)

    @property
    def key(self) -> str:
        """By which a phone without network knows the personal link of a QR; it does not give the link."""
        held = self.registration.token_sealed
        return hashlib.sha256(tokens.say(self.registration).encode()).hexdigest()[:32] if held else ""

    @property
    def note(self) -> str:
        return people.note(self.registration)


@dataclass(frozen=True)
class Came:
    """People, not registrations."""

    there: int
    expected: int
    walked_in: int


def event(db: Session, id: UUID) -> Event:
    """For the team: drafts too."""
    found = db.exec(select(Event).where(Event.id == id)).first()
    if found is None:
        raise NotFound(UNKNOWN)
    return found


def at_door(db: Session, id: UUID) -> Event:
    """NotFound for a draft: nobody knows of it, so nobody comes."""
    found = event(db, id)
    if found.state is EventState.DRAFT:
        raise NotFound(UNKNOWN)
    return found


def guests(db: Session, event: Event) -> list[Guest]:
    """By name, those who cancelled last: they may come all the same. Two queries."""
    signed = db.exec(select(Registration).where(Registration.event_seq == event.seq)).all()
    came = {arrival.registration_seq: arrival for arrival in arrivals(db, event)}
    found = [Guest(one, people.name(one), came.get(one.seq)) for one in signed]
    return sorted(found, key=lambda one: (one.registration.state is Place.CANCELLED, plain(one.name)))


def ids(db: Session, event: Event) -> dict[int, UUID]:
    """Registrations by what arrivals point to: all that a phone asking every ten seconds needs."""
    pairs = sa.select(col(Registration.seq), col(Registration.id)).where(col(Registration.event_seq) == event.seq)
    return {row.seq: row.id for row in db.connection().execute(pairs)}


def arrivals(db: Session, event: Event) -> list[Arrival]:
    """In the order they were noted."""
    return list(db.exec(select(Arrival).where(Arrival.event_seq == event.seq).order_by(col(Arrival.seq))))


def count(event: Event, arrivals: list[Arrival]) -> Came:
    return Came(
        there=sum(one.people for one in arrivals),
        expected=event.taken,
        walked_in=sum(one.people for one in arrivals if one.registration_seq is None),
    )


def plain(text: str) -> str:
    """As one types it in a search: small letters, no accents."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def needs(guests: list[Guest]) -> Counter[str]:
    """How many people need what, of those who have a place."""
    found: Counter[str] = Counter()
    for guest in guests:
        if guest.registration.state in EXPECTED:
            found.update(guest.registration.needs)
    return found
