"""Alerts: someone may be in danger."""

import uuid
from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import new_id, seq


class Alert(SQLModel, table=True):
    """Open until someone says what was done. While open, nothing is published or sent."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    contribution_seq: int = Field(foreign_key="contribution.seq", index=True)
    kind: str = Field(max_length=24)  # danger · violence · child · threat
    words_sealed: bytes | None = None
    opened_by: str = Field(max_length=60)
    opened_at: datetime
    answered_by: str | None = Field(default=None, max_length=60)  # « Je m'en occupe »
    answered_at: datetime | None = None
    escalations: int = 0  # how often it was said again because nobody had answered
    escalated_at: datetime | None = None  # the last time
    closed_by: str | None = Field(default=None, max_length=60)
    closed_at: datetime | None = None
    done_sealed: bytes | None = None


class ContactOpening(SQLModel, table=True):
    """Contact details were opened because of an alert: by whom, when, why."""

    seq: int | None = seq()
    alert_seq: int = Field(foreign_key="alert.seq", index=True)
    actor: str = Field(max_length=60)
    motive: str = Field(max_length=500)
    at: datetime
