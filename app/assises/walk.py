"""The walk: its stops in their order, when each is open, how far one is from the next."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.media import attached
from app.models import Programme, Stop

PHOTOS = "stop_seq"  # the column of `media` that names a stop
EARTH = 6_371_000  # metres, its mean radius


@dataclass(frozen=True)
class Opening:
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Walk:
    """What the public sees of it. `photos`: by a stop's seq."""

    words: str
    stops: Sequence[Stop]
    photos: dict[int, list[dict[str, Any]]]


def public(db: Session) -> Walk:
    """The stops that are shown, in order. Three questions, however many stops."""
    words = db.connection().execute(sa.select(col(Programme.walk_words)).where(col(Programme.id) == 1)).scalar_one()
    stops = db.exec(select(Stop).where(col(Stop.shown)).order_by(col(Stop.position), col(Stop.seq))).all()
    return Walk(words, stops, attached.shown_everywhere(db, PHOTOS) if stops else {})


def openings(stop: Stop) -> list[Opening]:
    """When it is open, the soonest first."""
    found = [Opening(*(datetime.fromisoformat(one[name]) for name in ("opens", "closes"))) for one in stop.hours]
    return sorted(found, key=lambda one: one.starts_at)


def opening(stop: Stop, now: datetime) -> Opening | None:
    """The one it is open in, else the next one; None when there is none any more."""
    return next((one for one in openings(stop) if now < one.ends_at), None)


def apart(one: Stop, other: Stop) -> float | None:
    """Metres from one to the other as the crow flies; None where a place is not known."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return None
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    up, along = north - south, math.radians(one.longitude - other.longitude)
    half = math.sin(up / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(along / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(half))


def length(stops: Sequence[Stop]) -> float:
    """Metres of the whole way as the crow flies, from each place that is known to the next."""
    placed = [stop for stop in stops if stop.latitude is not None]
    return sum(apart(one, other) or 0 for one, other in pairwise(placed))
