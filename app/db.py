"""The database: engine, transactions, and the turn a write waits for.

A write is `with writing() as db:` inside a sync handler: begin, rule and commit in one thread job.
A read is `with reading() as db:`, likewise. Rules never commit. No `yield` dependency: FastAPI would run
it and the handler as separate thread jobs (docs/decisions/0002).
"""

import fcntl
import functools
import os
import sqlite3
import threading
from asyncio import Semaphore, get_running_loop
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import anyio.to_thread
import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, create_engine

from app.errors import DiskFull

PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "synchronous=FULL",  # with NORMAL a 2xx does not survive a power cut
    "secure_delete=ON",
    "cache_size=-16384",
    "temp_store=MEMORY",
    "journal_size_limit=67108864",
)


class _State:
    """The one database of this process."""

    engine: Engine | None = None
    lock_path: Path | None = None
    threads: int = 4


_write_lock = threading.Lock()
_turns: "WeakKeyDictionary[Any, Semaphore]" = WeakKeyDictionary()


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
            url, connect_args={"check_same_thread": False}, pool_size=threads + 2, max_overflow=8, hide_parameters=True
        )
        sa.event.listen(engine, "connect", _prepare_sqlite)
        _State.lock_path = path.with_name(path.name + ".write-lock")
    else:
        engine = create_engine(url, pool_size=threads, max_overflow=4, pool_pre_ping=True, hide_parameters=True)
        _State.lock_path = None
    _State.engine, _State.threads = engine, threads
    return engine


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
    """One write transaction: commits at the end, rolls back on any exception."""
    with exclusive(), saying_full_disk(), Session(engine(), expire_on_commit=False) as db:
        try:
            if is_sqlite():
                db.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield db
            db.commit()
        except BaseException:
            db.rollback()
            raise


@contextmanager
def reading() -> Iterator[Session]:
    """A look at one consistent state; nothing it changes is kept."""
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
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


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


def in_turn(handler: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Makes a sync write handler wait for its turn without holding a thread.

    The turn is per worker: 1 on SQLite, the pool's size on PostgreSQL. FastAPI has read the
    body by then, so a slow sender never holds a turn.
    """

    @functools.wraps(handler)
    async def waiting(**arguments: Any) -> Any:
        async with _turn():
            return await anyio.to_thread.run_sync(functools.partial(handler, **arguments))

    return waiting


def _turn() -> Semaphore:
    loop = get_running_loop()
    if loop not in _turns:
        _turns[loop] = Semaphore(1 if is_sqlite() else _State.threads)
    return _turns[loop]
