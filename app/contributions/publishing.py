"""What becomes public and what stops being: order of publication, search index, counters, page cache."""

from datetime import datetime

from sqlmodel import Session, select

from app.contributions import search
from app.media.queries import public_media
from app.models import Contribution, Media, MediaKind, Revision, State
from app.models.publication import bump, count, next_seq

HEARD = 100_000  # characters of transcripts that are searched


def publish(db: Session, contribution: Contribution, *, now: datetime) -> None:
    """Call after the move to `published`, media choices set: shows the current revision."""
    if contribution.publication_seq is None:
        contribution.publication_seq = next_seq(db)
    else:
        bump(db)  # restored: it keeps its place, nobody is told of it twice
    contribution.published_at = contribution.published_at or now
    contribution.published_revision = contribution.revision
    contribution.reason = None
    _index(db, contribution)
    count(db, "published", 1)


def unpublish(db: Session, contribution: Contribution) -> None:
    """Call when it leaves `published`: out of the index, the list, every cached page."""
    if contribution.publication_seq is not None:
        search.unindex(db, contribution.publication_seq)
    count(db, "published", -1)
    bump(db)


def media_changed(db: Session, media: Media) -> None:
    """The public may see or hear another medium than before."""
    contribution = db.get(Contribution, media.contribution_seq) if media.contribution_seq else None
    if contribution and contribution.state is State.PUBLISHED:
        reindex(db, contribution)


def reindex(db: Session, contribution: Contribution) -> None:
    """The public words, media or filters of a published contribution changed, not its place in the list."""
    if contribution.publication_seq is None:
        return
    search.unindex(db, contribution.publication_seq)
    _index(db, contribution)
    bump(db)


def _index(db: Session, contribution: Contribution) -> None:
    """As it is shown now, faces hidden where they must be: its media for the filters, what they say for the search."""
    db.flush()
    shown = public_media(db, [contribution.seq or 0]).get(contribution.seq or 0, [])
    kinds = {medium["kind"] for medium in shown if medium["urls"]}
    contribution.has_photo = MediaKind.PHOTO.value in kinds
    contribution.has_video = MediaKind.VIDEO.value in kinds
    contribution.has_sound = MediaKind.AUDIO.value in kinds
    db.add(contribution)
    db.flush()
    revision = db.exec(
        select(Revision).where(
            Revision.contribution_seq == contribution.seq, Revision.number == contribution.published_revision
        )
    ).one()
    heard = " ".join(medium["transcript"] for medium in shown if medium["transcript"])
    search.index(db, contribution, revision, heard=heard[:HEARD])
