"""What every table shares: constraint names, closed-list columns, ids."""

import uuid
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
import uuid_utils
from sqlmodel import Field, SQLModel

SQLModel.model_config["defer_build"] = True  # rows are never validated; a validator for each costs the start
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
