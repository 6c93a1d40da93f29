"""What the team says for those who telephone, and to those who signed up."""

from typing import ClassVar

from pydantic import BaseModel, Field, field_validator

from app import i18n
from app.contributions.schemas import Cleaned, at_most, wrong
from app.errors import N_
from app.events.schemas import RegistrationIn

WORDS = 2000  # characters


class ByPhoneIn(RegistrationIn):
    """Somebody who called or came by. A way to tell them is good, not needed: they may have none."""

    reachable: ClassVar[bool] = False

    language: str = "fr"

    @field_validator("language")
    @classmethod
    def _spoken(cls, value: str) -> str:
        if value not in i18n.LANGUAGES:
            raise wrong("unknown_language", N_("Choisissez une des réponses proposées."))
        return value


class LetterIn(BaseModel):
    """`addressed`: `all`, `confirmed`, `waiting`, `need:<offer>` (desk.audiences)."""

    addressed: str = ""
    words: Cleaned = Field(default="", validate_default=True)
    key: str = ""
    act: str = "preview"

    @field_validator("words")
    @classmethod
    def _words(cls, value: str) -> str:
        if not value:
            raise wrong("missing", N_("Écrivez ce que vous voulez dire."))
        return at_most(value, WORDS) or ""
