"""What happened at a meeting, told afterwards: words and photos on its page."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app import audit
from app.errors import N_, Conflict
from app.media import attached
from app.media import rules as media_rules
from app.media.attached_schemas import PhotoIn
from app.models import Event, EventState, Face
from app.models.publication import bump

NOT_YET = N_("Ce rendez-vous n’a pas encore eu lieu. Le compte rendu s’écrit après.")
CHANGED = N_(
    "Quelqu’un d’autre a changé ce compte rendu entre-temps. Votre texte est gardé : comparez, puis enregistrez."
)


def may_tell(event: Event, *, now: datetime) -> bool:
    """A report is of what took place: once it has begun, and was neither cancelled nor postponed."""
    return event.state is EventState.PUBLISHED and now >= event.starts_at


def mark(text: str) -> str:
    """By which one knows that a text is still the one somebody began with."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write(db: Session, event: Event, *, words: str, seen: str, by: str, now: datetime) -> None:
    """`seen`: the mark of the words the writer began with. Conflict `not_begun`, `stale`."""
    _refuse_early(event, now=now)
    mine = sa.update(Event).where(col(Event.seq) == event.seq, col(Event.report) == event.report)
    if mark(event.report) != seen or not db.connection().execute(mine.values(report=words)).rowcount:
        raise Conflict(CHANGED, code="stale")
    db.refresh(event)
    bump(db)
    _note(db, event, "event_reported", by=by, now=now)


def add_photo(
    db: Session, event: Event, stored: media_rules.Stored, *, alt: str, face: Face, by: str, now: datetime
) -> UUID:
    """As `attached.add`; Conflict `not_begun`."""
    _refuse_early(event, now=now)
    made = attached.add(db, home(event), stored, alt=alt, face=face, now=now)
    bump(db)
    _note(db, event, "event_photo_added", by=by, now=now)
    return made


def revise_photos(db: Session, event: Event, wanted: Mapping[str, PhotoIn], *, by: str, now: datetime) -> None:
    """Other words for photos, faces shown or hidden, or none of it any more."""
    for done in attached.revise(db, home(event), wanted):
        bump(db)
        _note(db, event, f"event_photo_{done}", by=by, now=now)


def home(event: Event) -> attached.Home:
    return attached.Home("event_seq", event.seq)


def _refuse_early(event: Event, *, now: datetime) -> None:
    if not may_tell(event, now=now):
        raise Conflict(NOT_YET, code="not_begun")


def _note(db: Session, event: Event, action: str, *, by: str, now: datetime) -> None:
    audit.append(db, actor=by, action=action, kind="event", object_id=str(event.id), now=now)
