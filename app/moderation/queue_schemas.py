"""The queue's filters, as a page's address and the API carry them."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, field_validator, model_validator

from app.consultation.content import consultation
from app.contributions.schemas import LANGUAGE, Cleaned, wrong
from app.errors import N_
from app.models import Channel, Kind, State


class MediaFilter(StrEnum):
    """With a medium of this kind, with one that failed, or with one to decide about although the words are public."""

    PHOTO = "photo"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    FAILED = "failed"
    WAITING = "waiting"


class Flag(StrEnum):
    """What makes an item more than words that wait. The first five bring it forward in the queue."""

    ALERT = "alert"
    DANGER = "danger"
    NOTICE = "notice"
    LATE = "late"
    APPEAL = "appeal"
    PERSONAL = "personal"
    SLUR = "slur"
    LINK = "link"
    LANGUAGE = "language"
    DUPLICATE = "duplicate"


# What programs noticed and nobody answered yet, by the kinds of their signals (app/assistance).
NOTICED = {
    Flag.PERSONAL: ("phone", "email", "iban", "nir", "address", "name"),
    Flag.SLUR: ("slur",),
    Flag.LINK: ("link",),
    Flag.LANGUAGE: ("language",),
    Flag.DUPLICATE: ("duplicate",),
}


SHOWN = 100  # items one page shows at most


class LiveIn(BaseModel):
    """Which items a page shows: their ids, with commas between."""

    ids: Annotated[list[UUID], Field(max_length=SHOWN)] = Field(default_factory=list)

    @field_validator("ids", mode="before")
    @classmethod
    def _ids(cls, value: list[str]) -> list[str]:
        return [part for each in value for part in each.split(",") if part]


class QueueIn(BaseModel):
    """The queue's filters. Without a state: what waits for somebody (`media=waiting`: what is published)."""

    state: list[State] = Field(default_factory=list)
    channel: Channel | None = None
    question: Cleaned | None = None
    language: Cleaned | None = None
    kind: Kind | None = None
    has_media: bool | None = None
    media: MediaFilter | None = None
    signals: Flag | None = None
    mine: bool = False
    outing: UUID | None = None
    after: Annotated[str, Field(max_length=300)] | None = None
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

    @model_validator(mode="after")
    def _published(self) -> "QueueIn":
        if self.media is MediaFilter.WAITING and not self.state:
            self.state = [State.PUBLISHED]
        return self


class StepIn(QueueIn):
    """From one item to its neighbour in the same list."""

    item: UUID
    back: bool = False
