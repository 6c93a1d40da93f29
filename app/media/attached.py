"""Photos the team puts beside its own words: a meeting's report, a stop of the walk.

Each is shown to the public once somebody has said what it shows, faces hidden unless they may be seen. What it stands
beside is the caller's affair: who may, what is noted, what the public's pages are told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, refuse_field
from app.jobs import enqueue
from app.media import queries, rules
from app.media.attached_schemas import PhotoIn
from app.models import Face, Media, MediaChoice, MediaKind
from app.models.base import new_id

MOST = 12
TOO_MANY = N_("Il y a déjà %(most)s photos. Enlevez-en une d’abord.")
NOT_A_PHOTO = N_("Ce n’est pas une photo que nous savons lire. Choisissez une image.")


@dataclass(frozen=True)
class Home:
    """What photos stand beside: a column of `media` (`event_seq`, `stop_seq`) and the row it names."""

    column: str
    seq: int | None

    @property
    def photos(self) -> sa.ColumnElement[bool]:
        mine: sa.ColumnElement[bool] = col(getattr(Media, self.column)) == self.seq
        return mine


def listed(db: Session, home: Home) -> list[Media]:
    """In their order, those on their way included; for the team."""
    kept = sa.or_(col(Media.choice).is_(None), col(Media.choice) != MediaChoice.WITHHOLD)
    mine = select(Media).where(home.photos, kept)
    return list(db.exec(mine.order_by(col(Media.position), col(Media.seq))))


def shown(db: Session, home: Home) -> list[dict[str, Any]]:
    """Those the public may have, in api.md's shape. One query."""
    return [shape for _, shape in _public(db, home.photos, home.column)]


def shown_everywhere(db: Session, column: str) -> dict[int, list[dict[str, Any]]]:
    """Those the public may have beside every row that `column` may name, by its seq. One query."""
    found: dict[int, list[dict[str, Any]]] = {}
    for seq, shape in _public(db, col(getattr(Media, column)).is_not(None), column):
        found.setdefault(seq, []).append(shape)
    return found


def _public(db: Session, which: sa.ColumnElement[bool], column: str) -> Iterator[tuple[int, dict[str, Any]]]:
    found = select(Media).where(which, queries.PUBLIC).order_by(col(Media.position), col(Media.seq))
    for media in db.exec(found):
        shape = queries.public_shape(media)
        if shape["urls"]:
            yield getattr(media, column), shape


def add(db: Session, home: Home, stored: rules.Stored, *, alt: str = "", face: Face = Face.HIDE, now: datetime) -> UUID:
    """A photo already safe in the store; the job makes it ready. 422 `media_kind`, `too_many_media`."""
    if stored.kind is not MediaKind.PHOTO:
        raise refuse_field("files", "media_kind", NOT_A_PHOTO)
    before = listed(db, home)
    if len(before) >= MOST:
        raise refuse_field("files", "too_many_media", TOO_MANY, most=MOST)
    made = Media(
        id=new_id(), opaque=rules.new_opaque(), kind=stored.kind, mime=stored.mime, size=stored.size,
        original=stored.key, width=stored.width, height=stored.height, received_at=now, alt=alt,
        position=max((photo.position for photo in before), default=-1) + 1, face=face, choice=_choice(alt, face),
    )  # fmt: skip
    setattr(made, home.column, home.seq)
    db.add(made)
    enqueue(db, "process_media", made.id, key=f"media:{made.id}")
    return made.id


def revise(db: Session, home: Home, wanted: Mapping[str, PhotoIn]) -> list[str]:
    """What is said of each photo, by its id, takes effect; what was done to each: `changed`, `removed`.

    What is no longer there is left out: repeating it changes nothing.
    """
    done = []
    for photo in listed(db, home):
        said = wanted.get(str(photo.id))
        if said and said.remove:
            forget(db, photo)
            done.append("removed")
        elif said and (said.alt, said.face) != (photo.alt or "", photo.face):
            photo.alt, photo.face, photo.choice = said.alt, said.face, _choice(said.alt, said.face)
            db.add(photo)
            done.append("changed")
    db.flush()
    return done


def forget(db: Session, photo: Media) -> None:
    """At once from the page; its files follow."""
    photo.choice = MediaChoice.WITHHOLD
    db.add(photo)
    enqueue(db, "forget_media", photo.id, key=f"forget:{photo.id}")


def _choice(alt: str, face: Face) -> MediaChoice | None:
    """Undecided, so not shown, until somebody has said what it shows."""
    if not alt:
        return None
    return MediaChoice.PUBLISH if face is Face.SHOW else MediaChoice.BLUR
