"""What organisers type about the whole, its days, pauses, rooms and tracks; every refusal names its field."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator, model_validator

from app.assises.edit_schemas import A_DAY, GIVE_TITLE, known
from app.contributions.schemas import Cleaned, at_most, wrong
from app.errors import N_
from app.events import moments
from app.events import words as events
from app.events.edit_schemas import MOST_SEATS, Line, point_of
from app.models import Programme

# Visible characters.
LONGEST = {
    "title": 120,
    "name": 120,
    "words": 1500,
    "place_name": 120,
    "place_address": 200,
    "way": 1000,
    "access_notes": 1000,
    "contact": 200,
}
GIVE_NAME = N_("Donnez un nom.")


class _Part(BaseModel):
    @field_validator(*LONGEST, check_fields=False)
    @classmethod
    def _short(cls, value: str, info: Any) -> str:
        return at_most(value, LONGEST[info.field_name]) or ""

    def fields(self) -> dict[str, Any]:
        """The columns it fills."""
        return self.model_dump()


class ProgrammeIn(_Part):
    title: Line = ""
    words: Cleaned = ""
    place_name: Line = ""
    place_address: Line = ""
    point: Line = ""
    way: Cleaned = ""
    access_notes: Cleaned = ""
    contact: Line = ""

    @field_validator("point")
    @classmethod
    def _on_earth(cls, value: str) -> str:
        if value and point_of(value) is None:
            raise wrong("bad_point", N_("Écrivez deux nombres, par exemple 47.2184, -1.5536."))
        return value

    def fields(self) -> dict[str, Any]:
        latitude, longitude = point_of(self.point) or (None, None)
        return self.model_dump(exclude={"point"}) | {"latitude": latitude, "longitude": longitude}


class DayIn(_Part):
    starts_at: Line = Field(default="", validate_default=True)
    ends_at: Line = Field(default="", validate_default=True)

    @field_validator("starts_at", "ends_at")
    @classmethod
    def _moment(cls, value: str) -> str:
        if not value:
            raise wrong("missing", N_("Dites quel jour et à quelle heure."))
        moments.read(value)
        return value

    @model_validator(mode="after")
    def _in_order(self) -> "DayIn":
        starts, ends = self.times().values()
        if ends <= starts:
            raise wrong("ends_before_start", N_("La fin vient avant le début."), field="ends_at")
        if ends - starts > timedelta(minutes=A_DAY):
            raise wrong("too_long", N_("Cela dure plus d’un jour."), field="ends_at")
        return self

    def times(self) -> dict[str, datetime]:
        return {"starts_at": moments.read(self.starts_at), "ends_at": moments.read(self.ends_at)}

    def fields(self) -> dict[str, Any]:
        return self.model_dump() | self.times()


class PauseIn(DayIn):
    title: Line = Field(default="", validate_default=True)

    @field_validator("title")
    @classmethod
    def _titled(cls, value: str) -> str:
        if not value:
            raise wrong("missing", GIVE_TITLE)
        return value


class TrackIn(_Part):
    name: Line = Field(default="", validate_default=True)

    @field_validator("name")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value:
            raise wrong("missing", GIVE_NAME)
        return value


class RoomIn(TrackIn):
    capacity: Annotated[int, Field(ge=1, le=MOST_SEATS)] | None = None
    access_notes: Cleaned = ""
    offers: list[str] = []

    @field_validator("offers")
    @classmethod
    def _offers(cls, value: list[str]) -> list[str]:
        return known(value, events.offers(), "unknown_offer")


def typed(row: Any, names: list[str]) -> dict[str, Any]:
    """A row as the editor's fields show it."""
    return {name: _typed(row, name) for name in names}


def _typed(row: Any, name: str) -> Any:
    if name == "point":
        return _point(row)
    value = getattr(row, name)
    if isinstance(value, datetime):
        return moments.shown(value)
    return list(value) if isinstance(value, list) else "" if value is None else str(value)


def _point(row: Programme) -> str:
    return f"{row.latitude}, {row.longitude}" if row.latitude is not None else ""
