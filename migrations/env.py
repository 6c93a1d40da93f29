"""One linear history for SQLite and PostgreSQL, run by app.cli or by `alembic` on the running service's settings."""

from alembic import context
from sqlmodel import SQLModel

import app.models  # noqa: F401 - fills the metadata
from app import db
from app.settings import read_settings

# Made by hand: SQLModel does not know them (search index, procrastinate, rate limits).
NOT_OURS = ("published_index", "procrastinate", "rate_limit", "sqlite_stat")


def include(obj: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    return not (kind == "table" and name and name.startswith(NOT_OURS))


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        return migrate(connection)
    with db.configure(read_settings().database).connect() as connection:
        migrate(connection)
        connection.commit()
    return None


def migrate(connection: object) -> None:
    context.configure(
        connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, include_object=include,
        compare_type=True, transactional_ddl=True,
    )  # fmt: skip
    with context.begin_transaction():
        context.run_migrations()


run()
