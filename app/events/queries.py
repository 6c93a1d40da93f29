"""Reading the meetings the public sees. Columns only, one page at a time."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, NotFound, refuse_field
from app.events.filters import Filters
from app.models import Access, Event, EventKind, EventState
from app.models.driver import run

E: Any = Event  # as columns
PUBLIC = (EventState.PUBLISHED, EventState.CANCELLED, EventState.POSTPONED)
LISTED = E.kind != EventKind.SESSION  # those have a programme of their own: /assises
COLUMNS = (
    E.seq, E.id, E.slug, E.kind, E.state, E.mode, E.access, E.sequence, E.invented, E.title, E.summary, E.way,
    E.access_notes, E.place_name, E.place_address, E.latitude, E.longitude, E.quartier, E.offers, E.starts_at,
    E.ends_at, E.capacity, E.taken, E.waiting, E.opens_at, E.closes_at, E.said, E.changed_at, E.published_at,
)  # fmt: skip
SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$", re.ASCII)
CURSOR = re.compile(r"^(\d{1,12})\.(\d{1,18})$", re.ASCII)
MOST_LETTERS = 80
SEQ_OF = "SELECT seq, state FROM event WHERE slug = ?"
PAGE, SOON = 30, 3
ALL = 2000  # events of one calendar: more than a city holds in a year
UNKNOWN = N_("Ce rendez-vous n’existe pas, ou il n’est pas public.")
BAD_CURSOR = N_("Cette suite de page n’existe pas.")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    """One page of the list: rows with the attributes of Event, and the cursor of what follows."""

    items: Sequence[Any] = field(default_factory=list)
    next: str | None = None


def by_slug(db: Session, slug: str) -> Event:
    """A meeting the public may see; NotFound for a draft."""
    found = None
    if len(slug) <= MOST_LETTERS and SLUG.match(slug):
        found = db.exec(select(Event).where(Event.slug == slug, col(Event.state).in_(PUBLIC))).first()
    if found is None:
        raise NotFound(UNKNOWN)
    return found


def seq_of(db: Session, slug: str) -> int:
    """As `by_slug`, for whoever needs no more of it."""
    found = run(db, SEQ_OF, slug).fetchone() if len(slug) <= MOST_LETTERS and SLUG.match(slug) else None
    if found is None or found[1] == EventState.DRAFT:
        raise NotFound(UNKNOWN)
    return int(found[0])


def seats_left(event: Any) -> int | None:
    """Seats nobody holds; None without a limit. A lowered capacity may leave less than none: that is none."""
    return None if event.capacity is None else max(0, event.capacity - event.taken)


def is_open(event: Any, now: datetime) -> bool:
    """Whether one may sign up now, for a seat or for the waiting list."""
    if event.state != EventState.PUBLISHED or event.access != Access.OPEN:
        return False
    closes = event.closes_at or event.starts_at
    return bool((event.opens_at is None or now >= event.opens_at) and now < closes)


def public(db: Session, filters: Filters, *, now: datetime, limit: int = PAGE, after: str = "") -> Page:
    """Meetings to come, soonest first; with `when=past`, those that are over, latest first. 422 `bad_cursor`."""
    past = filters.when == "past"
    query = sa.select(*COLUMNS).where(*_wanted(filters, now=now))
    if after:
        at, seq = _read_cursor(after)
        mark = sa.tuple_(sa.literal(at, E.starts_at.type), sa.literal(seq))
        place = sa.tuple_(E.starts_at, E.seq)
        query = query.where(place < mark if past else place > mark)
    order = (E.starts_at.desc(), E.seq.desc()) if past else (E.starts_at, E.seq)
    rows = db.connection().execute(query.order_by(*order).limit(limit + 1)).all()
    more, rows = len(rows) > limit, rows[:limit]
    return Page(rows, _write_cursor(rows[-1]) if more else None)


def soon(db: Session, *, now: datetime) -> Sequence[Any]:
    """The next ones that take place, for the home page."""
    query = sa.select(*COLUMNS).where(LISTED, E.state == EventState.PUBLISHED, E.ends_at > now)
    return db.connection().execute(query.order_by(E.starts_at, E.seq).limit(SOON)).all()


def between(db: Session, start: datetime, end: datetime) -> Sequence[Any]:
    """What the public sees of a span of time, in order; a meeting that began before it is in it too."""
    query = sa.select(*COLUMNS).where(LISTED, E.state.in_(PUBLIC), E.ends_at > start, E.starts_at < end)
    return db.connection().execute(query.order_by(E.starts_at, E.seq).limit(ALL)).all()


def any_before(db: Session, moment: datetime) -> bool:
    return _any(db, E.starts_at < moment)


def any_from(db: Session, moment: datetime) -> bool:
    return _any(db, E.starts_at >= moment)


def _any(db: Session, wanted: Any) -> bool:
    query = sa.select(E.seq).where(LISTED, E.state.in_(PUBLIC), wanted).limit(1)
    return db.connection().execute(query).first() is not None


def everything(db: Session, *, since: datetime) -> Sequence[Any]:
    """For whoever subscribes: what is to come, and what is over not long ago."""
    return between(db, since, since + timedelta(days=3650))


def _wanted(filters: Filters, *, now: datetime) -> list[Any]:
    wanted = [LISTED, E.state.in_(PUBLIC)]
    start, end = filters.span(now)
    if filters.when == "past":
        wanted.append(E.ends_at <= now)
    else:
        wanted.append(E.ends_at > (start or now))
    if end is not None:
        wanted.append(E.starts_at < end)
    for name in ("kind", "quartier", "mode"):
        if value := getattr(filters, name):
            wanted.append(getattr(E, name).in_(["both", value]) if name == "mode" else getattr(E, name) == value)
    if filters.offer:
        wanted.append(sa.cast(E.offers, sa.Text).contains(f'"{filters.offer}"', autoescape=True))
    if filters.places:
        wanted += [*_open(now), sa.or_(E.capacity.is_(None), E.taken < E.capacity)]
    return wanted


def _open(now: datetime) -> list[Any]:
    """`is_open` as SQL."""
    closes = sa.func.coalesce(E.closes_at, E.starts_at, type_=E.starts_at.type)
    opened = sa.or_(E.opens_at.is_(None), E.opens_at <= now)
    return [E.state == EventState.PUBLISHED, E.access == Access.OPEN, opened, closes > now]


def _write_cursor(row: Any) -> str:
    seconds = (row.starts_at - EPOCH) // timedelta(seconds=1)
    return base64.urlsafe_b64encode(f"{seconds}.{row.seq}".encode()).decode().rstrip("=")


def _read_cursor(after: str) -> tuple[datetime, int]:
    """It is opaque to clients: only what `_write_cursor` made is one."""
    try:
        text = base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    match = CURSOR.match(text)
    if match is None or int(match[1]) > 10**11:
        raise refuse_field("after", "bad_cursor", BAD_CURSOR)
    return EPOCH + timedelta(seconds=int(match[1])), int(match[2])
