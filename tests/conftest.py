"""What every test may ask for: `world`, the whole service on SQLite and on PostgreSQL, with fakes outside.

A database is migrated once per dialect and test process, then copied for each test.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

os.environ.pop("DIALOGUE_NOW", None)

import psycopg
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from sqlalchemy.engine import Engine
from sqlmodel import SQLModel
from starlette.testclient import TestClient

from app import db, jobs, limits, migrate
from app.adapters import Adapters, vault
from app.adapters.clock import FixedClock, real_now
from app.adapters.mailer import Outbox
from app.adapters.sms import SmsBox
from app.adapters.storage import MemoryStorage
from app.consultation import content
from app.main import create_app
from app.settings import Settings
from tests.live import Live
from tests.servers import create_database, plain, postgres

NOW = datetime(2022, 4, 12, 8, tzinfo=UTC)
KEY = "k" * 48
NOTHING = ", ''"
_WORDS = ("title", "words", "place_name", "place_address", "way", "access_notes", "contact", "walk_words")
PROGRAMME = f"INSERT INTO programme (id, version, {', '.join(_WORDS)}) SELECT 1, 1{NOTHING * len(_WORDS)}"


@dataclass
class World:
    """The service around one empty database. `client` keeps cookies and does not follow redirects."""

    dialect: str
    app: Any
    settings: Settings
    adapters: Adapters
    client: TestClient
    loop: BlockingPortal
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def clock(self) -> FixedClock:
        return self.adapters.clock  # type: ignore[return-value]

    @property
    def mails(self) -> list[Any]:
        return self.adapters.mailer.sent  # type: ignore[attr-defined]

    def browser(self) -> TestClient:
        """Another visitor: no cookies."""
        client = TestClient(self.app, base_url="http://testserver", follow_redirects=False)
        client.portal = self.loop  # a loop for each request would cost as much as most requests
        return client

    def as_staff(self, token: str) -> TestClient:
        """A client that sends a personal token."""
        client = self.browser()
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def run_jobs(self, most: int = 200) -> int:
        """Does every job that is due, here and now; says how many."""
        from app.jobs import embedded, execution, registry

        registry.load()
        for done in range(most):
            job = embedded.claim("test", lease=60)
            if job is None:
                return done
            embedded.settle(job, "test", execution.attempt(job.task, job.args, job.attempts, self.adapters))
        raise AssertionError(f"more than {most} jobs: do they make one another?")

    def sweep(self) -> None:
        """Every sweeper once, as the worker does."""
        from app.jobs import registry

        registry.load()
        for sweeper in registry.sweepers.values():
            with db.writing() as session:
                sweeper(session, self.adapters.clock())


@pytest.fixture(scope="session")
def postgres_admin() -> Iterator[str]:
    with postgres() as url:
        yield url


@dataclass
class Shared:
    """One migrated database for this process, and a connection to empty it after each test."""

    url: str
    broom: psycopg.Connection


@pytest.fixture(scope="session")
def postgres_shared(postgres_admin: str) -> Iterator[Shared]:
    """Ten times cheaper than a copy for each test."""
    url = create_database(postgres_admin, "shared")
    migrate.to(url=url)
    db.dispose()
    with psycopg.connect(plain(url), autocommit=True) as broom:
        yield Shared(url, broom)


def _empty(broom: psycopg.Connection) -> None:
    """Back to what the migrations leave: no row but the two heads and an empty programme."""
    tables = [table.name for table in reversed(SQLModel.metadata.sorted_tables)]
    statements = [f"DELETE FROM {name}" for name in [*tables, "published_index", "rate_limit"]]
    statements += [
        "INSERT INTO publication (id, version, last_seq) VALUES (1, 0, 0)",
        "INSERT INTO audit_head (id, count, mac) VALUES (1, 0, '')",
        PROGRAMME,
    ]
    # Whoever a test left behind lets go first.
    broom.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    broom.execute("; ".join(statements))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder that `dialogue demo` leaves, made once for all the processes of a run: to be copied."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with (shared / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "demonstration").exists():
            making = shared / "making"
            making.mkdir()
            Live(making).dialogue("demo")
            (making / "data").rename(shared / "demonstration")
    return shared / "demonstration"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "dialogue.sqlite"
    migrate.to(url=f"sqlite:///{path}")
    db.dispose()
    return path


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Leads to the folder of the test that runs: one address for all, so that the engine stays."""
    return tmp_path_factory.mktemp("here") / "now"


_engines: dict[str, tuple[Engine, Path | None]] = {}


def _open(url: str) -> None:
    """As db.configure, with the engine of the test before: the statements it has compiled cost more than most tests."""
    if url not in _engines:
        _engines[url] = db.configure(url), db._State.lock_path
    db._State.engine, db._State.lock_path = _engines[url]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of its own."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "dialogue.sqlite")
        here = request.getfixturevalue("here")
        here.unlink(missing_ok=True)
        here.symlink_to(tmp_path)
        yield f"sqlite:///{here / 'dialogue.sqlite'}"
        db.dispose()
        return
    shared = request.getfixturevalue("postgres_shared")
    yield shared.url
    db.dispose()
    _empty(shared.broom)


@pytest.fixture(scope="session")
def whole_app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Built once per process; each test gives it its own database and adapters."""
    settings = _settings(tmp_path_factory.mktemp("app"), "")
    return create_app(settings, _adapters())


@pytest.fixture(scope="session")
def loops() -> Iterator[dict[str, BlockingPortal]]:
    """One event loop for each kind of database: how many may write at once is kept with the loop."""
    with start_blocking_portal() as sqlite, start_blocking_portal() as postgresql:
        yield {"sqlite": sqlite, "postgresql": postgresql}


@pytest.fixture
def world(database_url: str, tmp_path: Path, whole_app: Any, loops: dict[str, BlockingPortal]) -> Iterator[World]:
    settings = _settings(tmp_path, database_url)
    vault.configure(KEY)
    content._current = _nantes()
    _open(database_url)
    jobs.configure("embedded:")
    limits.configure(on=True, folder=tmp_path)
    adapters = replace(_adapters(), data_dir=tmp_path)
    whole_app.forget()
    whole_app.fastapi.state.settings, whole_app.fastapi.state.adapters = settings, adapters
    dialect = db.engine().dialect.name
    made = World(dialect, whole_app, settings, adapters, None, loops[dialect])  # type: ignore[arg-type]
    made.client = made.browser()
    yield made
    db.dispose()


@cache
def _nantes() -> content.Consultation:
    """Read once for each process: reading it costs as much as most tests. Nothing in it can be changed."""
    return content.load(content.NANTES)


def _settings(folder: Path, url: str) -> Settings:
    return Settings(data_dir=folder, database_url=url, secret_key=KEY, base_url="http://testserver")  # type: ignore[arg-type]


def _adapters() -> Adapters:
    return Adapters(
        storage=MemoryStorage(),
        mailer=Outbox(),
        sms=SmsBox(),
        clock=FixedClock(NOW),
        base_url="http://testserver",
        mail_from="ne-pas-repondre@dialogue.example",
        duty_contacts=("astreinte@dialogue.example",),
    )


__all__ = ["NOW", "World", "real_now"]
