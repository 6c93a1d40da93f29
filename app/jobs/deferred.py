"""The same calls on procrastinate (PostgreSQL): its tables, its worker, its notifications.

Every job is one procrastinate task, `dialogue`, that carries our name and ids: attempts, delays, words and
unknown names are then decided in one place for both engines (execution.py).
"""

import asyncio
import contextlib
import logging
import threading
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import procrastinate
import sqlalchemy as sa
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, JobAborted
from procrastinate.jobs import Status as JobStatus
from sqlmodel import Session

from app import db as database
from app.adapters.clock import real_now
from app.db import writing
from app.jobs import duties, registry
from app.jobs.execution import Verdict, attempt
from app.models import Job, JobState

if TYPE_CHECKING:
    from app.adapters import Adapters
    from app.jobs.worker import Timing

TASK = "dialogue"
QUICK, SLOW = "default", "slow"
_STATES = {"todo": JobState.WAITING, "doing": JobState.RUNNING, "succeeded": JobState.DONE}


class JobFailed(Exception):
    """Ends a job in procrastinate's `failed`, with our words and nothing else."""


def put(db: Session, task: str, args: list[Any], *, run_at: datetime | None, key: str | None) -> None:
    """Defers on the session's own connection, so that the job lives or dies with the caller's transaction.

    Where one already waits under the key, that row keeps the earlier time and stays locked until the caller
    commits (a worker skips it): it cannot run on the state from before the caller's change.
    """
    for _ in range(5):
        if key is not None and _hasten(db, key, run_at):
            return
        try:
            with db.begin_nested():
                _defer(db, key, run_at, name=task, args=args)
            return
        except AlreadyEnqueued:  # committed by another transaction a moment ago: look again
            continue
    raise ConnectorException(f"the key {key} changed hands five times")


def _hasten(db: Session, key: str, run_at: datetime | None) -> bool:
    """True if a job waits under the key: it is then locked, and due at the earlier of both times."""
    found = db.execute(
        sa.text(
            # NULL means now, hence the case: LEAST would pass over it.
            "UPDATE procrastinate_jobs SET scheduled_at ="
            " CASE WHEN scheduled_at > CAST(:at AS timestamptz) THEN CAST(:at AS timestamptz)"
            " WHEN CAST(:at AS timestamptz) IS NULL THEN NULL ELSE scheduled_at END"
            " WHERE queueing_lock = :key AND status = 'todo' RETURNING id"
        ),
        {"key": key, "at": run_at},
    )
    return found.first() is not None


def _defer(db: Session, key: str | None, run_at: datetime | None, **carried: Any) -> None:
    driver = db.connection().connection.driver_connection
    task = _app().tasks[TASK]
    queue = SLOW if carried["name"] in registry.SLOW else QUICK
    task.configure(queue=queue, queueing_lock=key, schedule_at=run_at, connection=driver).defer(**carried)


@cache
def _app() -> procrastinate.App:
    """For deferring only: every call brings its own connection, no pool is ever opened."""
    # Its INFO is a line per step; our own lines say what was done.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    return _with_task(procrastinate.App(connector=procrastinate.SyncPsycopgConnector()))


def _with_task(app: procrastinate.App) -> procrastinate.App:
    app.task(name=TASK, pass_context=True)(_run)
    return app


def _run(context: procrastinate.JobContext, *, name: str, args: list[Any], number: int = 1, words: str = "") -> None:
    """One attempt. `number` counts failed attempts, procrastinate's own count those cut short by a crash.

    Another attempt is a successor under the same key: procrastinate's own retry would collide with a job
    that waits under it by now, and leave this one `doing` for ever. `words` is only carried to be read.
    """
    del words
    current = number + context.job.attempts
    verdict = attempt(name, args, current, context.additional_context["adapters"])
    if verdict.state is JobState.DONE:
        return
    key = context.job.queueing_lock
    if verdict.state is JobState.FAILED:
        _record(name, args, key, current, verdict)
        raise JobFailed(verdict.words)
    with writing() as db:
        if key is None or not _waits(db, key):
            following = current + 1 if verdict.counted else current
            with contextlib.suppress(AlreadyEnqueued), db.begin_nested():
                run_at = real_now() + timedelta(seconds=verdict.delay)
                _defer(db, key, run_at, name=name, args=args, number=following, words=verdict.words)
    raise JobAborted  # this attempt did not succeed; its successor waits


