"""Photos, sound, video, papers: how they arrive, what their owner wants, what was made of them, their captions."""

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


class CaptionState(StrEnum):
    DRAFT = "draft"
    ACCEPTED = "accepted"


class CaptionSource(StrEnum):
    PERSON = "person"
    IMPORT = "import"
    MACHINE = "machine"


class Media(SQLModel, table=True):
    """One medium. The original is private; the public only gets derivatives.

    `derivatives`: name.ext → {type, size, width, height, set}; `set` is `plain` (or absent), `blur` or `private`.
    A zone hides somebody: {x, y, width, height} as fractions of the upright picture; in a video also {from, to}
    in seconds and {track}, the face followed. `faces` are those found, `zones` those a moderator decided (None: as
    found). What is blurred may be shown only when `blurred_key`, the zones it was made with, is `zones_key`.
    """

    __tablename__ = "media"

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    opaque: str = Field(max_length=40, unique=True)  # public path segment, random
    contribution_seq: int | None = Field(default=None, foreign_key="contribution.seq", index=True)
    event_seq: int | None = Field(default=None, foreign_key="event.seq", index=True)  # a photo of its report
    stop_seq: int | None = Field(default=None, foreign_key="stop.seq", index=True)  # a photo of a stop of the walk
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
    original: str | None = Field(default=None, max_length=120)  # storage key; None while it arrives, and once deleted
    derivatives: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    width: int | None = None
    height: int | None = None
    duration: float | None = None  # seconds
    colour: str | None = Field(default=None, max_length=7)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)  # codecs and the like, for staff
    step: str | None = Field(default=None, max_length=24)  # what is being done to it
    progress: int = 0  # per cent of that step
    faces: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    zones: list[dict[str, Any]] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    zones_key: str | None = Field(default=None, max_length=64)
    blurred_key: str | None = Field(default=None, max_length=64)
    alt: str | None = None
    transcript: str | None = None
    no_speech: bool = False
    failure: str | None = Field(default=None, max_length=40)  # stable code
    received_at: datetime

    __table_args__ = (
        sa.Index("ix_media_state", "state", "received_at"),
        # What the desk still has to decide about, however much was decided before.
        sa.Index(
            "ix_media_undecided",
            "contribution_seq",
            sqlite_where=sa.text("choice IS NULL"),
            postgresql_where=sa.text("choice IS NULL"),
        ),
    )


class Upload(SQLModel, table=True):
    """How one medium arrives. Its token is id and secret at once; only its HMAC is kept."""

    seq: int | None = seq()
    mac: str = Field(max_length=64, unique=True)
    media_seq: int = Field(foreign_key="media.seq", unique=True)
    name_sealed: bytes = b""  # what the sender calls the file
    metadata_sealed: bytes = b""  # Upload-Metadata as it was given: HEAD gives it back
    length: int = Field(sa_type=sa.BigInteger)  # bytes, declared at first
    sender: str = Field(default="", max_length=64)  # HMAC of the address it comes from
    created_at: datetime
    expires_at: datetime = Field(index=True)
    completed_at: datetime | None = None

    __table_args__ = (sa.Index("ix_upload_sender", "sender", "completed_at"),)


class Caption(SQLModel, table=True):
    """The words of a video or a sound in time, in one language, as WebVTT. A draft is for staff only."""

    seq: int | None = seq()
    media_seq: int = Field(foreign_key="media.seq")
    language: str = Field(max_length=35)
    vtt: str
    state: CaptionState = Field(default=CaptionState.DRAFT, sa_type=closed(CaptionState, "caption_state"))
    source: CaptionSource = Field(sa_type=closed(CaptionSource, "caption_source"))
    by: str = Field(max_length=60)
    version: int = 1
    updated_at: datetime

    __table_args__ = (sa.UniqueConstraint("media_seq", "language"),)
