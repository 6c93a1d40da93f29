"""What organisers are warned of: a place or a person in two places at once, a limit under what is taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from app.contributions.text import bare
from app.models import Event, EventState, Mode

E: Any = Event  # as columns
TAKING_PLACE = (EventState.DRAFT, EventState.PUBLISHED)
COLUMNS = (
    E.seq, E.id, E.title, E.state, E.mode, E.starts_at, E.ends_at, E.place_name, E.place_address, E.facilitators,
)  # fmt: skip


@dataclass(frozen=True)
class Clash:
    """Another event at an overlapping time: in the same place, with the same people."""

    other: Any
    place: bool
    people: list[str]


def clashes(db: Session, event: Any) -> list[Clash]:
    """With what this event, saved or not, is double-booked."""
    return among(db, [event]).get(event.seq, [])


def among(db: Session, events: Sequence[Any]) -> dict[int | None, list[Clash]]:
    """For a whole page of events, in one query: by `seq`, those that clash with something."""
    mine = [event for event in events if event.state in TAKING_PLACE]
    if not mine:
        return {}
    first, last = min(event.starts_at for event in mine), max(event.ends_at for event in mine)
    wanted = sa.select(*COLUMNS).where(E.state.in_(TAKING_PLACE), E.starts_at < last, E.ends_at > first)
    others = db.connection().execute(wanted.order_by(E.starts_at, E.seq)).all()
    found = {event.seq: list(_against(event, others)) for event in mine}
    return {seq: clashes for seq, clashes in found.items() if clashes}


def under_taken(event: Any) -> bool:
    """A limit below what is taken: nobody loses a place, nobody new gets one."""
    return event.capacity is not None and event.capacity < event.taken


def over(event: Any, now: datetime) -> bool:
    return bool(event.ends_at <= now)


def _against(event: Any, others: Iterable[Any]) -> Iterable[Clash]:
    names = {bare(name): name for name in event.facilitators}
    for other in others:
        if other.id == event.id or other.starts_at >= event.ends_at or other.ends_at <= event.starts_at:
            continue
        people = [names[bare(name)] for name in other.facilitators if bare(name) in names]
        place = _same_place(event, other)
        if place or people:
            yield Clash(other, place, people)


def _same_place(event: Any, other: Any) -> bool:
    """By name; two houses of one name at two addresses are two places."""
    if Mode.ONLINE in (event.mode, other.mode) or not event.place_name:
        return False
    addresses = {bare(each.place_address) for each in (event, other)} - {""}
    return bare(event.place_name) == bare(other.place_name) and len(addresses) < 2
