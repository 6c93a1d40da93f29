"""People of the team: roles, sessions, second factor, tokens."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.models.base import new_id, seq


class Role(StrEnum):
    MEDIATOR = "mediator"
    INTERPRETER = "interpreter"
    MODERATOR = "moderator"
    ORGANISER = "organiser"
    ADMINISTRATOR = "administrator"


class Staff(SQLModel, table=True):
    """One member of the team; may hold several roles."""

    seq: int | None = seq()
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    email: str = Field(max_length=254, unique=True)  # normalised
    name: str = Field(max_length=120)
    password_hash: str | None = Field(default=None, max_length=200)
    roles: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    reads: list[str] = Field(default_factory=list, sa_type=sa.JSON)  # BCP 47 primary tags this person reads
    active: bool = True
    totp_sealed: bytes | None = None
    totp_confirmed_at: datetime | None = None
    totp_last_step: int = 0  # a code is used once
    created_at: datetime

    def holds(self, *roles: Role) -> bool:
        return self.active and bool(set(self.roles) & {role.value for role in roles})

    @property
    def actor(self) -> str:
        """How this person is named in transitions and in the audit."""
        return f"staff:{self.id}"


class StaffSession(SQLModel, table=True):
    """A browser session; the cookie holds only the token whose HMAC is here."""

    token_mac: str = Field(primary_key=True, max_length=64)
    staff_seq: int = Field(foreign_key="staff.seq", index=True)
    second_factor: bool = False
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class RecoveryCode(SQLModel, table=True):
    code_mac: str = Field(primary_key=True, max_length=64)
    staff_seq: int = Field(foreign_key="staff.seq", index=True)
    used_at: datetime | None = None


class ApiToken(SQLModel, table=True):
    """A personal token for the JSON API: hashed, scoped to the person's roles, revocable."""

    token_mac: str = Field(primary_key=True, max_length=64)
    staff_seq: int = Field(foreign_key="staff.seq", index=True)
    name: str = Field(max_length=80)
    created_at: datetime
    revoked_at: datetime | None = None
