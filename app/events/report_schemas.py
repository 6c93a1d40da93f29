"""What the team says of a meeting afterwards: a report, and each photo in a sentence."""

from pydantic import BaseModel, Field, field_validator

from app.contributions.schemas import Cleaned, at_most
from app.media.attached_schemas import PhotoIn

MOST_LETTERS = 10_000


class ReportIn(BaseModel):
    """`seen`: the mark of the words the writer began with. `photos`: by id, dotted in the form."""

    report: Cleaned = ""
    seen: str = ""
    photos: dict[str, PhotoIn] = Field(default_factory=dict)

    @field_validator("report")
    @classmethod
    def _report(cls, value: str) -> str:
        return at_most(value, MOST_LETTERS) or ""
