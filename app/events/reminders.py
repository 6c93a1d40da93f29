"""What is said without anybody asking: a week and a day before to those who wish, thanks afterwards.

Each once for one date: an event that moves is reminded of again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.events import messages
from app.events.mails import TIMELY
from app.models import Arrival, Event, EventState, Message, MessageState, Place, Registration
from app.notify import outbox

MOST = 200  # of one sweep: the next one comes in half a minute
NO_DOOR = timedelta(hours=24)  # after the end; attendance is settled by then where a door was kept
THANKED_FOR = timedelta(days=14)


@dataclass(frozen=True)
class Reminder:
    """Due so long before the event begins, and worth saying until so long before."""

    template: str
    due: timedelta
    until: timedelta


REMINDERS = (
    Reminder("reminder_week", timedelta(days=7), timedelta(days=4)),
    Reminder("reminder_day", timedelta(days=1), timedelta(hours=2)),
)


def remind(db: Session, now: datetime) -> int:
    """Those who have a place and wish it. Who got the place since it was due has just been told everything."""
    told = 0
    for reminder in REMINDERS:
        for event in _begins_between(db, now + reminder.until, now + reminder.due):
            due = event.starts_at - reminder.due
            wish = (Registration.state == Place.CONFIRMED, col(Registration.reminders), Registration.state_since < due)
            told += _tell(db, event, reminder.template, *wish, since=due, most=MOST - told, now=now)
    return told


def thank(db: Session, now: datetime) -> int:
    """Those who came; where no door was kept, those who had a place."""
    told = 0
    over = select(Event).where(
        Event.state == EventState.PUBLISHED, col(Event.ends_at) <= now, col(Event.ends_at) > now - THANKED_FOR
    )
    for event in db.exec(over.order_by(col(Event.ends_at))).all():
        came: Any = Registration.state == Place.ATTENDED
        if event.ends_at + NO_DOOR <= now and not _door_kept(db, event):
            came = col(Registration.state).in_((Place.ATTENDED, Place.CONFIRMED))
        told += _tell(db, event, "thanks", came, since=event.ends_at, most=MOST - told, now=now)
    return told


def let_go(db: Session, now: datetime) -> None:
    """After the event nobody is called, or written to, about a place there; later not even thanked."""
    of_events = sa.select(col(Registration.seq)).join(Event, col(Event.seq) == col(Registration.event_seq))
    over, long_over = (
        col(Message.registration_seq).in_(of_events.where(col(Event.ends_at) <= end))
        for end in (now, now - THANKED_FOR)
    )
    outdated = sa.or_(sa.and_(over, col(Message.template).in_(TIMELY)), long_over)
    db.connection().execute(
        sa.update(Message).where(col(Message.state).in_(outbox.UNTOLD), outdated).values(state=MessageState.DROPPED)
    )


def _begins_between(db: Session, start: datetime, end: datetime) -> Iterator[Event]:
    to_come = select(Event).where(
        Event.state == EventState.PUBLISHED, col(Event.starts_at) > start, col(Event.starts_at) <= end
    )
    yield from db.exec(to_come.order_by(col(Event.starts_at))).all()


def _tell(db: Session, event: Event, template: str, *who: Any, since: datetime, most: int, now: datetime) -> int:
    """`since`: a message of this kind from before was about another date. News of a change since then says it all."""
    told = sa.exists().where(
        col(Message.registration_seq) == col(Registration.seq),
        col(Message.template).in_((template, *messages.CHANGES)),
        col(Message.created_at) >= since,
    )
    reachable = sa.or_(col(Registration.email_sealed).is_not(None), col(Registration.phone_sealed).is_not(None))
    due = select(Registration).where(Registration.event_seq == event.seq, *who, reachable, ~told)
    found = db.exec(due.order_by(col(Registration.seq)).limit(max(0, most))).all()
    for registration in found:
        messages.tell_of(db, registration, template=template, date=since, now=now)
    return len(found)


def _door_kept(db: Session, event: Event) -> bool:
    return db.exec(select(Arrival.seq).where(Arrival.event_seq == event.seq).limit(1)).first() is not None
