"""Reading what came of a meeting: what people said there or after it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.contributions import queries as voices
from app.errors import NotFound
from app.events import queries
from app.models import Contribution, Event, State

SHOWN = 12  # cards on the event's page; the rest is a page away


def said(
    db: Session, event: Event, *, before: int | None = None, limit: int = SHOWN
) -> tuple[list[dict[str, Any]], int | None]:
    """(published contributions made there, newest first; where the next page begins or None). At most three queries."""
    row: Any = Contribution
    mine = sa.select(row.publication_seq).where(row.event_seq == event.seq, row.state == State.PUBLISHED)
    if before is not None:
        mine = mine.where(row.publication_seq < before)
    newest = mine.order_by(row.publication_seq.desc()).limit(limit + 1)
    seqs = list(db.connection().execute(newest).scalars())
    following = seqs[limit - 1] if len(seqs) > limit else None
    return voices.shapes(db, seqs[:limit]), following


def spoken_of(db: Session, slug: str, *, now: datetime) -> Event | None:
    """The meeting somebody contributes after: one the public sees, that has begun. None for any other."""
    try:
        event = queries.by_slug(db, slug)
    except NotFound:
        return None
    return event if now >= event.starts_at else None


def named(db: Session, event_seq: int) -> Event | None:
    """The meeting a contribution was made at, while the public sees it."""
    return db.exec(select(Event).where(Event.seq == event_seq, col(Event.state).in_(queries.PUBLIC))).first()
