"""What every table shares: constraint names, closed-list columns, ids, the cheap INSERT."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
import uuid_utils
from sqlmodel import Field, Session, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def closed(enum: type[StrEnum], name: str) -> sa.Enum:
    """A text column that holds only the enum's values, held by a CHECK on both databases."""
    return sa.Enum(
        enum,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )


def new_id() -> uuid.UUID:
    """UUIDv7: unique everywhere, ordered by time."""
    return uuid.UUID(int=uuid_utils.uuid7().int)


def seq() -> Any:
    """The internal key: pages and indexes use it, the public never sees it."""
    return Field(default=None, primary_key=True)


@dataclass(frozen=True)
class _Prepared:
    """One table's INSERT in the driver's own words, with what each value needs on its way there."""

    statement: str
    keys: tuple[str, ...]
    processors: tuple[Callable[[Any], Any] | None, ...]

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        pairs = zip(self.keys, self.processors, strict=True)
        return tuple(row[key] if made is None else made(row[key]) for key, made in pairs)


@lru_cache(maxsize=256)
def _prepared(table: sa.Table, dialect: sa.Dialect, keys: tuple[str, ...], end: str = "") -> _Prepared:
    columns = [table.columns[key] for key in keys]
    marks = ", ".join(["?" if dialect.name == "sqlite" else "%s"] * len(columns))
    names = ", ".join(dialect.identifier_preparer.format_column(column) for column in columns)
    return _Prepared(
        f"INSERT INTO {table.name} ({names}) VALUES ({marks}){end}",  # noqa: S608 - names of our own tables
        keys,
        tuple(column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns),
    )


def add_rows(db: Session, model: type[SQLModel], *rows: dict[str, Any]) -> None:
    """INSERTs past the unit of work and the statement compiler; all rows have the first one's keys.

    Composing one statement costs SQLAlchemy more than it costs SQLite to run it, and every act writes six.
    """
    connection = db.connection()
    prepared = _prepared(model.__table__, connection.dialect, tuple(rows[0]))  # type: ignore[attr-defined]
    given = [prepared.values(row) for row in rows]
    connection.exec_driver_sql(prepared.statement, given if len(given) > 1 else given[0])


def insert(db: Session, model: type[SQLModel], row: dict[str, Any]) -> int:
    """INSERTs one row in the same way; gives its `seq`."""
    connection = db.connection()
    prepared = _prepared(model.__table__, connection.dialect, tuple(row), " RETURNING seq")  # type: ignore[attr-defined]
    return int(connection.exec_driver_sql(prepared.statement, prepared.values(row)).scalar_one())