def _waits(db: Session, key: str) -> bool:
    """True if another job waits under the key: it does this one's work too."""
    query = sa.text("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :key AND status = 'todo'")
    return db.execute(query, {"key": key}).first() is not None


def _record(name: str, args: list[Any], key: str | None, attempts: int, verdict: Verdict) -> None:
    """procrastinate keeps no reason: what failed for good is written in our own table, as on SQLite."""
    now = real_now()
    with writing() as db:
        db.add(
            Job(
                task=name,
                args=args,
                key=key,
                state=JobState.FAILED,
                run_at=now,
                attempts=attempts,
                last_error=verdict.words,
                created_at=now,
                ended_at=now,
            )
        )


def is_open(db: Session, key: str) -> bool:
    query = sa.text(
        "SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :key"
        " AND (status = 'todo' OR (status = 'doing' AND worker_id IS NOT NULL)) LIMIT 1"
    )
    return db.execute(query, {"key": key}).first() is not None


def counts(db: Session) -> dict[JobState, int]:
    rows = db.execute(sa.text("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status")).all()
    failed = db.execute(sa.select(sa.func.count()).where(Job.state == JobState.FAILED)).scalar_one()  # type: ignore[arg-type]
    return {_STATES[status]: count for status, count in rows if status in _STATES} | {JobState.FAILED: failed}


def oldest_due(db: Session) -> datetime | None:
    """Since when the job that has waited longest could have run."""
    query = sa.text(
        "SELECT min(coalesce(job.scheduled_at, event.at)) FROM procrastinate_jobs job"
        " JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'deferred'"
        " WHERE job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())"
    )
    found: datetime | None = db.execute(query).scalar()
    return found


def serve(adapters: "Adapters", stop: threading.Event, *, concurrency: int, timing: "Timing") -> None:
    """Runs procrastinate's worker until `stop`; returns early if it died (the caller starts it again)."""
    asyncio.run(_serve(adapters, stop, concurrency, timing))


async def _serve(adapters: "Adapters", stop: threading.Event, concurrency: int, timing: "Timing") -> None:
    url = database.engine().url.set(drivername="postgresql").render_as_string(hide_password=False)
    connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=6)
    app = _with_task(procrastinate.App(connector=connector))
    async with app.open_async():
        helpers = [
            *(
                asyncio.create_task(_work(app, adapters, timing, queue=queue, concurrency=lanes))
                for queue, lanes in ((QUICK, concurrency), (SLOW, 1))
            ),
            asyncio.create_task(_recover(app, timing)),
        ]
        while not stop.is_set() and not any(helper.done() for helper in helpers):
            await asyncio.sleep(0.2)
        for helper in helpers:
            helper.cancel()  # procrastinate then finishes the running jobs and fetches no other
        for outcome in await asyncio.gather(*helpers, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome


async def _work(
    app: procrastinate.App, adapters: "Adapters", timing: "Timing", *, queue: str, concurrency: int
) -> None:
    await app.run_worker_async(
        queues=[queue],
        concurrency=concurrency,
        install_signal_handlers=False,
        # New jobs are notified at once; this is for those due later.
        fetch_job_polling_interval=timing.poll * 4,
        update_heartbeat_interval=timing.lease / 3,
        stalled_worker_timeout=timing.lease,
        additional_context={"adapters": adapters},
    )


async def _recover(app: procrastinate.App, timing: "Timing") -> None:
    """Gives the jobs of vanished workers back, and removes those done a week ago, once over all workers."""
    while True:
        if await asyncio.to_thread(duties.begin, "recover", timing.lease / 2):
            await _give_back(app, timing.lease)
        if await asyncio.to_thread(duties.begin, "prune procrastinate", 3600.0):
            hours = int(duties.KEEP_DONE.total_seconds() // 3600)
            await app.job_manager.delete_old_jobs(
                nb_hours=hours, include_failed=True, include_cancelled=True, include_aborted=True
            )
        await asyncio.sleep(timing.lease / 2)


async def _give_back(app: procrastinate.App, lease: float) -> None:
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=lease):
        try:
            await app.job_manager.retry_job(job)
        except ConnectorException:  # another job waits under the same key by now: it does this one's work too
            await app.job_manager.finish_job(job, status=JobStatus.ABORTED, delete_job=False)
