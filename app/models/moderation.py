"""What the desk knows beside the words: signals, originals of redacted words, appeals, notices, likeness."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.models.base import closed, new_id, seq


class SignalState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class Signal(SQLModel, table=True):
    """Something a program noticed in one revision. Advice: it never decides anything by itself."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    contribution_seq: int = Field(foreign_key="contribution.seq", index=True)
    revision: int
    kind: str = Field(max_length=32)  # phone · email · iban · … · danger · violence · child · duplicate …
    place: str = Field(max_length=60)  # title · body · media:<id>
    # Code points from the start of the place, `end` exclusive; none when it is about the whole.
    start: int | None = None
    end: int | None = None
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)  # never the words themselves
    detector: str = Field(max_length=60)  # name and version of what noticed
    state: SignalState = Field(default=SignalState.OPEN, sa_type=closed(SignalState, "signal_state"))
    settled_by: str | None = Field(default=None, max_length=60)
    settled_at: datetime | None = None
    created_at: datetime


class Fingerprint(SQLModel, table=True):
    """What a contribution's words, or one of its pictures, look like: near copies have near fingerprints."""

    seq: int | None = seq()
    contribution_seq: int = Field(foreign_key="contribution.seq", index=True)
    revision: int
    kind: str = Field(max_length=16)  # words · picture
    value: bytes
    detector: str = Field(max_length=60)


class Band(SQLModel, table=True):
    """One piece of a fingerprint; two that share a piece are compared."""

    piece: int = Field(primary_key=True, sa_type=sa.BigInteger)
    fingerprint_seq: int = Field(primary_key=True, foreign_key="fingerprint.seq", index=True)


class Original(SQLModel, table=True):
    """Words as they were before moderators hid parts of them: sealed, opened only with a motive."""

    seq: int | None = seq()
    contribution_seq: int = Field(foreign_key="contribution.seq")
    revision: int
    title_sealed: bytes | None = None
    body_sealed: bytes
    spans: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)  # {place, start, end, label}, as hidden
    reason: str = Field(max_length=40)  # the charter's article
    made_by: str = Field(max_length=60)
    made_at: datetime

    __table_args__ = (sa.UniqueConstraint("contribution_seq", "revision"),)


class OriginalOpening(SQLModel, table=True):
    """Original words were read again: by whom, when, why."""

    seq: int | None = seq()
    original_seq: int = Field(foreign_key="original.seq", index=True)
    actor: str = Field(max_length=60)
    motive: str = Field(max_length=500)
    at: datetime


class AppealState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    REVERSED = "reversed"


class Appeal(SQLModel, table=True):
    """« Faire relire par quelqu'un d'autre »: once for each decision, decided by another person."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    contribution_seq: int = Field(foreign_key="contribution.seq", index=True)
    transition_seq: int = Field(foreign_key="transition.seq", unique=True)  # the decision to be read again
    state: AppealState = Field(default=AppealState.OPEN, sa_type=closed(AppealState, "appeal_state"))
    version: int = 1
    words_sealed: bytes | None = None
    made_at: datetime
    decided_by: str | None = Field(default=None, max_length=60)
    decided_at: datetime | None = None
    statement: str | None = None


class NoticeState(StrEnum):
    OPEN = "open"
    KEPT = "kept"  # read, nothing was changed
    ACTED = "acted"  # what was shown is shown no more, or otherwise


class Notice(SQLModel, table=True):
    """« Signaler un problème » about something published, by anyone."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    number: str = Field(max_length=16, unique=True)  # random: whoever holds it may follow the notice
    contribution_seq: int = Field(foreign_key="contribution.seq", index=True)
    media_seq: int | None = Field(default=None, foreign_key="media.seq")
    reason: str = Field(max_length=40)
    words_sealed: bytes | None = None
    good_faith: bool = True
    email_sealed: bytes | None = None
    language: str = Field(default="fr", max_length=10)
    state: NoticeState = Field(default=NoticeState.OPEN, sa_type=closed(NoticeState, "notice_state"))
    version: int = 1
    hid_at_once: bool = False  # « Je suis sur cette photo »: hidden without proof
    choice_before: str | None = Field(default=None, max_length=16)  # what was decided for that medium until then
    made_at: datetime
    decided_by: str | None = Field(default=None, max_length=60)
    decided_at: datetime | None = None
    statement: str | None = None

    __table_args__ = (sa.Index("ix_notice_state", "state", "made_at"),)
