"""Telling people, once each: a rule writes a row, a job renders and sends it, or someone calls.

Messages carry no words, title or reason of a contribution: someone else may read the mailbox.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.adapters import vault
from app.jobs import enqueue
from app.models import Alert, Contact, Contribution, Message, MessageState, State, Via
from app.models.base import new_id

DUTY = "duty"  # the template of what goes to the duty contact


def tell(db: Session, contribution: Contribution, *, template: str, once: str, now: datetime) -> None:
    """By e-mail if an address is held, else on the call list if a phone is, else not at all.

    Held back while an alert is open: someone in danger gets a human answer, never "Non publié".
    """
    contact = db.get(Contact, contribution.seq)
    if contact is None or not (contact.email_sealed or contact.phone_sealed):
        return
    via = Via.EMAIL if contact.email_sealed else Via.CALL
    state = MessageState.HELD if contribution.open_alerts else MessageState.WAITING
    _write(
        db,
        contribution,
        template=template,
        once=once,
        via=via,
        state=state,
        language=contact.language,
        now=now,
    )


def alert_duty(db: Session, alert: Alert, *, now: datetime) -> None:
    """The duty contact is told at once that an alert is open (not what it says)."""
    contribution = db.get_one(Contribution, alert.contribution_seq)
    _write(
        db,
        contribution,
        template=DUTY,
        once=f"duty:{alert.id}",
        via=Via.EMAIL,
        state=MessageState.WAITING,
        language="fr",
        now=now,
    )


def _write(
    db: Session,
    contribution: Contribution,
    *,
    template: str,
    once: str,
    via: Via,
    state: MessageState,
    language: str,
    now: datetime,
) -> None:
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    message_id = new_id()
    made = db.connection().execute(
        insert(Message)
        .values(
            id=message_id,
            once=once,
            template=template,
            via=via,
            state=state,
            contribution_seq=contribution.seq,
            language=language,
            attempts=0,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    if made.rowcount and via is Via.EMAIL and state is MessageState.WAITING:
        enqueue(db, "send_message", message_id, key=f"message:{message_id}")


def release(db: Session, contribution: Contribution) -> None:
    """The last alert is closed: what was held back may go."""
    held = db.exec(
        select(Message).where(Message.contribution_seq == contribution.seq, Message.state == MessageState.HELD)
    ).all()
    for message in held:
        message.state = MessageState.WAITING
        db.add(message)
        if message.via is Via.EMAIL:
            enqueue(db, "send_message", message.id, key=f"message:{message.id}")


def hold(db: Session, contribution: Contribution) -> None:
    """An alert opens: nothing automatic leaves any more, whatever was waiting."""
    db.connection().execute(
        sa.update(Message)
        .where(
            col(Message.contribution_seq) == contribution.seq,
            col(Message.state) == MessageState.WAITING,
            col(Message.template) != DUTY,
        )
        .values(state=MessageState.HELD)
    )


def waiting_message(db: Session, message_id: str) -> tuple[Message, str | None] | None:
    """(message, e-mail address) to send now; None when it was sent, held or dropped meanwhile."""
    message = db.exec(
        select(Message).where(Message.id == UUID(message_id), Message.state == MessageState.WAITING)
    ).first()
    if message is None:
        return None
    contact = db.get(Contact, message.contribution_seq)
    sealed = contact.email_sealed if contact else None
    return message, vault.unseal("contact", sealed).decode() if sealed else None


def settle(db: Session, message: Message, *, to: MessageState, by: str, now: datetime) -> bool:
    """waiting → sent, failed, done …; False when someone else was first."""
    done = db.connection().execute(
        sa.update(Message)
        .where(
            col(Message.seq) == message.seq,
            col(Message.state).in_([MessageState.WAITING, MessageState.MESSAGE_LEFT, MessageState.UNREACHABLE]),
        )
        .values(state=to, told_at=now, told_by=by, attempts=Message.attempts + 1)
    )
    return done.rowcount == 1


def calls(db: Session) -> list[tuple[Message, Contribution, str]]:
    """Who must be called, oldest first: message, contribution, number. Erased and withdrawn ones are not called."""
    rows = db.exec(
        select(Message, Contribution, Contact.phone_sealed)
        .join(Contribution, col(Contribution.seq) == col(Message.contribution_seq))
        .join(Contact, col(Contact.contribution_seq) == col(Message.contribution_seq))
        .where(
            Message.via == Via.CALL,
            col(Message.state).in_([MessageState.WAITING, MessageState.MESSAGE_LEFT, MessageState.UNREACHABLE]),
            Contribution.state != State.ERASED,
        )
        .order_by(col(Message.created_at))
        .limit(200)
    )
    return [(message, said, vault.unseal("contact", sealed).decode()) for message, said, sealed in rows if sealed]
