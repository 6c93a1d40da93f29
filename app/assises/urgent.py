"""An urgent change: one session moved or cancelled now, in the last release and in the draft alike."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from babel.dates import format_skeleton
from sqlmodel import Session, select

from app import i18n
from app.assises import draft, plans, queries
from app.assises.carried import with_sessions
from app.assises.frozen import FrozenProgramme, FrozenRoom, FrozenSession
from app.assises.plans import Plan
from app.errors import N_, Conflict, NotFound, refuse_field
from app.models import ProgrammeSession, Room

DROPPED = N_("Cette séance n’est plus dans le programme en préparation. On peut seulement l’annuler.")
NOT_BEFORE = N_("La fin doit être après le début.")
NO_ROOM = N_("Cette salle n’existe pas, ou plus. Choisissez-en une autre.")


@dataclass(frozen=True)
class Wanted:
    """What becomes of it; None: as it is. `said`: what people are told."""

    starts_at: datetime | None = None
    minutes: int | None = None
    room: UUID | None = None
    cancel: bool = False
    said: str = ""


def plan(db: Session, session_id: UUID, wanted: Wanted, *, now: datetime) -> Plan:
    """The last release with that session changed."""
    old = queries.current(db).programme
    session = old.by_id.get(session_id)
    if session is None:
        raise NotFound
    if not wanted.cancel and db.exec(_row(session_id)).first() is None:
        raise Conflict(DROPPED, code="dropped")
    if wanted.minutes is not None and wanted.minutes <= 0:
        raise refuse_field("minutes", "ends_before", NOT_BEFORE)
    changed = session.model_copy(update=_update(session, wanted))
    others = [each for each in old.sessions if each.id != session_id]
    names = draft.pieces(db).names
    drafted = with_sessions(_with_room(db, old, wanted.room), [*others, changed])
    made = plans.make(db, drafted, names=names, now=now)
    plans.refuse_unready(made, field="minutes")
    return made


def _update(session: FrozenSession, wanted: Wanted) -> dict[str, Any]:
    if wanted.cancel:
        return {"cancelled": True, "said": wanted.said}
    return {
        "cancelled": False, "said": "", "starts_at": wanted.starts_at or session.starts_at,
        "minutes": wanted.minutes or session.minutes, "room": wanted.room or session.room,
    }  # fmt: skip


def _with_room(db: Session, old: FrozenProgramme, room_id: UUID | None) -> FrozenProgramme:
    """With that room of the draft, where the last release has it not."""
    if room_id is None or room_id in old.room_of:
        return old
    room = db.exec(select(Room).where(Room.id == room_id)).first()
    if room is None:
        raise refuse_field("room", "unknown_room", NO_ROOM)
    added = FrozenRoom.model_validate(room.model_dump())
    return FrozenProgramme(**{**dict(old), "rooms": (*old.rooms, added)})


def _row(session_id: UUID) -> Any:
    return select(ProgrammeSession).where(ProgrammeSession.id == session_id)


def write(db: Session, was: FrozenSession, session: FrozenSession, *, now: datetime) -> None:
    """The draft says the same of what has changed, so that the next release does not take it back. What else somebody
    has prepared there stays."""
    held = _row(session.id).with_for_update().execution_options(populate_existing=True)
    row: ProgrammeSession | None = db.exec(held).first()
    if row is None:
        return
    row.cancelled, row.said = session.cancelled, session.said
    if not session.cancelled and (row.starts_at is None or was.starts_at != session.starts_at):
        row.starts_at = session.starts_at
    if was.minutes != session.minutes:
        row.minutes = session.minutes
    if was.room != session.room:
        row.room_seq = db.exec(select(Room.seq).where(Room.id == session.room)).first()
    row.version, row.changed_at = row.version + 1, now
    db.add(row)
    db.flush()


def name(db: Session, now: datetime) -> str:
    """« Changement du 10 juin, 14 h 05 », in French: names of versions are the team's own words."""
    at = i18n.local(now)
    said = f"Changement du {format_skeleton('MMMMd', at, locale='fr')}, {at.hour} h {at.minute:02}"
    number, free = 1, said
    while plans.taken(db, free):
        number += 1
        free = f"{said} ({number})"
    return free
