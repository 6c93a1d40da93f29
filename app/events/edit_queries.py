"""Reading events for the team: drafts too, columns only, one page at a time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import NotFound
from app.models import AuditEntry, Event, EventMessage, EventState

E: Any = Event  # as columns
PAGE = 50
COLUMNS = (
    E.seq, E.id, E.slug, E.kind, E.state, E.mode, E.access, E.title, E.place_name, E.place_address, E.facilitators,
    E.starts_at, E.ends_at, E.capacity, E.taken, E.waiting, E.series, E.invented,
)  # fmt: skip
CURSOR = re.compile(r"^(\d{1,11})\.(\d{1,18})$", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KNOWN_STATES = {state.value for state in EventState}


@dataclass(frozen=True)
class Page:
    """Rows with the attributes of Event; the cursor of what follows, or none."""

    rows: Sequence[Any] = field(default_factory=list)
    next: str = ""


def listed(db: Session, *, past: bool, state: str, drafts: bool, after: str, now: datetime) -> Page:
    """To come, soonest first, or over, latest first; a cursor nobody gave begins at the beginning."""
    query = sa.select(*COLUMNS).where(E.ends_at <= now if past else E.ends_at > now)
    if state in KNOWN_STATES:
        query = query.where(E.state == EventState(state))
    if not drafts:
        query = query.where(E.state != EventState.DRAFT)
    if match := CURSOR.match(after):
        at = EPOCH + timedelta(seconds=int(match[1]))
        mark = sa.tuple_(sa.literal(at, E.starts_at.type), sa.literal(int(match[2])))
        query = query.where(sa.tuple_(E.starts_at, E.seq) < mark if past else sa.tuple_(E.starts_at, E.seq) > mark)
    order = (E.starts_at.desc(), E.seq.desc()) if past else (E.starts_at, E.seq)
    rows = db.connection().execute(query.order_by(*order).limit(PAGE + 1)).all()
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return Page(rows, _cursor(rows[-1]) if more else "")


def one(db: Session, event_id: UUID) -> Event:
    """Any event, whatever its state; NotFound."""
    found = db.exec(select(Event).where(Event.id == event_id)).first()
    if found is None:
        raise NotFound
    return found


def of_series(db: Session, event: Event) -> Sequence[Any]:
    """The others of its series, in order."""
    if event.series is None:
        return []
    wanted = sa.select(*COLUMNS).where(E.series == event.series, E.seq != event.seq)
    return db.connection().execute(wanted.order_by(E.starts_at, E.seq)).all()


def last_hand(db: Session, event: Event) -> AuditEntry | None:
    """Who wrote it last, and when."""
    mine = select(AuditEntry).where(AuditEntry.object_id == str(event.id), AuditEntry.kind == "event")
    return db.exec(mine.order_by(col(AuditEntry.seq).desc()).limit(1)).first()


def last_told(db: Session, event: Event, kind: str) -> EventMessage | None:
    """The newest message of that kind to those signed up."""
    sent = select(EventMessage).where(EventMessage.event_seq == event.seq, EventMessage.kind == kind)
    return db.exec(sent.order_by(col(EventMessage.seq).desc()).limit(1)).first()


def _cursor(row: Any) -> str:
    return f"{(row.starts_at - EPOCH) // timedelta(seconds=1)}.{row.seq}"
