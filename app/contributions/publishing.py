"""What becomes public and what stops being: order of publication, search index, counters, page cache."""

from datetime import datetime

from sqlmodel import Session, select

from app.contributions import search
from app.media.queries import public_media
from app.models import Contribution, MediaKind, Revision
from app.models.publication import bump, count, next_seq


def publish(db: Session, contribution: Contribution, *, now: datetime) -> None:
    """Call after the move to `published`, media choices set: shows the current revision."""
    if contribution.publication_seq is None:
        contribution.publication_seq = next_seq(db)
    else:
        bump(db)  # restored: it keeps its place, nobody is told of it twice
    contribution.published_at = contribution.published_at or now
    contribution.published_revision = contribution.revision
    note_media(db, contribution)
    contribution.reason = None
    db.add(contribution)
    db.flush()
    revision = db.exec(
        select(Revision).where(Revision.contribution_seq == contribution.seq, Revision.number == contribution.revision)
    ).one()
    search.index(db, contribution, revision)
    count(db, "published", 1)


def unpublish(db: Session, contribution: Contribution) -> None:
    """Call when it leaves `published`: out of the index, the list, every cached page."""
    if contribution.publication_seq is not None:
        search.unindex(db, contribution.publication_seq)
    count(db, "published", -1)
    bump(db)


def note_media(db: Session, contribution: Contribution) -> None:
    """Which kinds of media it shows now, for the filters of the list: faces hidden where they must be."""
    db.flush()
    shown = public_media(db, [contribution.seq or 0]).get(contribution.seq or 0, [])
    kinds = {medium["kind"] for medium in shown if medium["urls"]}
    contribution.has_photo = MediaKind.PHOTO.value in kinds
    contribution.has_video = MediaKind.VIDEO.value in kinds
    contribution.has_sound = MediaKind.AUDIO.value in kinds


def reindex(db: Session, contribution: Contribution) -> None:
    """The public words or filters of a published contribution changed, not its place in the list."""
    if contribution.publication_seq is None:
        return
    search.unindex(db, contribution.publication_seq)
    revision = db.exec(
        select(Revision).where(
            Revision.contribution_seq == contribution.seq, Revision.number == contribution.published_revision
        )
    ).one()
    search.index(db, contribution, revision)
    bump(db)
