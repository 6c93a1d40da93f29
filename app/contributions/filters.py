"""The filters of the public list: what one may ask for, and what an unknown value is."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from babel import Locale

from app.consultation import asked
from app.consultation.asked import Asked
from app.consultation.content import consultation
from app.errors import N_, FieldError
from app.models import Channel, Kind
from app.models.contribution import facet

HAS = ("photo", "video", "audio")
MOST_LETTERS = 200
SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
LANGUAGE = re.compile(r"^([a-z]{2,3})(-[A-Za-z0-9]{2,8}){0,3}$")
TOO_LONG = N_("C’est trop long pour une recherche : %(most)s caractères au plus.")


@dataclass(frozen=True)
class Filters(Asked):
    """What a reader asks for; empty means everything."""

    q: str = ""
    question: str = ""
    kind: str = ""
    channel: str = ""
    audience: str = ""
    quartier: str = ""
    theme: str = ""
    language: str = ""
    has: str = ""
    collective: str = ""
    since: str = ""

    def facets(self) -> list[str]:
        """The filter words of the search index."""
        return [
            facet(letter, value.split("-")[0] if name == "language" else value)
            for name, letter in LETTERS.items()
            if (value := getattr(self, name))
        ]

    def since_moment(self) -> datetime | None:
        return _moment(self.since) if self.since else None


NAMES = tuple(field.name for field in fields(Filters))
LETTERS = {
    "question": "q", "kind": "k", "channel": "c", "language": "l", "quartier": "z", "collective": "o", "has": "h",
    "audience": "a",
}  # fmt: skip


def read(given: Mapping[str, str]) -> tuple[Filters, list[FieldError]]:
    """The filters one can follow, and one error per value nobody can have meant."""
    values, errors = asked.known(given, KNOWN, {"since": asked.BAD_DATE})
    q = asked.cleaned(given.get("q", ""))
    if len(q) > MOST_LETTERS:
        errors.insert(0, FieldError("q", "too_long", TOO_LONG, (("most", MOST_LETTERS),)))
        q = ""
    return Filters(q, **values), errors


def _is_language(value: str) -> bool:
    """A language somebody may write in: those of the consultation, and every language CLDR names."""
    match = LANGUAGE.match(value)
    return match is not None and (value in consultation().text_tags or match[1] in Locale("fr").languages)


def _moment(value: str) -> datetime | None:
    """A day in the city begins at its midnight; a moment says its own offset, or is the city's time."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.year not in asked.YEARS:
        return None
    if len(value) <= len("2022-03-15"):
        return consultation().midnight(moment.date())
    return moment if moment.tzinfo else moment.replace(tzinfo=consultation().zone)


KNOWN: dict[str, Callable[[str], bool]] = {
    "question": lambda value: consultation().question(value) is not None,
    "kind": lambda value: value in set(Kind),
    "channel": lambda value: value in set(Channel),
    "audience": lambda value: consultation().audience(value) is not None,
    "quartier": asked.is_public_quartier,
    "theme": lambda _value: False,  # themes come with the synthesis
    "language": _is_language,
    "has": lambda value: value in HAS,
    "collective": lambda value: len(value) <= 80 and SLUG.match(value) is not None,
    "since": lambda value: _moment(value) is not None,
}
