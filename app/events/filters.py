"""The filters of the meetings: what one may ask for, and what an unknown value is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta

from app.consultation.content import consultation
from app.errors import N_, FieldError
from app.events import words
from app.models.event import EventKind, Mode

WHEN = ("week", "weekend", "month", "past")
SATURDAY = 5
FIRST, LAST = 1970, 2999  # years
UNKNOWN = N_("Ce choix n’existe pas.")
BAD_DATE = N_("Écrivez une date comme 2022-03-15.")


@dataclass(frozen=True)
class Filters:
    """What a reader asks for; empty means everything that is to come."""

    when: str = ""
    date: str = ""
    kind: str = ""
    mode: str = ""
    quartier: str = ""
    offer: str = ""
    places: str = ""

    def given(self) -> dict[str, str]:
        return {name: value for name in NAMES if (value := getattr(self, name))}

    def span(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """From when to when, in the city's days. None: no bound."""
        today = now.astimezone(consultation().zone).date()
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


def read(asked: Mapping[str, str]) -> tuple[Filters, list[FieldError]]:
    """The filters one can follow, and one error per value nobody can have meant."""
    values, errors = {}, []
    for name in NAMES:
        value = asked.get(name, "").strip()
        if value and KNOWN[name](value):
            values[name] = value
        elif value:
            errors.append(FieldError(name, f"unknown_{name}", BAD_DATE if name == "date" else UNKNOWN))
    if "date" in values:
        values.pop("when", None)  # a day says it all
    return Filters(**values), errors


def midnight(day: date) -> datetime:
    """Where a day of the city begins."""
    return datetime.combine(day, time.min, consultation().zone)


def _is_day(value: str) -> bool:
    try:
        return FIRST <= date.fromisoformat(value).year <= LAST and len(value) == len("2022-03-15")
    except ValueError:
        return False


def _is_public_quartier(value: str) -> bool:
    place = consultation().quartier(value)
    return place is not None and not place.private


KNOWN: dict[str, Callable[[str], bool]] = {
    "when": lambda value: value in WHEN,
    "date": _is_day,
    "kind": lambda value: value in set(EventKind),
    "mode": lambda value: value in {Mode.IN_PERSON, Mode.ONLINE},
    "quartier": _is_public_quartier,
    "offer": lambda value: value in words.offers(),
    "places": lambda value: value == "1",
}
