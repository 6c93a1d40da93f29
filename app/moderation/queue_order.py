"""In which order the desk reads: the parts of the queue, each found on one index, and the place of an item in it."""

import base64
import json
from binascii import Error as Base64Error
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from app.consultation.content import consultation
from app.errors import N_, FieldError, Unprocessable
from app.models import Contribution, State
from app.moderation.queue_schemas import Flag

OLDEST = (col(Contribution.received_at), col(Contribution.seq))
AWAITING = (State.PENDING, State.SECOND_REVIEW)
# The words are gone, or stand somewhere else: nobody at the desk can do anything about them.
OUT = (State.MERGED, State.WITHDRAWN, State.ERASED)
BAD_CURSOR = N_("Cette page de la liste n’existe pas. Revenez au début.")
NONE: sa.ColumnElement[int] = sa.literal_column("0")  # not a parameter: the small indexes are those of « more than 0 »
FLAGGED = {
    Flag.ALERT: col(Contribution.open_alerts),
    Flag.DANGER: col(Contribution.dangers),
    Flag.NOTICE: col(Contribution.open_notices),
    Flag.APPEAL: col(Contribution.open_appeals),
}


class Rank(IntEnum):
    """What is read before what."""

    ALERT = 0
    DANGER = 1
    NOTICE = 2
    LATE = 3
    APPEAL = 4
    OLDEST = 5


@dataclass(frozen=True)
class Place:
    """After which item a page begins. `late_before` stays as it was on the first page, so that what becomes late while
    somebody turns pages is neither lost nor shown twice."""

    rank: Rank
    received_at: datetime
    seq: int
    late_before: datetime


@dataclass(frozen=True)
class Part:
    """Items of one rank: how they are found on one index."""

    rank: Rank
    where: tuple[sa.ColumnElement[bool], ...]


def due_at(received_at: datetime) -> datetime:
    """By when a person should have read it."""
    return received_at + timedelta(hours=consultation().limits.review_hours)


def late_before(now: datetime) -> datetime:
    """What was received earlier is late."""
    return now - timedelta(hours=consultation().limits.review_hours)


def place_of(row: Any, before: datetime) -> Place:
    """Where an item stands; `row` has the contribution's columns."""
    counts = {Rank.ALERT: row.open_alerts, Rank.DANGER: row.dangers, Rank.NOTICE: row.open_notices}
    counts[Rank.LATE] = row.state in AWAITING and row.received_at < before
    counts[Rank.APPEAL] = row.open_appeals
    rank = next((rank for rank, n in counts.items() if n), Rank.OLDEST)
    return Place(rank, row.received_at, row.seq, before)


def parts(states: list[State], *, flag: Flag | None, before: datetime) -> list[Part]:
    """The queue's parts. No states: what waits for somebody, whatever its state. Only flags with a rank count."""
    flag = flag if flag in (*FLAGGED, Flag.LATE) else None
    alert, danger, notice, appeal = FLAGGED.values()
    late = sa.and_(col(Contribution.state).in_(AWAITING), col(Contribution.received_at) < before)
    here = col(Contribution.state).in_(states) if states else col(Contribution.state).not_in(OUT)
    found = [
        Part(Rank.ALERT, (here, alert > NONE)),
        Part(Rank.DANGER, (here, danger > NONE, alert == NONE)),
        Part(Rank.NOTICE, (here, notice > NONE, danger == NONE, alert == NONE)),
        Part(Rank.APPEAL, (here, appeal > NONE, notice == NONE, danger == NONE, alert == NONE, ~late)),
    ]
    calm = (notice == NONE, danger == NONE, alert == NONE)
    for state in states or AWAITING:
        # One state each: two would have to be sorted, whatever their number.
        this = col(Contribution.state) == state
        if state in AWAITING:
            found.append(Part(Rank.LATE, (this, col(Contribution.received_at) < before, *calm)))
            found.append(Part(Rank.OLDEST, (this, col(Contribution.received_at) >= before, *calm, appeal == NONE)))
        else:
            found.append(Part(Rank.OLDEST, (this, *calm, appeal == NONE)))
    return [_only(part, flag, late) for part in found if flag is None or part.rank <= Rank[flag.name]]


def _only(part: Part, flag: Flag | None, late: sa.ColumnElement[bool]) -> Part:
    if flag is None or part.rank is Rank[flag.name]:
        return part
    return replace(part, where=(*part.where, late if flag is Flag.LATE else FLAGGED[flag] > NONE))


def keys(
    found: Iterable[Part], wanted: list[Any], *, limit: int, after: Place | None = None, back: bool = False
) -> Any:
    """(seq, rank) of one page in order, chosen on the indexes alone: only those rows then get words and names.

    `back`: the page before that place, nearest first.
    """
    order = [column.desc() if back else column.asc() for column in OLDEST]
    chosen = []
    for part in found:
        if after and (part.rank > after.rank if back else part.rank < after.rank):
            continue  # that page was already past it
        one = (
            sa.select(col(Contribution.seq), col(Contribution.received_at), _constant(part.rank))
            .where(*part.where, *wanted)
            .order_by(*order)
            .limit(limit)
        )
        if after and part.rank is after.rank:
            here, there = sa.tuple_(*OLDEST), sa.tuple_(sa.literal(after.received_at), sa.literal(after.seq))
            one = one.where(here < there if back else here > there)
        chosen.append(sa.select(one.subquery()))
    every = sa.union_all(*chosen).subquery()
    ordered = (every.c.rank, every.c.received_at, every.c.seq)
    return (
        sa.select(every.c.seq, every.c.rank)
        .order_by(*(column.desc() if back else column.asc() for column in ordered))
        .limit(limit)
    )


def _constant(rank: Rank) -> Any:
    return sa.literal_column(str(int(rank)), sa.Integer).label("rank")


def write(row: Any, before: datetime) -> str:
    """The cursor behind this row, which has a rank."""
    place = json.dumps([row.rank, row.received_at.isoformat(), row.seq, before.isoformat()])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def read(text: str | None) -> Place | None:
    """Unprocessable `bad_cursor` for what `write` did not write."""
    if not text:
        return None
    try:
        rank, received_at, seq, before = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        place = Place(Rank(rank), datetime.fromisoformat(received_at), seq, datetime.fromisoformat(before))
        sound = type(seq) is int and 0 <= seq < 2**63 and type(rank) is int
        if not (sound and place.received_at.tzinfo and place.late_before.tzinfo):
            raise ValueError(text)
    except (ValueError, TypeError, Base64Error):
        raise Unprocessable([FieldError("after", "bad_cursor", BAD_CURSOR)]) from None
    return place
