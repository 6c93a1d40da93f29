"""What organisers do with a session of the draft: write it, change it, place it, drop it.

Nothing here is public or told to anybody before the next release (releases.py).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.assises.edit_rows import fresh, note
from app.assises.edit_schemas import UNKNOWN, SessionIn
from app.contributions.text import bare
from app.errors import N_, refuse_field
from app.events.edit_copies import add_at, name_in_address, with_letters
from app.events.edit_schemas import lines
from app.events.moments import face
from app.models import Event, Part, ProgrammeDay, ProgrammeSession, Room, SessionSpeaker, Speaker, Staff, Track
from app.models.base import new_id

KNOWN = N_("« %(name)s » est déjà dans la liste. Choisissez plutôt dans la liste.")
TOO_LONG = N_("C’est plus long que la journée : %(most)s minutes au plus ce jour-là.")


def create_session(db: Session, said: SessionIn, *, by: Staff, now: datetime) -> ProgrammeSession:
    """In the draft alone. 422 where its room, track or people are not there, or it is longer than its day."""
    session = ProgrammeSession(id=new_id(), slug="", created_at=now, changed_at=now, **_columns(db, said))
    people, newcomers = _people(db, said), _newcomers(db, said)
    _fit(db, session)
    add_at(db, session, _slug(db, session))
    _cast(db, session, people, newcomers)
    note(db, "programme_session_added", session.id, by=by, now=now)
    _note_newcomers(db, newcomers, by=by, now=now)
    return session


def change_session(
    db: Session, session_id: UUID, said: SessionIn, *, version: int, by: Staff, now: datetime
) -> ProgrammeSession:
    """What was typed becomes the session. Conflict `stale` or `gone`; 422 as `create_session`."""
    session = fresh(db, ProgrammeSession, session_id, version)
    people, newcomers = _people(db, said), _newcomers(db, said)
    for name, value in _columns(db, said).items():
        setattr(session, name, value)
    _fit(db, session)
    _save(db, session, now=now)
    db.connection().execute(sa.delete(SessionSpeaker).where(col(SessionSpeaker.session_seq) == session.seq))
    _cast(db, session, people, newcomers)
    note(db, "programme_session_changed", session.id, by=by, now=now)
    _note_newcomers(db, newcomers, by=by, now=now)
    return session


def place_session(
    db: Session, session: ProgrammeSession, *, starts_at: datetime | None, room: UUID | None, version: int,
    by: Staff, now: datetime,
) -> ProgrammeSession:  # fmt: skip
    """To this moment and room (a room's id); without a moment it waits to be placed. Refusals as `change_session`."""
    session = fresh(db, ProgrammeSession, session.id, version)
    session.starts_at, session.room_seq = starts_at, _seq(db, Room, room, "room")
    _fit(db, session)
    _save(db, session, now=now)
    note(db, "programme_session_placed", session.id, by=by, now=now)
    return session


def drop_session(db: Session, session_id: UUID, *, version: int, by: Staff, now: datetime) -> None:
    """Out of the draft for good. What was public stays in calendars: the next release says it is cancelled."""
    session = fresh(db, ProgrammeSession, session_id, version)
    db.connection().execute(sa.delete(SessionSpeaker).where(col(SessionSpeaker.session_seq) == session.seq))
    db.delete(session)
    db.flush()
    note(db, "programme_session_dropped", session.id, by=by, now=now)


def _columns(db: Session, said: SessionIn) -> dict[str, Any]:
    return said.fields() | {
        "room_seq": _seq(db, Room, said.room, "room"),
        "track_seq": _seq(db, Track, said.track, "track"),
    }


def _seq(db: Session, model: Any, row_id: UUID | None, field: str) -> int | None:
    """Of the row with this id, which nobody deletes until the commit; 422 without one."""
    if row_id is None:
        return None
    wanted = select(model.seq).where(model.id == row_id).with_for_update(read=True, key_share=True)
    found: int | None = db.exec(wanted).first()
    if found is None:
        raise refuse_field(field, *UNKNOWN[field])
    return found


def _people(db: Session, said: SessionIn) -> list[dict[str, Any]]:
    """Rows of SessionSpeaker, all but the session."""
    wanted = [(part, each) for part, people in said.people() for each in people]
    return [
        {"speaker_seq": _seq(db, Speaker, each, part.value), "part": part, "position": position}
        for position, (part, each) in enumerate(wanted)
    ]


def _newcomers(db: Session, said: SessionIn) -> list[Speaker]:
    """Who is not in the list yet, without consent; 422 for a name that is in it."""
    names = lines(said.newcomers)
    known = {bare(name) for name in db.exec(select(Speaker.name))} if names else set()
    for name in names:
        if bare(name) in known:
            raise refuse_field("newcomers", "known_speaker", KNOWN, name=name)
        known.add(bare(name))
    return [Speaker(id=new_id(), name=name) for name in names]


def _cast(
    db: Session, session: ProgrammeSession, people: Sequence[dict[str, Any]], newcomers: Sequence[Speaker]
) -> None:
    """Newcomers take the floor after those who were there."""
    db.add_all(newcomers)
    db.flush()
    more = [
        {"speaker_seq": each.seq, "part": Part.SPEAKER, "position": len(people) + place}
        for place, each in enumerate(newcomers)
    ]
    db.add_all(SessionSpeaker(session_seq=session.seq or 0, **each) for each in [*people, *more])
    db.flush()


def _note_newcomers(db: Session, newcomers: Sequence[Speaker], *, by: Staff, now: datetime) -> None:
    for each in newcomers:
        note(db, "speaker_added", each.id, by=by, now=now)


def _fit(db: Session, session: ProgrammeSession) -> None:
    """No session is longer than its day; that it is outside of one only warns."""
    if session.starts_at is None:
        return
    lasts = [
        day.ends_at - day.starts_at for day in _days(db) if face(day.starts_at).date() == face(session.starts_at).date()
    ]
    if lasts and timedelta(minutes=session.minutes) > max(lasts):
        raise refuse_field("minutes", "longer_than_day", TOO_LONG, most=max(lasts) // timedelta(minutes=1))


def _days(db: Session) -> Sequence[ProgrammeDay]:
    return db.exec(select(ProgrammeDay)).all()


def _save(db: Session, session: ProgrammeSession, *, now: datetime) -> None:
    session.changed_at = now
    db.add(session)
    db.flush()


def _slug(db: Session, session: ProgrammeSession) -> str:
    """From the title; no event's either, for it may become one. It stays, whatever the title becomes."""
    base = name_in_address(session.title) or session.kind.value.replace("_", "-")
    others = (select(col(model.slug)).where(col(model.slug) == base) for model in (ProgrammeSession, Event))
    return with_letters(base) if any(db.exec(each).first() for each in others) else base
