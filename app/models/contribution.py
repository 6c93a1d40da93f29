"""What someone said, its revisions, and everything that hangs on one contribution."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.models.base import closed, new_id, seq


class Kind(StrEnum):
    INDIVIDUAL = "individual"
    COLLECTIVE = "collective"


class Channel(StrEnum):
    ONLINE = "online"
    STREET = "street"
    PAPER = "paper"
    PHONE = "phone"
    WORKSHOP = "workshop"
    EMAIL = "email"


class State(StrEnum):
    PENDING = "pending"
    SECOND_REVIEW = "second_review"
    RETURNED = "returned"
    REFUSED = "refused"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


# What brings an item to the front of the queue, each a count kept by rules.
URGENT = ("dangers", "open_notices", "open_appeals")
# What a person is going to read and no program has looked at.
UNASSISTED = "assisted_revision < revision AND state IN ('pending', 'second_review')"


class Contribution(SQLModel, table=True):
    """One contribution. Its words are in `Revision`, its contact details in `Contact`."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    reference: str = Field(max_length=12, unique=True)
    kind: Kind = Field(sa_type=closed(Kind, "kind"))
    channel: Channel = Field(sa_type=closed(Channel, "channel"))
    question: str = Field(max_length=40)
    language: str = Field(max_length=35)
    state: State = Field(default=State.PENDING, sa_type=closed(State, "state"))
    version: int = 1
    revision: int = 1
    # What people type has no width here: the schema counts what they see, PostgreSQL would count code points.
    author_name: str | None = None
    organisation: str | None = None
    organisation_kind: str | None = Field(default=None, max_length=80)
    people_count: int | None = None
    method: str | None = None
    audiences: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    quartier: str | None = Field(default=None, max_length=40)
    age_band: str | None = Field(default=None, max_length=20)
    help: bool = False
    in_reply_to: int | None = Field(default=None, foreign_key="contribution.seq")
    collective: str | None = Field(default=None, max_length=80)
    event_seq: int | None = Field(default=None, foreign_key="event.seq")  # said there, or after it
    invented: bool = False  # demonstration content, marked as such on the page
    reason: str | None = Field(default=None, max_length=40)  # of the last refusal or hiding
    collected_at: datetime | None = None
    received_at: datetime
    state_since: datetime
    published_at: datetime | None = None
    published_revision: int | None = None
    publication_seq: int | None = Field(default=None, unique=True)  # order of publication; rowid of the search index
    has_photo: bool = False  # shown to the public, as the next two
    has_video: bool = False
    has_sound: bool = False
    edited_by_moderation: bool = False
    edited_reason: str | None = Field(default=None, max_length=40)  # the charter's article under which it was edited
    sensitive: bool = False  # two people decide
    merged_into: int | None = Field(default=None, foreign_key="contribution.seq")
    cluster: int | None = Field(default=None, index=True)  # seq of the first of those that say nearly the same
    assisted_revision: int = 0  # the last one programs have looked at
    open_alerts: int = 0
    dangers: int = 0  # signals of danger nobody has looked at yet
    open_notices: int = 0
    open_appeals: int = 0
    claimed_by: int | None = Field(default=None, foreign_key="staff.seq")
    claimed_until: datetime | None = None

    __table_args__ = (
        sa.Index("ix_contribution_state_received_at", "state", "received_at", "seq"),
        sa.Index("ix_contribution_published_at", "published_at", "publication_seq"),
        *(
            sa.Index(f"ix_contribution_{name}", "received_at", "seq", sqlite_where=some, postgresql_where=some)
            for name in ("open_alerts", *URGENT)
            for some in (sa.text(f"{name} > 0"),)
        ),
        sa.Index(
            "ix_contribution_claimed_by",
            "claimed_by",
            "received_at",
            "seq",
            sqlite_where=sa.text("claimed_by IS NOT NULL"),
            postgresql_where=sa.text("claimed_by IS NOT NULL"),
        ),
        sa.Index(
            "ix_contribution_unassisted",
            "seq",
            sqlite_where=sa.text(UNASSISTED),
            postgresql_where=sa.text(UNASSISTED),
        ),
        sa.Index(
            "ix_contribution_event_seq",
            "event_seq",
            sqlite_where=sa.text("event_seq IS NOT NULL"),
            postgresql_where=sa.text("event_seq IS NOT NULL"),
        ),
        sa.CheckConstraint("open_alerts >= 0", name="open_alerts"),
        *(sa.CheckConstraint(f"{name} >= 0", name=name) for name in URGENT),
    )


