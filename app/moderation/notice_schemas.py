"""What a moderator decides about a report."""

from enum import StrEnum

from pydantic import BaseModel, model_validator

from app.contributions.schemas import wrong
from app.errors import N_
from app.moderation.schemas import Reason, Statement


class Act(StrEnum):
    """`keep`: it stays, and what was hidden at once comes back. `hold`: that stays hidden. `hide`: all of it goes."""

    KEEP = "keep"
    HOLD = "hold"
    HIDE = "hide"


class NoticeDecisionIn(BaseModel):
    """`statement` is for who reported; `reason` and `told` are for who wrote the words, when they are hidden."""

    version: int
    act: Act
    statement: Statement = None
    reason: Reason = None
    told: Statement = None

    @model_validator(mode="after")
    def _answered(self) -> "NoticeDecisionIn":
        if self.act is Act.KEEP and not self.statement:
            raise wrong("missing", N_("Écrivez pourquoi rien ne change : la personne le lira."), field="statement")
        return self
