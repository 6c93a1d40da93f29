"""What organisers type about an event; every refusal names its field."""

import re
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, field_validator, model_validator

from app.consultation.content import consultation
from app.contributions.schemas import Cleaned, at_most, wrong
from app.contributions.text import clean
from app.errors import N_
from app.events import moments, words
from app.models import Access, Event, EventKind, Mode

# Visible characters.
LONGEST = {
    "title": 120,
    "summary": 300,
    "body": 6000,
    "audience": 200,
    "way": 1000,
    "access_notes": 1000,
    "place_name": 120,
    "place_address": 200,
    "contact": 200,
    "online_url": 500,
}
MOST_FACILITATORS, LONGEST_NAME = 20, 80
MOST_SEATS = 100_000
LONGEST_WORDS = 1500  # of what people are told
MOST_WEEKS = 30
# As maps give it (47.2184, -1.5536), and with French commas (47,2184 ; -1,5536).
POINTS = (
    re.compile(r"^([+-]?\d{1,3}(?:\.\d+)?)(?:\s*[,;]\s*|\s+)([+-]?\d{1,3}(?:\.\d+)?)$", re.ASCII),
    re.compile(r"^([+-]?\d{1,3},\d+)(?:\s*;\s*|,\s+|\s+)([+-]?\d{1,3},\d+)$", re.ASCII),
)
ONE_LINE = re.compile(r"\s+")


def _one_line(value: object) -> object:
    value = clean(value)
    return ONE_LINE.sub(" ", value) if isinstance(value, str) else value


def _on_earth(value: str) -> str:
    if value and point_of(value) is None:
        raise wrong("bad_point", N_("Écrivez deux nombres, par exemple 47.2184, -1.5536."))
    return value


def _shown_to_all(value: str | None) -> str | None:
    if value and value not in {quartier.id for quartier in consultation().public_quartiers}:
        raise wrong("unknown_quartier", N_("Choisissez un des quartiers proposés."))
    return value or None


Line = Annotated[str, BeforeValidator(_one_line)]
Point = Annotated[Line, AfterValidator(_on_earth)]
Quartier = Annotated[Line | None, AfterValidator(_shown_to_all)]


