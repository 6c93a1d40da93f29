"""The draft, read whole: as it would be released now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app.assises import queries
from app.assises.carried import carry, with_sessions
from app.assises.frozen import (
    FrozenDay,
    FrozenPause,
    FrozenProgramme,
    FrozenRoom,
    FrozenSession,
    FrozenTrack,
    Speaking,
)
from app.models import (
    Pause,
    Programme,
    ProgrammeDay,
    ProgrammeSession,
    Room,
    SessionSpeaker,
    Speaker,
    Track,
)
from app.models.driver import run

# As they stand in a release under the same name.
WHOLE = (
    "title", "words", "place_name", "place_address", "latitude", "longitude", "way", "access_notes", "contact",
)  # fmt: skip
OF_SESSION = (
    "id", "slug", "kind", "title", "summary", "body", "audience", "audiences", "language", "offers", "starts_at",
    "minutes", "seats", "invented", "cancelled", "said", "changed_at",
)  # fmt: skip
HOLD = "UPDATE programme SET version = version WHERE id = 1"


@dataclass(frozen=True)
class Pieces:
    """The draft by itself, whatever was released; `unplaced`: sessions without a time (id, slug, title)."""

    programme: FrozenProgramme
    unplaced: Sequence[Any] = ()
    names: Mapping[UUID, str] = field(default_factory=dict)  # of all speakers, for the team alone


def hold(db: Session) -> None:
    """Nobody else releases until the commit; the first lock of all."""
    db.flush()
    run(db, HOLD)


def last(db: Session) -> FrozenProgramme | None:
    """What is public, None before the first release."""
    return queries.current(db).programme if queries.has_release(db) else None


def frozen(db: Session, *, now: datetime) -> FrozenProgramme:
    """The draft as it would be released, set against the last release: what it leaves out stays, cancelled."""
    return carry(last(db), pieces(db).programme, now=now)


def pieces(db: Session) -> Pieces:
    """Everything of the draft, in eight statements."""
    db.flush()
    rooms, tracks = _ordered(db, Room), _ordered(db, Track)
    of_room, of_track = ({row.seq: row.id for row in rows} for rows in (rooms, tracks))
    rows, speaking = _rows(db, ProgrammeSession), _speaking(db)
    placed = [
        FrozenSession(
            **{name: getattr(row, name) for name in OF_SESSION}, room=of_room.get(row.room_seq),
            track=of_track.get(row.track_seq), speakers=tuple(speaking[row.seq]),
        )
        for row in rows if row.starts_at is not None
    ]  # fmt: skip
    whole = db.connection().execute(sa.select(*(getattr(Programme, name) for name in WHOLE))).mappings().one()
    programme = FrozenProgramme(
        **whole, days=_plain(FrozenDay, _ordered(db, ProgrammeDay)), pauses=_plain(FrozenPause, _ordered(db, Pause)),
        rooms=_plain(FrozenRoom, rooms), tracks=_plain(FrozenTrack, tracks),
    )  # fmt: skip
    names = {row.id: row.name for row in db.connection().execute(sa.select(col(Speaker.id), col(Speaker.name)))}
    return Pieces(with_sessions(programme, placed), [row for row in rows if row.starts_at is None], names)


def _rows(db: Session, model: Any) -> Sequence[Any]:
    return db.connection().execute(sa.select(model.__table__).order_by(model.seq)).all()


def _ordered(db: Session, model: Any) -> Sequence[Any]:
    """In the organisers' order, or in that of time."""
    first = model.position if "position" in model.__table__.columns else model.starts_at
    return db.connection().execute(sa.select(model.__table__).order_by(first, model.seq)).all()


def _plain(shape: Any, rows: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(shape.model_validate(dict(row._mapping)) for row in rows)


def _speaking(db: Session) -> Mapping[int, list[Speaking]]:
    """Who has which part in each session, by its number."""
    found: dict[int, list[Speaking]] = defaultdict(list)
    wanted = (
        sa.select(col(SessionSpeaker.session_seq), col(Speaker.id), col(SessionSpeaker.part))
        .join(Speaker, col(Speaker.seq) == col(SessionSpeaker.speaker_seq))
        .order_by(col(SessionSpeaker.session_seq), col(SessionSpeaker.position), col(Speaker.seq))
    )
    for row in db.connection().execute(wanted):
        found[row.session_seq].append(Speaking(id=row.id, part=row.part))
    return found
