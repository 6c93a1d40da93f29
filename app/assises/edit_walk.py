"""What organisers do with the walk: write its stops, put them in order, show them, drop them.

Unlike the programme it has no releases: what is shown is public at once.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.assises.edit_rows import fresh, note, one
from app.assises.edit_walk_schemas import StopIn
from app.assises.walk import PHOTOS
from app.errors import Conflict
from app.events.edit import STALE
from app.events.report import mark
from app.media import attached, rules
from app.models import Media, Programme, Staff, Stop
from app.models.base import new_id
from app.models.publication import bump


def create_stop(db: Session, said: StopIn, *, by: Staff, now: datetime) -> Stop:
    """After the last one."""
    _hold(db)
    last = db.connection().execute(sa.select(sa.func.max(col(Stop.position)))).scalar()
    stop = Stop(id=new_id(), position=0 if last is None else last + 1, **said.fields())
    db.add(stop)
    db.flush()
    _tell(db, stop.shown)
    note(db, "stop_added", stop.id, by=by, now=now)
    return stop


def change_stop(db: Session, stop_id: UUID, said: StopIn, *, version: int, by: Staff, now: datetime) -> Stop:
    """What was typed becomes the stop, and what is said of its photos. Conflict `stale`, `gone`."""
    stop = fresh(db, Stop, stop_id, version)
    seen = stop.shown or said.shown
    for name, value in said.fields().items():
        setattr(stop, name, value)
    db.add(stop)
    db.flush()
    attached.revise(db, home(stop), said.photos)
    _tell(db, seen)
    note(db, "stop_changed", stop.id, by=by, now=now)
    return stop


def add_photo(db: Session, stop_id: UUID, stored: rules.Stored, *, by: Staff, now: datetime) -> UUID:
    """One already safe in the store; shown once somebody says what it shows. NotFound; 422 as `attached.add`."""
    stop = one(db, Stop, stop_id)
    made = attached.add(db, home(stop), stored, now=now)
    note(db, "stop_photo_added", stop.id, by=by, now=now)
    return made


def move_stop(db: Session, stop_id: UUID, *, up: bool, place: int, by: Staff, now: datetime) -> int:
    """One place up or down; where it stands then, from 1. Conflict `stale` when it stood elsewhere than at `place`."""
    _hold(db)
    order = stops(db)
    here = next((n for n, stop in enumerate(order) if stop.id == stop_id), None)
    if here is None or here != place - 1:
        raise Conflict(STALE, code="stale")
    there = min(max(here + (-1 if up else 1), 0), len(order) - 1)
    order.insert(there, order.pop(here))
    for position, stop in enumerate(order):
        stop.position = position
        db.add(stop)
    db.flush()
    bump(db)
    note(db, "stop_moved", stop_id, by=by, now=now)
    return there + 1


def drop_stop(db: Session, stop_id: UUID, *, version: int, by: Staff, now: datetime) -> None:
    """For good, with its photos. Conflict `stale`, `gone`."""
    stop = fresh(db, Stop, stop_id, version)
    for photo in attached.listed(db, home(stop)):
        attached.forget(db, photo)
    db.flush()
    db.connection().execute(sa.update(Media).where(col(Media.stop_seq) == stop.seq).values(stop_seq=None))
    db.delete(stop)
    db.flush()
    _tell(db, stop.shown)
    note(db, "stop_dropped", stop.id, by=by, now=now)


def change_words(db: Session, words: str, *, seen: str, by: Staff, now: datetime) -> None:
    """Said above the walk. `seen`: the mark of the words the writer began with; Conflict `stale`."""
    if mark(_hold(db).walk_words) != seen:
        raise Conflict(STALE, code="stale")
    db.connection().execute(sa.update(Programme).where(col(Programme.id) == 1).values(walk_words=words))
    bump(db)
    note(db, "walk_words_changed", 1, by=by, now=now)


def stops(db: Session) -> list[Stop]:
    """All of them in their order, those not shown too."""
    return list(db.exec(select(Stop).order_by(col(Stop.position), col(Stop.seq))))


def home(stop: Stop) -> attached.Home:
    return attached.Home(PHOTOS, stop.seq)


def _hold(db: Session) -> Programme:
    """The order is one person's at a time, and so are the words."""
    wanted = select(Programme).where(Programme.id == 1).with_for_update().execution_options(populate_existing=True)
    return db.exec(wanted).one()


def _tell(db: Session, seen: bool) -> None:
    """What nobody sees changes no page."""
    if seen:
        bump(db)
