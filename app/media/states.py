"""A medium from received to ready or failed, and once more: each step one conditional UPDATE.

What was erased or given up meanwhile stays as it is; whoever worked on it is told by False.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, Conflict
from app.jobs import enqueue
from app.models import Contribution, Media, MediaState
from app.models.publication import bump

NOT_FAILED = N_("Ce fichier n’a pas échoué : il n’y a rien à relancer.")
MADE = ("kind", "mime", "width", "height", "duration", "colour", "details", "derivatives")  # known when it is ready
UNDONE = (MediaState.UPLOADING, MediaState.RECEIVED, MediaState.PROCESSING)


def begin_processing(db: Session, media_id: str) -> Media | None:
    """The row to work on; None when it is done, failed or gone (a repeat has nothing to do)."""
    media = db.exec(select(Media).where(Media.id == UUID(media_id))).first()
    if media is None or media.state not in {MediaState.RECEIVED, MediaState.PROCESSING}:
        return None
    media.state = MediaState.PROCESSING
    db.add(media)
    return media


def note_progress(db: Session, media_id: str, step: str, percent: int = 0) -> bool:
    """Where the work on a medium is; False when it is gone. Changes no version: no decision grows stale by it."""
    return _note(db, col(Media.id) == UUID(media_id), step=step, progress=max(0, min(percent, 100)))


def note_original(db: Session, media: Media) -> bool:
    """The original is in the store; False when the medium is gone: it must go too."""
    return _note(db, col(Media.seq) == media.seq, original=media.original)


def finish(db: Session, media: Media) -> bool:
    """Its derivatives are in the store: the row says all that `media` says. False when it is gone: they must go too."""
    made = {name: getattr(media, name) for name in MADE}
    kept = _note(
        db,
        col(Media.seq) == media.seq,
        state=MediaState.READY, failure=None, step=None, progress=100, blurred_key=None, **made,
    )  # fmt: skip
    if kept:
        touch(db, col(Media.seq) == media.seq)
    return kept


def _note(db: Session, which: sa.ColumnElement[bool], **values: Any) -> bool:
    """Only while it is worked on: what was erased or given up meanwhile stays as it is."""
    wanted = sa.update(Media).where(which, col(Media.state) == MediaState.PROCESSING)
    return bool(db.connection().execute(wanted.values(**values)).rowcount)


def touch(db: Session, which: sa.ColumnElement[bool]) -> None:
    """A contribution's version changes with its media: who looked at its former state must look again, programs too."""
    of = sa.select(Media.contribution_seq).where(which).scalar_subquery()  # type: ignore[call-overload]
    db.connection().execute(
        sa.update(Contribution)
        .where(col(Contribution.seq) == of)
        .values(version=Contribution.version + 1, assisted_revision=0)
    )


def fail(db: Session, media_id: str, code: str) -> None:
    """It cannot be made ready: the moderator and the holder see why."""
    done = db.connection().execute(
        sa.update(Media)
        .where(col(Media.id) == UUID(media_id), col(Media.state).in_(UNDONE))
        .values(state=MediaState.FAILED, failure=code[:40])
    )
    if done.rowcount:
        touch(db, col(Media.id) == UUID(media_id))


def retry(db: Session, media: Media) -> None:
    """Once more from the original, then decided anew; Conflict `not_failed` unless it has failed."""
    done = db.connection().execute(
        sa.update(Media)
        .where(col(Media.seq) == media.seq, col(Media.state) == MediaState.FAILED, col(Media.original).is_not(None))
        .values(state=MediaState.RECEIVED, choice=None, failure=None, step=None, progress=0)
    )
    if done.rowcount != 1:
        raise Conflict(NOT_FAILED, code="not_failed")
    touch(db, col(Media.seq) == media.seq)
    bump(db)
    enqueue(db, "process_media", media.id, key=f"media:{media.id}")
