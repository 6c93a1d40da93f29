"""Who signed up is forgotten: at once when the person asks, and by itself some time after the event. Numbers stay."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import audit
from app.events import places
from app.jobs import enqueue
from app.models import Event, EventState, Message, MessageState, Place, Registration
from app.notify.outbox import UNTOLD

KEPT = timedelta(days=89)  # after the event: the consent says three months, and the shortest three have 89 days
KEPT_POSTPONED = timedelta(days=365)  # after the day that was: those signed up still wait for the new one
AT_ONCE = 20  # events in one sweep
HELD = (Place.CONFIRMED, Place.OFFERED, Place.WAITING)
FORGOTTEN: dict[str, Any] = {
    "name_sealed": b"", "email_sealed": None, "email_index": None, "phone_sealed": None, "phone_index": None,
    "token_sealed": b"", "needs": [], "note_sealed": None, "may_contact": False, "reminders": False,
}  # fmt: skip


def forget(db: Session, registration: Registration, *, now: datetime) -> None:
    """By the person. A place still held is given up first: nobody comes without a name or a link."""
    event = db.get_one(Event, registration.event_seq)
    if registration.state in HELD and now < event.ends_at:
        places.cancel(db, registration, by="person", now=now)
    mine = col(Registration.seq) == registration.seq
    _forget(db, mine)
    _note(db, "registration_erased", "registration", str(registration.id), actor="person", now=now)


def sweep(db: Session, now: datetime) -> None:
    """By itself, once the event is long over."""
    postponed = col(Event.state) == EventState.POSTPONED
    over = col(Event.ends_at) < sa.case((postponed, now - KEPT_POSTPONED), else_=now - KEPT)
    named = sa.and_(col(Registration.event_seq) == Event.seq, col(Registration.name_sealed) != b"")
    for event in db.exec(select(Event).where(over, sa.exists().where(named)).order_by(col(Event.seq)).limit(AT_ONCE)):
        _forget(db, col(Registration.event_seq) == event.seq)
        _note(db, "registrations_erased", "event", str(event.id), actor="system", now=now)


def _forget(db: Session, whose: sa.ColumnElement[bool]) -> None:
    untold = sa.and_(
        col(Message.registration_seq).in_(sa.select(col(Registration.seq)).where(whose)),
        col(Message.state).in_((*UNTOLD, MessageState.HELD)),
    )
    db.flush()
    for one in db.exec(select(Registration.id).where(whose, col(Registration.name_sealed) != b"")).all():
        enqueue(db, "after_erasure", str(one), "registration", key=f"after_erasure:{one}")
    db.connection().execute(sa.update(Message).where(untold).values(state=MessageState.DROPPED))
    db.connection().execute(sa.update(Registration).where(whose).values(version=Registration.version + 1, **FORGOTTEN))
    db.expire_all()


def _note(db: Session, action: str, kind: str, about: str, *, actor: str, now: datetime) -> None:
    audit.append(db, actor=actor, action=action, kind=kind, object_id=about, now=now)
