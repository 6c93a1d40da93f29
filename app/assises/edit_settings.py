"""The whole, its days, pauses, rooms and tracks, as organisers set them. The public sees it at the next release."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.assises import draft, edit_words
from app.assises.edit_rows import fresh, note, one
from app.assises.edit_settings_schemas import DayIn, PauseIn, ProgrammeIn, RoomIn, TrackIn
from app.contributions.text import bare
from app.errors import N_, Conflict, NotFound, refuse_field
from app.events.edit_copies import name_in_address, with_letters
from app.models import Pause, Programme, ProgrammeDay, ProgrammeSession, Room, Staff, Track
from app.models.base import new_id

IN_USE = N_("Des séances en ont encore besoin. Changez-les d’abord.")
TAKEN = N_("Ce nom est déjà pris. Donnez-en un autre.")
OVERLAP = N_("Une autre journée est déjà prévue à ces heures.")


@dataclass(frozen=True)
class Thing:
    """What there are several of."""

    model: Any
    schema: Any
    labels: Mapping[str, str]
    column: Any = None  # of a session that says which it has

    @property
    def ordered(self) -> bool:
        """Whether organisers put them in order; the others stand in order of time."""
        return "position" in self.model.model_fields


THINGS: Mapping[str, Thing] = {
    "jours": Thing(ProgrammeDay, DayIn, edit_words.DAY),
    "pauses": Thing(Pause, PauseIn, edit_words.PAUSE),
    "salles": Thing(Room, RoomIn, edit_words.ROOM, col(ProgrammeSession.room_seq)),
    "themes": Thing(Track, TrackIn, edit_words.TRACK, col(ProgrammeSession.track_seq)),
}


def change_programme(db: Session, said: ProgrammeIn, *, version: int, by: Staff, now: datetime) -> None:
    """What holds for the whole. Conflict `stale`."""
    _fill(db, fresh(db, Programme, 1, version), said)
    note(db, "programme_changed", 1, by=by, now=now)


def add(db: Session, thing: Thing, said: Any, *, by: Staff, now: datetime) -> Any:
    """One more, the last in order. 422 where a name is taken, or two days overlap."""
    draft.hold(db)
    _refuse_double(db, thing, said.fields())
    row = thing.model(id=new_id(), **said.fields())
    if thing.ordered:
        row.position = 1 + max((each.position for each in rows(db, thing)), default=0)
    if thing.model is Track:
        row.slug = _slug(db, row.name)
    db.add(row)
    db.flush()
    note(db, "programme_changed", row.id, by=by, now=now)
    return row


def change(db: Session, thing: Thing, row_id: UUID, said: Any, *, version: int, by: Staff, now: datetime) -> None:
    """Conflict `stale` or `gone`; 422 as `add`."""
    draft.hold(db)
    row = fresh(db, thing.model, row_id, version)
    _refuse_double(db, thing, said.fields(), but=row_id)
    _fill(db, row, said)
    note(db, "programme_changed", row_id, by=by, now=now)


def drop(db: Session, thing: Thing, row_id: UUID, *, version: int, by: Staff, now: datetime) -> None:
    """Conflict `stale` or `gone`, `in_use` while sessions have it."""
    draft.hold(db)
    row = fresh(db, thing.model, row_id, version)
    if using(db, thing, row):
        raise Conflict(IN_USE, code="in_use")
    db.delete(row)
    db.flush()
    note(db, "programme_changed", row_id, by=by, now=now)


def move_up(db: Session, thing: Thing, row_id: UUID, *, by: Staff, now: datetime) -> None:
    """Before the one it follows; the first stays. NotFound."""
    if not thing.ordered:
        raise NotFound
    draft.hold(db)
    row, order = one(db, thing.model, row_id), rows(db, thing)
    place = [each.id for each in order].index(row_id)
    order.insert(max(0, place - 1), order.pop(place))
    for position, each in enumerate(order):
        each.position = position
    db.add_all(order)
    db.flush()
    note(db, "programme_changed", row.id, by=by, now=now)


def rows(db: Session, thing: Thing) -> list[Any]:
    """All of them, in order."""
    first = thing.model.position if thing.ordered else thing.model.starts_at
    return list(db.exec(select(thing.model).order_by(first, thing.model.seq)))


def using(db: Session, thing: Thing, row: Any) -> Sequence[Any]:
    """The sessions that have it: `id, title`."""
    if thing.column is None:
        return []
    wanted = sa.select(col(ProgrammeSession.id), col(ProgrammeSession.title)).where(thing.column == row.seq)
    return db.connection().execute(wanted.order_by(col(ProgrammeSession.starts_at), col(ProgrammeSession.seq))).all()


def _fill(db: Session, row: Any, said: Any) -> None:
    for name, value in said.fields().items():
        setattr(row, name, value)
    db.add(row)
    db.flush()


def _refuse_double(db: Session, thing: Thing, said: Mapping[str, Any], *, but: UUID | None = None) -> None:
    """Two of one name nobody could tell apart; nobody could say to which of two days a session belongs."""
    others = [each for each in rows(db, thing) if each.id != but]
    if thing.ordered and bare(said["name"]) in {bare(each.name) for each in others}:
        raise refuse_field("name", "name_taken", TAKEN)
    if thing.model is ProgrammeDay and any(
        each.starts_at < said["ends_at"] and said["starts_at"] < each.ends_at for each in others
    ):
        raise refuse_field("starts_at", "days_overlap", OVERLAP)


def _slug(db: Session, name: str) -> str:
    """From the name; it stays, for links name it."""
    slug = name_in_address(name) or "theme"
    return with_letters(slug) if db.exec(select(Track.seq).where(Track.slug == slug)).first() else slug
