"""What a moderator sends: filters of the queue, a decision, an alert. Limits are the content file's."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator

from app.consultation.content import consultation
from app.contributions.schemas import LANGUAGE, Cleaned, at_most, wrong
from app.errors import N_
from app.models import Channel, Kind, MediaChoice, State

WORDS_LIMIT = 2000  # of an alert, sealed
MOTIVE_LIMIT = 500  # the column's
NOTHING = N_("Écrivez quelques mots.")


class Action(StrEnum):
    """The contract's verbs; `merge` and `send_to_second` come with the full desk."""

    PUBLISH = "publish"
    RETURN = "return"
    REFUSE = "refuse"
    HIDE = "hide"
    RESTORE = "restore"
    MERGE = "merge"
    SEND_TO_SECOND = "send_to_second"


class MediaDecision(BaseModel):
    """What becomes of one medium. `zones` go with blurring."""

    choice: MediaChoice | None = None
    alt: Cleaned | None = None
    zones: list[Any] | None = None

    @field_validator("alt")
    @classmethod
    def _alt(cls, value: str | None) -> str | None:
        return at_most(value, consultation().limits.alt)


class DecisionIn(BaseModel):
    """`POST /api/v1/moderation/{id}/decisions`; the page posts the same names, dotted."""

    version: int
    revision: int
    action: Action
    reason: Cleaned | None = None
    statement: Cleaned | None = None
    into: Cleaned | None = None
    sensitive: bool | None = None
    redactions: list[Any] | None = None
    media: dict[str, MediaDecision] = Field(default_factory=dict)

    @field_validator("reason")
    @classmethod
    def _reason(cls, value: str | None) -> str | None:
        if value and consultation().reason(value) is None:
            raise wrong("unknown_reason", N_("Choisissez une des raisons de la charte."))
        return value or None

    @field_validator("statement")
    @classmethod
    def _statement(cls, value: str | None) -> str | None:
        return at_most(value, consultation().limits.statement)


class QueueIn(BaseModel):
    """The queue's filters; without a state, what waits for a decision."""

    state: list[State] = Field(default_factory=lambda: [State.PENDING, State.SECOND_REVIEW])
    channel: Channel | None = None
    question: Cleaned | None = None
    language: Cleaned | None = None
    kind: Kind | None = None
    has_media: bool | None = None
    mine: bool = False
    after: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20

    @field_validator("question")
    @classmethod
    def _question(cls, value: str | None) -> str | None:
        if value and consultation().question(value) is None:
            raise wrong("unknown_question", N_("Choisissez une des questions proposées."))
        return value or None

    @field_validator("language")
    @classmethod
    def _language(cls, value: str | None) -> str | None:
        if value and not LANGUAGE.match(value):
            raise wrong("unknown_language", N_("Cette langue n’est pas connue."))
        return value or None


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
