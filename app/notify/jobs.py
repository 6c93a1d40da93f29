"""Sending what waits in the outbox: attempted until it is accepted, recognisable as the same message when repeated."""

from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from app import i18n
from app.adapters import Adapters
from app.adapters.mailer import MailRefused
from app.adapters.sms import SmsRefused
from app.db import reading, writing
from app.jobs import ensure, sweeper, task
from app.models import Message, MessageState, Via
from app.notify import access, outbox
from app.notify.mails import compose, text_message

log = structlog.get_logger("app.notify")


@task("send_message")
def send_message(message_id: str, *, adapters: Adapters) -> None:
    """One e-mail, or one text message where a provider is set; without one the call list keeps it.

    The Message-ID comes from the row, so that a repeat after a crash is the same message. A server that is
    down leaves the row waiting: the sweep comes back to it for as long as it takes.
    """
    with reading() as db:
        message = outbox.waiting_message(db, message_id)
        if message is None:
            return
        if message.recipient:
            to = outbox.team_address(db, message, duty=adapters.duty_contacts)
        else:
            to = outbox.address(db, message)
    try:
        went = _send(message, to, adapters)
    except (MailRefused, SmsRefused):
        _refused(message, adapters)
        return
    if went is not None:
        with writing() as db:
            outbox.settle(db, message, to=MessageState.SENT, by="system", via=went, now=adapters.clock())
    elif message.via is not Via.CALL:
        _refused(message, adapters)


def _send(message: Message, to: str, adapters: Adapters) -> Via | None:
    """How it went; None when there is no way."""
    with i18n.speaking(message.language):
        if "@" in to:
            adapters.mailer.send(compose(message.template, to=to, adapters=adapters), key=str(message.id))
            return Via.EMAIL
        if to and adapters.sms:
            adapters.sms.send(to, text_message(message.template, adapters=adapters), key=str(message.id))
            return Via.SMS
    return None


def _refused(message: Message, adapters: Adapters) -> None:
    """It will never go this way: someone calls, or it is marked as failed."""
    if message.recipient:
        log.error(
            "duty.unreachable", recipient=message.recipient, words="takes no message: check DIALOGUE_DUTY_CONTACT"
        )
    with writing() as db:
        if message.via is Via.CALL or outbox.call_instead(db, message):
            return
        outbox.settle(db, message, to=MessageState.FAILED, by="system", now=adapters.clock())


@task("send_access", retry=(5, 30, 120, 300))
def send_access(email_index: str, nonce: str, asked_at: str, language: str, *, adapters: Adapters) -> None:
    """The link to the follow page, to whoever asked for it (app/notify/access.py). Nothing for an unknown address."""
    with i18n.speaking(language):
        with writing() as db:
            asked = datetime.fromisoformat(asked_at)
            found = access.links(db, email_index, nonce=nonce, asked_at=asked, now=adapters.clock())
        if found is None:
            return
        mail = compose("access", to=found.to, adapters=adapters, link=found.text(adapters.base_url))
        adapters.mailer.send(mail, key=f"access:{nonce}")


@sweeper
def waiting_messages(db: Session, now: datetime) -> None:
    """State is the truth: every e-mail that waits, and every message to the team, has a job."""
    leaves = sa.or_(col(Message.via) == Via.EMAIL, col(Message.recipient).is_not(None))
    waiting = select(Message.id).where(leaves, col(Message.state) == MessageState.WAITING)
    for message_id in db.exec(waiting.limit(500)).all():
        ensure(db, "send_message", message_id, key=f"message:{message_id}")
