"""How often: one UPSERT per act and address, in a file of its own (SQLite) or an UNLOGGED table (PostgreSQL).

Counts survive neither a crash nor a power cut, and need not. Addresses are kept as HMAC only.
Kept apart from security.py because rules of several domains ask it, and security.py is pure ASGI.
"""

import sqlite3
import threading
import time
from pathlib import Path

import sqlalchemy as sa

from app import db
from app.adapters import vault
from app.errors import TooMany

UPSERT = """INSERT INTO rate_limit (bucket, opened, hits) VALUES (:bucket, :now, 1)
ON CONFLICT (bucket) DO UPDATE SET
 hits = CASE WHEN rate_limit.opened + :window <= :now THEN 1 ELSE rate_limit.hits + 1 END,
 opened = CASE WHEN rate_limit.opened + :window <= :now THEN :now ELSE rate_limit.opened END
RETURNING hits"""
CREATE = """CREATE {unlogged}TABLE IF NOT EXISTS rate_limit (
 bucket VARCHAR(64) PRIMARY KEY, opened BIGINT NOT NULL, hits INTEGER NOT NULL)"""


class _State:
    on = True
    file: sqlite3.Connection | None = None


_lock = threading.Lock()


def configure(*, on: bool, folder: Path) -> None:
    """`on=False` only for load tests on this machine (Settings.refusals sees to it)."""
    _State.on = on
    if db.is_sqlite():
        folder.mkdir(parents=True, exist_ok=True)
        _State.file = sqlite3.connect(
            folder / "limits.sqlite", check_same_thread=False, isolation_level=None, timeout=5
        )
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=OFF", CREATE.format(unlogged="")):
            _State.file.execute(statement)
    else:
        _State.file = None


def hits(act: str, who: str, *, window: int) -> int:
    """Counts one act by `who` (an address, a person) and says how many in this window of seconds."""
    if not _State.on:
        return 0
    values = {"bucket": vault.blind("limit", f"{act}\n{who}"), "now": int(time.time()), "window": window}
    if _State.file is not None:
        with _lock, db.saying_full_disk():
            return int(_State.file.execute(UPSERT, values).fetchone()[0])
    with db.saying_full_disk(), db.engine().begin() as connection:
        return int(connection.execute(sa.text(UPSERT), values).scalar_one())


def forget(act: str, who: str) -> None:
    """After a success: earlier failures no longer count."""
    bucket = {"bucket": vault.blind("limit", f"{act}\n{who}")}
    if _State.file is not None:
        with _lock:
            _State.file.execute("DELETE FROM rate_limit WHERE bucket = :bucket", bucket)
    elif _State.on:
        with db.engine().begin() as connection:
            connection.execute(sa.text("DELETE FROM rate_limit WHERE bucket = :bucket"), bucket)


def allow(act: str, who: str, *, most: int, window: int) -> None:
    """Raises TooMany beyond `most` acts in `window` seconds."""
    if hits(act, who, window=window) > most:
        raise TooMany(retry_after=window)


def standing(act: str, who: str, *, window: int) -> int:
    """How many acts this window already counts, without counting one."""
    if not _State.on:
        return 0
    values = {"bucket": vault.blind("limit", f"{act}\n{who}"), "since": int(time.time()) - window}
    query = "SELECT hits FROM rate_limit WHERE bucket = :bucket AND opened > :since"
    if _State.file is not None:
        with _lock:
            row = _State.file.execute(query, values).fetchone()
    else:
        with db.engine().connect() as connection:
            row = connection.execute(sa.text(query), values).first()
    return int(row[0]) if row else 0


def is_on() -> bool:
    return _State.on
