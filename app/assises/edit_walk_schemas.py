"""What organisers type about a stop of the walk; every refusal names its field."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator

from app.assises.edit_schemas import known
from app.assises.walk import openings
from app.contributions.schemas import Cleaned, at_most, wrong
from app.errors import N_
from app.events import moments
from app.events import words as events
from app.events.edit_schemas import Line, Point, point_of
from app.media.attached_schemas import PhotoIn
from app.models import Stop

# Visible characters.
LONGEST = {"name": 120, "words": 3000, "place_address": 200, "access_notes": 1000}
LONGEST_WORDS = 2000  # of the walk
MOST_OPENINGS = 40
A_DAY = timedelta(days=1)
BOTH = N_("Dites l’heure d’ouverture et l’heure de fermeture.")


class OpeningIn(BaseModel):
    """Both hours, or neither."""

    opens: Line = ""
    closes: Line = Field(default="", validate_default=True)

    @field_validator("opens")
    @classmethod
    def _moment(cls, value: str) -> str:
        if value:
            moments.read(value)
        return value

    @field_validator("closes")
    @classmethod
    def _after(cls, value: str, info: Any) -> str:
        opens, closes = info.data.get("opens"), moments.read(value) if value else None
        if opens is None:  # refused already
            return value
        if bool(opens) != bool(value):
            raise wrong("missing", BOTH)
        if closes and closes <= moments.read(opens):
            raise wrong("ends_before_start", N_("La fin vient avant le début."))
        if closes and closes - moments.read(opens) > A_DAY:
            raise wrong("too_long_open", N_("C’est plus long qu’un jour. Faites une ligne par jour."))
        return value


class StopIn(BaseModel):
    """One stop as the editor posts it. `hours`: by number, dotted in the form; `photos`: by id."""

    name: Line = Field(default="", validate_default=True)
    words: Cleaned = ""
    place_address: Line = ""
    point: Point = ""
    access_notes: Cleaned = ""
    offers: list[str] = []
    shown: bool = False
    hours: dict[str, OpeningIn] = Field(default_factory=dict)
    photos: dict[str, PhotoIn] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value:
            raise wrong("missing", N_("Donnez un nom."))
        return value

    @field_validator(*LONGEST)
    @classmethod
    def _short(cls, value: str, info: Any) -> str:
        return at_most(value, LONGEST[info.field_name]) or ""

    @field_validator("offers")
    @classmethod
    def _offers(cls, value: list[str]) -> list[str]:
        return known(value, events.offers(), "unknown_offer")

    @field_validator("hours")
    @classmethod
    def _some(cls, value: dict[str, OpeningIn]) -> dict[str, OpeningIn]:
        if len(value) > MOST_OPENINGS:
            raise wrong("too_many", N_("Il y en a trop : %(max_length)s au plus."), max_length=MOST_OPENINGS)
        return value

    def fields(self) -> dict[str, Any]:
        """The columns of `Stop` it fills."""
        latitude, longitude = point_of(self.point) or (None, None)
        plain = self.model_dump(include={*LONGEST, "offers", "shown"})
        spans = sorted((moments.read(one.opens), moments.read(one.closes)) for one in self.hours.values() if one.opens)
        hours = [{"opens": opens.isoformat(), "closes": closes.isoformat()} for opens, closes in spans]
        return plain | {"latitude": latitude, "longitude": longitude, "hours": hours}


class MoveIn(BaseModel):
    """`place`: where it stood for who moves it, from 1."""

    place: Annotated[int, Field(ge=1)]
    way: Annotated[str, Field(pattern="^(up|down)$")]


class WordsIn(BaseModel):
    """Said above the walk. `seen`: the mark of the words the writer began with."""

    walk_words: Cleaned = ""
    seen: str = ""

    @field_validator("walk_words")
    @classmethod
    def _short(cls, value: str) -> str:
        return at_most(value, LONGEST_WORDS) or ""


def typed(stop: Stop) -> dict[str, Any]:
    """A stop as the editor's fields show it, under the names of `StopIn`; photos aside."""
    found: dict[str, Any] = {name: getattr(stop, name) for name in LONGEST}
    found |= {"offers": list(stop.offers), "shown": "true" if stop.shown else ""}
    found["point"] = f"{stop.latitude}, {stop.longitude}" if stop.latitude is not None else ""
    for number, one in enumerate(openings(stop)):
        found[f"hours.{number}.opens"] = moments.shown(one.starts_at)
        found[f"hours.{number}.closes"] = moments.shown(one.ends_at)
    return found
