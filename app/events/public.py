"""One meeting as programs get it: the API's shape, and schema.org's for search engines."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from app.consultation.content import consultation
from app.events import queries
from app.i18n import local
from app.models import EventKind, EventState, Mode
from app.web import translated, url

SCHEMA_STATES = {
    EventState.PUBLISHED: "EventScheduled",
    EventState.CANCELLED: "EventCancelled",
    EventState.POSTPONED: "EventPostponed",
}
SCHEMA_MODES = {
    Mode.IN_PERSON: "OfflineEventAttendanceMode",
    Mode.ONLINE: "OnlineEventAttendanceMode",
    Mode.BOTH: "MixedEventAttendanceMode",
}
SCHEMA = "https://schema.org/"


def as_json(event: Any, now: datetime) -> dict[str, Any]:
    """A row, or an Event; nothing of who signed up but how many."""
    return {
        "slug": event.slug, "kind": event.kind.value, "state": event.state.value, "mode": event.mode.value,
        "access": event.access.value, "title": event.title, "summary": event.summary,
        "starts_at": local(event.starts_at).isoformat(), "ends_at": local(event.ends_at).isoformat(),
        "place": {
            "name": event.place_name, "address": event.place_address, "lat": event.latitude, "lon": event.longitude,
            "quartier": event.quartier,
        },
        "capacity": event.capacity, "seats_left": queries.seats_left(event), "waiting": event.waiting,
        "registration": {
            "opens_at": _moment(event.opens_at), "closes_at": _moment(event.closes_at or event.starts_at),
            "open": queries.is_open(event, now),
        },
        "offers": event.offers, "said": event.said or None, "invented": event.invented,
        "url": page(event), "ics_url": url("event_ics", slug=event.slug),
    }  # fmt: skip


def as_schema(event: Any, *, base_url: str) -> dict[str, Any]:
    """https://schema.org/Event."""
    here = address(event, base_url=base_url)
    organiser = {"@type": "Organization", "name": translated(consultation().title)}
    return {
        "@context": "https://schema.org", "@type": "Event", "@id": here, "url": here, "name": event.title,
        "description": event.summary or event.title, "startDate": local(event.starts_at).isoformat(),
        "endDate": local(event.ends_at).isoformat(), "eventStatus": SCHEMA + SCHEMA_STATES[event.state],
        "eventAttendanceMode": SCHEMA + SCHEMA_MODES[event.mode], "location": _locations(event, here),
        "isAccessibleForFree": True, "organizer": organiser,
    } | ({} if event.capacity is None else {
        "maximumAttendeeCapacity": event.capacity, "remainingAttendeeCapacity": queries.seats_left(event),
    })  # fmt: skip


def address(event: Any, *, base_url: str) -> str:
    """The whole address of the event's page; `url` has a host site's path prefix in it already."""
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}{page(event)}"


def page(event: Any) -> str:
    """The address of its page on this site: one of the Assises is a session of their programme."""
    return url("assises_session" if event.kind is EventKind.SESSION else "event", slug=event.slug)


def _locations(event: Any, here: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if event.mode is not Mode.ONLINE:
        place = {"@type": "Place", "name": event.place_name or event.place_address}
        if event.place_address:
            place["address"] = event.place_address
        if event.latitude is not None and event.longitude is not None:
            place["geo"] = {"@type": "GeoCoordinates", "latitude": event.latitude, "longitude": event.longitude}
        found.append(place)
    if event.mode is not Mode.IN_PERSON:  # the room's own address is for those who have a place
        found.append({"@type": "VirtualLocation", "url": here})
    return found


def _moment(moment: datetime | None) -> str | None:
    return local(moment).isoformat() if moment else None
