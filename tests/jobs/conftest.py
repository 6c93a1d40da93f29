"""The same tests on three queues: embedded on SQLite, embedded on PostgreSQL, procrastinate on PostgreSQL."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from app import db, jobs
from app.jobs import execution, queue, registry, schema, worker
from app.models import Duty, Job, Worker
from tests import servers
from tests.jobs import tasks

ROOT = Path(__file__).parents[2]
OURS = [SQLModel.metadata.tables[str(table.__tablename__)] for table in (Job, Worker, Duty)]
_numbers = count(1)


@dataclass
class Queue:
    """A database with the queue's tables, this process connected to it, and workers to start and kill."""

    url: str
    jobs_url: str
    started: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start(self, *modes: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.jobs.tasks", self.url, self.jobs_url, *modes]
        process = subprocess.Popen(command, cwd=ROOT)
        self.started.append(process)
        return process

    @contextmanager
    def working(self) -> Iterator[None]:
        """A worker in this very process, for what needs no killing."""
        stop = threading.Event()
        arguments = {"stop": stop, "timing": tasks.FAST}
        thread = threading.Thread(target=worker.run, args=(tasks.Clocked(),), kwargs=arguments)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def subjects(self, task: str, *, began: bool = False) -> list[str]:
        found = sa.select(tasks.ran.c.subject).where(tasks.ran.c.task == task, tasks.ran.c.began == began)
        with db.reading() as session:
            return list(session.execute(found.order_by(tasks.ran.c.seq)).scalars())

    def times(self, task: str) -> list[float]:
        with db.reading() as session:
            found = sa.select(tasks.ran.c.at).where(tasks.ran.c.task == task).order_by(tasks.ran.c.seq)
            return list(session.execute(found).scalars())

    def status(self) -> jobs.Status:
        with db.reading() as session:
            return jobs.status(session)

    def failed(self) -> list[Any]:
        found = sa.select(Job.task, Job.last_error, Job.attempts).where(Job.state == "failed")  # type: ignore[call-overload]
        with db.reading() as session:
            return [tuple(row) for row in session.execute(found)]


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    with servers.postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql", "procrastinate"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def line(kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'jobs.sqlite'}"
    else:
        admin = request.getfixturevalue("cluster")
        url = servers.create_database(admin, f"jobs{next(_numbers)}")
    place = Queue(url, "embedded:" if kind == "postgresql" else "")
    monkeypatch.setattr(registry, "load", lambda: None)
    # What other tests of this process have loaded would do its duties here too, without its tables.
    for names in (registry.sweepers, registry.periodic):
        for name in [name for name in names if name.startswith("app.")]:
            monkeypatch.delitem(names, name)  # type: ignore[attr-defined]
    monkeypatch.setattr(execution, "UNKNOWN_DELAY", 0.5)
    engine = db.configure(url)
    jobs.configure(place.jobs_url)
    with engine.begin() as connection:
        SQLModel.metadata.create_all(connection, tables=OURS)
        tasks.traces.create_all(connection)
        schema.install(connection)
    yield place
    for process in place.started:
        process.kill()
        process.wait()
    db.dispose()
    queue.configure()


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    def wait(condition: Callable[[], Any], *, seconds: float = 40) -> Any:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.05)
        raise AssertionError("it did not come to that in time")

    return wait
