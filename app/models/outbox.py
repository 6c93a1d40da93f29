"""Messages to people: rules write a row (template and ids), a job renders and sends it, or staff calls."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from app.models.base import closed, new_id, seq


class Via(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    CALL = "call"


class MessageState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"  # an alert is open
    DONE = "done"  # called
    MESSAGE_LEFT = "message_left"
    UNREACHABLE = "unreachable"
    DROPPED = "dropped"  # its reason is gone (withdrawn, erased)


class Message(SQLModel, table=True):
    """One thing one person must be told, once (`once` is unique)."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    once: str = Field(max_length=120, unique=True)
    template: str = Field(max_length=40)
    via: Via = Field(sa_type=closed(Via, "via"))
    state: MessageState = Field(default=MessageState.WAITING, sa_type=closed(MessageState, "message_state"), index=True)
    contribution_seq: int | None = Field(default=None, foreign_key="contribution.seq", index=True)
    notice_seq: int | None = Field(default=None, foreign_key="notice.seq", index=True)
    registration_seq: int | None = Field(default=None, foreign_key="registration.seq", index=True)
    event_message_seq: int | None = Field(default=None, foreign_key="eventmessage.seq", index=True)
    speaker_seq: int | None = Field(default=None, foreign_key="speaker.seq", index=True)
    release_seq: int | None = Field(default=None, foreign_key="release.seq", index=True)
    # Of the team: `duty:<place in DIALOGUE_DUTY_CONTACT>` or `staff:<id>`; none: whoever sent the words or the notice.
    recipient: str | None = Field(default=None, max_length=60)
    language: str = Field(default="fr", max_length=10)
    attempts: int = 0
    created_at: datetime
    told_at: datetime | None = None
    told_by: str | None = Field(default=None, max_length=60)
