"""Reads of the queue: a page, how many, what comes next. How many queries never depends on how many rows."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from app.assistance import queries as assistance_queries
from app.models import (
    Collected,
    Contribution,
    Counter,
    Media,
    MediaKind,
    MediaState,
    Outing,
    Signal,
    SignalState,
    Staff,
    State,
    Transition,
)
from app.moderation import media_choices, queue_order
from app.moderation.queries import MEDIA_WAITING, Held, item, items, media_of
from app.moderation.queue_order import AWAITING, FLAGGED, NONE, OLDEST, OUT
from app.moderation.queue_schemas import NOTICED, Flag, MediaFilter, QueueIn, StepIn

# Said by what it is not: the few media to decide about lead the way, not the index of everything published.
IS_PUBLIC = col(Contribution.state).not_in(set(State) - {State.PUBLISHED})
CALLED = "waiting"  # beside the states: what waits for somebody, whatever its state


@dataclass(frozen=True)
class Page:
    """Items, their media and what programs noticed by contribution, and where to go on."""

    rows: list[Any]
    media: dict[int, list[Held]]
    noticed: dict[int, list[tuple[str, int]]]
    next: str | None


@dataclass(frozen=True)
class Counts:
    """How many are in each state; wait for somebody; are under each flag; are public with a medium to decide about."""

    states: dict[str, int]
    waiting: int
    flags: dict[str, int]
    media_waiting: int


def queue(db: Session, filters: QueueIn, *, mine: int | None, now: datetime) -> Page:
    """One page in the order of queue_order.Rank; `mine` is the asking person's seq."""
    after = queue_order.read(filters.after)
    before = after.late_before if after else queue_order.late_before(now)
    found = queue_order.parts(filters.state, flag=filters.signals, before=before)
    keys = queue_order.keys(found, wanted(filters, mine=mine, now=now), limit=filters.limit + 1, after=after).subquery()
    query = (
        items(now)
        .add_columns(keys.c.rank)
        .join(keys, keys.c.seq == col(Contribution.seq))
        .order_by(keys.c.rank, *OLDEST)
    )
    rows = list(db.connection().execute(query))
    more, rows = len(rows) > filters.limit, rows[: filters.limit]
    seqs = [row.seq for row in rows]
    onward = queue_order.write(rows[-1], before) if more else None
    return Page(rows, media_of(db, seqs), assistance_queries.open_kinds(db, seqs), onward)


def wanted(filters: QueueIn, *, mine: int | None, now: datetime) -> list[Any]:
    """What the filters ask for, but for the state and what has a rank."""
    found: list[Any] = []
    for name in ("channel", "question", "kind"):
        if value := getattr(filters, name):
            found.append(getattr(Contribution, name) == value)
    if filters.language:
        language = col(Contribution.language)
        found.append(sa.or_(language == filters.language, language.startswith(filters.language + "-", autoescape=True)))
    if filters.has_media is not None:
        has = sa.exists().where(col(Media.contribution_seq) == col(Contribution.seq))
        found.append(has if filters.has_media else ~has)
    if filters.media:
        found.append(_with_media(filters.media))
    if filters.signals in NOTICED:
        found.append(sa.exists().where(_unanswered(), col(Signal.kind).in_(NOTICED[filters.signals])))
    if filters.outing:
        said_there = sa.select(col(Collected.contribution_seq)).join(
            Outing, col(Outing.seq) == col(Collected.outing_seq)
        )
        found.append(col(Contribution.seq).in_(said_there.where(col(Outing.id) == filters.outing)))
    if filters.mine:
        found += [col(Contribution.claimed_by) == mine, col(Contribution.claimed_until) > now]
    return found


def _unanswered() -> sa.ColumnElement[bool]:
    return sa.and_(
        col(Signal.contribution_seq) == col(Contribution.seq),
        col(Signal.revision) == col(Contribution.revision),
        col(Signal.state) == SignalState.OPEN,
    )


def _with_media(asked: MediaFilter) -> sa.ColumnElement[bool]:
    if asked is MediaFilter.WAITING:  # few, and known by their own index
        return col(Contribution.seq).in_(sa.select(col(Media.contribution_seq)).where(media_choices.undecided()))
    failed = col(Media.state) == MediaState.FAILED
    what = failed if asked is MediaFilter.FAILED else col(Media.kind) == MediaKind(asked.value)
    return sa.exists().where(col(Media.contribution_seq) == col(Contribution.seq), what)


