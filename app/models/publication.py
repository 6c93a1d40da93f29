"""What the public sees has a version; whoever changes it says `bump(db)` in the same transaction."""

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col

from app.models.driver import run


class Publication(SQLModel, table=True):
    """One row: the version every cached page is valid for."""

    id: int = Field(default=1, primary_key=True)
    version: int = 0
    seats: int = 0  # the same for pages that show places left: people sign up oftener than pages change
    last_seq: int = 0  # last publication_seq given


class Counter(SQLModel, table=True):
    """Numbers pages show, kept by rules instead of counted per request."""

    name: str = Field(primary_key=True, max_length=60)
    value: int = 0


class Keep(SQLModel, table=True):
    """Small facts of this instance (the clock's offset …)."""

    name: str = Field(primary_key=True, max_length=40)
    value: str = Field(max_length=200)


class Vocabulary(SQLModel, table=True):
    """Published words by their one-letter-less forms: how a mistyped search finds its word."""

    form: str = Field(primary_key=True, max_length=40)
    word: str = Field(primary_key=True, max_length=40)
    uses: int = 0  # contributions, in the row of the word's own form; 0 in the others

    __table_args__ = (
        sa.Index(
            "ix_vocabulary_form",
            "form",
            sqlite_where=sa.text("uses > 0"),
            postgresql_where=sa.text("uses > 0"),
            postgresql_ops={"form": "text_pattern_ops"},
        ),
    )


_row = Publication.__table__.c  # type: ignore[attr-defined]
NEXT_VERSION = sa.update(_row.id.table).where(_row.id == 1).values(version=_row.version + 1)
NEXT_SEATS = "UPDATE publication SET seats = seats + 1 WHERE id = 1"
NEXT_SEQ = NEXT_VERSION.values(last_seq=_row.last_seq + 1).returning(_row.last_seq)


def bump(db: Session) -> None:
    """Every cached public page is stale from the commit on."""
    db.connection().execute(NEXT_VERSION)


def bump_seats(db: Session) -> None:
    """Cached pages that show places left are stale from the commit on; no other."""
    run(db, NEXT_SEATS)


def next_seq(db: Session) -> int:
    """The next publication sequence; also a bump."""
    return int(db.connection().execute(NEXT_SEQ).scalar_one())


def count(db: Session, name: str, by: int) -> None:
    """Adds `by` to a counter (created at 0)."""
    changed = db.connection().execute(
        sa.update(Counter).where(col(Counter.name) == name).values(value=Counter.value + by)
    )
    if not changed.rowcount:
        db.add(Counter(name=name, value=by))
        db.flush()
