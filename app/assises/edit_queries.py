"""Reading the draft for its editor: one row with what stands around it, and what may be chosen."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.models import AuditEntry, Event, Part, ProgrammeSession, Room, SessionSpeaker, Speaker, Track


def rooms(db: Session) -> Sequence[Any]:
    """In the organisers' order: `seq, id, name, capacity`."""
    wanted = sa.select(col(Room.seq), col(Room.id), col(Room.name), col(Room.capacity))
    return db.connection().execute(wanted.order_by(col(Room.position), col(Room.seq))).all()


def tracks(db: Session) -> Sequence[Any]:
    """In the organisers' order: `seq, id, name`."""
    wanted = sa.select(col(Track.seq), col(Track.id), col(Track.name))
    return db.connection().execute(wanted.order_by(col(Track.position), col(Track.seq))).all()


def speakers(db: Session) -> Sequence[Any]:
    """By name: `seq, id, name, consent_at`."""
    wanted = sa.select(col(Speaker.seq), col(Speaker.id), col(Speaker.name), col(Speaker.consent_at))
    return db.connection().execute(wanted.order_by(sa.func.lower(col(Speaker.name)), col(Speaker.seq))).all()


def cast(db: Session, session: ProgrammeSession) -> dict[str, list[str]]:
    """Who does what in it: ids by part, as the editor's fields hold them."""
    wanted = (
        sa.select(col(SessionSpeaker.part), col(Speaker.id))
        .join(Speaker, col(Speaker.seq) == col(SessionSpeaker.speaker_seq))
        .where(col(SessionSpeaker.session_seq) == session.seq)
        .order_by(col(SessionSpeaker.position), col(Speaker.seq))
    )
    found: dict[str, list[str]] = {part.value: [] for part in Part}
    for row in db.connection().execute(wanted):
        found[row.part].append(str(row.id))
    return found


def people(db: Session, session: ProgrammeSession) -> int:
    """How many signed up for it or wait."""
    wanted = sa.select(col(Event.taken) + col(Event.waiting)).where(col(Event.id) == session.id)
    return int(db.connection().execute(wanted).scalar() or 0)


def last_hand(db: Session, row_id: UUID) -> AuditEntry | None:
    """Who wrote it last, and when."""
    mine = select(AuditEntry).where(AuditEntry.object_id == str(row_id), AuditEntry.kind == "programme")
    return db.exec(mine.order_by(col(AuditEntry.seq).desc()).limit(1)).first()
