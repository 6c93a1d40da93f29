"""The embedded engine: one leased table in our own database (`jobs_url` may choose it on PostgreSQL too)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from app.adapters.clock import real_now
from app.db import let_others_write, reading, writing
from app.jobs import registry
from app.jobs.execution import Verdict
from app.models import Job, JobState
from app.models.driver import insert_new

GIVES_WAY = 0.05  # seconds at most before each job: others who write are waited for, nobody waits for a job
SOONER = (
    "(key) WHERE state = 'waiting' DO UPDATE SET run_at = "
    "CASE WHEN job.run_at <= excluded.run_at THEN job.run_at ELSE excluded.run_at END"
)


@dataclass(frozen=True)
class Claimed:
    seq: int
    task: str
    args: list[Any]
    attempts: int


def put(db: Session, task: str, args: list[Any], *, run_at: datetime | None, key: str | None) -> None:
    """Adds the job; where one already waits under the key, that one keeps the earlier of the two times.

    The upsert also locks the waiting row until the caller commits: without it a worker on PostgreSQL could
    take that job, read the state from before the caller's change, and leave the change without a job.
    """
    now = real_now()
    row: dict[str, Any] = {"task": task, "args": args, "key": key, "state": JobState.WAITING, "run_at": run_at or now}
    row |= {"attempts": 0, "last_error": "", "created_at": now}
    insert_new(db, Job, row, conflict=SOONER)


def claim(owner: str, *, lease: float, slow: bool | None = None) -> Claimed | None:
    """Takes the oldest job whose worker has vanished, or that is due, for `lease` seconds.

    `slow`: only of the slow tasks, or only of the others.
    Looks before it takes: an idle worker writes nothing and holds no lock; a busy one lets others write first.
    """
    with reading() as db:
        if db.execute(sa.select(_due(real_now(), slow))).scalar() is None:
            return None
    let_others_write(at_most=GIVES_WAY)
    with writing() as db:
        now = real_now()
        taken = db.execute(
            sa.update(Job)
            .where(col(Job.seq) == _due(now, slow))
            .values(
                state=JobState.RUNNING,
                lease_owner=owner,
                lease_until=now + timedelta(seconds=lease),
                attempts=Job.attempts + 1,
            )
            .returning(col(Job.seq), col(Job.task), col(Job.args), col(Job.attempts))
            .execution_options(synchronize_session=False)
        ).first()
    return None if taken is None else Claimed(*taken)


def _due(now: datetime, slow: bool | None) -> sa.ColumnElement[int | None]:
    """What to do next. One question for both kinds would sort all that waits, each time."""
    abandoned = sa.and_(col(Job.state) == JobState.RUNNING, col(Job.lease_until) < now)
    waiting = sa.and_(col(Job.state) == JobState.WAITING, col(Job.run_at) <= now)
    return sa.func.coalesce(_oldest(abandoned, slow), _oldest(waiting, slow))


def _oldest(wanted: sa.ColumnElement[bool], slow: bool | None) -> sa.ScalarSelect[int | None]:
    found = sa.select(col(Job.seq)).where(wanted).order_by(col(Job.run_at), col(Job.seq)).limit(1)
    if slow is not None:
        found = found.where(col(Job.task).in_(registry.SLOW) if slow else col(Job.task).not_in(registry.SLOW))
    # Ignored by SQLite, which has one writer; on PostgreSQL two workers never wait for one another.
    return found.with_for_update(skip_locked=True).scalar_subquery()


def renew(owner: str, *, lease: float) -> None:
    """Says that this worker still lives and works on everything it holds."""
    with writing() as db:
        db.execute(_held(owner).values(lease_until=real_now() + timedelta(seconds=lease)))


def give_back(owner: str) -> None:
    """Lets another worker begin again, now, what this one cannot finish. The attempt does not count."""
    with writing() as db:
        for seq in db.execute(sa.select(col(Job.seq)).where(_holds(owner))).scalars().all():
            _wait_again(db, seq, owner, Verdict(JobState.WAITING, "given back by its worker", counted=False))


def settle(job: Claimed, owner: str, verdict: Verdict) -> None:
    """Writes how the attempt ended, unless the lease was lost to another worker meanwhile."""
    with writing() as db:
        if verdict.state is JobState.WAITING:
            _wait_again(db, job.seq, owner, verdict)
        else:
            _end(db, job.seq, owner, verdict)


def _wait_again(db: Session, seq: int, owner: str, verdict: Verdict) -> None:
    again = (
        _held(owner)
        .where(col(Job.seq) == seq)
        .values(
            state=JobState.WAITING,
            run_at=real_now() + timedelta(seconds=verdict.delay),
            attempts=Job.attempts if verdict.counted else Job.attempts - 1,
            last_error=verdict.words,
            lease_owner=None,
            lease_until=None,
        )
    )
    try:
        with db.begin_nested():
            db.execute(again)
    except IntegrityError:  # another job waits under the same key by now: it does this one's work too
        _end(db, seq, owner, Verdict(JobState.DONE, f"replaced after: {verdict.words}"[:300]))


def _end(db: Session, seq: int, owner: str, verdict: Verdict) -> None:
    db.execute(
        _held(owner)
        .where(col(Job.seq) == seq)
        .values(
            state=verdict.state,
            last_error=verdict.words,
            lease_owner=None,
            lease_until=None,
            ended_at=real_now(),
        )
    )


def _held(owner: str) -> sa.Update:
    return sa.update(Job).where(_holds(owner)).execution_options(synchronize_session=False)


def _holds(owner: str) -> sa.ColumnElement[bool]:
    return sa.and_(col(Job.lease_owner) == owner, col(Job.state) == JobState.RUNNING)


def is_open(db: Session, key: str) -> bool:
    """True while a job waits or runs under the key."""
    open_states = [JobState.WAITING, JobState.RUNNING]
    found = sa.select(col(Job.seq)).where(col(Job.key) == key, col(Job.state).in_(open_states)).limit(1)
    return db.execute(found).first() is not None


def counts(db: Session) -> dict[JobState, int]:
    rows: Sequence[Any] = db.execute(sa.select(col(Job.state), sa.func.count()).group_by(col(Job.state))).all()
    return {JobState(state): count for state, count in rows}


def oldest_due(db: Session) -> datetime | None:
    """Since when the job that has waited longest could have run."""
    due = sa.select(sa.func.min(Job.run_at)).where(col(Job.state) == JobState.WAITING, col(Job.run_at) <= real_now())
    found: datetime | None = db.execute(due).scalar()
    return found
