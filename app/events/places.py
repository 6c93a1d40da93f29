"""Taking a place at an event, changing it, giving it up. What becomes of a freed seat: offers.py.

Never more seats confirmed and offered than there are, whatever happens at once: every rule begins with `hold`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.consultation.content import consultation
from app.errors import N_, Conflict, NotFound, refuse_field
from app.events import messages, tokens
from app.events import people as who
from app.events.line import Held, add, close, fits, held, hold, hold_lightly, position, put
from app.events.offers import EVENT_CANCELLED, GIVEN_UP, accept, expire, pass_on, promote
from app.events.schemas import RegistrationIn
from app.models import NOT_CANCELLED, Access, Event, EventState, Place, Registration
from app.models.base import new_id
from app.models.driver import run

__all__ = [
    "SignedUp", "accept", "cancel", "change", "expire", "hold", "position", "promote", "resize", "sign_up",
]  # fmt: skip

PERSON = "person"  # whoever signs up, or has the personal link
LEAVABLE = (Place.CONFIRMED, Place.OFFERED, Place.WAITING)
UNKNOWN = N_("Ce rendez-vous n’existe pas, ou il n’est pas public.")
POSTPONED = N_("Ce rendez-vous est reporté. La nouvelle date sera dite ici.")
OVER = N_("Ce rendez-vous est passé.")
CLOSED = N_("Les inscriptions sont closes.")
NOT_OPEN = N_("Les inscriptions ne sont pas encore ouvertes.")
INVITED = N_("Ce rendez-vous est sur invitation.")
TOO_MANY = N_("C’est plus que toutes les places de ce rendez-vous : %(most)s en tout.")
NO_ROOM = N_("Il n’y a pas assez de places libres : %(most)s personnes au plus. Votre inscription n’a pas changé.")
# Whoever signs up is looked for each time, and mostly not found (app/models/driver.py).
BY = {
    name: f"SELECT seq FROM registration WHERE event_seq = ? AND {name} = ? AND {NOT_CANCELLED}"  # noqa: S608
    for name in ("email_index", "phone_index")
}


# What nobody says of a place just taken.
FRESH: dict[str, Any] = {"version": 1, "offered_until": None, "walk_in": False}


@dataclass(frozen=True)
class SignedUp:
    """What came of it. `already`: the same person was signed up; nothing changed, the link goes again."""

    db: Session
    seq: int
    id: UUID
    state: Place
    position: int | None  # in the waiting list, from 1
    token: str
    already: bool = False

    @property
    def registration(self) -> Registration:
        return self.db.get_one(Registration, self.seq)


def sign_up(
    db: Session, meeting: Event | int, said: RegistrationIn, *, now: datetime, language: str, by: str = PERSON
) -> SignedUp:
    """A seat, or a place in the line; `meeting` may be its number alone.

    Conflict when one cannot sign up (now); 422 for more than the event holds.
    """
    event = hold_lightly(db, meeting if isinstance(meeting, int) else meeting.seq or 0)
    _admit(event, now=now, by=by)
    indexes = {"email_index": who.email_index(said.email), "phone_index": who.phone_index(said.phone)}
    known = _same_person(db, event, indexes)
    if known is not None:
        if by == PERSON or known.email_sealed:  # who is on the telephone need not be called
            messages.tell(db, known, template="link_again", now=now)
        return SignedUp(db, known.seq or 0, known.id, known.state, None, tokens.say(known), already=True)
    _within(event, said.people)
    token = tokens.new()
    seated = fits(event, said.people)
    made = add(db, event, FRESH | _as_said(said) | indexes | {
        "id": new_id(), "event_seq": event.seq, "line": event.line, "token_mac": tokens.mac(token),
        "state": Place.CONFIRMED if seated else Place.WAITING, "token_sealed": tokens.seal(token),
        "language": language, "wording": consultation().consents.registration.version, "by": by,
        "registered_at": now, "state_since": now,
    })  # fmt: skip
    close(db, event, [(made, "registered", by)], now=now)
    return SignedUp(db, made.seq, made.id, made.state, None if seated else event.waiting, token)


def _as_said(said: RegistrationIn) -> dict[str, Any]:
    return {
        "people": said.people, "needs": said.needs, "reminders": said.reminders,
        "may_contact": bool(said.consents.contact), "name_sealed": who.seal(said.name) or b"",
        "email_sealed": who.seal(said.email), "phone_sealed": who.seal(said.phone), "note_sealed": who.seal(said.note),
    }  # fmt: skip


def change(
    db: Session,
    registration: Registration,
    *,
    people: int,
    needs: list[str],
    note: str | None,
    now: datetime,
    by: str = PERSON,
) -> None:
    """Other needs, or another number of people: 422 when there is no room for so many, and all stays as it was."""
    event, registration = held(db, registration)
    _still(event, registration, now=now)
    if people > registration.people:
        _within(event, people)
        if registration.state is not Place.WAITING and not fits(event, people - registration.people):
            most = (event.capacity or 0) - event.taken + registration.people
            raise refuse_field("people", "too_many_people", NO_ROOM, most=max(most, registration.people))
    put(db, event, registration, registration.state, now=now, until=registration.offered_until, people=people)
    registration.needs, registration.note_sealed = needs, who.seal(note)
    db.add(registration)
    db.flush()
    close(db, event, [(registration, "registration_changed", by), *pass_on(db, event, now=now)], now=now)


def cancel(db: Session, registration: Registration, *, by: str, now: datetime) -> None:
    """Gives a place, an offer or a number in the line up, and who waits moves up. A second time changes nothing."""
    event, registration = held(db, registration)
    if registration.state is Place.CANCELLED:
        return
    if registration.state not in LEAVABLE or now >= event.ends_at:
        raise Conflict(OVER, code="event_over")
    put(db, event, registration, Place.CANCELLED, now=now)
    close(db, event, [(registration, "registration_cancelled", by), *pass_on(db, event, now=now)], now=now)


def resize(db: Session, event: Event, *, capacity: int | None, now: datetime) -> None:
    """Another number of seats (None: no limit). More: who waits moves up in order. Fewer: nobody loses a seat."""
    event = hold(db, event.seq or 0)
    event.capacity = capacity
    db.add(event)
    db.flush()
    close(db, event, pass_on(db, event, now=now), now=now)


def _admit(event: Held, *, now: datetime, by: str) -> None:
    """Whether somebody may sign up. The team may before and after the others, and for what is on invitation."""
    if event.state is EventState.DRAFT:
        raise NotFound(UNKNOWN)
    _takes_place(event, now=now)
    if event.state is EventState.POSTPONED:
        raise Conflict(POSTPONED, code="event_postponed")
    if by != PERSON:
        return
    if event.access is Access.INVITED:
        raise Conflict(INVITED, code="invitation_only")
    if event.opens_at is not None and now < event.opens_at:
        raise Conflict(NOT_OPEN, code="registration_not_open")
    if now >= (event.closes_at or event.starts_at):
        raise Conflict(CLOSED, code="registration_closed")


def _takes_place(event: Event | Held, *, now: datetime) -> None:
    if event.state is EventState.CANCELLED:
        raise Conflict(EVENT_CANCELLED, code="event_cancelled")
    if now >= event.ends_at:
        raise Conflict(OVER, code="event_over")


def _still(event: Event, registration: Registration, *, now: datetime) -> None:
    """Whether a registration may still be changed."""
    _takes_place(event, now=now)
    if registration.state is Place.CANCELLED:
        raise Conflict(GIVEN_UP, code="registration_cancelled")


def _within(event: Event | Held, people: int) -> None:
    if event.capacity is not None and people > event.capacity:
        raise refuse_field("people", "too_many_people", TOO_MANY, most=event.capacity)


def _same_person(db: Session, event: Held, indexes: dict[str, str | None]) -> Registration | None:
    """Signed up already, by the same address or the same number."""
    for name, value in indexes.items():
        if value and (found := run(db, BY[name], event.seq, value).fetchone()):
            return db.get_one(Registration, found[0])
    return None
