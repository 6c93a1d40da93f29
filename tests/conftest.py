"""What every test may ask for: `world`, the whole service on SQLite and on PostgreSQL, with fakes outside.

A database is migrated once per dialect and test process, then copied for each test.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.pop("DIALOGUE_NOW", None)

import psycopg
import pytest
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
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def clock(self) -> FixedClock:
        return self.adapters.clock  # type: ignore[return-value]

    @property
    def mails(self) -> list[Any]:
        return self.adapters.mailer.sent  # type: ignore[attr-defined]

    def browser(self) -> TestClient:
        """Another visitor: no cookies."""
        return TestClient(self.app, base_url="http://testserver", follow_redirects=False)

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


@pytest.fixture(scope="session")
def postgres_shared(postgres_admin: str) -> str:
    """One migrated database for this process, emptied after each test: ten times cheaper than a copy each."""
    url = create_database(postgres_admin, "shared")
    migrate.to(url=url)
    db.dispose()
    return url


def _empty(url: str) -> None:
    """Back to what the migrations leave: no row but the two heads and an empty programme."""
    tables = [table.name for table in reversed(SQLModel.metadata.sorted_tables)]
    statements = [f"DELETE FROM {name}" for name in [*tables, "published_index", "rate_limit"]]
    statements += [
        "INSERT INTO publication (id, version, last_seq) VALUES (1, 0, 0)",
        "INSERT INTO audit_head (id, count, mac) VALUES (1, 0, '')",
        PROGRAMME,
    ]
    with psycopg.connect(plain(url), autocommit=True) as connection:
        # Whoever a test left behind lets go first.
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("; ".join(statements))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "dialogue.sqlite"
    migrate.to(url=f"sqlite:///{path}")
    db.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of its own."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "dialogue.sqlite")
        yield f"sqlite:///{tmp_path / 'dialogue.sqlite'}"
        db.dispose()
        return
    url = request.getfixturevalue("postgres_shared")
    yield url
    db.dispose()
    _empty(url)


@pytest.fixture(scope="session")
def whole_app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Built once per process; each test gives it its own database and adapters."""
    settings = _settings(tmp_path_factory.mktemp("app"), "sqlite://")
    return create_app(settings, _adapters())


@pytest.fixture
def world(database_url: str, tmp_path: Path, whole_app: Any) -> Iterator[World]:
    settings = _settings(tmp_path, database_url)
    vault.configure(KEY)
    content.configure()
    db.configure(database_url)
    jobs.configure("embedded:")
    limits.configure(on=True, folder=tmp_path)
    adapters = replace(_adapters(), data_dir=tmp_path)
    whole_app.forget()
    whole_app.fastapi.state.settings, whole_app.fastapi.state.adapters = settings, adapters
    made = World(db.engine().dialect.name, whole_app, settings, adapters, None)  # type: ignore[arg-type]
    made.client = made.browser()
    yield made
    db.dispose()


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
