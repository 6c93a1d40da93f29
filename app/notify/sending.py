"""A row of the outbox leaves: looked at, said, sent, settled. A repeat after a crash is the same message."""

from dataclasses import dataclass
from email.message import EmailMessage
from uuid import UUID

import structlog
from sqlmodel import Session, col, select

from app import i18n
from app.adapters import Adapters
from app.adapters.mailer import MailDown, MailRefused, Sender
from app.adapters.sms import SmsDown, SmsRefused
from app.assises import letters as speakers_letters
from app.assises import mails as speakers_mails
from app.assises import telling
from app.db import reading, writing
from app.events import letters
from app.events import mails as event_mails
from app.models import Message, MessageState, Via
from app.notify import outbox
from app.notify.mails import compose, text_message

log = structlog.get_logger("app.notify")

BATCH = 200  # messages of one job: some seconds, then others have their turn
FAULTS = 3  # messages in a row that a server will not take: it is the server


@dataclass(frozen=True)
class _Ready:
    """What is sent, and to whom; `late`: there is nothing in it to hear any more."""

    message: Message
    to: str
    told: letters.Told | speakers_letters.Told | None = None
    late: bool = False


def one(message_id: UUID, *, adapters: Adapters, mailer: Sender) -> None:
    """Raises MailDown or SmsDown: it still waits."""
    ready = _ready(message_id, adapters)
    if ready is None:
        return
    try:
        went = None if ready.late else _send(ready, adapters, mailer)
    except (MailRefused, SmsRefused):
        _refused(ready.message, adapters)
        return
    if ready.late:
        _settle(ready.message, MessageState.DROPPED, adapters)
    elif went is not None:
        _settle(ready.message, MessageState.SENT, adapters, via=went)
    elif ready.message.via is not Via.CALL:
        _refused(ready.message, adapters)
    elif ready.message.template in outbox.SHOWN_ALREADY:
        _settle(ready.message, MessageState.DROPPED, adapters)


def many(event_message_seq: int, after: int, *, adapters: Adapters) -> int | None:
    """The next of one announcement, after the row `after`; the last one looked at, None when there are no more.

    A message that the server will not take now keeps no other from leaving: it is tried again with a new
    connection, then left for the sweep. Several in a row, or any left at the end: MailDown, and the job comes back.
    """
    with reading() as db:
        waiting = _waiting(db, event_message_seq, after, calls=adapters.sms is not None)
    left = row = 0
    with adapters.mailer.kept() as mailer:
        for _seq, message_id in waiting:
            if _patiently(message_id, adapters, mailer):
                row = 0
                continue
            left, row = left + 1, row + 1
            if row == FAULTS:
                raise MailDown
    if len(waiting) == BATCH:
        return waiting[-1][0]
    if left:
        raise MailDown
    return None


def _patiently(message_id: UUID, adapters: Adapters, mailer: Sender) -> bool:
    """Two attempts: the first may only have found the connection cut."""
    for _attempt in range(2):
        try:
            one(message_id, adapters=adapters, mailer=mailer)
        except (MailDown, SmsDown):
            continue
        return True
    return False


def _waiting(db: Session, event_message_seq: int, after: int, *, calls: bool) -> list[tuple[int, UUID]]:
    ways = (Via.EMAIL, Via.CALL) if calls else (Via.EMAIL,)
    found = db.exec(
        select(Message.seq, Message.id)
        .where(
            Message.event_message_seq == event_message_seq,
            col(Message.seq) > after,
            Message.state == MessageState.WAITING,
            col(Message.via).in_(ways),
        )
        .order_by(col(Message.seq))
        .limit(BATCH)
    )
    return [(seq or 0, message_id) for seq, message_id in found]


def _ready(message_id: UUID, adapters: Adapters) -> _Ready | None:
    """None when it was sent, held, dropped or replaced meanwhile."""
    with reading() as db:
        message = outbox.waiting_message(db, message_id)
        if message is None:
            return None
        if message.recipient:
            return _Ready(message, outbox.team_address(db, message, duty=adapters.duty_contacts))
        to = outbox.address(db, message)
        if message.registration_seq is None and message.speaker_seq is None:
            return _Ready(message, to)
        say = telling.told if message.speaker_seq else event_mails.told
        with i18n.speaking(message.language):
            told = say(db, message, base_url=adapters.base_url, now=adapters.clock())
        return _Ready(message, to, told, late=told is None)


def _send(ready: _Ready, adapters: Adapters, mailer: Sender) -> Via | None:
    """How it went; None when there is no way. The Message-ID comes from the row."""
    message, to = ready.message, ready.to
    with i18n.speaking(message.language):
        if "@" in to:
            mailer.send(_mail(ready, adapters), key=str(message.id))
            return Via.EMAIL
        if to and adapters.sms:
            adapters.sms.send(to, _short(ready, adapters), key=str(message.id))
            return Via.SMS
    return None


def _mail(ready: _Ready, adapters: Adapters) -> EmailMessage:
    told = ready.told
    if isinstance(told, speakers_letters.Told):
        return speakers_mails.mail(told, to=ready.to, adapters=adapters)
    if told:
        return event_mails.mail(told, to=ready.to, adapters=adapters)
    return compose(ready.message.template, to=ready.to, adapters=adapters)


def _short(ready: _Ready, adapters: Adapters) -> str:
    told = ready.told
    if isinstance(told, speakers_letters.Told):
        return speakers_letters.short(told)
    return letters.short(told) if told else text_message(ready.message.template, adapters=adapters)


def _settle(message: Message, to: MessageState, adapters: Adapters, via: Via | None = None) -> None:
    with writing() as db:
        outbox.settle(db, message, to=to, by="system", via=via, now=adapters.clock())


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
