"""What a release holds: the programme as it was when it was made, and reading it.

Names of speakers are not in it: they are read from `speaker` each time, so that a consent taken back counts at once
everywhere. Times are in universal time.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.models import Part, SessionKind


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class FrozenDay(_Frozen):
    starts_at: datetime
    ends_at: datetime


class FrozenPause(_Frozen):
    title: str
    starts_at: datetime
    ends_at: datetime


class FrozenRoom(_Frozen):
    id: UUID
    name: str
    capacity: int | None = None
    access_notes: str = ""
    offers: tuple[str, ...] = ()


class FrozenTrack(_Frozen):
    id: UUID
    slug: str
    name: str


class Speaking(_Frozen):
    """Who has which part in a session; `id` is a speaker's."""

    id: UUID
    part: Part = Part.SPEAKER


class FrozenSession(_Frozen):
    """One session. `sequence`: RFC 5545 SEQUENCE, one more at each change that calendars must take up."""

    id: UUID
    slug: str
    kind: SessionKind
    title: str
    summary: str = ""
    body: str = ""
    audience: str = ""
    audiences: tuple[str, ...] = ()
    language: str = "fr"
    offers: tuple[str, ...] = ()
    track: UUID | None = None
    room: UUID | None = None
    starts_at: datetime
    minutes: int
    seats: int | None = None
    invented: bool = False
    cancelled: bool = False
    said: str = ""
    speakers: tuple[Speaking, ...] = ()
    sequence: int = 0
    changed_at: datetime

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


class FrozenProgramme(_Frozen):
    """The whole. Days, pauses and sessions in order of time, rooms and tracks in the organisers' order."""

    title: str = ""
    words: str = ""
    place_name: str = ""
    place_address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    way: str = ""
    access_notes: str = ""
    contact: str = ""
    days: tuple[FrozenDay, ...] = ()
    pauses: tuple[FrozenPause, ...] = ()
    rooms: tuple[FrozenRoom, ...] = ()
    tracks: tuple[FrozenTrack, ...] = ()
    sessions: tuple[FrozenSession, ...] = Field(default=())

    @cached_property
    def by_id(self) -> Mapping[UUID, FrozenSession]:
        return {session.id: session for session in self.sessions}

    @cached_property
    def by_slug(self) -> Mapping[str, FrozenSession]:
        return {session.slug: session for session in self.sessions}

    @cached_property
    def room_of(self) -> Mapping[UUID, FrozenRoom]:
        return {room.id: room for room in self.rooms}

    @cached_property
    def track_of(self) -> Mapping[UUID, FrozenTrack]:
        return {track.id: track for track in self.tracks}

    def where(self, session: FrozenSession) -> str:
        """The room's name; "" without one."""
        room = self.room_of.get(session.room) if session.room else None
        return room.name if room else ""


def thaw(kept: Mapping[str, Any]) -> FrozenProgramme:
    """From a release's column."""
    return FrozenProgramme.model_validate(kept)


def freeze(programme: FrozenProgramme) -> dict[str, Any]:
    """For a release's column."""
    return programme.model_dump(mode="json")