class Revision(SQLModel, table=True):
    """The words, as sent or corrected. Every decision targets one."""

    seq: int | None = seq()
    contribution_seq: int = Field(foreign_key="contribution.seq")
    number: int
    title: str | None = None
    body: str
    language: str = Field(max_length=35)
    created_at: datetime

    __table_args__ = (sa.UniqueConstraint("contribution_seq", "number"),)


class Transition(SQLModel, table=True):
    """Who changed what, from which state to which, when, with the statement of reasons."""

    seq: int | None = seq()
    contribution_seq: int = Field(foreign_key="contribution.seq", index=True)
    revision: int
    action: str = Field(max_length=24)
    from_state: str = Field(max_length=24)
    to_state: str = Field(max_length=24)
    actor: str = Field(max_length=60)  # author · staff:<uuid> · system
    reason: str | None = Field(default=None, max_length=40)
    statement: str | None = None
    at: datetime


class Contact(SQLModel, table=True):
    """How to reach the author: sealed, found again by blind index, never joined by public queries."""

    contribution_seq: int = Field(primary_key=True, foreign_key="contribution.seq")
    email_sealed: bytes | None = None
    email_index: str | None = Field(default=None, max_length=64, index=True)
    phone_sealed: bytes | None = None
    phone_index: str | None = Field(default=None, max_length=64, index=True)
    language: str = Field(default="fr", max_length=10)


class Consent(SQLModel, table=True):
    """What the author agreed to, when, in which wording."""

    seq: int | None = seq()
    contribution_seq: int = Field(foreign_key="contribution.seq", index=True)
    kind: str = Field(max_length=24)  # publication · contact · age
    given: bool
    wording: str = Field(max_length=40)
    at: datetime


class Receipt(SQLModel, table=True):
    """The holder's key to one contribution: both spellings as HMAC only."""

    contribution_seq: int = Field(primary_key=True, foreign_key="contribution.seq")
    words_mac: str = Field(max_length=64, unique=True)
    digits_mac: str = Field(max_length=64, unique=True)
    created_at: datetime


class ReceiptShown(SQLModel, table=True):
    """The receipt page's fifteen minutes: the code, sealed, under a token of its own."""

    token_mac: str = Field(primary_key=True, max_length=64)
    contribution_seq: int = Field(foreign_key="contribution.seq", index=True)
    sealed: bytes
    expires_at: datetime


class ReceiptSession(SQLModel, table=True):
    """A follow page opened by code or link, for half an hour, on one device."""

    token_mac: str = Field(primary_key=True, max_length=64)
    contribution_seq: int = Field(foreign_key="contribution.seq", index=True)
    expires_at: datetime


class AccessLink(SQLModel, table=True):
    """A single-use link by e-mail to a follow page; GET never consumes it."""

    token_mac: str = Field(primary_key=True, max_length=64)
    contribution_seq: int = Field(foreign_key="contribution.seq", index=True)
    expires_at: datetime
    used_at: datetime | None = None


class Draft(SQLModel, table=True):
    """A collective's draft, resumed elsewhere by code, for 30 days."""

    code_mac: str = Field(primary_key=True, max_length=64)
    sealed: bytes
    expires_at: datetime


class IdempotencyKey(SQLModel, table=True):
    """The first answer to a keyed POST, kept 24 h, sealed."""

    key_mac: str = Field(primary_key=True, max_length=64)
    body_hash: str = Field(max_length=64)
    status: int = 0
    sealed: bytes = b""
    created_at: datetime = Field(index=True)


def facets(contribution: Contribution) -> list[str]:
    """The filter words of one published contribution, for the search index."""
    values: list[tuple[str, Any]] = [
        ("q", contribution.question),
        ("k", contribution.kind.value),
        ("c", contribution.channel.value),
        ("l", contribution.language.split("-")[0]),
        ("z", contribution.quartier),
        ("o", contribution.collective),
        ("h", "photo" if contribution.has_photo else None),
        ("h", "video" if contribution.has_video else None),
        ("h", "audio" if contribution.has_sound else None),
        *(("a", audience) for audience in contribution.audiences),
    ]
    return [facet(prefix, value) for prefix, value in values if value]


def facet(prefix: str, value: str) -> str:
    """One filter word: letters and digits only, so that the index keeps it whole."""
    return f"f{prefix}" + "".join(f"{ord(c):x}x" if not c.isascii() or not c.isalnum() else c for c in value.lower())
