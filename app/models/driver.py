"""Statements in the driver's own words, for what every act of the service writes.

Composing one statement costs SQLAlchemy several times what it costs the database to run it, and an act writes
ten. They run on the session's own connection, in its transaction, unseen by its unit of work.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session as SessionOfSQLAlchemy
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

KNOWN = "known"  # in Session.info
NOTHING = "DO NOTHING"
KEY = "driver"  # in Session.info: the driver's connection, put there by whoever began the transaction


def note(db: Session) -> Any:
    """Begins the session's transaction if need be; remembers and gives the driver's connection."""
    db.info[KEY] = held = db.connection().connection.dbapi_connection
    return held


def known(db: Session) -> dict[str, Any]:
    """What a rule has learnt in this transaction and nobody else can change before its end; empty after a rollback."""
    found: dict[str, Any] = db.info.setdefault(KNOWN, {})
    return found


def forget(db: Session, _before: object = None) -> None:
    """Part of the transaction is undone."""
    db.info.pop(KNOWN, None)


sa.event.listen(SessionOfSQLAlchemy, "after_soft_rollback", forget)


def run(db: Session, statement: str, *values: str | int | bytes) -> Any:
    """Runs `statement` (`?` for each value); the driver's cursor."""
    if db.get_bind().dialect.name != "sqlite":
        statement = statement.replace("?", "%s")
    return (db.info.get(KEY) or note(db)).execute(statement, values)


def add_rows(db: Session, model: type[SQLModel], *rows: Mapping[str, Any]) -> None:
    """INSERTs, in one statement; all rows have the first one's keys."""
    prepared = _prepared(model.__table__, db.get_bind().dialect, tuple(rows[0]), "", len(rows))  # type: ignore[attr-defined]
    values = [value for row in rows for value in prepared.values(row)]
    (db.info.get(KEY) or note(db)).execute(prepared.statement, values)


def insert_new(
    db: Session, model: type[SQLModel], row: Mapping[str, Any], gives: str = "1", *, conflict: str = NOTHING
) -> int | None:
    """INSERTs one row unless a unique key of it is there already; then None, else what it `gives`: 1, or its `seq`.

    `conflict`: what else is done then.
    """
    dialect = db.get_bind().dialect
    if dialect.name == "sqlite" and conflict == NOTHING:  # RETURNING would cost it a table to keep the answer in
        prepared = _prepared(model.__table__, dialect, tuple(row), f" ON CONFLICT {NOTHING}")  # type: ignore[attr-defined]
        done = (db.info.get(KEY) or note(db)).execute(prepared.statement, prepared.values(row))
        return (1 if gives == "1" else int(done.lastrowid)) if done.rowcount else None
    # RETURNING, not the row count: psycopg's is -1 for such an INSERT.
    end = f" ON CONFLICT {conflict} RETURNING {gives}"
    prepared = _prepared(model.__table__, dialect, tuple(row), end)  # type: ignore[attr-defined]
    made = (db.info.get(KEY) or note(db)).execute(prepared.statement, prepared.values(row)).fetchone()
    return int(made[0]) if made else None


def fetch(db: Session, columns: tuple[sa.Column[Any], ...], statement: str, *values: str | int) -> list[Any] | None:
    """The first row `statement` gives, each value as its column's type reads it; None without one."""
    row = run(db, statement, *values).fetchone()
    if row is None:
        return None
    readers = _readers(columns, db.get_bind().dialect)
    return [value if read is None else read(value) for read, value in zip(readers, row, strict=True)]


@lru_cache(maxsize=64)
def _readers(columns: tuple[sa.Column[Any], ...], dialect: sa.Dialect) -> list[Callable[[Any], Any] | None]:
    return [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]


@dataclass(frozen=True)
class _Prepared:
    """One table's INSERT, with what each value needs on its way to the driver."""

    statement: str
    makers: tuple[tuple[str, Callable[[Any], Any] | None], ...]

    def values(self, row: Mapping[str, Any]) -> list[Any]:
        return [row[key] if make is None else make(row[key]) for key, make in self.makers]


@lru_cache(maxsize=256)
def _prepared(table: sa.Table, dialect: sa.Dialect, keys: tuple[str, ...], end: str, rows: int = 1) -> _Prepared:
    makers = tuple((key, _maker(table.columns[key].type, dialect)) for key in keys)
    columns = [table.columns[key] for key in keys]
    one = ", ".join(["?" if dialect.name == "sqlite" else "%s"] * len(columns))
    marks = "), (".join([one] * rows)
    names = ", ".join(dialect.identifier_preparer.format_column(column) for column in columns)
    return _Prepared(
        f"INSERT INTO {table.name} ({names}) VALUES ({marks}){end}",  # noqa: S608 - names of our own tables
        makers,
    )


def _maker(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """What a value of this type needs."""
    return _moments(dialect) if isinstance(kind, UTCDateTime) else kind.dialect_impl(dialect).bind_processor(dialect)


@lru_cache(maxsize=4)
def _moments(dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """One act writes the same moment eight times: it is put into words once."""
    make = UTCDateTime().dialect_impl(dialect).bind_processor(dialect)
    return make and lru_cache(maxsize=64)(make)
