"""What a worker does beside the jobs: says that it lives, sweeps, keeps the table small."""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col

from app.adapters.clock import real_now
from app.db import insert, writing
from app.jobs import registry
from app.jobs.execution import describe
from app.models import Duty, Job, JobState, Worker

if TYPE_CHECKING:
    from app.adapters import Adapters

log = structlog.get_logger("app.jobs")

KEEP_DONE = timedelta(days=7)
KEEP_FAILED = timedelta(days=90)
PRUNE_EVERY = 3600.0


def new_owner() -> str:
    """A worker's name, unique over machines and restarts."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def begin(name: str, period: float) -> bool:
    """True for the one worker that may begin the duty in this period (one conditional upsert decides)."""
    now = real_now()
    # A tenth of slack: two timers of the same period never agree to the millisecond.
    due = now - timedelta(seconds=period * 0.9)
    with writing() as db:
        row = insert(db, Duty).values(name=name, began_at=now)
        mine = row.on_conflict_do_update(
            index_elements=["name"], set_={"began_at": now}, where=col(Duty.began_at) <= due
        ).returning(col(Duty.name))
        return db.execute(mine).first() is not None


def perform(adapters: "Adapters", stop: threading.Event, *, sweep: float) -> None:
    """Begins each duty at its period until `stop`. What raises is logged and tried again next time."""
    last: dict[str, float] = {}
    while not stop.is_set():
        for name, period, work in _duties(adapters, sweep):
            if time.monotonic() - last.get(name, -period) < period or stop.is_set():
                continue
            last[name] = time.monotonic()
            try:
                if begin(name, period):
                    work()
            except Exception as error:  # noqa: BLE001 - one bad duty must not end the others
                log.error("duty.failed", duty=name, words=describe(error))
        stop.wait(min(1.0, sweep / 4))


def _duties(adapters: "Adapters", sweep: float) -> list[tuple[str, float, Callable[[], None]]]:
    found: list[tuple[str, float, Callable[[], None]]] = [("prune", PRUNE_EVERY, prune)]
    for name, function in registry.sweepers.items():
        found.append((name, sweep, partial(_sweep, function, adapters)))
    for name, regular in registry.periodic.items():
        found.append((name, regular.seconds, partial(regular.work, adapters)))
    return found


def _sweep(sweeper: registry.Sweep, adapters: "Adapters") -> None:
    """Each sweeper in a transaction of its own: one that fails keeps no other from its rows."""
    with writing() as db:
        sweeper(db, adapters.clock())


def prune() -> None:
    """Removes what was done a week ago, what failed three months ago, and workers gone for a day."""
    now = real_now()
    with writing() as db:
        for state, kept in ((JobState.DONE, KEEP_DONE), (JobState.FAILED, KEEP_FAILED)):
            db.execute(sa.delete(Job).where(col(Job.state) == state, col(Job.ended_at) < now - kept))
        db.execute(sa.delete(Worker).where(col(Worker.seen_at) < now - timedelta(days=1)))


def report(owner: str, started: datetime) -> None:
    """Says that this worker lives."""
    now = real_now()
    with writing() as db:
        row = insert(db, Worker).values(name=owner, started_at=started, seen_at=now)
        db.execute(row.on_conflict_do_update(index_elements=["name"], set_={"seen_at": now}))


def leave(owner: str) -> None:
    """Says that this worker ends; without it, it is missed only when `worker_seen` grows old."""
    with writing() as db:
        db.execute(sa.delete(Worker).where(col(Worker.name) == owner))


def worker_seen(db: Session) -> datetime | None:
    """When a worker was last seen (real time; they report every 15 s), or None if none is at work."""
    found: datetime | None = db.execute(sa.select(sa.func.max(Worker.seen_at))).scalar()
    return found
