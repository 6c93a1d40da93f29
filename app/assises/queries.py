"""Reading the programme: what the public sees, and the draft."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.assises.frozen import FrozenProgramme, thaw
from app.errors import N_, NotFound
from app.models import Event, EventKind, EventState, Release, Speaker

NONE_YET = N_("Le programme n’est pas encore publié.")


@dataclass(frozen=True)
class Released:
    """The last release. `seq` tells one from another for good."""

    seq: int
    id: UUID
    name: str
    at: datetime
    programme: FrozenProgramme


_lock = threading.Lock()
_kept: dict[tuple[str, UUID], Released] = {}  # the last one read: 300 sessions cost some milliseconds to read


def current(db: Session) -> Released:
    """What the public sees: one statement, two after a new release. NotFound before the first one."""
    newest = db.connection().execute(sa.select(col(Release.id)).order_by(col(Release.seq).desc()).limit(1)).first()
    if newest is None:
        raise NotFound(NONE_YET)
    key = (str(db.get_bind().engine.url), newest.id)
    with _lock:
        found = _kept.get(key)
    if found is None:
        found = _read(db, newest.id)
        with _lock:
            _kept.clear()
            _kept[key] = found
    return found


def has_release(db: Session) -> bool:
    return db.connection().execute(sa.select(col(Release.seq)).limit(1)).first() is not None


def names(db: Session) -> Mapping[UUID, Any]:
    """Who may be shown by name: id → row with `name`, `about`, `invented`."""
    shown = sa.select(col(Speaker.id), col(Speaker.name), col(Speaker.about), col(Speaker.invented)).where(
        col(Speaker.consent_at).is_not(None)
    )
    return {row.id: row for row in db.connection().execute(shown)}


def seats(db: Session) -> Mapping[UUID, Any]:
    """How full the sessions with places are: session id → row of Event (`seq, slug, state, capacity, taken, waiting`,
    and what `app.events.queries.is_open` asks)."""
    wanted = sa.select(
        col(Event.id), col(Event.seq), col(Event.slug), col(Event.state), col(Event.access), col(Event.capacity),
        col(Event.taken), col(Event.waiting), col(Event.opens_at), col(Event.closes_at), col(Event.starts_at),
    ).where(col(Event.kind) == "session")  # fmt: skip
    return {row.id: row for row in db.connection().execute(wanted)}


def meeting(db: Session, session_id: UUID) -> Event | None:
    """The event of a released session with places; None where one just comes."""
    return db.exec(select(Event).where(Event.id == session_id, col(Event.state) != EventState.DRAFT)).first()


def session_of(db: Session, slug: str) -> UUID | None:
    """Whose event has that name: where another meeting had taken the session's own, the two differ."""
    wanted = sa.select(col(Event.id)).where(col(Event.slug) == slug, col(Event.kind) == EventKind.SESSION)
    found = db.connection().execute(wanted).first()
    return found.id if found else None


def _read(db: Session, release_id: UUID) -> Released:
    row = (
        db.connection()
        .execute(
            sa.select(col(Release.seq), col(Release.name), col(Release.at), col(Release.programme)).where(
                col(Release.id) == release_id
            )
        )
        .one()
    )
    return Released(row.seq, release_id, row.name, row.at, thaw(row.programme))


def releases(db: Session) -> Sequence[Any]:
    """All of them, the newest first, without the programme: what the public changelog lists."""
    columns = (Release.seq, Release.id, Release.name, Release.words, Release.urgent, Release.changes, Release.at)
    return db.connection().execute(sa.select(*map(col, columns)).order_by(col(Release.seq).desc())).all()
