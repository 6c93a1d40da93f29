"""The call list: who left only a phone number and must be told something."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app.adapters import vault
from app.assises import letters as speakers_letters
from app.assises import telling
from app.events import letters, mails, people
from app.models import Contact, Contribution, Event, Message, Registration, Speaker, State, Via
from app.notify.outbox import SHOWN_ALREADY, UNTOLD

GONE = (State.ERASED, State.WITHDRAWN)
# A seat that goes to somebody else in some hours is said first; for thanks there are days.
FIRST, LAST = 0, 2
URGENCY = sa.case({"offered": FIRST, "thanks": LAST}, value=col(Message.template), else_=1)


@dataclass(frozen=True)
class Call:
    """One call to make: about a contribution, somebody's place at a meeting, or their part in the Assises."""

    message: Message
    number: str
    said: Contribution | None = None
    event: Event | None = None
    registration: Registration | None = None
    name: str = ""
    sentence: str = ""  # for meetings and the Assises: what to say, in the current language

    @property
    def dialled(self) -> str:
        return people.in_pairs(self.number)


def calls(db: Session, *, base_url: str, now: datetime, most: int = 200) -> list[Call]:
    """Who must be called: what cannot wait, then oldest first, thanks last.

    About a contribution, nobody while an alert is open.
    """
    rows = db.execute(
        _wanted(sa.select(Message, Contribution, Registration, Event, Speaker, col(Contact.phone_sealed)))
        .where(sa.or_(*(col(who.phone_sealed).is_not(None) for who in (Contact, Registration, Speaker))))
        .order_by(URGENCY, col(Message.created_at), col(Message.seq))
        .limit(most)
    ).all()
    return [made for row in rows if (made := _call(db, *row, base_url=base_url, now=now))]


def call(db: Session, message_id: UUID) -> Message | None:
    """One message of the call list."""
    found: Message | None = db.execute(_wanted(sa.select(Message)).where(Message.id == message_id)).scalars().first()
    return found


def _wanted(query: Any) -> Any:
    return (
        query.outerjoin(Contribution, col(Contribution.seq) == col(Message.contribution_seq))
        .outerjoin(Contact, col(Contact.contribution_seq) == col(Message.contribution_seq))
        .outerjoin(Registration, col(Registration.seq) == col(Message.registration_seq))
        .outerjoin(Event, col(Event.seq) == col(Registration.event_seq))
        .outerjoin(Speaker, col(Speaker.seq) == col(Message.speaker_seq))
        .where(
            Message.via == Via.CALL,
            col(Message.state).in_(UNTOLD),
            col(Message.recipient).is_(None),
            sa.or_(
                sa.and_(col(Contribution.state).not_in(GONE), col(Contribution.open_alerts) == 0),
                sa.and_(col(Registration.seq).is_not(None), col(Message.template).not_in(SHOWN_ALREADY)),
                col(Speaker.seq).is_not(None),
            ),
        )
    )


def _call(
    db: Session, message: Message, said: Contribution | None, registration: Registration | None, event: Event | None,
    speaker: Speaker | None, sealed: bytes | None, *, base_url: str, now: datetime,
) -> Call | None:  # fmt: skip
    if speaker is not None:
        return _to_speaker(db, message, speaker, base_url=base_url, now=now)
    if registration is None or event is None:
        return Call(message, vault.unseal("contact", sealed or b"").decode(), said=said)
    told = mails.told(db, message, base_url=base_url, now=now, spoken=True)
    if told is None:
        return None
    return Call(
        message, people.phone(registration), event=event, registration=registration, name=people.name(registration),
        sentence=letters.spoken(told),
    )  # fmt: skip


def _to_speaker(db: Session, message: Message, speaker: Speaker, *, base_url: str, now: datetime) -> Call | None:
    told = telling.told(db, message, base_url=base_url, now=now, spoken=True)
    if told is None:
        return None
    return Call(message, telling.number(speaker), name=speaker.name, sentence=speakers_letters.spoken(told))
