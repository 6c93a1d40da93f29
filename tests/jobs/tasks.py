"""Tasks that leave a trace in a table of their own, and a worker to run in a process that may be killed."""

import os
import sys
import time
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from app import db, jobs
from app.adapters.clock import real_now
from app.errors import AppError, Conflict
from app.jobs import embedded, execution, registry, worker
from app.jobs.worker import Timing
from app.models import Job

FAST = Timing(poll=0.1, lease=1.5, sweep=0.4, seen=0.2, grace=3, pause=0.2)

traces = sa.MetaData()
ran = sa.Table(
    "ran",
    traces,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("task", sa.String(40)),
    sa.Column("subject", sa.String(40)),
    sa.Column("began", sa.Boolean),
    sa.Column("pid", sa.Integer),
    sa.Column("at", sa.Float),
)


def trace(task: str, subject: object, *, began: bool = False) -> None:
    with db.writing() as session:
        row = {"task": task, "subject": str(subject), "began": began, "pid": os.getpid(), "at": time.time()}
        session.execute(ran.insert().values(**row))


class Spoilt(Exception):
    """Its text is what someone wrote: it must never be kept."""


@jobs.task("note")
def note(subject: Any, *, adapters: Any) -> None:
    trace("note", subject)


@jobs.task("slow", retry=(0.1,))
def slow(subject: Any, *, adapters: Any) -> None:
    trace("slow", subject, began=True)
    time.sleep(1.0)
    trace("slow", subject)


@jobs.task("long", retry=())
def long(subject: Any, *, adapters: Any) -> None:
    trace("long", subject, began=True)
    time.sleep(4)
    trace("long", subject)


@jobs.task("endless")
def endless(subject: Any, *, adapters: Any) -> None:
    trace("endless", subject, began=True)
    time.sleep(60)


@jobs.task("deadly", retry=())
def deadly(subject: Any, *, adapters: Any) -> None:
    trace("deadly", subject, began=True)
    os._exit(9)


def remember(subject: Any, *, adapters: Any, words: str) -> None:
    trace("gave up", subject)


@jobs.task("failing", retry=(0.2, 0.4), on_failed=remember)
def failing(subject: Any, *, adapters: Any) -> None:
    trace("failing", subject, began=True)
    raise Spoilt("the words of a resident")


@jobs.task("refused", retry=(0.1,))
def refused(subject: Any, *, adapters: Any) -> None:
    error: AppError = Conflict(code="taken")
    raise error


@jobs.task("pointless")
def pointless(subject: Any, *, adapters: Any) -> None:
    raise jobs.GiveUp("the photo is not a photo")


@jobs.task("healing", retry=(0.1, 0.1, 0.1))
def healing(subject: Any, *, adapters: Any) -> None:
    trace("healing", subject, began=True)
    with db.reading() as session:
        tries = session.execute(sa.select(sa.func.count()).where(ran.c.task == "healing")).scalar_one()
    if tries < 3:
        raise OSError(28, "No space left on device", "/a/private/path")
    trace("healed", subject)


def sweep_lost(session: Session, now: datetime) -> None:
    """Every subject that was "lost" waits until it has been noted."""
    noted = sa.select(ran.c.subject).where(ran.c.task == "note")
    lost = sa.select(ran.c.subject).where(ran.c.task == "lost", ran.c.subject.not_in(noted))
    for subject in session.execute(lost).scalars().all():
        jobs.ensure(session, "note", subject, key=f"note:{subject}")


def tick(_adapters: Any) -> None:
    trace("tick", "")


def forgetful_claim(owner: str, *, lease: float, slow: bool | None = None) -> Any:
    """The negative control: a queue that removes the job when it hands it out."""
    with db.writing() as session:
        job = session.execute(sa.select(Job).order_by(Job.seq).limit(1)).scalar_one_or_none()  # type: ignore[arg-type]
        if job is None:
            return None
        session.delete(job)
        return embedded.Claimed(job.seq or 0, job.task, job.args, 1)


async def leave_them(_app: Any, _lease: float) -> None:
    """The negative control for procrastinate: nobody gives back what a killed worker held."""


class Clocked:
    """All the adapters these tasks need."""

    clock = staticmethod(real_now)


def main(url: str, jobs_url: str, *modes: str) -> None:
    db.configure(url)
    jobs.configure(jobs_url)
    registry.load = lambda: None
    if "forgetful" in modes:
        embedded.claim = forgetful_claim
    if "impatient" in modes:
        execution.CRASHES = 2
    if "unrecovering" in modes:
        from app.jobs import deferred

        deferred._give_back = leave_them
    if "ticking" in modes:
        jobs.every(1.0)(tick)
    worker.run(Clocked(), timing=FAST)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(*sys.argv[1:])
