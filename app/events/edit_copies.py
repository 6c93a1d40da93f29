"""One event made into others: a copy, a series week after week; and the address each gets."""

import re
import secrets
from datetime import datetime
from typing import Any

from pydantic_core import PydanticCustomError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.contributions.text import bare
from app.errors import N_, refuse_field
from app.events import moments
from app.models import Event, EventState, ProgrammeSession
from app.models.base import new_id

COPIED = (
    "kind", "mode", "access", "title", "summary", "body", "audience", "way", "access_notes", "place_name",
    "place_address", "latitude", "longitude", "quartier", "online_url", "offers", "facilitators", "contact", "capacity",
)  # fmt: skip
TIMES = ("starts_at", "ends_at", "opens_at", "closes_at")
LETTERS = "abcdefghjkmnpqrstvwxyz23456789"
CHANCE = secrets.SystemRandom()
LONGEST_SLUG = 60  # characters, before what tells two of a name apart
RESERVED = {"carte", "flux", "mois"}  # pages of their own below /rendez-vous
NO_SUCH_WEEK = N_(
    "La semaine n° %(weeks)s tombe sur un changement d’heure. Faites-en moins, ou choisissez une autre heure."
)


def copy(db: Session, event: Event, *, now: datetime) -> Event:
    """A draft that says the same, as many whole weeks later as it takes to be to come."""
    weeks = 1 + max(0, (now - event.starts_at).days // 7)
    while (times := _shifted(event, weeks)) is None or times["starts_at"] <= now:
        weeks += 1
    return _made(db, event, times, now=now)


def series(db: Session, event: Event, *, times: int, now: datetime) -> list[Event]:
    """So many more drafts, one a week, after the last there is; they and `event` are one series."""
    event.series = event.series or new_id()
    db.add(event)
    latest = max(db.exec(select(Event.starts_at).where(Event.series == event.series)), default=event.starts_at)
    first = 1 + max(0, (moments.face(latest) - moments.face(event.starts_at)).days // 7)
    made = []
    for weeks in range(first, first + times):
        shifted = _shifted(event, weeks)
        if shifted is None:
            raise refuse_field("times", "no_such_time", NO_SUCH_WEEK, weeks=weeks)
        made.append(_made(db, event, shifted | {"series": event.series}, now=now))
    return made


def drafts(db: Session, event: Event) -> list[int]:
    """The drafts of its series, oldest row first: who holds several does it in this order."""
    if event.series is None:
        return []
    wanted = select(Event.seq).where(Event.series == event.series, Event.state == EventState.DRAFT)
    return [seq for seq in db.exec(wanted.order_by(col(Event.seq))) if seq is not None]


def add(db: Session, event: Event) -> Event:
    """With an address of its own."""
    add_at(db, event, _slug(db, event))
    return event


def add_at(db: Session, made: Event | ProgrammeSession, slug: str) -> None:
    """A new row at that address. Two made at once may want the same: the second gets another."""
    made.slug = slug
    try:
        with db.begin_nested():
            db.add(made)
            db.flush()
    except IntegrityError:
        made.slug = with_letters(slug)
        db.add(made)
        db.flush()


def _made(db: Session, event: Event, values: dict[str, Any], *, now: datetime) -> Event:
    same = {name: getattr(event, name) for name in COPIED}
    return add(db, Event(id=new_id(), slug="", created_at=now, changed_at=now, **same, **values))


def _shifted(event: Event, weeks: int) -> dict[str, Any] | None:
    """Its times so many weeks later; None when one of them does not exist, or exists twice."""
    try:
        return {name: moments.weeks_later(at, weeks) if (at := getattr(event, name)) else None for name in TIMES}
    except PydanticCustomError:
        return None


def _slug(db: Session, event: Event) -> str:
    """From the title; with the day where another has it already."""
    base = name_in_address(event.title) or event.kind.value
    dated = f"{base}-{moments.face(event.starts_at):%Y-%m-%d}"
    models: tuple[Any, ...] = (Event, ProgrammeSession)  # a session may become a meeting
    others = (db.exec(select(each.slug).where(each.slug.in_([base, dated]))) for each in models)
    taken = RESERVED.union(*others)
    return next((slug for slug in (base, dated) if slug not in taken), with_letters(base))


def name_in_address(title: str) -> str:
    """A title as addresses have it; "" where it has no Latin letter and no digit."""
    plain = bare(title).replace("œ", "oe").replace("æ", "ae")
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:LONGEST_SLUG].strip("-")


def with_letters(slug: str) -> str:
    return f"{slug}-{''.join(CHANCE.choices(LETTERS, k=6))}"
