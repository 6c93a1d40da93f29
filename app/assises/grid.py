"""The draft as a table: a line for each quarter of an hour, a column for each room, what stands in each cell.

What is twice in one room at one time stands in one cell, so that nothing is hidden by something else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app.models import Pause, ProgrammeDay, ProgrammeSession, Room

STEP = timedelta(minutes=15)
S: Any = ProgrammeSession  # as columns
COLUMNS = (
    S.id, S.version, S.kind, S.title, S.starts_at, S.minutes, S.room_seq, S.seats, S.cancelled, S.invented,
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """What one room holds from one line on, over so many lines; nothing: one may place something there."""

    room: UUID | None
    lines: int
    sessions: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Line:
    """A quarter of an hour. `cells`: those that begin here."""

    at: datetime
    pause: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Day:
    starts_at: datetime
    ends_at: datetime
    roomless: bool  # a last column for what has no room yet
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Grid:
    """`unplaced`: without a time; `outside`: on no day."""

    rooms: Sequence[Any]
    days: Sequence[Day]
    unplaced: Sequence[Any]
    outside: Sequence[Any]
    sessions: Mapping[UUID, Any]

    def room_name(self, session: Any) -> str:
        return next((room.name for room in self.rooms if room.seq == session.room_seq), "")


def read(db: Session) -> Grid:
    """The whole draft, in four statements."""
    columns = (Room.seq, Room.id, Room.name, Room.capacity)
    rooms = _all(db, sa.select(*map(col, columns)).order_by(col(Room.position), col(Room.seq)))
    days = _all(db, sa.select(col(ProgrammeDay.starts_at), col(ProgrammeDay.ends_at)).order_by("starts_at"))
    pauses = _all(db, sa.select(col(Pause.title), col(Pause.starts_at), col(Pause.ends_at)).order_by("starts_at"))
    sessions = _all(db, sa.select(*COLUMNS).order_by(S.starts_at, S.seq))
    placed = [session for session in sessions if session.starts_at]
    found = [_day(day, rooms, pauses, placed) for day in days]
    return Grid(
        rooms, found, [session for session in sessions if not session.starts_at],
        [each for each in placed if not any(_within(each, day) for day in days)], {each.id: each for each in sessions},
    )  # fmt: skip


def ends_at(session: Any) -> datetime:
    return session.starts_at + timedelta(minutes=session.minutes)  # type: ignore[no-any-return]


def _all(db: Session, wanted: Any) -> Sequence[Any]:
    return db.connection().execute(wanted).all()


def _within(session: Any, day: Any) -> bool:
    return bool(session.starts_at < day.ends_at and ends_at(session) > day.starts_at)


def _day(day: Any, rooms: Sequence[Any], pauses: Iterable[Any], sessions: Iterable[Any]) -> Day:
    first, count = _floor(day.starts_at), -(-(day.ends_at - _floor(day.starts_at)) // STEP)
    mine = [session for session in sessions if _within(session, day)]
    known: dict[int | None, UUID | None] = {room.seq: room.id for room in rooms}
    roomless = any(session.room_seq is None for session in mine)
    columns = [
        dict(_cells(room, [each for each in mine if each.room_seq == seq], first, count))
        for seq, room in [*known.items(), *([(None, None)] if roomless else [])]
    ]
    lines = tuple(
        Line(at, _pause_at(pauses, at), tuple(column[number] for column in columns if number in column))
        for number, at in enumerate(first + STEP * n for n in range(count))
    )
    return Day(day.starts_at, day.ends_at, roomless, lines)


def _cells(room: UUID | None, sessions: Sequence[Any], first: datetime, count: int) -> Iterator[tuple[int, Cell]]:
    """By the line where each begins: runs of sessions that overlap, and what is free between them."""
    free = 0
    for begins, ends, together in _runs(sessions, first, count):
        yield from ((number, Cell(room, 1)) for number in range(free, begins))
        yield begins, Cell(room, ends - begins, tuple(together))
        free = ends
    yield from ((number, Cell(room, 1)) for number in range(free, count))


def _runs(sessions: Sequence[Any], first: datetime, count: int) -> list[tuple[int, int, list[Any]]]:
    """(first line, line after the last, what stands there), in order. Both ends are rounded the same way: what follows
    at once stands below, not beside."""
    runs: list[tuple[int, int, list[Any]]] = []
    for session in sessions:
        begins = min(max((session.starts_at - first) // STEP, 0), count - 1)
        ends = min(max((ends_at(session) - first) // STEP, begins + 1), count)
        if runs and begins < runs[-1][1]:
            before, until, together = runs[-1]
            runs[-1] = (before, max(until, ends), [*together, session])
        else:
            runs.append((begins, ends, [session]))
    return runs


def _floor(at: datetime) -> datetime:
    return at - timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)


def _pause_at(pauses: Iterable[Any], at: datetime) -> str:
    return next((pause.title for pause in pauses if pause.starts_at <= at < pause.ends_at), "")
