"""Adding work in the caller's transaction, and seeing how the queue stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app.adapters.clock import real_now
from app.models import Job, JobState

REST = timedelta(hours=1)


class _State:
    forced: bool = False


def configure(jobs_url: str = "") -> None:
    """Chooses the engine: "" means embedded on SQLite, procrastinate on PostgreSQL; "embedded:" forces it.

    ValueError for anything else: jobs live in the database of the rows they are about, in one transaction.
    """
    if jobs_url not in {"", "embedded:"}:
        raise ValueError("leave it empty, or write embedded: (jobs live in the service's own database)")
    _State.forced = bool(jobs_url)


def uses_procrastinate(dialect: str) -> bool:
    return dialect == "postgresql" and not _State.forced


def _engine(db: Session) -> ModuleType:
    if uses_procrastinate(db.get_bind().dialect.name):
        # Imported only where it is used: the one-machine service never loads procrastinate.
        from app.jobs import deferred

        return deferred
    from app.jobs import embedded

    return embedded


def enqueue(db: Session, task: str, *args: Any, run_at: datetime | None = None, key: str | None = None) -> None:
    """Adds a job in the caller's transaction: it exists if and only if that transaction commits.

    `args` are ids (UUIDs become text). `run_at` is real time, whatever date is simulated. With a `key`, a job
    that already waits under it takes this one in, at the earlier of both times; one that runs does not.
    """
    _engine(db).put(db, task, [_plain(value) for value in args], run_at=run_at, key=key)


def ensure(db: Session, task: str, *args: Any, key: str, run_at: datetime | None = None) -> bool:
    """For sweepers: adds the job unless one waits or runs under the key, or failed less than an hour ago.

    A row that waits is so taken up again for ever, but never in a tight circle. True if a job was added.
    """
    recent = sa.and_(col(Job.state) == JobState.FAILED, col(Job.ended_at) > real_now() - REST)
    failed = sa.select(col(Job.seq)).where(col(Job.key) == key, recent).limit(1)
    if _engine(db).is_open(db, key) or db.execute(failed).first() is not None:
        return False
    enqueue(db, task, *args, run_at=run_at, key=key)
    return True


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


@dataclass(frozen=True)
class Status:
    """How many jobs are in each state, and since how many seconds the oldest has been ready to run."""

    waiting: int
    running: int
    done: int
    failed: int
    oldest: float


def status(db: Session) -> Status:
    """The queue in figures, for metrics and `dialogue check`."""
    engine = _engine(db)
    counts, oldest = engine.counts(db), engine.oldest_due(db)
    age = max(0.0, (real_now() - oldest).total_seconds()) if oldest else 0.0
    return Status(**{state.value: counts.get(state, 0) for state in JobState}, oldest=age)
