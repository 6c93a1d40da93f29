"""From one release to the next: what has changed is counted up, and what was public never vanishes. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from app.assises.differences import calendar_facts
from app.assises.frozen import FrozenProgramme, FrozenSession

OWN = {"sequence": 0, "changed_at": None}  # what is not written by organisers


def carry(old: FrozenProgramme | None, new: FrozenProgramme, *, now: datetime) -> FrozenProgramme:
    """`new` with sequences and times of change set against `old`; sessions that are no longer in it, as cancelled."""
    if old is None:
        first = [each.model_copy(update={"sequence": 0, "changed_at": now}) for each in new.sessions]
        return with_sessions(new, first)
    kept = [_followed(old, new, each, now=now) for each in new.sessions]
    return with_sessions(new, [*kept, *_dropped(old, new, now=now)])


def with_sessions(programme: FrozenProgramme, sessions: list[FrozenSession]) -> FrozenProgramme:
    """The same with these sessions, in order of time, then of rooms."""
    order = {room.id: place for place, room in enumerate(programme.rooms)}

    def key(session: FrozenSession) -> tuple[datetime, int, UUID]:
        return session.starts_at, order.get(session.room, len(order)) if session.room else len(order), session.id

    return FrozenProgramme(**{**dict(programme), "sessions": tuple(sorted(sessions, key=key))})


def _followed(old: FrozenProgramme, new: FrozenProgramme, session: FrozenSession, *, now: datetime) -> FrozenSession:
    before = old.by_id.get(session.id)
    if before is None:
        return session.model_copy(update={"sequence": 0, "changed_at": now})
    noted = calendar_facts(old, before) != calendar_facts(new, session)
    same = session.model_copy(update=OWN) == before.model_copy(update=OWN)
    return session.model_copy(
        update={
            "sequence": before.sequence + noted,
            "changed_at": before.changed_at if same and not noted else now,
        }
    )


def _dropped(old: FrozenProgramme, new: FrozenProgramme, *, now: datetime) -> Iterator[FrozenSession]:
    """Nobody's calendar may keep what does not take place: it stays as it was last, cancelled."""
    slugs = set(new.by_slug)
    for session in old.sessions:
        if session.id in new.by_id:
            continue
        left: dict[str, Any] = {
            "room": session.room if session.room in new.room_of else None,
            "track": session.track if session.track in new.track_of else None,
        }
        if session.slug in slugs:  # its words in the address are another's now
            left["slug"] = f"{session.slug[:60]}-{session.id.hex[-12:]}"
        if session.cancelled:
            yield session.model_copy(update=left)
        else:
            gone = {"cancelled": True, "said": "", "sequence": session.sequence + 1, "changed_at": now}
            yield session.model_copy(update=left | gone)
