"""Sending what waits in the outbox: attempted until it is accepted, recognisable as the same message when repeated."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import i18n
from app.adapters import Adapters
from app.adapters.clock import real_now
from app.db import writing
from app.jobs import enqueue, ensure, sweeper, task
from app.models import Message, MessageState, Via
from app.notify import access, mails, sending


@task("send_message")
def send_message(message_id: str, *, adapters: Adapters) -> None:
    """One e-mail, or one text message where a provider is set; without one the call list keeps it.

    A server that is down leaves the row waiting: the sweep comes back to it for as long as it takes.
    """
    sending.one(UUID(message_id), adapters=adapters, mailer=adapters.mailer)


@task("send_event_message")
def send_event_message(event_message_seq: int, after: int, *, adapters: Adapters) -> None:
    """What organisers tell everybody who signed up, some hundreds over one connection, then the rest in a job
    of its own: the mail of somebody who waits for a link passes between."""
    last = sending.many(event_message_seq, after, adapters=adapters)
    if last is not None:
        with writing() as db:
            enqueue(db, "send_event_message", event_message_seq, last, key=f"event_message:{event_message_seq}")


@task("send_access", retry=(5, 30, 120, 300))
def send_access(email_index: str, nonce: str, asked_at: str, language: str, *, adapters: Adapters) -> None:
    """The link to the follow page, to whoever asked for it (app/notify/access.py). Nothing for an unknown address."""
    with i18n.speaking(language):
        with writing() as db:
            asked = datetime.fromisoformat(asked_at)
            found = access.links(db, email_index, nonce=nonce, asked_at=asked, now=adapters.clock())
        if found is None:
            return
        mail = mails.compose("access", to=found.to, adapters=adapters, link=found.text(adapters.base_url))
        adapters.mailer.send(mail, key=f"access:{nonce}")
    if adapters.mailer.keeps:
        with writing() as db:
            enqueue(db, "forget_access", nonce, run_at=real_now() + access.OPEN_FOR, key=f"forget_access:{nonce}")


@task("forget_access")
def forget_access(nonce: str, *, adapters: Adapters) -> None:
    """Its links lead nowhere any more; only the address would stay."""
    adapters.mailer.forget(f"access:{nonce}")


@sweeper
def waiting_messages(db: Session, now: datetime) -> None:
    """State is the truth: every e-mail that waits, and every message to the team, has a job."""
    leaves = sa.or_(col(Message.via) == Via.EMAIL, col(Message.recipient).is_not(None))
    waiting = sa.and_(leaves, col(Message.state) == MessageState.WAITING)
    single = select(Message.id).where(waiting, col(Message.event_message_seq).is_(None))
    for message_id in db.exec(single.limit(500)).all():
        ensure(db, "send_message", message_id, key=f"message:{message_id}")
    together = select(Message.event_message_seq).where(waiting, col(Message.event_message_seq).is_not(None))
    for seq in db.exec(together.distinct()).all():
        ensure(db, "send_event_message", seq, 0, key=f"event_message:{seq}")
