"""What a second moderator sends about a decision read again."""

from enum import StrEnum

from pydantic import BaseModel, field_validator

from app.consultation.content import consultation
from app.contributions.schemas import Cleaned, at_most, wrong
from app.errors import N_


class Outcome(StrEnum):
    """`upheld`: things stay as they are. `reversed`: published, everything as it was."""

    UPHELD = "upheld"
    REVERSED = "reversed"


class AppealDecisionIn(BaseModel):
    """`POST /api/v1/moderation/appeals/{id}/decisions`; the page posts the same names."""

    version: int
    outcome: Outcome
    statement: Cleaned

    @field_validator("statement")
    @classmethod
    def _statement(cls, value: str) -> str:
        if not value:
            raise wrong("missing", N_("Écrivez votre réponse en mots simples : son auteur la lira."))
        return at_most(value, consultation().limits.statement) or ""
