"""What goes on in each room at a moment, and what comes next there. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app import i18n
from app.assises.frozen import FrozenPause, FrozenProgramme, FrozenSession


@dataclass(frozen=True)
class Room:
    """`room` is None for what has none yet. What is cancelled counts: people stand before that door."""

    room: UUID | None
    now: FrozenSession | None
    next: FrozenSession | None


@dataclass(frozen=True)
class Board:
    """One day: today, or the next with anything in it; `day` is None when all is over."""

    day: date | None
    rooms: Sequence[Room] = ()
    pauses: Sequence[FrozenPause] = ()  # now


def at(programme: FrozenProgramme, now: datetime) -> Board:
    left = [each for each in programme.sessions if each.ends_at > now]
    if not left:
        return Board(None)
    day = min(_day(each, now) for each in left)
    today = [each for each in left if _day(each, now) == day]
    rooms = [room.id for room in programme.rooms]
    columns = [*rooms, None] if any(each.room not in rooms for each in today) else rooms
    found = [_room(room, [each for each in today if _place(each, rooms) == room], now) for room in columns]
    pauses = [pause for pause in programme.pauses if pause.starts_at <= now < pause.ends_at]
    return Board(day, [each for each in found if each.now or each.next], pauses)


def _day(session: FrozenSession, now: datetime) -> date:
    """What began yesterday and still goes on is today's."""
    return i18n.local(max(session.starts_at, now)).date()


def _place(session: FrozenSession, rooms: list[UUID]) -> UUID | None:
    return session.room if session.room in rooms else None


def _room(room: UUID | None, sessions: list[FrozenSession], now: datetime) -> Room:
    begun = [each for each in sessions if each.starts_at <= now]
    running = min(begun, key=lambda each: (each.cancelled, each.starts_at), default=None)
    coming = min((each for each in sessions if each.starts_at > now), key=lambda each: each.starts_at, default=None)
    return Room(room, running, coming)
