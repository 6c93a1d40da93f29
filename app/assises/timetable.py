"""A day of the programme as a table: a row for each moment at which something begins, a column for each room.

A session spans the rows of what begins while it lasts. Those that overlap in one room share a cell, so that no cell is
ever under two others, whatever the organisers left there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from app import i18n
from app.assises.frozen import FrozenPause, FrozenProgramme, FrozenSession


@dataclass
class Cell:
    """From its row on, `span` rows of one column; without sessions it is free."""

    span: int = 1
    sessions: list[FrozenSession] = field(default_factory=list)


@dataclass
class Row:
    """`pauses`: what begins there for everybody; alone when nothing else happens. `cells`: those that begin in it."""

    at: datetime
    pauses: list[FrozenPause] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)


@dataclass
class Day:
    """`columns`: the rooms in which something happens; None for what has no room yet, last."""

    date: date
    columns: list[UUID | None]
    rows: list[Row]


def days(programme: FrozenProgramme, sessions: Sequence[FrozenSession]) -> list[Day]:
    """The tables of these sessions of the programme; a day without any is left out."""
    by_day: dict[date, list[FrozenSession]] = {}
    for each in sorted(sessions, key=lambda one: one.starts_at):
        by_day.setdefault(i18n.local(each.starts_at).date(), []).append(each)
    return [_day(programme, on, inside) for on, inside in by_day.items()]


def _day(programme: FrozenProgramme, on: date, sessions: list[FrozenSession]) -> Day:
    pauses = [pause for pause in programme.pauses if i18n.local(pause.starts_at).date() == on]
    moments = {each.starts_at for each in sessions} | {each.starts_at for each in pauses}
    rows = {at: Row(at) for at in sorted(moments)}
    for pause in pauses:
        rows[pause.starts_at].pauses.append(pause)
    columns = _columns(programme, sessions)
    for column in columns:
        inside = [each for each in sessions if _room(programme, each) == column]
        _fill(list(rows.values()), inside)
    return Day(on, columns, list(rows.values()))


def _columns(programme: FrozenProgramme, sessions: list[FrozenSession]) -> list[UUID | None]:
    used = {_room(programme, each) for each in sessions}
    named: list[UUID | None] = [room.id for room in programme.rooms if room.id in used]
    return [*named, None] if None in used else named


def _room(programme: FrozenProgramme, session: FrozenSession) -> UUID | None:
    return session.room if session.room in programme.room_of else None


def _fill(rows: list[Row], sessions: list[FrozenSession]) -> None:
    """The cells of one column, from the first row to the last."""
    free_from = rows[0].at
    for index, row in enumerate(rows):
        if row.at < free_from:
            continue
        together = _together(sessions, row.at)
        end = max((each.ends_at for each in together), default=row.at)
        span = sum(row.at <= later.at < end for later in rows[index:]) or 1
        row.cells.append(Cell(span, together))
        free_from = max(end, row.at)


def _together(sessions: list[FrozenSession], at: datetime) -> list[FrozenSession]:
    """What begins at that moment, and whatever begins before all of it is over."""
    found = [each for each in sessions if each.starts_at == at]
    end = max((each.ends_at for each in found), default=at)
    for each in sessions:
        if at < each.starts_at < end:
            found.append(each)
            end = max(end, each.ends_at)
    return found
