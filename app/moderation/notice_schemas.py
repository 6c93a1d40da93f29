"""What a moderator decides about a report."""

from enum import StrEnum

from pydantic import BaseModel, field_validator, model_validator

from app.consultation.content import consultation
from app.contributions.schemas import Cleaned, at_most, wrong
from app.errors import N_


class Act(StrEnum):
    """`keep`: it stays, and what was hidden at once comes back. `hold`: that stays hidden. `hide`: all of it goes."""

    KEEP = "keep"
    HOLD = "hold"
    HIDE = "hide"


class NoticeDecisionIn(BaseModel):
    """`statement` is for who reported; `reason` and `told` are for who wrote the words, when they are hidden."""

    version: int
    act: Act
    statement: Cleaned | None = None
    reason: Cleaned | None = None
    told: Cleaned | None = None

    @field_validator("reason")
    @classmethod
    def _reason(cls, value: str | None) -> str | None:
        if value and consultation().reason(value) is None:
            raise wrong("unknown_reason", N_("Choisissez une des raisons de la charte."))
        return value or None

    @field_validator("statement", "told")
    @classmethod
    def _short(cls, value: str | None) -> str | None:
        return at_most(value, consultation().limits.statement)

    @model_validator(mode="after")
    def _answered(self) -> "NoticeDecisionIn":
        if self.act is Act.KEEP and not self.statement:
            raise wrong("missing", N_("Écrivez pourquoi rien ne change : la personne le lira."), field="statement")
        return self
