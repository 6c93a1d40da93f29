"""What whoever signed up must be told: rules write a row for each person, once; letters.py says it, jobs send it.

Unlike messages about contributions these name the event. They never hold needs, a note or another person's name.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app.events import letters
from app.jobs import enqueue
from app.models import Event, EventMessage, Place, Registration, Via
from app.notify import outbox

# About one's own place: only the newest is worth hearing.
OWN = (
    "registered", "waiting", "promoted", "offered", "offer_expired", "registration_changed", "registration_cancelled",
    "link_again",
)  # fmt: skip
FIRST = ("registered", "waiting")  # about a place just taken nothing can wait to be said
REMINDERS = ("reminder_week", "reminder_day")
KINDS = {
    "moved": "event_moved",
    "changed": "event_moved",
    "cancelled": "event_cancelled",
    "postponed": "event_postponed",
    "written": "event_written",
}
CHANGES = ("event_moved", "event_cancelled", "event_postponed")
NEED = "need:"
ADDRESSED = {
    "all": tuple(place for place in Place if place is not Place.CANCELLED),
    "confirmed": (Place.CONFIRMED, Place.ATTENDED),
    "waiting": (Place.WAITING, Place.OFFERED),
}
FACTS = ("mode", "place_name", "place_address", "online_url")


class Registered(Protocol):
    """A registration, or what is known of one just taken."""

    @property
    def seq(self) -> int | None: ...

    @property
    def id(self) -> UUID: ...

    @property
    def version(self) -> int: ...

    @property
    def state_since(self) -> datetime: ...

    @property
    def language(self) -> str: ...

    @property
    def email_sealed(self) -> bytes | None: ...

    @property
    def phone_sealed(self) -> bytes | None: ...


def tell(
    db: Session, registration: Registered, *, template: str, now: datetime, message: EventMessage | None = None
) -> None:
    """One person, about the place as it is now: by e-mail if an address is held, else by phone.

    What still waited to be said about the same place is replaced; nothing is said twice about one change.
    """
    once = _once(registration, template, now=now, message=message)
    if template in OWN and not (registration.version == 1 and template in FIRST):
        gone = (*OWN, *REMINDERS, *CHANGES) if template == "registration_cancelled" else OWN
        outbox.replace(db, [registration.seq or 0], templates=gone, unless=once)
    _write(db, registration, template=template, once=once, now=now, event_message_seq=message.seq if message else None)


def tell_of(db: Session, registration: Registration, *, template: str, date: datetime, now: datetime) -> None:
    """A reminder, or thanks: once for one date of the event."""
    _write(db, registration, template=template, once=f"{template}:{registration.id}:{date:%Y%m%d%H%M}", now=now)


def tell_all(
    db: Session,
    event: Event,
    *,
    kind: str,
    addressed: str,
    words: str,
    by: str,
    before: Mapping[str, str] | None = None,
    now: datetime,
) -> EventMessage:
    """Everyone addressed (`all`, `confirmed`, `waiting`, `need:<offer>`), once for this change. The event is as it
    is to be: changed, its `sequence` counted up. `before`: what `facts(event)` said before the change.

    A change replaces the one that still waits to be said.
    """
    told = EventMessage(
        event_seq=event.seq or 0, kind=kind, addressed=addressed, words=words, sequence=event.sequence,
        before=dict(before or {}), by=by, at=now,
    )  # fmt: skip
    db.add(told)
    db.flush()
    people = recipients(db, event, addressed)
    if KINDS[kind] in CHANGES:
        outbox.replace(db, [each.seq for each in people], templates=_outdated(kind))
    rows = [
        {
            "once": f"{kind}:{told.id}:{each.id}", "template": KINDS[kind], "via": via, "language": each.language,
            "registration_seq": each.seq, "event_message_seq": told.seq, "created_at": now,
        }
        for each in people
        if (via := _via(each.email, each.phone))
    ]  # fmt: skip
    if rows:
        outbox.write_many(db, rows)
        enqueue(db, "send_event_message", told.seq, 0, key=f"event_message:{told.seq}")
    return told


def recipients(db: Session, event: Event, addressed: str) -> list[Any]:
    """Who is addressed: seq, id, language, whether an `email` and a `phone` are held, needs."""
    found = db.connection().execute(
        sa.select(
            col(Registration.seq), col(Registration.id), col(Registration.language), col(Registration.needs),
            col(Registration.email_sealed).is_not(None).label("email"),
            col(Registration.phone_sealed).is_not(None).label("phone"),
        )
        .where(
            col(Registration.event_seq) == event.seq,
            col(Registration.state).in_(ADDRESSED.get(addressed, ADDRESSED["all"])),
        )
        .order_by(col(Registration.line), col(Registration.seq))
    )  # fmt: skip
    need = addressed.removeprefix(NEED) if addressed.startswith(NEED) else ""
    return [each for each in found if not need or need in each.needs]


def facts(event: Event) -> dict[str, str]:
    """What people would have to hear if it changed, for `before`."""
    when = {"starts_at": event.starts_at.isoformat(), "ends_at": event.ends_at.isoformat()}
    return when | {name: getattr(event, name) or "" for name in FACTS}


def preview(
    event: Event, *, kind: str, words: str, language: str, before: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """Subject and text of what `tell_all` would send, with words where each person's own link will be."""
    return letters.preview(event, template=KINDS[kind], words=words, language=language, before=before or {})


def _outdated(kind: str) -> tuple[str, ...]:
    """What need not be said any more. Who is told that nothing takes place need not hear of a place there."""
    return CHANGES if KINDS[kind] == "event_moved" else (*CHANGES, *REMINDERS, *OWN)


def _write(db: Session, registration: Registered, *, template: str, once: str, now: datetime, **more: Any) -> None:
    if via := _via(registration.email_sealed is not None, registration.phone_sealed is not None):
        seq, language = registration.seq or 0, registration.language
        outbox.tell_registered(db, seq, language=language, template=template, once=once, via=via, now=now, **more)


def _via(email: bool, phone: bool) -> Via | None:
    if email:
        return Via.EMAIL
    return Via.CALL if phone else None


def _once(registration: Registered, template: str, *, now: datetime, message: EventMessage | None) -> str:
    if message is not None:
        return f"{message.kind}:{message.id}:{registration.id}"
    if template == "link_again":  # whoever asks again and again fills nobody's mailbox
        return f"{template}:{registration.id}:{now:%Y%m%d%H}"
    return f"{template}:{registration.id}:{registration.version}:{registration.state_since:%Y%m%d%H%M%S}"
