"""Telling people, once each: a rule writes a row, a job renders and sends it, or someone calls.

Messages carry no words, title or reason of a contribution: someone else may read the mailbox.
The call list: app/notify/calls.py. What those who signed up for a meeting are told: app/events/messages.py.
What those who speak at the Assises are told: app/assises/telling.py.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.adapters import vault
from app.db import insert
from app.jobs import enqueue
from app.models import Alert, Contact, Contribution, Message, MessageState, Notice, Registration, Speaker, Staff, Via
from app.models.base import new_id
from app.models.driver import insert_new

DUTY, DUTY_AGAIN = "duty", "duty_again"  # what goes to the team: someone may be in danger; nobody has answered
TO_TEAM = (DUTY, DUTY_AGAIN)
MOST_AT_ONCE = 5000  # ids in one statement: SQLite takes 32,766
# What whoever signed up did and saw on the screen: it leaves in writing, but nobody is called for it.
SHOWN_ALREADY = ("registered", "waiting", "registration_changed", "registration_cancelled")
UNTOLD = (MessageState.WAITING, MessageState.MESSAGE_LEFT, MessageState.UNREACHABLE)


def tell(db: Session, contribution: Contribution, *, template: str, once: str, now: datetime) -> None:
    """By e-mail if an address is held, else by phone if a number is: a text message or the call list; else not at all.

    Held back while an alert is open: someone in danger gets a human answer, never "Non publié".
    """
    contact = db.get(Contact, contribution.seq)
    if contact is None or not (contact.email_sealed or contact.phone_sealed):
        return
    via = Via.EMAIL if contact.email_sealed else Via.CALL
    state = MessageState.HELD if contribution.open_alerts else MessageState.WAITING
    _write(db, contribution, template=template, once=once, via=via, state=state, language=contact.language, now=now)


def tell_reporter(db: Session, notice: Notice, *, template: str, now: datetime) -> None:
    """Whoever reported something and left an address: that it arrived, that somebody has decided."""
    if notice.email_sealed:
        _write(
            db, None, template=template, once=f"{template}:{notice.id}", via=Via.EMAIL, state=MessageState.WAITING,
            language=notice.language, now=now, notice_seq=notice.seq,
        )  # fmt: skip


def sent_about(db: Session, about: UUID) -> list[UUID]:
    """Messages to whoever said this, signed up like this, or reported it and is forgotten; none to the team."""
    said = select(Contribution.seq).where(Contribution.id == about)
    signed_up = select(Registration.seq).where(Registration.id == about)
    reported = select(Notice.seq).where(col(Notice.contribution_seq).in_(said), col(Notice.email_sealed).is_(None))
    mine = sa.or_(
        col(Message.contribution_seq).in_(said),
        col(Message.registration_seq).in_(signed_up),
        col(Message.notice_seq).in_(reported),
    )
    return list(db.exec(select(Message.id).where(mine, col(Message.recipient).is_(None))))


def drop_to_reporter(db: Session, notice: Notice) -> None:
    """The address is forgotten."""
    untold = sa.and_(col(Message.notice_seq) == notice.seq, col(Message.state).in_(UNTOLD))
    db.connection().execute(sa.update(Message).where(untold).values(state=MessageState.DROPPED))


def tell_registered(
    db: Session, registration_seq: int, *, language: str, template: str, once: str, via: Via, now: datetime,
    event_message_seq: int | None = None,
) -> None:  # fmt: skip
    """Whoever signed up for a meeting."""
    _write(
        db, None, template=template, once=once, via=via, state=MessageState.WAITING, language=language, now=now,
        registration_seq=registration_seq, event_message_seq=event_message_seq,
    )  # fmt: skip


def tell_speaker(
    db: Session, speaker_seq: int, *, language: str, template: str, once: str, via: Via, release_seq: int, now: datetime
) -> None:
    """Whoever speaks, leads or interprets at the Assises (app/assises/telling.py)."""
    _write(
        db, None, template=template, once=once, via=via, state=MessageState.WAITING, language=language, now=now,
        speaker_seq=speaker_seq, release_seq=release_seq,
    )  # fmt: skip


def replace_to_speakers(db: Session, speakers: Sequence[int], *, template: str) -> None:
    """What waits to be said to these is said by what comes next."""
    waiting = sa.and_(col(Message.template) == template, col(Message.state).in_(UNTOLD))
    mine = sa.and_(col(Message.speaker_seq).in_(speakers), waiting)
    db.connection().execute(sa.update(Message).where(mine).values(state=MessageState.DROPPED))


def write_many(db: Session, rows: list[dict[str, Any]]) -> None:
    """Thousands at once, in one statement. The caller adds the job that sends them (`send_event_message`)."""
    standard = {"state": MessageState.WAITING, "attempts": 0}
    statement = insert(db, Message).on_conflict_do_nothing()
    db.connection().execute(statement, [standard | {"id": new_id()} | row for row in rows])


def replace(db: Session, registrations: Sequence[int], *, templates: tuple[str, ...], unless: str = "") -> None:
    """What waits to be said to these is not said any more: something newer is. `unless`: a row that stays."""
    for start in range(0, len(registrations), MOST_AT_ONCE):
        db.connection().execute(
            sa.update(Message)
            .where(
                col(Message.registration_seq).in_(registrations[start : start + MOST_AT_ONCE]),
                col(Message.template).in_(templates),
                col(Message.state).in_(UNTOLD),
                col(Message.once) != unless,
            )
            .values(state=MessageState.DROPPED)
        )


def tell_team(db: Session, alert: Alert, to: dict[str, Via], *, again: int, now: datetime) -> None:
    """Each of `to` (recipient → how) hears that an alert is open, not what it says; `again`: how often before."""
    contribution = db.get_one(Contribution, alert.contribution_seq)
    template = DUTY_AGAIN if again else DUTY
    for recipient, via in to.items():
        _write(
            db, contribution, template=template, once=f"{_about(alert)}{again}:{recipient}", via=via,
            state=MessageState.WAITING, language="fr", now=now, recipient=recipient,
        )  # fmt: skip


def team_told(db: Session, alert: Alert) -> list[tuple[MessageState, int]]:
    """How many messages about an alert went to the team, and how many did not."""
    found = sa.select(col(Message.state), sa.func.count()).where(_team(alert)).group_by(col(Message.state))
    return [(state, number) for state, number in db.connection().execute(found)]


def call_off(db: Session, alert: Alert) -> None:
    """Someone answers: what has not left yet need not."""
    waiting = col(Message.state) == MessageState.WAITING
    db.connection().execute(sa.update(Message).where(_team(alert), waiting).values(state=MessageState.DROPPED))


def _about(alert: Alert) -> str:
    return f"duty:{alert.id}:"


def _team(alert: Alert) -> sa.ColumnElement[bool]:
    own = col(Message.contribution_seq) == alert.contribution_seq
    return sa.and_(own, col(Message.once).startswith(_about(alert)))


def _write(
    db: Session, contribution: Contribution | None, *, template: str, once: str, via: Via, state: MessageState,
    language: str, now: datetime, **more: Any,
) -> None:  # fmt: skip
    message_id = new_id()
    row = {
        "id": message_id, "once": once, "template": template, "via": via, "state": state,
        "contribution_seq": contribution.seq if contribution else None, "language": language, "attempts": 0,
        "created_at": now, **more,
    }  # fmt: skip
    if insert_new(db, Message, row) is not None and state is MessageState.WAITING:
        _send_later(db, message_id)


def _send_later(db: Session, message_id: UUID) -> None:
    """Calls too: where text messages can be sent, the job sends one instead."""
    enqueue(db, "send_message", message_id, key=f"message:{message_id}")


def hold(db: Session, contribution: Contribution) -> None:
    """An alert opens: nothing automatic leaves any more, whatever was waiting."""
    _change(db, contribution, MessageState.WAITING, to=MessageState.HELD)


def release(db: Session, contribution: Contribution) -> None:
    """The last alert is closed: what was held back may go."""
    held = select(Message.id).where(Message.contribution_seq == contribution.seq, Message.state == MessageState.HELD)
    for message_id in db.exec(held).all():
        _send_later(db, message_id)
    _change(db, contribution, MessageState.HELD, to=MessageState.WAITING)


def drop(db: Session, contribution: Contribution) -> None:
    """Its reason is gone, withdrawn or erased: nobody is told any more. An open alert is told all the same."""
    _change(db, contribution, *UNTOLD, MessageState.HELD, to=MessageState.DROPPED)


def _change(db: Session, contribution: Contribution, *states: MessageState, to: MessageState) -> None:
    db.connection().execute(
        sa.update(Message)
        .where(
            col(Message.contribution_seq) == contribution.seq,
            col(Message.state).in_(states),
            col(Message.template).not_in(TO_TEAM),
        )
        .values(state=to)
    )


def waiting_message(db: Session, message_id: UUID) -> Message | None:
    """The message to send now; None when it was sent, held or dropped meanwhile."""
    waiting = col(Message.state) == MessageState.WAITING
    return db.exec(select(Message).where(Message.id == message_id, waiting)).first()


def team_address(db: Session, message: Message, *, duty: tuple[str, ...]) -> str:
    """Of the team: where it goes; "" when that contact is no longer set or that person no longer there."""
    kind, _, which = (message.recipient or "").partition(":")
    if kind == "duty":
        return duty[int(which)] if int(which) < len(duty) else ""
    return db.exec(select(Staff.email).where(Staff.id == UUID(which), col(Staff.active))).first() or ""


def address(db: Session, message: Message) -> str:
    """Where it goes: an e-mail address or a number in clear, for this one sending; "" when none is held any more."""
    if message.notice_seq:
        reported = db.get_one(Notice, message.notice_seq).email_sealed
        return vault.unseal("notice", reported).decode() if reported else ""
    purpose, held = _held(db, message)
    if held is None:
        return ""
    sealed = held.email_sealed if message.via is Via.EMAIL else held.phone_sealed
    return vault.unseal(purpose, sealed).decode() if sealed else ""


def _held(db: Session, message: Message) -> tuple[str, Contact | Registration | Speaker | None]:
    """Where the person's address and number are, and what they are sealed for."""
    if message.speaker_seq:
        return "speaker", db.get(Speaker, message.speaker_seq)
    if message.registration_seq:
        return "registration", db.get(Registration, message.registration_seq)
    return "contact", db.get(Contact, message.contribution_seq)


def settle(db: Session, message: Message, *, to: MessageState, by: str, now: datetime, via: Via | None = None) -> bool:
    """waiting → sent, failed, done …; False when someone else was first."""
    done = db.connection().execute(
        sa.update(Message)
        .where(col(Message.seq) == message.seq, col(Message.state).in_(UNTOLD))
        .values(state=to, told_at=now, told_by=by, attempts=Message.attempts + 1, via=via or message.via)
    )
    return done.rowcount == 1


def call_instead(db: Session, message: Message) -> bool:
    """The address refuses every message: someone calls, if a number is held too."""
    held = None if message.notice_seq else _held(db, message)[1]
    if held is None or not held.phone_sealed or message.template in TO_TEAM:
        return False
    waiting = col(Message.state) == MessageState.WAITING
    db.connection().execute(sa.update(Message).where(col(Message.seq) == message.seq, waiting).values(via=Via.CALL))
    _send_later(db, message.id)
    return True
