"""What a door says: who came, and what was a wrong tap."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.errors import N_

MOST = 200  # in one sending
WHO = N_("Dites qui arrive : un code, ou une personne de la liste.")


class Kind(StrEnum):
    REGISTERED = "registered"
    CODE = "code"
    WALK_IN = "walk_in"
    UNDO = "undo"


# What each kind cannot do without.
NEEDS = {Kind.REGISTERED: "registration", Kind.CODE: "code", Kind.UNDO: "arrival"}


class ArrivalIn(BaseModel):
    id: UUID  # the device's own: sent again, it counts once
    kind: Kind
    people: Annotated[int, Field(ge=1, le=500)] | None = None
    at: AwareDatetime | None = None  # what the device says
    registration: UUID | None = Field(default=None, validate_default=True)
    code: str = Field(default="", max_length=500, validate_default=True)  # typed, or the personal link of a QR
    arrival: UUID | None = Field(default=None, validate_default=True)  # to undo: the id it was said under

    @field_validator("registration", "code", "arrival")
    @classmethod
    def said(cls, value: Any, info: ValidationInfo) -> Any:
        """Nothing is counted for nobody."""
        if not value and info.field_name == NEEDS.get(info.data.get("kind", Kind.WALK_IN)):
            raise PydanticCustomError("missing", "missing", {"msgid": WHO})
        return value


class ArrivalsIn(BaseModel):
    """Each is looked at by itself: one that is wrong must not keep a whole queue in a phone."""

    arrivals: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST)]
