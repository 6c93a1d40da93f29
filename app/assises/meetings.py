"""Sessions with places are meetings (`Event.id` is the session's): a release makes, changes and cancels them.

Whatever a release touches is held first, in one order, before anything else is written: signing up holds one meeting,
then what the public sees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.assises.differences import access
from app.assises.frozen import FrozenProgramme, FrozenSession
from app.events import messages, places
from app.events.edit import somebody
from app.models import Event, EventKind, EventState, ProgrammeSession

TOLD = ("starts_at", "ends_at", "place_name", "place_address")


@dataclass(frozen=True)
class Turn:
    """What becomes of one session's meeting. `kind` of the message to those signed up; "" where nobody is told."""

    session: FrozenSession
    event: Event
    columns: dict[str, Any]
    kind: str


def turns(db: Session, new: FrozenProgramme, *, now: datetime) -> list[Turn]:
    """What a release of `new` does to the meetings there are, in the order they are held."""
    found = db.exec(select(Event).where(Event.kind == EventKind.SESSION).order_by(col(Event.seq))).all()
    planned = (_turn(new, new.by_id[event.id], event, now=now) for event in found if event.id in new.by_id)
    return [turn for turn in planned if any(getattr(turn.event, key) != said for key, said in turn.columns.items())]


def hold(db: Session, planned: Sequence[Turn]) -> None:
    """Nobody signs up there or leaves until the commit."""
    for turn in planned:
        places.hold(db, turn.event.seq or 0)


def make(db: Session, new: FrozenProgramme, *, now: datetime) -> None:
    """Meetings of the sessions that have places for the first time."""
    known = set(db.exec(select(Event.id).where(Event.kind == EventKind.SESSION)).all())
    fresh = [each for each in new.sessions if each.seats and not each.cancelled and each.id not in known]
    taken = set(db.exec(select(Event.slug).where(col(Event.slug).in_([each.slug for each in fresh]))).all())
    for session in fresh:
        slug = f"{session.slug[:60]}-{session.id.hex[-12:]}" if session.slug in taken else session.slug
        made = Event(
            id=session.id, slug=slug, kind=EventKind.SESSION, created_at=now, changed_at=now, published_at=now,
            **columns(new, session),
        )  # fmt: skip
        db.add(made)
        db.flush()
        row = sa.update(ProgrammeSession).where(col(ProgrammeSession.id) == session.id)
        db.connection().execute(row.values(event_seq=made.seq))


def apply(db: Session, planned: Sequence[Turn], *, words: str, by: str, now: datetime) -> None:
    """Meetings are as the release says, and whoever signed up is told, once for each. All are held."""
    for turn in planned:
        before = messages.facts(turn.event)
        _change(db, turn, now=now)
        if turn.kind:
            said = turn.session.said if turn.kind == "cancelled" else words
            messages.tell_all(
                db, turn.event, kind=turn.kind, addressed="all", words=said, by=by, before=before, now=now
            )


def imagined(turn: Turn) -> Event:
    """The meeting as it would be; in no session of the database."""
    return Event(**(turn.event.model_dump() | turn.columns))


def columns(programme: FrozenProgramme, session: FrozenSession) -> dict[str, Any]:
    """A meeting's columns as the session says them. Its words in the address stay as they are."""
    return {
        "state": EventState.CANCELLED if session.cancelled else EventState.PUBLISHED,
        "title": session.title, "summary": session.summary, "body": session.body, "audience": session.audience,
        "way": programme.way, "access_notes": access(programme, session), "invented": session.invented,
        "place_name": ", ".join(part for part in (programme.where(session), programme.place_name) if part),
        "place_address": programme.place_address, "latitude": programme.latitude, "longitude": programme.longitude,
        "offers": list(session.offers), "contact": programme.contact, "starts_at": session.starts_at,
        "ends_at": session.ends_at, "capacity": session.seats, "said": session.said, "sequence": session.sequence,
    }  # fmt: skip


def _turn(new: FrozenProgramme, session: FrozenSession, event: Event, *, now: datetime) -> Turn:
    said = columns(new, session)
    # Without a number of places one comes without signing up: who had a place keeps it, nobody new takes one.
    said["closes_at"] = None if session.seats else event.closes_at or now
    return Turn(session, event, said, _kind(event, said, now=now))


def _kind(event: Event, said: Mapping[str, Any], *, now: datetime) -> str:
    """Nobody is told about what is over, unless it would be to come again."""
    if not somebody(event) or now >= max(event.ends_at, said["ends_at"]):
        return ""
    if said["state"] is not event.state:
        return "cancelled" if said["state"] is EventState.CANCELLED else "moved"
    moved = said["state"] is EventState.PUBLISHED and any(getattr(event, name) != said[name] for name in TOLD)
    return "moved" if moved else ""


def _change(db: Session, turn: Turn, *, now: datetime) -> None:
    event, capacity = turn.event, turn.columns["capacity"]
    for name, value in turn.columns.items():
        if name != "capacity":
            setattr(event, name, value)
    event.version, event.changed_at = event.version + 1, now
    db.add(event)
    db.flush()
    if event.capacity != capacity:
        places.resize(db, event, capacity=capacity, now=now)
    else:
        places.promote(db, event, now=now)  # what was given up while it was cancelled
