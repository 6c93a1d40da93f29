"""Photos (and, later, sound and video): what was sent, what the owner wants, what was made of it."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.models.base import closed, new_id, seq


class MediaKind(StrEnum):
    PHOTO = "photo"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"


class MediaState(StrEnum):
    UPLOADING = "uploading"
    RECEIVED = "received"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class MediaChoice(StrEnum):
    """What the moderator decided for one medium."""

    PUBLISH = "publish"
    BLUR = "blur"
    TRANSCRIPT = "transcript"
    WITHHOLD = "withhold"


class Face(StrEnum):
    HIDE = "hide"
    SHOW = "show"


class Voice(StrEnum):
    PLAY = "play"
    TEXT_ONLY = "text_only"


class Media(SQLModel, table=True):
    """One medium. The original is private; the public only gets derivatives."""

    __tablename__ = "media"

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    opaque: str = Field(max_length=40, unique=True)  # public path segment, random
    upload_mac: str | None = Field(default=None, max_length=64, unique=True)  # the sender's secret, until attached
    contribution_seq: int | None = Field(default=None, foreign_key="contribution.seq", index=True)
    position: int = 0
    kind: MediaKind = Field(sa_type=closed(MediaKind, "media_kind"))
    state: MediaState = Field(default=MediaState.RECEIVED, sa_type=closed(MediaState, "media_state"))
    choice: MediaChoice | None = Field(default=None, sa_type=closed(MediaChoice, "media_choice"))
    face: Face = Field(default=Face.HIDE, sa_type=closed(Face, "face"))
    voice: Voice = Field(default=Voice.PLAY, sa_type=closed(Voice, "voice"))
    people_recognisable: bool | None = None
    agreements_held: bool | None = None
    mime: str = Field(max_length=60)
    size: int
    original: str | None = Field(default=None, max_length=120)  # storage key; None once deleted
    derivatives: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)  # name.ext -> {width, height, size}
    width: int | None = None
    height: int | None = None
    colour: str | None = Field(default=None, max_length=7)
    alt: str | None = None
    transcript: str | None = None
    failure: str | None = Field(default=None, max_length=40)  # stable code
    received_at: datetime

    __table_args__ = (sa.Index("ix_media_state", "state", "received_at"),)
