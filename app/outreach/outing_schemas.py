"""What the team types about an outing; every refusal names its field."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, field_validator, model_validator

from app.consultation.content import consultation
from app.contributions.schemas import Cleaned, at_most, wrong
from app.errors import N_
from app.events import moments
from app.events.edit_schemas import Line, Point, Quartier, point_of
from app.models import Method, Outing, Staff

# Visible characters.
LONGEST = {"place_name": 120, "place_address": 200, "material": 1500, "notes": 3000}
MOST_MEDIATORS = 30
MOST_STOPPED = 100_000
MOST_SHEETS = 25
HOURS = ("starts_at", "ends_at")


class OutingIn(BaseModel):
    """One outing as it is planned: a place, hours and a method; the rest may come later."""

    place_name: Line = Field(default="", validate_default=True)
    place_address: Line = ""
    point: Point = ""
    quartier: Quartier = None
    method: Method
    question: Line | None = None
    starts_at: Line = Field(default="", validate_default=True)
    ends_at: Line = Field(default="", validate_default=True)
    material: Cleaned = ""
    notes: Cleaned = ""
    mediators: Annotated[list[UUID], Field(max_length=MOST_MEDIATORS)] = []
    public: bool = False

    @field_validator("place_name")
    @classmethod
    def _somewhere(cls, value: str) -> str:
        if not value:
            raise wrong("missing", N_("Dites où cela se passe."))
        return value

    @field_validator(*LONGEST)
    @classmethod
    def _short(cls, value: str, info: Any) -> str:
        return at_most(value, LONGEST[info.field_name]) or ""

    @field_validator(*HOURS)
    @classmethod
    def _moment(cls, value: str) -> str:
        if not value:
            raise wrong("missing", N_("Dites quel jour et à quelle heure."))
        moments.read(value)
        return value

    @field_validator("question")
    @classmethod
    def _question(cls, value: str | None) -> str | None:
        if value and consultation().question(value) is None:
            raise wrong("unknown_question", N_("Choisissez parmi ce qui est proposé."))
        return value or None

    @model_validator(mode="after")
    def _in_order(self) -> "OutingIn":
        if moments.read(self.ends_at) <= moments.read(self.starts_at):
            raise wrong("ends_before_start", N_("La fin vient avant le début."), field="ends_at")
        return self

    def columns(self) -> dict[str, Any]:
        """The columns of `Outing` it fills."""
        latitude, longitude = point_of(self.point) or (None, None)
        hours = {name: moments.read(getattr(self, name)) for name in HOURS}
        plain = self.model_dump(exclude={"point", "mediators", "public", *HOURS})
        return plain | hours | {"latitude": latitude, "longitude": longitude}


class ClosingIn(BaseModel):
    """Back from the street: who stopped, as counted by hand, and what the team should know."""

    version: Annotated[int, Field(ge=1)]
    stopped: Annotated[int, Field(ge=0, le=MOST_STOPPED)] | None = None
    notes: Cleaned = ""

    @field_validator("notes")
    @classmethod
    def _short(cls, value: str) -> str:
        return at_most(value, LONGEST["notes"]) or ""


class SheetsIn(BaseModel):
    """So many sheets of tickets; `after`: how many tickets there were when the page was read."""

    sheets: Annotated[int, Field(ge=1, le=MOST_SHEETS)]
    after: Annotated[int, Field(ge=0)]


class LostIn(BaseModel):
    """Tickets that were lost, by their numbers, first and last."""

    first: Annotated[int, Field(ge=1)]
    last: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _in_order(self) -> "LostIn":
        if self.last < self.first:
            raise wrong("wrong_order", N_("Le dernier numéro vient avant le premier."), field="last")
        return self


def typed(outing: Outing, mediators: list[Staff]) -> dict[str, Any]:
    """An outing as the fields show it; the same names as `OutingIn`."""
    point = f"{outing.latitude}, {outing.longitude}" if outing.latitude is not None else ""
    plain = {name: getattr(outing, name) or "" for name in (*LONGEST, "quartier", "question")}
    hours = {name: moments.shown(getattr(outing, name)) for name in HOURS}
    more = {"method": outing.method.value, "point": point, "mediators": [str(each.id) for each in mediators]}
    return plain | hours | more | {"public": "true" if outing.event_seq else ""}
