"""The Assises: days, rooms, tracks, sessions and speakers as organisers edit them (a draft), the releases the public
sees, what somebody keeps for oneself, and the stops of the walk."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.models.base import closed, new_id, seq


class SessionKind(StrEnum):
    TALK = "talk"
    ROUND_TABLE = "round_table"
    WORKSHOP = "workshop"
    PERFORMANCE = "performance"
    VISIT = "visit"


class Part(StrEnum):
    """What somebody does in a session."""

    SPEAKER = "speaker"
    FACILITATOR = "facilitator"
    INTERPRETER = "interpreter"


class Programme(SQLModel, table=True):
    """One row: what holds for the whole. Made by the migration."""

    id: int = Field(default=1, primary_key=True)
    version: int = 1
    title: str = ""
    words: str = ""  # said above the programme
    place_name: str = ""
    place_address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    way: str = ""
    access_notes: str = ""
    contact: str = ""  # public
    walk_words: str = ""  # said above the walk


class ProgrammeDay(SQLModel, table=True):
    """From when to when one can be there."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    version: int = 1
    starts_at: datetime = Field(unique=True)
    ends_at: datetime

    __table_args__ = (sa.CheckConstraint("ends_at > starts_at", name="ends_at"),)


class Pause(SQLModel, table=True):
    """Nothing else happens then: lunch, coffee."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    version: int = 1
    title: str
    starts_at: datetime
    ends_at: datetime

    __table_args__ = (sa.CheckConstraint("ends_at > starts_at", name="ends_at"),)


class Room(SQLModel, table=True):
    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    version: int = 1
    position: int = 0
    name: str
    capacity: int | None = None  # seats; None: not known
    access_notes: str = ""
    offers: list[str] = Field(default_factory=list, sa_type=sa.JSON)  # as those of an event

    __table_args__ = (sa.CheckConstraint("capacity > 0", name="capacity"),)


class Track(SQLModel, table=True):
    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    version: int = 1
    position: int = 0
    slug: str = Field(max_length=80, unique=True)
    name: str


class Speaker(SQLModel, table=True):
    """Who speaks, leads or interprets. The public sees the name only with the person's consent, which is noted."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    version: int = 1
    name: str
    about: str = ""
    invented: bool = False
    consent_at: datetime | None = None  # None: not given, or taken back
    consent_how: str = ""  # in what way it was given
    consent_by: str = Field(default="", max_length=60)  # who noted it
    email_sealed: bytes | None = None  # vault purpose `speaker`; for the team's messages alone
    phone_sealed: bytes | None = None
    language: str = Field(default="fr", max_length=10)


class ProgrammeSession(SQLModel, table=True):
    """One session of the draft. `id` stands for good: GUID of the exports, UID of the calendar entry, id of its event.

    Without `starts_at` it has no moment yet; without `room_seq` no room. `seats`: one signs up for it; None: one comes.
    """

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    slug: str = Field(max_length=80, unique=True)
    version: int = 1
    kind: SessionKind = Field(sa_type=closed(SessionKind, "session_kind"))
    cancelled: bool = False
    said: str = ""  # cancelled: what people are told
    title: str
    summary: str = ""
    body: str = ""
    audience: str = ""  # for whom, in words
    audiences: list[str] = Field(default_factory=list, sa_type=sa.JSON)  # of the consultation's closed list
    language: str = Field(default="fr", max_length=10)
    offers: list[str] = Field(default_factory=list, sa_type=sa.JSON)  # as those of an event
    track_seq: int | None = Field(default=None, foreign_key="track.seq", index=True)
    room_seq: int | None = Field(default=None, foreign_key="room.seq", index=True)
    starts_at: datetime | None = Field(default=None, index=True)
    minutes: int = 60
    seats: int | None = None
    event_seq: int | None = Field(default=None, foreign_key="event.seq", unique=True)  # once released with seats
    invented: bool = False
    created_at: datetime
    changed_at: datetime

    __table_args__ = (
        sa.CheckConstraint("minutes > 0", name="minutes"),
        sa.CheckConstraint("seats > 0", name="seats"),
    )


class SessionSpeaker(SQLModel, table=True):
    session_seq: int = Field(foreign_key="programmesession.seq", primary_key=True)
    speaker_seq: int = Field(foreign_key="speaker.seq", primary_key=True, index=True)
    part: Part = Field(default=Part.SPEAKER, sa_type=closed(Part, "part"))
    position: int = 0


class Release(SQLModel, table=True):
    """What the public sees from then on: the whole programme as it was, and what is different. Never changed after."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    name: str = Field(max_length=80, unique=True)
    words: str = ""  # said to everybody about it
    urgent: bool = False  # one session alone
    programme: dict[str, Any] = Field(sa_type=sa.JSON)  # app/assises/frozen.py
    changes: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)  # app/assises/differences.py
    by: str = Field(max_length=60)
    at: datetime


class Agenda(SQLModel, table=True):
    """What one person keeps of the programme, where they asked for a calendar link. No name, no address."""

    seq: int | None = seq()
    token_mac: str = Field(max_length=64, unique=True)
    sessions: list[str] = Field(default_factory=list, sa_type=sa.JSON)  # ids
    created_at: datetime
    changed_at: datetime


class Stop(SQLModel, table=True):
    """One stop of the walk. `hours`: [{"opens": ISO, "closes": ISO}], in universal time. Photos: Media.stop_seq."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    version: int = 1
    position: int = 0
    shown: bool = False  # the public sees it
    name: str
    words: str = ""
    place_address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    access_notes: str = ""
    offers: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    hours: list[dict[str, str]] = Field(default_factory=list, sa_type=sa.JSON)
    invented: bool = False
