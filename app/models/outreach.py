"""Mediators in the street: outings, devices, codes given in advance, what was collected and its media."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.models.base import closed, new_id, seq


class Method(StrEnum):
    """How one speaks with people in the street; the field's own terms."""

    PORTEUR_DE_PAROLES = "porteur_de_paroles"
    KIOSQUE = "kiosque"
    MICRO_TROTTOIR = "micro_trottoir"
    CARAVANE = "caravane"
    URNE = "urne"


class OutingState(StrEnum):
    PLANNED = "planned"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Outing(SQLModel, table=True):
    """Mediators go somewhere, at a time, with a question. `collected` is kept by the rule that takes a record in."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    slug: str | None = Field(default=None, max_length=80, unique=True)  # of its public page, once it is told
    state: OutingState = Field(default=OutingState.PLANNED, sa_type=closed(OutingState, "outing_state"))
    version: int = 1
    method: Method = Field(sa_type=closed(Method, "method"))
    place_name: str
    place_address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    quartier: str | None = Field(default=None, max_length=40)
    question: str | None = Field(default=None, max_length=40)  # None: chosen for each person
    material: str = ""  # what to take along
    notes: str = ""  # for the team only
    starts_at: datetime
    ends_at: datetime
    event_seq: int | None = Field(default=None, foreign_key="event.seq", unique=True)  # on the public calendar
    prefix: str = Field(max_length=4, unique=True)  # of its tickets' numbers
    tickets: int = 0  # how many were made
    collected: int = 0
    stopped: int | None = None  # people who stopped, as counted by hand
    heard: str = ""  # what we heard
    changes: str = ""  # what changes because of it
    told_at: datetime | None = None  # its public page is shown since then
    invented: bool = False  # demonstration content, marked as such on the page
    created_at: datetime
    changed_at: datetime
    closed_at: datetime | None = None

    __table_args__ = (
        sa.Index("ix_outing_starts_at", "starts_at", "seq"),
        sa.CheckConstraint("ends_at > starts_at", name="ends_at"),
        sa.CheckConstraint("collected >= 0", name="collected"),
        sa.CheckConstraint("tickets >= 0", name="tickets"),
    )


class OutingMediator(SQLModel, table=True):
    """Who goes. Their devices may add to this outing."""

    outing_seq: int = Field(primary_key=True, foreign_key="outing.seq")
    staff_seq: int = Field(primary_key=True, foreign_key="staff.seq", index=True)


class Device(SQLModel, table=True):
    """A phone or tablet that collects for one mediator. Its token is kept as HMAC; revoked, it can send nothing."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    staff_seq: int = Field(foreign_key="staff.seq", index=True)
    name: str = Field(max_length=80)
    token_mac: str = Field(max_length=64, unique=True)
    paired_at: datetime
    seen_at: datetime  # last contact, real time
    waiting: int = 0  # records it had not sent, as it last told
    clock_off: int = 0  # seconds its clock was ahead, when it last told
    revoked_at: datetime | None = None
    revoked_by: str | None = Field(default=None, max_length=60)

    __table_args__ = (sa.CheckConstraint("waiting >= 0", name="waiting"),)


class DevicePairing(SQLModel, table=True):
    """A short code that pairs one device, once, within minutes."""

    code_mac: str = Field(primary_key=True, max_length=64)
    staff_seq: int = Field(foreign_key="staff.seq", index=True)
    made_by: str = Field(max_length=60)
    expires_at: datetime


class AllottedCode(SQLModel, table=True):
    """A receipt code given in advance: to a device, or printed on a numbered ticket of an outing. HMACs only."""

    seq: int | None = seq()
    words_mac: str = Field(max_length=64, unique=True)
    digits_mac: str = Field(max_length=64, unique=True)
    staff_seq: int = Field(foreign_key="staff.seq")  # for whom
    device_seq: int | None = Field(default=None, foreign_key="device.seq", index=True)
    outing_seq: int | None = Field(default=None, foreign_key="outing.seq", index=True)
    number: str | None = Field(default=None, max_length=12, unique=True)  # on the ticket: prefix and number
    created_at: datetime
    used_at: datetime | None = None
    cancelled_at: datetime | None = None


class Collected(SQLModel, table=True):
    """One record from the street, under the id its device gave it: taken in once, however often it is sent."""

    seq: int | None = seq()
    id: uuid.UUID = Field(unique=True)
    contribution_seq: int | None = Field(default=None, foreign_key="contribution.seq", unique=True)
    outing_seq: int | None = Field(default=None, foreign_key="outing.seq", index=True)
    device_seq: int | None = Field(default=None, foreign_key="device.seq", index=True)
    staff_seq: int = Field(foreign_key="staff.seq")  # the mediator
    digest: str = Field(max_length=64)  # HMAC of what was said, media aside
    sealed: bool = False  # it came sealed
    imported: bool = False  # out of a file, by an administrator
    read_back: bool = False
    under_15: bool = False
    sheet: str | None = Field(default=None, max_length=40)
    clock_doubtful: bool = False  # what the device says of the time cannot be
    chosen: bool = False  # the team puts these words first on the outing's page and on its poster
    code_sealed: bytes | None = None  # the receipt code made here, until its device has surely heard of it
    received_at: datetime


class CollectedMedia(SQLModel, table=True):
    """A medium declared with a record; it counts as held once its bytes are here and are the declared ones."""

    seq: int | None = seq()
    collected_seq: int = Field(foreign_key="collected.seq")
    client_id: str = Field(max_length=64)
    media_seq: int = Field(foreign_key="media.seq", unique=True)
    sha256: str = Field(max_length=64)  # of the medium itself, hexadecimal
    size: int = Field(sa_type=sa.BigInteger)  # bytes of the medium itself
    type: str = Field(max_length=60)
    key_sealed: bytes | None = None  # its content key and nonce, when it comes sealed
    held_at: datetime | None = None

    __table_args__ = (sa.UniqueConstraint("collected_seq", "client_id"),)
