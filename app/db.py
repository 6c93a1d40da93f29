"""The database: engine and transactions (who waits for whom: app/turns.py).

A write is `with writing() as db:` inside a sync handler: begin, rule and commit in one thread job.
A read is `with reading() as db:`, likewise. Rules never commit. No `yield` dependency: FastAPI would run
it and the handler as separate thread jobs (docs/decisions/0002).
"""

import fcntl
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from pydantic_core import PydanticSerializationError, to_json
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel, create_engine

from app.errors import DiskFull
from app.models import driver

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "synchronous=FULL",  # with NORMAL a 2xx does not survive a power cut
    "secure_delete=ON",
    "cache_size=-16384",
    "temp_store=MEMORY",
    "journal_size_limit=67108864",
    "wal_autocheckpoint=4000",  # pages: the same pages are written again and again before they are copied home
)
POLL = 0.01  # seconds between two looks at the write lock
MOMENT = 0.05  # seconds: between two of a crowd's transactions the lock is free, and the crowd is still there


class _State:
    """The one database of this process."""

    engine: Engine | None = None
    lock_path: Path | None = None
    met: float = -1.0  # when a write had to wait for somebody else's
    threads: int = 4


class _Shared(threading.local):
    """The transaction that several handlers of this thread share, if any."""

    session: Session | None = None


_write_lock = threading.Lock()
_shared = _Shared()


def configure(url: str, *, threads: int = 4) -> Engine:
    """Opens the database at `url` for this process (a former one is closed).

    `hide_parameters`: an unforeseen error is logged with its words, which would be people's words.
    """
    if _State.engine is not None:
        _State.engine.dispose()
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(str(parsed.database))
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            url,
            connect_args={"check_same_thread": False},
            pool_size=threads + 2,
            max_overflow=8,
            hide_parameters=True,
            json_serializer=_as_json,
        )
        sa.event.listen(engine, "connect", _prepare_sqlite)
        _State.lock_path = path.with_name(path.name + ".write-lock")
    else:
        engine = create_engine(
            url,
            connect_args={"connect_timeout": 5},  # seconds: a silent host must not hold every thread
            pool_size=threads,
            max_overflow=4,
            pool_pre_ping=True,
            hide_parameters=True,
            json_serializer=_as_json,
        )
        _State.lock_path = None
    _State.engine, _State.threads = engine, threads
    return engine


def _as_json(value: Any) -> str:
    """A third of the time of the standard library's, which makes an encoder for each value."""
    try:
        return to_json(value).decode()
    except PydanticSerializationError:  # half a character
        return json.dumps(value)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def engine() -> Engine:
    if _State.engine is None:
        raise RuntimeError("db.configure() was not called")
    return _State.engine


def is_sqlite() -> bool:
    return engine().dialect.name == "sqlite"


def dispose() -> None:
    """Closes every connection (before a fork, at the end)."""
    if _State.engine is not None:
        _State.engine.dispose()


@contextmanager
def writing() -> Iterator[Session]:
    """One write transaction: commits at the end, rolls back on any exception.

    Inside a shared turn (app/turns.py) it is a savepoint of the turn's own transaction.
    """
    if _shared.session is not None:
        with _savepoint(_shared.session) as db:
            yield db
        return
    with exclusive(), saying_full_disk(), Session(engine(), expire_on_commit=False) as db:
        try:
            connection = driver.note(db)
            if is_sqlite():
                connection.execute("BEGIN IMMEDIATE")
            yield db
            db.commit()
        except BaseException:
            db.rollback()
            raise


@contextmanager
def reading() -> Iterator[Session]:
    """A look at one consistent state; nothing it changes is kept."""
    if _shared.session is not None:  # what this turn has just written must be seen
        with _shared.session.no_autoflush:
            yield _shared.session
        _shared.session.expunge_all()
        return
    with Session(engine(), autoflush=False) as db:
        if is_sqlite():
            db.connection().exec_driver_sql("BEGIN")
        yield db


@contextmanager
def exclusive() -> Iterator[None]:
    """On SQLite, one writer at a time, over all threads and processes, in order of arrival."""
    if _State.lock_path is None:
        yield
        return
    with _write_lock:
        handle = os.open(_State.lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _State.met = time.monotonic()
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def others_write() -> bool:
    """True while somebody else writes (SQLite), or did a moment ago when we wanted to: work may give way."""
    if _State.lock_path is None:
        return False
    if time.monotonic() - _State.met < MOMENT:
        return True
    with _State.lock_path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def let_others_write(*, at_most: float) -> None:
    """Waits, `at_most` so many seconds, until nobody else writes: for work nobody waits for."""
    until = time.monotonic() + at_most
    while others_write() and time.monotonic() < until:
        time.sleep(POLL)


@contextmanager
def saying_full_disk() -> Iterator[None]:
    """A full disk is 507 with words, never a 500 (and never a false success)."""
    try:
        yield
    except (OperationalError, sqlite3.OperationalError) as error:
        words = str(getattr(error, "orig", error))
        if "disk is full" in words or "No space left" in words:
            raise DiskFull from error
        raise


@contextmanager
def sharing() -> Iterator[None]:
    """One transaction for several handlers of this thread: each `writing()` inside is a savepoint of it.

    SQLite only. What they answer may leave only after this has ended well: nothing is durable before.
    """
    with writing() as db:
        _shared.session = db
        try:
            yield
        finally:
            _shared.session = None
        if not db.info[driver.KEY].in_transaction:
            raise SharedLost


class SharedLost(RuntimeError):
    """SQLite itself rolled the shared transaction back (a full disk does that): nothing of it was kept."""


@contextmanager
def _savepoint(db: Session) -> Iterator[Session]:
    """What one handler writes in a shared transaction; the next one finds nothing loaded or half written."""
    connection = db.info[driver.KEY]
    if not connection.in_transaction:  # a savepoint would begin, and commit, one of its own
        raise SharedLost
    # Never released: the next one's stands inside it, and the commit ends them all.
    connection.execute("SAVEPOINT act")
    try:
        yield db
        db.flush()
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO act")
        driver.forget(db)
        raise
    finally:
        if db.identity_map or db.new:
            db.expunge_all()


def turns() -> int:
    """How many writes a worker lets begin at once."""
    return 1 if is_sqlite() else _State.threads


def insert(session: Session, table: type[SQLModel]) -> "postgresql.Insert | sqlite.Insert":
    """INSERT that may say ON CONFLICT, which both databases spell alike and SQLAlchemy twice.

    Only the one in use is loaded: PostgreSQL's brings all its drivers.
    """
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
