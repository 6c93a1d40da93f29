"""Meetings: what has a time and a place one may attend, who signs up, who came, what people were told."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.models.base import closed, new_id, seq


class EventKind(StrEnum):
    WORKSHOP = "workshop"
    MEDIATION = "mediation"
    VISIT = "visit"
    MEETING = "meeting"
    SESSION = "session"  # of the Assises


class EventState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"


class Mode(StrEnum):
    IN_PERSON = "in_person"
    ONLINE = "online"
    BOTH = "both"


class Access(StrEnum):
    OPEN = "open"
    INVITED = "invited"


class Place(StrEnum):
    """Where one signs up: a registration's state."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    ABSENT = "absent"


# What takes seats of the capacity, and what cannot be signed up for a second time.
SEATED = (Place.CONFIRMED, Place.OFFERED, Place.ATTENDED, Place.ABSENT)
NOT_CANCELLED = "state <> 'cancelled'"


class Event(SQLModel, table=True):
    """One event. `taken` seats (confirmed, offered, came or not) and people `waiting` are kept by rules.

    Whoever changes places first adds one to `line`: on PostgreSQL that row is held until the commit, so the
    changes of one event happen one after the other; on SQLite a writer is alone anyway.
    """

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)  # the calendar entry's UID, for good
    slug: str = Field(max_length=80, unique=True)
    kind: EventKind = Field(sa_type=closed(EventKind, "event_kind"))
    state: EventState = Field(default=EventState.DRAFT, sa_type=closed(EventState, "event_state"))
    mode: Mode = Field(default=Mode.IN_PERSON, sa_type=closed(Mode, "mode"))
    access: Access = Field(default=Access.OPEN, sa_type=closed(Access, "access"))
    version: int = 1  # of what organisers edit
    sequence: int = 0  # RFC 5545 SEQUENCE: one more at each change that calendars must take up
    series: uuid.UUID | None = Field(default=None, index=True)
    invented: bool = False  # demonstration content, marked as such on the page
    title: str
    summary: str = ""
    body: str = ""
    audience: str = ""  # for whom
    way: str = ""  # how to come
    access_notes: str = ""
    place_name: str = ""
    place_address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    quartier: str | None = Field(default=None, max_length=40)
    online_url: str | None = None  # shown only to those who have a place
    offers: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    facilitators: list[str] = Field(default_factory=list, sa_type=sa.JSON)  # for the team only
    contact: str = ""  # whom to ask, public
    starts_at: datetime
    ends_at: datetime
    capacity: int | None = None  # seats; None: no limit
    taken: int = 0
    waiting: int = 0  # registrations in line, not seats
    line: int = 0  # last number given in the line
    opens_at: datetime | None = None  # None: as soon as it is published
    closes_at: datetime | None = None  # None: when it begins
    said: str = ""  # cancelled or postponed: what people are told
    report: str = ""  # afterwards: what happened there
    created_at: datetime
    changed_at: datetime
    published_at: datetime | None = None

    __table_args__ = (
        sa.Index("ix_event_state_starts_at", "state", "starts_at", "seq"),
        sa.CheckConstraint("ends_at > starts_at", name="ends_at"),
        sa.CheckConstraint("taken >= 0", name="taken"),
        sa.CheckConstraint("waiting >= 0", name="waiting"),
        sa.CheckConstraint("capacity >= 0", name="capacity"),
    )


class Registration(SQLModel, table=True):
    """One person's place at one event, those who come along included. The personal link's token is kept as HMAC."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    event_seq: int = Field(foreign_key="event.seq")
    state: Place = Field(sa_type=closed(Place, "place"))
    version: int = 1
    people: int  # seats, the person counted
    line: int  # order of arrival; an expired offer takes a new, last number
    offered_until: datetime | None = None
    name_sealed: bytes
    email_sealed: bytes | None = None
    email_index: str | None = Field(default=None, max_length=64)  # of the normalised address
    phone_sealed: bytes | None = None
    phone_index: str | None = Field(default=None, max_length=64)
    token_mac: str = Field(max_length=64, unique=True)
    token_sealed: bytes = b""  # mails must be able to say it again
    needs: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    note_sealed: bytes | None = None
    language: str = Field(default="fr", max_length=10)  # the code of the page it came from
    wording: str = Field(max_length=40)  # version of the consent agreed to
    may_contact: bool = False
    reminders: bool = False
    walk_in: bool = False  # came without having signed up
    by: str = Field(default="person", max_length=60)  # `person`, or `staff:<id>` who signed them up
    registered_at: datetime
    state_since: datetime

    __table_args__ = (
        sa.Index("ix_registration_event_seq", "event_seq", "state", "line"),
        sa.Index("ix_registration_offered_until", "offered_until", sqlite_where=sa.text("state = 'offered'"),
                 postgresql_where=sa.text("state = 'offered'")),
        *(
            sa.Index(f"uq_registration_{name}", "event_seq", f"{name}_index", unique=True, sqlite_where=some,
                     postgresql_where=some)
            for name in ("email", "phone")
            for some in (sa.text(f"{name}_index IS NOT NULL AND {NOT_CANCELLED}"),)
        ),
        sa.CheckConstraint("people > 0", name="people"),
    )  # fmt: skip


class Arrival(SQLModel, table=True):
    """Somebody came through a door. `id` is the device's own, so that what is sent again counts once."""

    seq: int | None = seq()
    id: uuid.UUID = Field(unique=True)
    event_seq: int = Field(foreign_key="event.seq", index=True)
    registration_seq: int | None = Field(default=None, foreign_key="registration.seq", unique=True)  # None: walked in
    people: int
    at: datetime  # what the device says
    received_at: datetime
    by: str = Field(max_length=60)

    __table_args__ = (sa.CheckConstraint("people > 0", name="people"),)


class EventMessage(SQLModel, table=True):
    """What organisers wrote to those signed up, or what a change says to them; messages point here."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    event_seq: int = Field(foreign_key="event.seq", index=True)
    kind: str = Field(max_length=24)  # moved · cancelled · postponed · changed · written
    addressed: str = Field(max_length=40)  # all · confirmed · waiting · need:<offer>
    words: str = ""
    sequence: int = 0  # of the calendar entry it goes with
    before: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)  # moved: what it was
    by: str = Field(max_length=60)
    at: datetime
