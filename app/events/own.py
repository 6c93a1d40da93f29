"""One's own place at a meeting, as its personal page shows it."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session

from app import qr, web
from app.events import door, line, offers, people, places, sign_up, words
from app.events.schemas import PlacesIn
from app.models import Event, EventState, Mode, Place, Registration

# The address is the key: nobody keeps the page, no search engine finds it, no other site is told of it.
HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
HELD = (Place.CONFIRMED, Place.OFFERED, Place.WAITING)


class OwnIn(PlacesIn):
    """What one may change on one's own page."""

    reminders: bool = False


def view(db: Session, registration: Registration, *, token: str, base_url: str, now: datetime) -> dict[str, Any]:
    """Everything the page shows. An address or a number is never shown back."""
    event = db.get_one(Event, registration.event_seq)
    state = standing(event, registration, now=now)
    seated = state == "confirmed"
    return {
        "token": token,
        "event": event,
        "registration": registration,
        "state": state,
        "position": line.position(db, registration),
        "may_take": state == "waiting" and offers.may_take(db, event, registration, now=now),
        "name": people.name(registration),
        "needs": [words.offer_name(code) for code in registration.needs],
        "note": people.note(registration),
        "told_by": "mail" if registration.email_sealed else "phone" if registration.phone_sealed else "",
        "address": (link := address(token, base_url=base_url)),
        "drawing": qr.inline(link, scale=5) if seated else None,
        "code": door.door_code(registration.id) if seated else "",
        "online": (event.online_url or "") if seated and event.mode is not Mode.IN_PERSON else "",
        "held": registration.state in HELD and now < event.ends_at,
        "may_return": sign_up.situation(event, now) in ("open", "full"),
        "may_change": state in ("confirmed", "offered", "waiting") and now < event.starts_at,
    }


def standing(event: Event, registration: Registration, *, now: datetime) -> str:
    """One word for where one is: what the event became comes before what the registration is."""
    if registration.state is Place.CANCELLED:
        return "given_up"
    if event.state is not EventState.PUBLISHED:
        return "event_cancelled" if event.state is EventState.CANCELLED else "event_postponed"
    if now >= event.ends_at:
        return "attended" if registration.state is Place.ATTENDED else "over"
    if registration.state is Place.OFFERED and registration.offered_until and registration.offered_until <= now:
        return "waiting"  # the duty that passes it on comes by in a moment
    return {Place.ATTENDED: "attended", Place.ABSENT: "over"}.get(registration.state, registration.state.value)


def change(db: Session, registration: Registration, said: OwnIn, *, now: datetime) -> None:
    """How many, what they need, whether one is reminded."""
    registration.reminders = said.reminders
    places.change(db, registration, people=said.people, needs=said.needs, note=said.note, now=now)


def address(token: str, *, base_url: str) -> str:
    """The whole address of one's own page; `web.url` has a host site's path prefix in it already."""
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}{web.url('own_place', token=token)}"


def typed(registration: Registration) -> dict[str, Any]:
    """What the page's form holds at first."""
    values: dict[str, Any] = {
        "people": str(registration.people), "needs": list(registration.needs), "note": people.note(registration)
    }  # fmt: skip
    return values | ({"reminders": "true"} if registration.reminders else {})
