"""What a moderator sends: a decision, an alert (the queue's filters: queue_schemas.py). Content file sets limits."""

import json
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, field_validator

from app.consultation.content import consultation
from app.contributions.schemas import Cleaned, at_most, wrong
from app.errors import N_
from app.media.zones import INVALID
from app.models import MediaChoice
from app.moderation.redaction_schemas import Redactions, rows

WORDS_LIMIT = 2000  # of an alert, sealed
MOTIVE_LIMIT = 500  # the column's
TRANSCRIPT_LIMIT = 100_000  # an hour of speech has half of it
SIDES = {"x", "y", "width", "height"}
NOTHING = N_("Écrivez quelques mots.")


def _of_the_charter(value: str | None) -> str | None:
    if value and consultation().reason(value) is None:
        raise wrong("unknown_reason", N_("Choisissez une des raisons de la charte."))
    return value or None


def _short(value: str | None) -> str | None:
    return at_most(value, consultation().limits.statement)


Reason = Annotated[Cleaned | None, AfterValidator(_of_the_charter)]
Statement = Annotated[Cleaned | None, AfterValidator(_short)]


class Action(StrEnum):
    """The contract's verbs."""

    PUBLISH = "publish"
    RETURN = "return"
    REFUSE = "refuse"
    HIDE = "hide"
    RESTORE = "restore"
    MERGE = "merge"
    SEND_TO_SECOND = "send_to_second"


class MediaDecision(BaseModel):
    """What becomes of one medium. `zones` are where somebody is hidden: [] says that nobody is to be.

    Without `zones` those proposed stand. A page posts them as numbered rows, a row that is not kept being no zone.
    """

    choice: MediaChoice | None = None
    alt: Cleaned | None = None
    transcript: Cleaned | None = None
    no_speech: bool | None = None
    zones: list[Any] | None = None

    @field_validator("alt")
    @classmethod
    def _alt(cls, value: str | None) -> str | None:
        return at_most(value, consultation().limits.alt)

    @field_validator("transcript")
    @classmethod
    def _transcript(cls, value: str | None) -> str | None:
        return at_most(value, TRANSCRIPT_LIMIT)

    @field_validator("zones")
    @classmethod
    def _whole_letters(cls, value: list[Any] | None) -> list[Any] | None:
        """Whatever else they are, the rule judges; half a character could not even be kept to be judged."""
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise wrong("zones_invalid", INVALID) from None
        return value

    @field_validator("zones", mode="before")
    @classmethod
    def _rows(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "marked" not in value:
            return value
        rows = [row for number, row in sorted(value.items()) if number.isdecimal() and isinstance(row, dict)]
        return [_numbers(row) for row in rows if row.keys() & SIDES and "keep" in row]


def _numbers(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a form; what is no number stays as it was typed, for the rule to refuse."""
    return {name: _number(value) for name, value in row.items() if name != "keep"}


def _number(typed: Any) -> Any:
    try:
        value = float(str(typed).replace(",", "."))
    except ValueError:
        return typed
    return int(value) if value.is_integer() else value


class DecisionIn(BaseModel):
    """`POST /api/v1/moderation/{id}/decisions`; the page posts the same names, dotted."""

    version: int
    revision: int
    action: Action
    reason: Reason = None
    statement: Statement = None
    into: Cleaned | None = None
    sensitive: bool | None = None
    redactions: Redactions = Field(default_factory=list)
    media: dict[str, MediaDecision] = Field(default_factory=dict)

    @field_validator("redactions", mode="before")
    @classmethod
    def _redactions(cls, value: Any) -> Any:
        return [] if value is None else rows(value)


class Danger(StrEnum):
    DANGER = "danger"
    VIOLENCE = "violence"
    CHILD = "child"
    THREAT = "threat"


class AlertIn(BaseModel):
    kind: Danger
    words: Cleaned | None = None

    @field_validator("words")
    @classmethod
    def _words(cls, value: str | None) -> str | None:
        return at_most(value, WORDS_LIMIT)


class ClosureIn(BaseModel):
    """What was done; an alert never closes without it."""

    done: Cleaned

    @field_validator("done")
    @classmethod
    def _done(cls, value: str) -> str:
        return _said(value, WORDS_LIMIT)


class MotiveIn(BaseModel):
    """Why contact details must be opened; logged."""

    motive: Cleaned

    @field_validator("motive")
    @classmethod
    def _motive(cls, value: str) -> str:
        if len(value) > MOTIVE_LIMIT:
            raise wrong("too_long", N_("C’est trop long : %(limit)s caractères au plus."), limit=MOTIVE_LIMIT)
        return _said(value, MOTIVE_LIMIT)


def _said(value: str, limit: int) -> str:
    if not value:
        raise wrong("missing", NOTHING)
    return at_most(value, limit) or ""
