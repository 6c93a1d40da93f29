"""The promise of the fewer-than-five: where so few spoke, nothing public says at what hour or in which place.

Whoever knows that somebody was there could tell which words are theirs. Pages, feed, poster, figures and the page of a
contribution all ask here; nothing else decides it. Pure: no database, no language.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.models import Method, Outing, OutingState

FEW = 5
SHORTEST = 4  # letters of a word that tells
# Of many a place's name.
SHARED = frozenset({
    "accueil", "allee", "arret", "association", "autre", "avenue", "bibliotheque", "boulevard", "cafe", "centre",
    "chez", "commercial", "cours", "dans", "devant", "ecole", "eglise", "entre", "espace", "foyer", "gare", "grand",
    "grande", "hall", "hopital", "immeuble", "impasse", "jardin", "jour", "lieu", "local", "mairie", "maison",
    "marche", "mediatheque", "nantes", "parc", "petit", "petite", "pied", "place", "point", "pont", "porte", "quai",
    "quartier", "repas", "residence", "route", "salle", "social", "sociale", "solidaire", "solidarite", "square",
    "station", "theatre", "tour", "tram", "tramway", "ville"
})  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """What the public may know of an outing. Where few spoke, people, place, hours and event are kept back."""

    slug: str
    day: date  # in the city
    quartier: str | None
    method: Method
    question: str | None
    people: int | None
    place: str
    starts_at: datetime | None
    ends_at: datetime | None
    event_seq: int | None
    heard: str
    changes: str
    told_on: date
    changed_on: date
    invented: bool

    @property
    def few(self) -> bool:
        return self.people is None


@dataclass(frozen=True)
class Figures:
    """Sums over outings; those where few spoke are a number of outings alone, so that no sum gives theirs away."""

    outings: int = 0
    people: int = 0
    stopped: int = 0
    small: int = 0


def few(people: int) -> bool:
    return people < FEW


def told(outing: Outing) -> bool:
    """Its page is there for everybody."""
    return outing.told_at is not None and outing.slug is not None and outing.state is not OutingState.CANCELLED


def may_link(outing: Outing) -> bool:
    """A contribution's page may lead to its outing's, and that page may show the contribution."""
    return told(outing) and not few(outing.collected)


def shown(outing: Outing, *, zone: ZoneInfo, quartier: str | None) -> Shown:
    """Of an outing that is told. `zone`: the city's; `quartier`: None where it is no public one.

    Told, changed: days alone, since a page is often written within the hour.
    """
    kept = few(outing.collected)
    told_at = outing.told_at or outing.changed_at
    day, told_on, changed_on = (
        each.astimezone(zone).date() for each in (outing.starts_at, told_at, max(told_at, outing.changed_at))
    )
    return Shown(
        slug=outing.slug or "", day=day, quartier=quartier, method=outing.method, question=outing.question,
        people=None if kept else outing.collected, place="" if kept else outing.place_name,
        starts_at=None if kept else outing.starts_at, ends_at=None if kept else outing.ends_at,
        event_seq=None if kept else outing.event_seq,
        heard="" if kept and names_place(outing, outing.heard) else outing.heard,
        changes="" if kept and names_place(outing, outing.changes) else outing.changes,
        told_on=told_on, changed_on=changed_on, invented=outing.invented,
    )  # fmt: skip


def figures(counts: Iterable[tuple[int, int | None]]) -> Figures:
    """`counts`: of each outing, who spoke and who stopped (None: nobody counted)."""
    known = list(counts)
    open_ = [(people, max(people, stopped or 0)) for people, stopped in known if not few(people)]
    return Figures(
        len(open_), sum(people for people, _stopped in open_), sum(stopped for _people, stopped in open_),
        len(known) - len(open_),
    )  # fmt: skip


def names_place(outing: Outing, text: str) -> bool:
    """Whether a text says the place: its name, its address, or one telling word of them (« Varda »).

    Accents, case and marks aside. Words that many places share, and those of the quartier, which is said, tell nothing.
    """
    words = _plain(text)
    known = SHARED.union(_plain((outing.quartier or "").replace("-", " ")))
    for name in (_plain(outing.place_name), _plain(outing.place_address)):
        telling = {word for word in name if len(word) >= SHORTEST and not word.isdigit()} - known
        if telling.intersection(words) or (name and f" {' '.join(name)} " in f" {' '.join(words)} "):
            return True
    return False


def _plain(text: str) -> list[str]:
    letters = unicodedata.normalize("NFD", text.casefold())
    return re.findall(r"\w+", "".join(one for one in letters if not unicodedata.combining(one)))
