"""From a row of the outbox to what leaves: what is true of that person and event now, and the calendar entry."""

from datetime import datetime
from email.message import EmailMessage

from sqlmodel import Session

from app import i18n
from app.adapters import Adapters
from app.events import calendars, letters, places, tokens
from app.events.letters import Told
from app.models import Event, EventMessage, Message, Place, Registration

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
        position=places.position(db, registration) if waits else None, offered_until=registration.offered_until,
        words=written.words if written else "", before=written.before if written else {},
        own=f"{prefix}/ma-place/{token}" if token else "",
        page=f"{prefix}/rendez-vous/{event.slug}", contribute=f"{prefix}/participer?rendez-vous={event.slug}", now=now,
    )  # fmt: skip


def mail(said: Told, *, to: str, adapters: Adapters) -> EmailMessage:
    """With the calendar entry where it changes a calendar. It leads to the public page: entries are shared."""
    made = EmailMessage()
    made["To"] = to
    made["Subject"] = letters.subject(said)
    made["Content-Language"] = i18n.current().tag
    made.set_content(letters.text(said))
    if said.template in letters.WITH_ENTRY and (said.place is not Place.WAITING or said.template.startswith("event_")):
        entry = calendars.entry(said.event, base_url=adapters.base_url, now=adapters.clock(), url=said.page)
        made.add_attachment(
            entry, maintype="text", subtype="calendar", filename="rendez-vous.ics", params={"charset": "utf-8"}
        )
    return made
