"""Work to be done after the transaction that made it necessary, and who does it (docs/decisions: jobs).

Every time here is real time, never the simulated clock: a lease measures a process, not the consultation.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.models.base import closed, seq

__all__ = ["Duty", "Job", "JobState", "Worker"]


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(SQLModel, table=True):
    """One piece of work. With procrastinate, only what failed for good is written here, with its words."""

    __table_args__ = (
        # One waiting job per key; a job that already runs may have read the old state, so it does not count.
        sa.Index(
            "uq_job_waiting_key",
            "key",
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index("ix_job_state_run_at", "state", "run_at", "seq"),
    )

    seq: int | None = seq()
    task: str = Field(max_length=80)
    args: list[Any] = Field(sa_type=sa.JSON)
    key: str | None = Field(default=None, max_length=200, index=True)
    state: JobState = Field(default=JobState.WAITING, sa_type=closed(JobState, "job_state"))
    run_at: datetime
    attempts: int = 0
    lease_owner: str | None = Field(default=None, max_length=80)
    lease_until: datetime | None = None
    last_error: str = Field(default="", max_length=300)
    created_at: datetime
    ended_at: datetime | None = None


class Worker(SQLModel, table=True):
    """A process that does the jobs: /readyz and `dialogue check` ask when one was last seen."""

    name: str = Field(primary_key=True, max_length=80)
    started_at: datetime
    seen_at: datetime


class Duty(SQLModel, table=True):
    """When a periodic duty last began, so that it is done once over all workers."""

    name: str = Field(primary_key=True, max_length=80)
    began_at: datetime