def counts(db: Session, *, now: datetime) -> Counts:
    """Over the whole consultation, in one query, each on an index; the large state comes from its counter."""
    kept: Any = sa.select(sa.literal(State.PUBLISHED.value).label("name"), col(Counter.value).label("n")).where(
        col(Counter.name) == State.PUBLISHED.value
    )
    late_media = (
        sa.select(sa.literal(MEDIA_WAITING), sa.func.count(col(Media.contribution_seq).distinct()))
        .join(Contribution, col(Contribution.seq) == col(Media.contribution_seq))
        .where(media_choices.undecided(), IS_PUBLIC)
    )
    rows = db.connection().execute(sa.union_all(kept, late_media, *_states(now), *_flags(), _called()))
    found = {row.name: row.n for row in rows}
    late = {state: found[f"late {state}"] for state in AWAITING}
    states = {state.value: found.get(state.value, 0) + late.get(state, 0) for state in State}
    waiting = sum(states[state] for state in AWAITING) + found[CALLED]
    flags = {flag.value: found[f"flag {flag}"] for flag in FLAGGED} | {Flag.LATE.value: sum(late.values())}
    return Counts(states, waiting, flags, found[MEDIA_WAITING])


def _states(now: datetime) -> list[Any]:
    """Each row is counted once, so what awaits a decision in two parts: a group by would take twice as long."""
    before, received = queue_order.late_before(now), col(Contribution.received_at)
    found = []
    for state in State:
        this = col(Contribution.state) == state
        if state in AWAITING:
            found += [_count(f"late {state}", this, received < before), _count(state.value, this, received >= before)]
        elif state is not State.PUBLISHED:
            found.append(_count(state.value, this))
    return found


def _flags() -> list[Any]:
    here = col(Contribution.state).not_in(OUT)
    return [_count(f"flag {flag}", here, column > NONE) for flag, column in FLAGGED.items()]


def _count(name: str, *where: sa.ColumnElement[bool]) -> Any:
    return sa.select(sa.literal(name), sa.func.count()).select_from(Contribution).where(*where)


def _called() -> Any:
    """Beside those that await a decision."""
    elsewhere = col(Contribution.state).not_in((*AWAITING, *OUT))
    flagged = [sa.select(col(Contribution.seq)).where(elsewhere, column > NONE) for column in FLAGGED.values()]
    return sa.select(sa.literal(CALLED), sa.func.count()).select_from(sa.union(*flagged).subquery())


def neighbour(db: Session, step: StepIn, *, by: Staff, now: datetime) -> uuid.UUID | None:
    """The item after (before) this one in the list these filters make, passing over what somebody else holds."""
    row = item(db, str(step.item), now=now)
    before = queue_order.late_before(now)
    found = queue_order.parts(step.state, flag=step.signals, before=before)
    these = [*wanted(step, mine=by.seq, now=now), free(by, now)]
    place = queue_order.place_of(row, before)
    keys = queue_order.keys(found, these, limit=1, after=place, back=step.back).subquery()
    id = (
        db.connection()
        .execute(sa.select(col(Contribution.id)).join(keys, keys.c.seq == col(Contribution.seq)))
        .scalar()
    )
    return uuid.UUID(str(id)) if id else None


def next_item(db: Session, *, by: Staff, now: datetime) -> uuid.UUID | None:
    """What this person reads next: in the queue's order, nobody else's; then public words with a medium to decide."""
    # Under an open alert nothing can be decided here: the alert's page is the place for it.
    mine = [free(by, now), col(Contribution.open_alerts) == NONE, _by_another(by)]
    found = queue_order.parts([], flag=None, before=queue_order.late_before(now))
    keys = queue_order.keys(found, mine, limit=1).subquery()
    waiting = sa.select(col(Contribution.id)).join(keys, keys.c.seq == col(Contribution.seq))
    late = sa.select(col(Contribution.id)).where(*mine, *_late()).order_by(*OLDEST).limit(1)
    for these in (waiting, late):
        if id := db.connection().execute(these).scalar():
            return uuid.UUID(str(id))
    return None


def free(by: Staff, now: datetime) -> sa.ColumnElement[bool]:
    """Held by nobody else."""
    return sa.or_(
        col(Contribution.claimed_until).is_(None),
        col(Contribution.claimed_until) <= now,
        col(Contribution.claimed_by) == by.seq,
    )


def _by_another(by: Staff) -> sa.ColumnElement[bool]:
    """What must be read by somebody else than who decided before is no work for this person."""
    acted = sa.exists().where(
        col(Transition.contribution_seq) == col(Contribution.seq), col(Transition.actor) == by.actor
    )
    again = sa.or_(col(Contribution.state) == State.SECOND_REVIEW, col(Contribution.open_appeals) > NONE)
    return ~sa.and_(again, acted)


def _late() -> tuple[sa.ColumnElement[bool], ...]:
    """Public words of which a medium became ready, or failed, after they were decided."""
    media = sa.select(col(Media.contribution_seq)).where(media_choices.undecided())
    return IS_PUBLIC, col(Contribution.seq).in_(media)
