"""Calendar entries (RFC 5545): one meeting, or all of them.

The time zone is written here: the one icalendar 7.3 generates is an hour off in spring.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app import i18n
from app.consultation.content import consultation
from app.i18n import gettext as _
from app.models.event import EventState

if TYPE_CHECKING:  # imported by what makes one: it is much to load at every start
    from icalendar import Calendar
    from icalendar import Event as Entry

PARIS = """BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
# Postponed without a new date: what stands in the calendar is no longer sure.
STATUS = {
    EventState.PUBLISHED: "CONFIRMED",
    EventState.CANCELLED: "CANCELLED",
    EventState.POSTPONED: "TENTATIVE",
}
EVERY = "PT12H"  # how often a subscribed calendar asks again


def entry(event: Any, *, base_url: str, now: datetime, url: str) -> bytes:
    """A calendar of one meeting, in the current language. `url`: its public page, or the personal one."""
    calendar = _calendar()
    calendar.add_component(_entry(event, base_url=base_url, now=now, url=url))
    return bytes(calendar.to_ical())


def whole(events: Iterable[Any], *, base_url: str, now: datetime, url: Callable[[Any], str], name: str = "") -> bytes:
    """All of them, to subscribe to; `url` gives each one's page; `name`: what the calendar is called."""
    calendar = _calendar()
    called = name or _("Les rendez-vous")
    calendar.add("x-wr-calname", f"{called} · {consultation().title.in_(i18n.current().code)}")
    calendar.add("refresh-interval;value=duration", EVERY)
    calendar.add("x-published-ttl", EVERY)
    for event in events:
        calendar.add_component(_entry(event, base_url=base_url, now=now, url=url(event)))
    return bytes(calendar.to_ical())


def place(event: Any) -> str:
    """Where it is, on one line."""
    return ", ".join(" ".join(part.split()) for part in (event.place_name, event.place_address) if part.strip())


def _calendar() -> "Calendar":
    from icalendar import Calendar, Timezone

    calendar = Calendar()
    calendar.add("prodid", "-//Nouvelles solidarites//Rendez-vous//FR")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add_component(Timezone.from_ical(PARIS))
    return calendar


def _entry(event: Any, *, base_url: str, now: datetime, url: str) -> "Entry":
    from icalendar import Event as Entry
    from icalendar import vGeo

    made = Entry()
    made.add("uid", f"{event.id}@{urlsplit(base_url).hostname}")
    made.add("dtstamp", now)
    made.add("dtstart", _time(event.starts_at))
    made.add("dtend", _time(event.ends_at))
    made.add("sequence", event.sequence)
    made.add("status", STATUS.get(event.state, "TENTATIVE"))
    made.add("summary", _title(event))
    made.add("description", _description(event, url))
    made.add("url", url)
    made.add("last-modified", event.changed_at)
    if where := place(event):
        made.add("location", where)
    if event.latitude is not None and event.longitude is not None:
        made.add("geo", vGeo((event.latitude, event.longitude)))
    return made


def _time(moment: datetime) -> datetime:
    """In the city's time; the second of two equal hours in October only universal time can name."""
    local = i18n.local(moment)
    return moment if local.fold else local


def _title(event: Any) -> str:
    """Many calendars show no status: the title says it too."""
    if event.state is EventState.CANCELLED:
        return _("Annulé : %(title)s") % {"title": event.title}
    if event.state is EventState.POSTPONED:
        return _("Reporté : %(title)s") % {"title": event.title}
    return str(event.title)


def _description(event: Any, here: str) -> str:
    parts = (event.said, event.summary, event.way, event.access_notes, here)
    return "\n\n".join(part.strip() for part in parts if part.strip())
