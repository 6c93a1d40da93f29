"""What organisers type about somebody who speaks, leads or interprets; every refusal names its field."""

from typing import Any

from pydantic import Field, field_validator

from app.assises.edit_schemas import VersionIn, spoken
from app.assises.edit_settings_schemas import TrackIn
from app.contributions.schemas import Cleaned, ContactIn, at_most, wrong
from app.errors import N_
from app.events.edit_schemas import Line

LONGEST_ABOUT, LONGEST_HOW = 500, 200  # visible characters


class SpeakerIn(TrackIn, ContactIn):
    """A name is needed, no more."""

    about: Cleaned = ""
    language: Line = "fr"

    @field_validator("about")
    @classmethod
    def _about(cls, value: str) -> str:
        return at_most(value, LONGEST_ABOUT) or ""

    @field_validator("language")
    @classmethod
    def _language(cls, value: str) -> str:
        return spoken(value)

    def fields(self) -> dict[str, Any]:
        """The columns it fills; what is sealed aside."""
        return self.model_dump(exclude={"email", "phone"})


class ConsentIn(VersionIn):
    """In what way somebody agreed to be shown by name."""

    how: Line = Field(default="", validate_default=True)

    @field_validator("how")
    @classmethod
    def _said(cls, value: str) -> str:
        if not value:
            raise wrong("missing", N_("Dites comment la personne a donné son accord."))
        return at_most(value, LONGEST_HOW) or ""
