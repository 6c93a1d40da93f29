"""Sending what waits in the outbox: at least once attempted, recognisable as the same message when repeated."""

from datetime import datetime
from email.message import EmailMessage

from sqlmodel import Session, col, select

from app import i18n
from app.adapters import Adapters
from app.adapters.clock import real_now
from app.db import reading, writing
from app.jobs import ensure, sweeper, task
from app.models import Message, MessageState, Via
from app.notify import outbox
from app.notify.mails import compose


def _given_up(message_id: str, *, adapters: Adapters, words: str) -> None:
    with writing() as db:
        found = outbox.waiting_message(db, message_id)
        if found:
            outbox.settle(db, found[0], to=MessageState.FAILED, by="system", now=real_now())


# A mail server may be down for a day: tried for some 30 hours before it is given up.
@task("send_message", retry=(5, 30, 120, 600, *(3600,) * 30), on_failed=_given_up)
def send_message(message_id: str, *, adapters: Adapters) -> None:
    """One e-mail. Its Message-ID comes from the row, so that a repeat after a crash is the same message."""
    with reading() as db:
        found = outbox.waiting_message(db, message_id)
    if found is None:
        return
    message, address = found
    if message.template == outbox.DUTY:
        _tell_duty(message, adapters)
    elif address:
        with i18n.speaking(message.language):
            adapters.mailer.send(compose(message.template, to=address, adapters=adapters), key=str(message.id))
    with writing() as db:
        outbox.settle(db, message, to=MessageState.SENT, by="system", now=adapters.clock())


def _tell_duty(message: Message, adapters: Adapters) -> None:
    """To DIALOGUE_DUTY_CONTACT: an address, or a number through the SMS adapter."""
    contact = adapters.duty_contact
    mail: EmailMessage = compose(outbox.DUTY, to=contact, adapters=adapters)
    if "@" in contact:
        adapters.mailer.send(mail, key=str(message.id))
    elif contact and adapters.sms:
        adapters.sms.send(contact, mail["Subject"], key=str(message.id))


@sweeper
def waiting_messages(db: Session, now: datetime) -> None:
    """State is the truth: every e-mail that waits has a job."""
    waiting = select(Message.id).where(col(Message.via) == Via.EMAIL, col(Message.state) == MessageState.WAITING)
    for message_id in db.exec(waiting.limit(500)):
        ensure(db, "send_message", message_id, key=f"message:{message_id}")
