"""What the team says of a photo it puts beside its own words."""

from pydantic import BaseModel, field_validator

from app.consultation.content import consultation
from app.contributions.schemas import Cleaned, at_most
from app.models import Face


class PhotoIn(BaseModel):
    """`alt`: without it, the photo is kept and not shown."""

    alt: Cleaned = ""
    face: Face = Face.HIDE
    remove: bool = False

    @field_validator("alt")
    @classmethod
    def _alt(cls, value: str) -> str:
        return at_most(value, consultation().limits.alt) or ""
