"""What a moderator hides in a text: a span of it, or words to be found in it."""

import re
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, field_validator, model_validator

from app.contributions.schemas import Cleaned, at_most, wrong
from app.errors import N_

LABEL_LIMIT = 20
MOST = 100  # of one decision: more is another text, for its author to write
LABEL = re.compile(r"^[^\W\d_][\w '’.-]*$")
PARTS = ("words", "start", "end", "label")  # a row without any of these was left blank
NO_SPAN = N_("Dites quels mots cacher.")


class Place(StrEnum):
    BODY = "body"
    TITLE = "title"


class Redaction(BaseModel):
    """One span, in code points of the current text, `end` exclusive; or `words` that stand in it once.

    `everywhere`: each time these words are written. An empty label is shown as `[…]`.
    """

    start: int | None = None
    end: int | None = None
    words: Cleaned | None = None
    everywhere: bool = False
    label: Cleaned = ""
    place: Place = Place.BODY

    @field_validator("label")
    @classmethod
    def _label(cls, value: str) -> str:
        at_most(value, LABEL_LIMIT)
        if value and not LABEL.match(value):
            raise wrong("bad_label", N_("Un mot court, sans chiffre ni crochet : prénom, adresse…"))
        return value

    @model_validator(mode="after")
    def _said(self) -> Self:
        if self.words is None and (self.start is None or self.end is None):
            raise wrong("redaction_missing", NO_SPAN)
        return self


def rows(value: Any) -> Any:
    """A page posts numbered rows; those left blank are none, nor what a program noticed and nobody ticked."""
    if not isinstance(value, dict):
        return value
    given = [row for number, row in sorted(value.items(), key=_number) if isinstance(row, dict)]
    given = [row for row in given if "noticed" not in row or "hide" in row]
    return [row for row in given if any(str(row.get(part, "")).strip() for part in PARTS)]


def _number(row: tuple[str, Any]) -> tuple[int, str]:
    return (int(row[0]) if row[0].isdecimal() else MOST, row[0])


Redactions = Annotated[list[Redaction], Field(max_length=MOST)]
