"""procrastinate's own tables, made by our migrations (PostgreSQL only; nothing to do on SQLite).

In a migration: `schema.install(op.get_bind())` in upgrade(), `schema.drop(op.get_bind())` in downgrade().
"""

from typing import Any

from sqlalchemy.engine import Connection

# Everything procrastinate creates bears this prefix: tables, sequences, types, functions.
_DROP = """
DO $drop$
DECLARE item record;
BEGIN
    FOR item IN SELECT tablename AS name FROM pg_tables
        WHERE schemaname = current_schema() AND tablename LIKE 'procrastinate\\_%' LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', item.name);
    END LOOP;
    FOR item IN SELECT p.oid::regprocedure AS name FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'procrastinate\\_%' LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', item.name);
    END LOOP;
    FOR item IN SELECT t.typname AS name FROM pg_type t
        WHERE t.typnamespace = current_schema()::regnamespace
        AND t.typname LIKE 'procrastinate\\_%' AND t.typtype IN ('e', 'c') LOOP
        EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', item.name);
    END LOOP;
END
$drop$
"""


def install(connection: Connection) -> None:
    """Creates procrastinate's tables in the migration's own transaction. Already there: nothing."""
    if connection.dialect.name != "postgresql" or _installed(connection):
        return
    from procrastinate.schema import SchemaManager

    _run(connection, SchemaManager.get_schema())


def drop(connection: Connection) -> None:
    """Removes whatever procrastinate made, waiting jobs included."""
    if connection.dialect.name == "postgresql":
        _run(connection, _DROP)


def _installed(connection: Connection) -> bool:
    found = connection.exec_driver_sql("SELECT to_regclass('procrastinate_jobs')").scalar()
    return found is not None


def _run(connection: Connection, script: str) -> None:
    """Many statements in one go: only psycopg's parameterless execute allows it (and leaves % alone)."""
    connection.exec_driver_sql("SELECT 1")  # so that SQLAlchemy has begun its transaction on this connection
    driver: Any = connection.connection.driver_connection
    driver.execute(script)
