"""Hours as the team types them, in the city's own time; each exists once, or is refused in words."""

import re
from datetime import UTC, datetime, timedelta

from app.consultation.content import consultation
from app.contributions.schemas import wrong
from app.errors import N_

# What the browser's own field sends, and what hands write where it has none: 12/04/2022 18:30, 12.4.2022 18h30.
ISO = re.compile(r"^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::00(?:\.0+)?)?$", re.ASCII)
WRITTEN = re.compile(r"^(\d\d?)[/.-](\d\d?)[/.-](\d{4})(?:,| à)? +(\d\d?) ?[:hH.] ?(\d\d)?$", re.ASCII)
FIRST, LAST = 2000, 2100  # years
UNREAD = N_("Écrivez le jour et l’heure, par exemple 12/04/2022 18:30.")
NO_SUCH = N_("Cette heure n’existe pas : cette nuit-là, on passe à l’heure d’été. Choisissez une heure avant ou après.")
TWICE = N_(
    "Cette heure existe deux fois : cette nuit-là, on passe à l’heure d’hiver. Choisissez une heure avant ou après."
)


def read(text: str) -> datetime:
    """The instant that is meant, in UTC. Refuses what is no date, does not exist or exists twice."""
    return instant(typed(text))


def typed(text: str) -> datetime:
    """Day and hour as they stand on a clock in the city (naive)."""
    if iso := ISO.match(text):
        year, month, day, hour, minute = (int(part) for part in iso.groups())
    elif written := WRITTEN.match(text):
        day, month, year, hour, minute = (int(part or 0) for part in written.groups())
    else:
        raise wrong("bad_moment", UNREAD)
    if not FIRST <= year <= LAST:
        raise wrong("bad_moment", UNREAD)
    try:
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001 - a clock's face has no zone
    except ValueError:
        raise wrong("bad_moment", UNREAD) from None


def instant(face: datetime) -> datetime:
    """The one instant at which the city's clocks show `face`."""
    zone = consultation().zone
    first, second = (face.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) != face:
        raise wrong("no_such_time", NO_SUCH)
    if first != second:
        raise wrong("time_twice", TWICE)
    return first


def face(moment: datetime) -> datetime:
    """What the city's clocks show at that instant."""
    return moment.astimezone(consultation().zone).replace(tzinfo=None, fold=0)


def shown(moment: datetime | None) -> str:
    """As the browser's own field wants it."""
    return face(moment).strftime("%Y-%m-%dT%H:%M") if moment else ""


def weeks_later(moment: datetime, weeks: int) -> datetime:
    """The same hour of the clock, whatever summer time does in between."""
    return instant(face(moment) + timedelta(weeks=weeks))
