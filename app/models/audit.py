"""The journal's rows; app/audit writes them and checks the chain."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.models.base import seq


class AuditEntry(SQLModel, table=True):
    """Who did what, on what, when. Hashes of content, never content or contact."""

    __tablename__ = "audit_entry"

    seq: int | None = seq()
    at: datetime
    actor: str = Field(max_length=60)
    action: str = Field(max_length=40)
    kind: str = Field(max_length=24)
    object_id: str = Field(max_length=64, index=True)
    hashes: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    mac: str = Field(max_length=64)


class AuditHead(SQLModel, table=True):
    """The chain's end: one row, so that writers queue on it and a cut tail is seen."""

    __tablename__ = "audit_head"

    id: int = Field(default=1, primary_key=True)
    count: int = 0
    mac: str = Field(default="", max_length=64)
