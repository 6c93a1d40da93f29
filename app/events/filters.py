"""The filters of the meetings: what one may ask for, and what an unknown value is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from app.consultation import asked
from app.consultation.asked import Asked
from app.consultation.content import consultation
from app.errors import FieldError
from app.events import words
from app.models.event import EventKind, Mode

WHEN = ("week", "weekend", "month", "past")
SATURDAY = 5


@dataclass(frozen=True)
class Filters(Asked):
    """What a reader asks for; empty means everything that is to come."""

    when: str = ""
    date: str = ""
    kind: str = ""
    mode: str = ""
    quartier: str = ""
    offer: str = ""
    places: str = ""

    def span(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """From when to when, in the city's days. None: no bound."""
        today, midnight = consultation().today(now), consultation().midnight
        if self.date:
            day = date.fromisoformat(self.date)
            return midnight(day), midnight(day + timedelta(days=1))
        if self.when == "week":
            return now, midnight(today + timedelta(days=7 - today.weekday()))
        if self.when == "weekend":
            saturday = today + timedelta(days=SATURDAY - today.weekday())
            return max(now, midnight(saturday)), midnight(saturday + timedelta(days=2))
        if self.when == "month":
            return now, midnight((today.replace(day=28) + timedelta(days=4)).replace(day=1))
        return None, None


NAMES = tuple(field.name for field in fields(Filters))


def read(given: Mapping[str, str]) -> tuple[Filters, list[FieldError]]:
    """The filters one can follow, and one error per value nobody can have meant."""
    values, errors = asked.known(given, KNOWN, {"date": asked.BAD_DATE})
    if "date" in values:
        values.pop("when", None)  # a day says it all
    return Filters(**values), errors


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).year in asked.YEARS and len(value) == len("2022-03-15")
    except ValueError:
        return False


KNOWN: dict[str, Callable[[str], bool]] = {
    "when": lambda value: value in WHEN,
    "date": _is_day,
    "kind": lambda value: value in set(EventKind),
    "mode": lambda value: value in {Mode.IN_PERSON, Mode.ONLINE},
    "quartier": asked.is_public_quartier,
    "offer": lambda value: value in words.offers(),
    "places": lambda value: value == "1",
}
