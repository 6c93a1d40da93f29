"""From a row of the outbox to what leaves: what is true of that person and event now, and the calendar entry."""

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage

from sqlmodel import Session, col, select

from app import i18n
from app.adapters import Adapters
from app.events import calendars, letters, line, tokens
from app.events.letters import Told
from app.events.messages import CHANGES
from app.models import Event, EventMessage, Message, MessageState, Place, Registration

# After the event there is nothing in these to hear.
TIMELY = (
    "registered", "waiting", "promoted", "offered", "offer_expired", "registration_changed", "event_moved",
    "event_postponed", "reminder_week", "reminder_day",
)  # fmt: skip


def told(db: Session, message: Message, *, base_url: str, now: datetime, spoken: bool = False) -> Told | None:
    """What the message says, in the current language; None when it is too late to say it.

    `spoken`: on the phone, where neither a link nor a number in the line is said.
    """
    registration = db.get_one(Registration, message.registration_seq)
    event = db.get_one(Event, registration.event_seq)
    written = db.get(EventMessage, message.event_message_seq) if message.event_message_seq else None
    if message.template in TIMELY and event.ends_at <= now:
        return None
    prefix = base_url + (i18n.current().prefix if i18n.current().complete else "")
    waits = registration.state is Place.WAITING and message.template in letters.STANDING and not spoken
    token = tokens.say(registration) if registration.token_sealed and not spoken else ""
    return Told(
        message.template, event, place=registration.state, people=registration.people,
        position=line.position(db, registration) if waits else None, offered_until=registration.offered_until,
        words=written.words if written else "", before=_before(db, message, written) if written else {},
        own=f"{prefix}/ma-place/{token}" if token else "",
        page=f"{prefix}/rendez-vous/{event.slug}", contribute=f"{prefix}/participer?rendez-vous={event.slug}", now=now,
    )  # fmt: skip


def _before(db: Session, message: Message, written: EventMessage) -> Mapping[str, str]:
    """What that person last knew of the event: an earlier change may have been replaced before it was told."""
    earlier = (
        select(Message.state, EventMessage.before)
        .join(EventMessage, col(EventMessage.seq) == col(Message.event_message_seq))
        .where(
            Message.registration_seq == message.registration_seq,
            col(Message.template).in_(CHANGES),
            col(Message.seq) < message.seq,
        )
        .order_by(col(Message.seq).desc())
    )
    known = dict(written.before)
    for state, before in db.exec(earlier):
        if state is not MessageState.DROPPED:
            break
        known |= before
    return known


def mail(said: Told, *, to: str, adapters: Adapters) -> EmailMessage:
    """With the calendar entry where it changes a calendar. It leads to the public page: entries are shared."""
    made = EmailMessage()
    made["To"] = to
    made["Subject"] = letters.subject(said)
    made["Content-Language"] = i18n.current().tag
    made.set_content(letters.text(said))
    if letters.has_entry(said):
        entry = _entry(said, base_url=adapters.base_url, now=adapters.clock())
        made.add_attachment(
            entry, maintype="text", subtype="calendar", filename="rendez-vous.ics", params={"charset": "utf-8"}
        )
    return made


_last: dict[tuple[object, ...], bytes] = {}  # the entry made last: thousands get the same one after the other


def _entry(said: Told, *, base_url: str, now: datetime) -> bytes:
    event, moment = said.event, now.replace(second=0, microsecond=0)
    key = event.id, event.version, event.sequence, event.changed_at, said.page, base_url, i18n.current().code, moment
    made = _last.get(key)
    if made is None:
        made = calendars.entry(event, base_url=base_url, now=moment, url=said.page)
        _last.clear()
        _last[key] = made
    return made
