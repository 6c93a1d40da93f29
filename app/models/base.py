"""What every table shares: constraint names, closed-list columns, ids, the cheap INSERT."""

import uuid
from enum import StrEnum
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
import uuid_utils
from sqlalchemy.orm import make_transient_to_detached
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


@lru_cache(maxsize=64)
def _inserting(table: sa.Table) -> sa.Insert:
    """Built once: composing a statement costs more than SQLite takes to run it."""
    return sa.insert(table)


def add_rows(db: Session, model: type[SQLModel], *rows: dict[str, Any]) -> None:
    """INSERTs past the unit of work, at a third of its cost. Every column without a default must be there."""
    db.connection().execute(_inserting(model.__table__), rows if len(rows) > 1 else rows[0])  # type: ignore[attr-defined]


def insert(db: Session, thing: SQLModel) -> None:
    """INSERTs one new table object past the unit of work; it has its `seq` and belongs to the session then."""
    table: sa.Table = thing.__table__  # type: ignore[attr-defined]
    values = {column.key: getattr(thing, column.key) for column in table.columns}
    values.pop("seq", None)
    made = db.connection().execute(_inserting(table), values)
    if "seq" in table.columns:
        (thing.seq,) = made.inserted_primary_key or (None,)
    make_transient_to_detached(thing)
    db.add(thing)
