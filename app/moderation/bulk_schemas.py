"""Up to fifty decisions at once: each with what was looked at, as `POST /moderation/{id}/decisions` takes it."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator

from app.contributions.schemas import Cleaned, wrong
from app.errors import N_
from app.moderation.schemas import Action, DecisionIn, Reason, Statement

MOST = 50
ITEM = re.compile(r"^([0-9A-Fa-f-]{32,36}):(\d{1,9}):(\d{1,9})$")
TOO_MANY = N_("Il y en a trop : %(most)s décisions au plus à la fois.")
NONE_CHOSEN = N_("Choisissez au moins une parole.")
BAD_ITEM = N_("Cette parole n’existe pas.")


class OneOfMany(DecisionIn):
    id: Annotated[str, Field(max_length=60)]


class BulkIn(BaseModel):
    """`POST /api/v1/moderation/decisions`."""

    decisions: list[OneOfMany]

    @field_validator("decisions", mode="before")
    @classmethod
    def _few(cls, value: Any) -> Any:
        return _few(value)


class BulkForm(BaseModel):
    """The page's: one decision for all the ticked ones, each `id:version:revision`."""

    item: list[str] = Field(default_factory=list, validate_default=True)
    action: Action
    reason: Reason = None
    statement: Statement = None
    into: Cleaned | None = None

    @field_validator("item")
    @classmethod
    def _item(cls, value: list[str]) -> list[str]:
        if not all(ITEM.match(each) for each in value):
            raise wrong("bad_item", BAD_ITEM)
        return list(_few(value))

    def decisions(self) -> list[OneOfMany]:
        """The same for each."""
        same = {"action": self.action, "reason": self.reason, "statement": self.statement, "into": self.into}
        made = []
        for id, version, revision in (each.split(":") for each in dict.fromkeys(self.item)):
            looked_at: dict[str, Any] = {"id": id, "version": int(version), "revision": int(revision)}
            made.append(OneOfMany.model_validate(looked_at | same))
        return made


def _few(value: Any) -> Any:
    if isinstance(value, list) and not value:
        raise wrong("missing", NONE_CHOSEN)
    if isinstance(value, list) and len(value) > MOST:
        raise wrong("too_many", TOO_MANY, most=MOST)
    return value
