"""What the API answers about the Assises: for the OpenAPI document and its tests; handlers answer dictionaries."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from app.media.answers import RootRelative
from app.models import Part, SessionKind


class ReleaseShown(BaseModel):
    """Which programme this is: the organisers' name for it."""

    id: UUID
    name: str
    at: AwareDatetime


class ProgrammePlace(BaseModel):
    name: str
    address: str
    lat: float | None
    lon: float | None


class ProgrammeSpan(BaseModel):
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class ProgrammePause(ProgrammeSpan):
    title: str


class ProgrammeRoom(BaseModel):
    id: UUID
    name: str
    capacity: int | None
    offers: list[str]


class ProgrammeTrack(BaseModel):
    slug: str
    name: str


class ProgrammeSpeaker(BaseModel):
    """`name` is null without the person's consent."""

    part: Part
    name: str | None
    about: str


class PublicSession(ProgrammeSpan):
    """One session; `id` and `slug` stand for good."""

    id: UUID
    slug: str
    kind: SessionKind
    title: str
    summary: str
    body: str
    audience: str
    audiences: list[str]
    language: str
    offers: list[str]
    track: str | None = Field(description="A track's slug.")
    room: UUID | None
    cancelled: bool
    said: str | None
    sequence: int = Field(description="RFC 5545 SEQUENCE.")
    changed_at: AwareDatetime
    speakers: list[ProgrammeSpeaker]
    capacity: int | None = Field(description="Null where one just comes.")
    seats_left: int | None
    waiting: int
    open: bool = Field(description="One may sign up now.")
    sign_up_url: RootRelative | None = Field(description="Where one posts a registration, as for any meeting.")
    invented: bool = Field(description="Demonstration content.")
    url: RootRelative
    ics_url: RootRelative | None


class PublicProgramme(BaseModel):
    """The last release, in order of time."""

    release: ReleaseShown
    title: str
    words: str
    place: ProgrammePlace
    days: list[ProgrammeSpan]
    pauses: list[ProgrammePause]
    rooms: list[ProgrammeRoom]
    tracks: list[ProgrammeTrack]
    sessions: list[PublicSession]
    url: RootRelative
