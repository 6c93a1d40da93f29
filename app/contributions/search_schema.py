"""The search index's table on each database: SQLModel knows neither FTS5 nor tsvector.

Published words only. Its row number is the publication sequence, so newest first is the index's own order.
"""

import sqlalchemy as sa
from sqlalchemy import Connection

# The words come analysed: the tokenizer only splits at spaces. `detail=none` keeps row numbers alone, which makes
# any combination of words and filters one walk over a few sorted lists (docs/decisions/search-index.md).
SQLITE = """
CREATE VIRTUAL TABLE published_index USING fts5(
    words, plain UNINDEXED, tokenize="ascii tokenchars '_'", detail=none, columnsize=0
)
"""
POSTGRESQL = (
    "CREATE TABLE published_index ("
    "publication_seq integer PRIMARY KEY, vector tsvector NOT NULL, words text NOT NULL, plain text NOT NULL)",
    # Without fastupdate: a pending list would make one search in a while pay for many publications.
    "CREATE INDEX ix_published_index_vector ON published_index USING gin (vector) WITH (fastupdate = off)",
)


def install(connection: Connection) -> None:
    for statement in (SQLITE,) if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.execute(sa.text(statement))


def drop(connection: Connection) -> None:
    connection.execute(sa.text("DROP TABLE IF EXISTS published_index"))
