"""What happened at a meeting, told afterwards: words and photos on its page."""

import hashlib
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import audit
from app.errors import N_, Conflict, NotFound, refuse_field
from app.jobs import enqueue
from app.media import rules as media_rules
from app.models import Event, EventState, Face, Media, MediaChoice, MediaKind
from app.models.base import new_id
from app.models.publication import bump

MOST_PHOTOS = 12
TOO_MANY = N_("Il y a déjà %(most)s photos. Enlevez-en une d’abord.")
NOT_A_PHOTO = N_("Ce n’est pas une photo que nous savons lire. Choisissez une image.")
NOT_YET = N_("Ce rendez-vous n’a pas encore eu lieu. Le compte rendu s’écrit après.")
CHANGED = N_(
    "Quelqu’un d’autre a changé ce compte rendu entre-temps. Votre texte est gardé : comparez, puis enregistrez."
)
UNKNOWN = N_("Cette photo n’est plus là.")


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
    """A photo already safe in the store; the job makes it ready, faces hidden unless `face` is SHOW.

    Without `alt` the public does not see it. 422 `media_kind`, `too_many_media`; Conflict `not_begun`.
    """
    _refuse_early(event, now=now)
    if stored.kind is not MediaKind.PHOTO:
        raise refuse_field("files", "media_kind", NOT_A_PHOTO)
    before = photos(db, event)
    if len(before) >= MOST_PHOTOS:
        raise refuse_field("files", "too_many_media", TOO_MANY, most=MOST_PHOTOS)
    made = Media(
        id=new_id(), opaque=media_rules.new_opaque(), event_seq=event.seq, kind=stored.kind, mime=stored.mime,
        size=stored.size, original=stored.key, width=stored.width, height=stored.height, received_at=now, alt=alt,
        position=max((photo.position for photo in before), default=-1) + 1, face=face, choice=_choice(alt, face),
    )  # fmt: skip
    db.add(made)
    enqueue(db, "process_media", made.id, key=f"media:{made.id}")
    bump(db)
    _note(db, event, "event_photo_added", by=by, now=now)
    return made.id


def describe(db: Session, event: Event, photo_id: UUID, *, alt: str, face: Face, by: str, now: datetime) -> None:
    """Other words for a photo, or faces shown or hidden."""
    photo = _photo(db, event, photo_id)
    photo.alt, photo.face, photo.choice = alt, face, _choice(alt, face)
    db.add(photo)
    db.flush()
    bump(db)
    _note(db, event, "event_photo_changed", by=by, now=now)


def remove(db: Session, event: Event, photo_id: UUID, *, by: str, now: datetime) -> None:
    """At once from the page; its files follow. Repeating it changes nothing."""
    try:
        photo = _photo(db, event, photo_id)
    except NotFound:
        return
    photo.choice = MediaChoice.WITHHOLD
    db.add(photo)
    enqueue(db, "forget_media", photo.id, key=f"forget:{photo.id}")
    bump(db)
    _note(db, event, "event_photo_removed", by=by, now=now)


def photos(db: Session, event: Event) -> list[Media]:
    """In their order, those on their way included; for the team."""
    kept = sa.or_(col(Media.choice).is_(None), col(Media.choice) != MediaChoice.WITHHOLD)
    mine = select(Media).where(col(Media.event_seq) == event.seq, kept)
    return list(db.exec(mine.order_by(col(Media.position), col(Media.seq))))


def _photo(db: Session, event: Event, photo_id: UUID) -> Media:
    found = next((photo for photo in photos(db, event) if photo.id == photo_id), None)
    if found is None:
        raise NotFound(UNKNOWN)
    return found


def _choice(alt: str, face: Face) -> MediaChoice | None:
    """Undecided, so not shown, until somebody has said what it shows."""
    if not alt:
        return None
    return MediaChoice.PUBLISH if face is Face.SHOW else MediaChoice.BLUR


def _refuse_early(event: Event, *, now: datetime) -> None:
    if not may_tell(event, now=now):
        raise Conflict(NOT_YET, code="not_begun")


def _note(db: Session, event: Event, action: str, *, by: str, now: datetime) -> None:
    audit.append(db, actor=by, action=action, kind="event", object_id=str(event.id), now=now)
