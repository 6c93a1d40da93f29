"""What anyone sends to report something published."""

import uuid

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from app.consultation.content import consultation
from app.contributions.schemas import Cleaned, at_most, email_address, wrong
from app.errors import N_

ON_IT = "image_rights"  # the charter's article for « je suis sur cette photo »
REFERENCE = 12  # characters, the column's


class NoticeIn(BaseModel):
    """`POST /api/v1/notices`; the page posts the same names.

    `image_rights` with a `media`: whoever sends it is on that photo or video, and it is hidden at once.
    """

    model_config = ConfigDict(
        json_schema_extra={"required": ["reference", "reason", "good_faith"]},
        validate_default=True,  # what is not given is refused in our words, all of it at once
    )

    reference: Cleaned = ""
    reason: Cleaned = ""
    explanation: Cleaned | None = None
    good_faith: bool = False
    email: Cleaned | None = None
    media: Cleaned | None = None

    @field_validator("reference")
    @classmethod
    def _reference(cls, value: str) -> str:
        return value.upper()[: REFERENCE + 1]

    @field_validator("reason")
    @classmethod
    def _reason(cls, value: str) -> str:
        if not value:
            raise wrong("missing", N_("Dites quel est le problème."))
        if consultation().reason(value) is None:
            raise wrong("unknown_reason", N_("Choisissez une des raisons de la charte."))
        return value

    @field_validator("good_faith")
    @classmethod
    def _good_faith(cls, value: bool) -> bool:
        if not value:
            raise wrong("good_faith_missing", N_("Cochez cette case : elle est nécessaire."))
        return value

    @field_validator("explanation")
    @classmethod
    def _explanation(cls, value: str | None) -> str | None:
        return at_most(value, consultation().limits.statement)

    @field_validator("email")
    @classmethod
    def _email(cls, value: str | None) -> str | None:
        return email_address(value)

    @field_validator("media")
    @classmethod
    def _media(cls, value: str | None) -> str | None:
        try:
            return str(uuid.UUID(value)) if value else None
        except ValueError:
            raise wrong("unknown_media", N_("Ce fichier n’est pas publié ici.")) from None

    @model_validator(mode="after")
    def _whole(self) -> "NoticeIn":
        if not self.explanation and self.reason != ON_IT:
            raise wrong("missing", N_("Expliquez en quelques mots : quoi, et où."), field="explanation")
        return self
