"""What becomes of a free seat: to the first waiting for whom it fits, at once or as an offer that runs out."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from app.errors import N_, Conflict
from app.events.line import Step, close, fits, held, hold, put
from app.models import Event, EventState, Place, Registration

AT_ONCE = timedelta(hours=48)  # so long before it begins, whoever waited can still plan for it: no need to ask
LONGEST, SHORTEST = timedelta(hours=12), timedelta(hours=1)
SYSTEM = "system"
SHARE = 4  # an offer stands for a quarter of the time that is left: the next one must have time too
EVENT_CANCELLED = N_("Ce rendez-vous est annulé.")
GIVEN_UP = N_("Cette inscription est annulée. Vous pouvez vous inscrire de nouveau.")
TOO_LATE = N_("Le délai pour répondre est passé. Vous êtes de nouveau sur la liste d’attente.")
NOT_YET = N_("Il n’y a pas de place libre pour vous en ce moment. Vous restez sur la liste d’attente.")


def promote(db: Session, event: Event, *, now: datetime) -> None:
    """Gives the seats that are free; whoever moves an event or publishes it again says so too. Takes the event."""
    event = hold(db, event.seq or 0)
    steps = [*_renew(db, event, now=now), *pass_on(db, event, now=now)]
    if steps:
        close(db, event, steps, now=now)


def _renew(db: Session, event: Event, *, now: datetime) -> list[Step]:
    """Offers made for another date. What is far off is theirs at once; otherwise they have time to answer again.

    Nobody loses an offer whose time ran out while the event was postponed, or keeps one beyond the beginning.
    """
    if not _gives(event, now):
        return []
    far = _useful_until(event, now) - now > AT_ONCE
    held = _standing(db, event, Place.OFFERED)
    return [_give(db, event, one, now) for one in held if far or _over(one, now) or _beyond(event, one, now)]


def accept(db: Session, registration: Registration, *, now: datetime, by: str = "person") -> None:
    """« Une place s’est libérée pour vous » : yes. A second time changes nothing. Conflict when it is too late."""
    event, registration = held(db, registration)
    if event.state is EventState.CANCELLED:
        raise Conflict(EVENT_CANCELLED, code="event_cancelled")
    if registration.state is Place.CANCELLED:
        raise Conflict(GIVEN_UP, code="registration_cancelled")
    if registration.state not in (Place.OFFERED, Place.WAITING):
        return
    if registration.state is Place.OFFERED and _over(registration, now):
        raise Conflict(TOO_LATE, code="offer_expired")
    if registration.state is Place.WAITING and not may_take(db, event, registration, now=now):
        raise Conflict(NOT_YET, code="no_offer")
    put(db, event, registration, Place.CONFIRMED, now=now)
    close(db, event, [(registration, "offer_accepted", by)], now=now)


def may_take(db: Session, event: Event, registration: Registration, *, now: datetime) -> bool:
    """Whether somebody waiting may have a seat for the asking: they let an offer go by, and nobody else wants it."""
    first = next((one for one in _waiting(db, event) if fits(event, one.people)), None)
    return _gives(event, now) and first is not None and first.id == registration.id


def expire(db: Session, *, now: datetime) -> int:
    """Offers of one event that nobody answered in time: how many, 0 when there is none left anywhere.

    One event in a transaction: whoever held a second one could wait for ever for who holds the journal.
    """
    found = db.exec(_unanswered(now).limit(1)).first()
    if found is None:
        return 0
    event = hold(db, found.event_seq)
    late = db.exec(_unanswered(now).where(Registration.event_seq == event.seq)).all()
    for registration in late:
        put(db, event, registration, Place.WAITING, now=now, last=True)
    steps: list[Step] = [(registration, "offer_expired", SYSTEM) for registration in late]
    steps += pass_on(db, event, now=now, but={registration.id for registration in late})
    close(db, event, steps, now=now)
    return len(late)


def pass_on(db: Session, event: Event, *, now: datetime, but: Collection[object] = ()) -> list[Step]:
    """Each free seat to the first in line for whom it fits; what was done. The event is held.

    `but`: who has just let an offer go by; a seat nobody else wants stays free for whoever comes.
    """
    steps: list[Step] = []
    if _gives(event, now) and fits(event, 1):
        for registration in _waiting(db, event):
            if registration.id not in but and fits(event, registration.people):
                steps.append(_give(db, event, registration, now))
    return steps


def _give(db: Session, event: Event, registration: Registration, now: datetime) -> Step:
    if _useful_until(event, now) - now > AT_ONCE:
        put(db, event, registration, Place.CONFIRMED, now=now)
        return registration, "registration_promoted", SYSTEM
    put(db, event, registration, Place.OFFERED, now=now, until=answer_by(event, now))
    return registration, "place_offered", SYSTEM


def answer_by(event: Event, now: datetime) -> datetime:
    """Until when an offer made now stands; never beyond the beginning."""
    last = _useful_until(event, now)
    return min(now + min(LONGEST, max(SHORTEST, (last - now) / SHARE)), last)


def _gives(event: Event, now: datetime) -> bool:
    return event.state is EventState.PUBLISHED and now < _useful_until(event, now)


def _useful_until(event: Event, now: datetime) -> datetime:
    """The beginning; of what goes on for days, then until when one may sign up: who waits comes before who is new."""
    return max(event.starts_at, event.closes_at) if event.closes_at and now >= event.starts_at else event.starts_at


def _waiting(db: Session, event: Event) -> Sequence[Registration]:
    return _standing(db, event, Place.WAITING)


def _standing(db: Session, event: Event, place: Place) -> Sequence[Registration]:
    """In the order of the line."""
    mine = select(Registration).where(Registration.event_seq == event.seq, Registration.state == place)
    return db.exec(mine.order_by(col(Registration.line)).execution_options(populate_existing=True)).all()


def _over(registration: Registration, now: datetime) -> bool:
    return registration.offered_until is not None and registration.offered_until <= now


def _beyond(event: Event, registration: Registration, now: datetime) -> bool:
    return registration.offered_until is not None and registration.offered_until > _useful_until(event, now)


def _unanswered(now: datetime) -> Any:
    """While an event is postponed nobody loses an offer."""
    offered = col(Registration.state) == Place.OFFERED
    found = select(Registration).join(Event, col(Event.seq) == Registration.event_seq)
    found = found.where(offered, col(Registration.offered_until) <= now, Event.state == EventState.PUBLISHED)
    order = (col(Registration.offered_until), col(Registration.line))
    return found.order_by(*order).execution_options(populate_existing=True)