class EventIn(BaseModel):
    """One event as the editor posts it. A draft needs a title and its hours; the rest may come later."""

    title: Line = Field(default="", validate_default=True)
    kind: EventKind
    mode: Mode = Mode.IN_PERSON
    access: Access = Access.OPEN
    summary: Line = ""
    body: Cleaned = ""
    audience: Line = ""
    way: Cleaned = ""
    access_notes: Cleaned = ""
    place_name: Line = ""
    place_address: Line = ""
    point: Point = ""
    quartier: Quartier = None
    online_url: Line | None = None
    offers: list[str] = []
    facilitators: Cleaned = ""
    contact: Line = ""
    starts_at: Line = Field(default="", validate_default=True)
    ends_at: Line = Field(default="", validate_default=True)
    capacity: Annotated[int, Field(le=MOST_SEATS)] | None = None
    opens_at: Line | None = None
    closes_at: Line | None = None

    @field_validator("title")
    @classmethod
    def _titled(cls, value: str) -> str:
        if not value:
            raise wrong("missing", N_("Donnez un titre."))
        return value

    @field_validator(*LONGEST)
    @classmethod
    def _short(cls, value: str | None, info: Any) -> str | None:
        kept = at_most(value, LONGEST[info.field_name])
        return kept if info.field_name == "online_url" else kept or ""

    @field_validator("starts_at", "ends_at", "opens_at", "closes_at")
    @classmethod
    def _moment(cls, value: str | None, info: Any) -> str | None:
        if value:
            moments.read(value)
        elif info.field_name in ("starts_at", "ends_at"):
            raise wrong("missing", N_("Dites quel jour et à quelle heure."))
        return value or None

    @field_validator("kind")
    @classmethod
    def _not_of_programme(cls, value: EventKind) -> EventKind:
        """Sessions of the Assises are made by releases of their programme alone."""
        if value is EventKind.SESSION:
            raise wrong("unknown_kind", N_("Choisissez parmi ce qui est proposé."))
        return value

    @field_validator("capacity")
    @classmethod
    def _some(cls, value: int | None) -> int | None:
        if value is not None and value < 1:
            raise wrong("no_seats", N_("Il faut au moins une place. Sans limite ? Laissez vide."))
        return value

    @field_validator("offers")
    @classmethod
    def _offers(cls, value: list[str]) -> list[str]:
        known = words.offers()
        if set(value) - set(known):
            raise wrong("unknown_offer", N_("Choisissez parmi ce qui est proposé."))
        return [code for code in known if code in value]

    @field_validator("online_url")
    @classmethod
    def _link(cls, value: str | None) -> str | None:
        if value and not _is_link(value):
            raise wrong("bad_link", N_("Cette adresse n’est pas complète. Elle commence par https://"))
        return value

    @field_validator("facilitators")
    @classmethod
    def _named(cls, value: str) -> str:
        names = lines(value)
        if len(names) > MOST_FACILITATORS:
            raise wrong("too_many", N_("Il y en a trop : %(most)s personnes au plus."), most=MOST_FACILITATORS)
        for name in names:
            at_most(name, LONGEST_NAME)
        return value

    @model_validator(mode="after")
    def _in_order(self) -> "EventIn":
        starts, ends = moments.read(self.starts_at), moments.read(self.ends_at)
        opens, closes = (moments.read(each) if each else None for each in (self.opens_at, self.closes_at))
        if ends <= starts:
            raise wrong("ends_before_start", N_("La fin vient avant le début."), field="ends_at")
        if closes and closes > ends:
            raise wrong("closes_late", N_("Les inscriptions se fermeraient après la fin."), field="closes_at")
        if opens and closes and opens >= closes:
            raise wrong("opens_late", N_("Les inscriptions s’ouvriraient après leur fermeture."), field="opens_at")
        if opens and opens >= starts and not closes:
            raise wrong("opens_late", N_("Les inscriptions s’ouvriraient après le début."), field="opens_at")
        return self

    def fields(self) -> dict[str, Any]:
        """The columns of `Event` it fills; capacity aside, which only a rule of places changes."""
        whole = self.model_dump(
            exclude={"capacity", "point", "facilitators", "starts_at", "ends_at", "opens_at", "closes_at"}
        )
        latitude, longitude = point_of(self.point) or (None, None)
        times: dict[str, datetime | None] = {
            name: moments.read(text) if (text := getattr(self, name)) else None
            for name in ("starts_at", "ends_at", "opens_at", "closes_at")
        }
        place = {"latitude": latitude, "longitude": longitude, "facilitators": lines(self.facilitators)}
        return whole | place | times


class SavingIn(BaseModel):
    """Beside the event: which version was read, and, once the message was seen, its words."""

    version: Annotated[int, Field(ge=1)]
    words: Cleaned = ""

    @field_validator("words")
    @classmethod
    def _short(cls, value: str) -> str:
        return at_most(value, LONGEST_WORDS) or ""


class SeriesIn(BaseModel):
    times: Annotated[int, Field(ge=1, le=MOST_WEEKS)]


def typed(event: Event) -> dict[str, Any]:
    """An event as the editor's fields show it; the same names as `EventIn`."""
    point = f"{event.latitude}, {event.longitude}" if event.latitude is not None else ""
    times = {name: moments.shown(getattr(event, name)) for name in ("starts_at", "ends_at", "opens_at", "closes_at")}
    plain = {name: getattr(event, name) or "" for name in (*LONGEST, "quartier")}
    chosen = {name: getattr(event, name).value for name in ("kind", "mode", "access")}
    more = {"offers": list(event.offers), "facilitators": "\n".join(event.facilitators), "point": point}
    return plain | chosen | times | more | {"capacity": "" if event.capacity is None else str(event.capacity)}


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _is_link(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and "." in (parts.hostname or "") and not set(value) & set(' "<>\\')


def point_of(text: str) -> tuple[float, float] | None:
    """Two numbers with a comma, a semicolon or a space between; None when they are no place on earth."""
    match = next((found for form in POINTS if (found := form.match(text))), None)
    if match is None:
        return None
    latitude, longitude = (float(part.replace(",", ".")) for part in match.groups())
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
