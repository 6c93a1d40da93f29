"""Brings a database to the newest schema; several processes may start at once."""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError

from app import db
from app.settings import HERE

LOCK = 7260_2022  # any number, the same in every process (PostgreSQL advisory lock)


def to(revision: str = "head", *, url: str) -> None:
    """Up or down to `revision`. On SQLite the write lock, on PostgreSQL an advisory lock keeps others waiting."""
    # Imported here: a service whose migrations run beside it never loads Alembic.
    from alembic import command
    from alembic.config import Config

    config = Config(HERE.parent / "alembic.ini")
    engine = db.configure(url)
    _reach(engine)
    with db.exclusive(), engine.connect() as connection:
        if db.is_sqlite():
            # Batch mode copies tables: their references must not be followed meanwhile.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        config.attributes["connection"] = connection
        (command.downgrade if _is_down(connection, revision) else command.upgrade)(config, revision)
        connection.commit()
        if db.is_sqlite():
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def _reach(engine: Engine) -> None:
    """Exits in words when nobody answers: it is the commonest fault of all."""
    try:
        engine.connect().close()
    except OperationalError as error:
        said = str(error.orig).strip().splitlines()[0]
        sys.exit(f"DIALOGUE_DATABASE_URL: the database cannot be used: {said}")


@contextmanager
def beside(*, url: str) -> Iterator[None]:
    """Migrates in a child process while the block runs. Exits when it fails, having said why.

    For a process that has no threads and no open database yet.
    """
    child = os.fork()
    if child == 0:
        _be_child(url)
    try:
        yield
    finally:
        _, status = os.waitpid(child, 0)
    if status:
        sys.exit("The database was not brought up to date; see above.")


def _be_child(url: str) -> None:
    status = 1
    try:
        to(url=url)
        status = 0
    except SystemExit as leaving:
        sys.stderr.write(f"{leaving}\n")
    except BaseException:  # noqa: BLE001 - the process ends here, and says why
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _is_down(connection: object, revision: str) -> bool:
    """Only "base" and "-1" lead down; they make no sense on an empty database."""
    return revision.startswith("-") or (revision == "base" and inspect(connection).has_table("alembic_version"))
