"""Reads of the desk: one item, its media, names (the queue: queue_queries.py). How many never depends on rows."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import NotFound
from app.media import queries as media_queries
from app.models import Caption, Contribution, Media, Revision, Staff, State, Transition

MEDIA_WAITING = "media_waiting"


@dataclass(frozen=True)
class Held:
    """A medium and the languages of its accepted captions."""

    media: Media
    captions: list[str]


def identifier(text: str) -> uuid.UUID:
    """The id in an address; NotFound when it cannot be one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None


def visible(db: Session, id: str) -> Contribution:
    """The contribution staff may act on; an erased one is as absent as one that never was."""
    found = db.exec(
        select(Contribution).where(Contribution.id == identifier(id), Contribution.state != State.ERASED)
    ).first()
    if found is None:
        raise NotFound
    return found


def current_words() -> sa.ColumnElement[bool]:
    """How a contribution is joined to its current revision."""
    return sa.and_(
        col(Revision.contribution_seq) == col(Contribution.seq),
        col(Revision.number) == col(Contribution.revision),
    )


def items(now: datetime) -> Any:
    """A contribution with its current words and who holds it; `by` is None when the claim has run out."""
    live = col(Contribution.claimed_until) > now
    return (
        sa.select(
            Contribution.__table__,  # type: ignore[attr-defined]
            col(Revision.title), col(Revision.body), col(Revision.language).label("words_language"),
            sa.case((live, col(Staff.name))).label("by"),
        )
        .join(Revision, current_words())
        .outerjoin(Staff, col(Staff.seq) == col(Contribution.claimed_by))
    )  # fmt: skip


def these(db: Session, ids: Iterable[str], *, now: datetime) -> list[Any]:
    """Several items, oldest first; what is none is left out."""
    known = [uuid.UUID(id) for id in ids if is_identifier(id)]
    wanted = (col(Contribution.id).in_(known), col(Contribution.state).not_in([State.WITHDRAWN, State.ERASED]))
    return list(db.connection().execute(items(now).where(*wanted).order_by(col(Contribution.seq))))


def is_identifier(text: str) -> bool:
    try:
        identifier(text)
    except NotFound:
        return False
    return True


def item(db: Session, id: str, *, now: datetime) -> Any:
    """One item like a row of the queue; NotFound as `visible`."""
    wanted = (col(Contribution.id) == identifier(id), col(Contribution.state) != State.ERASED)
    row = db.connection().execute(items(now).where(*wanted)).first()
    if row is None:
        raise NotFound
    return row


def media_of(db: Session, seqs: list[int]) -> dict[int, list[Held]]:
    """Every medium of these contributions, in the author's order."""
    found: dict[int, dict[int, Held]] = {seq: {} for seq in seqs}
    if seqs:
        for media, language in db.exec(media_queries.CAPTIONED.where(col(Media.contribution_seq).in_(seqs))):
            held = found[media.contribution_seq or 0].setdefault(media.seq or 0, Held(media, []))
            held.captions.extend([language] if language else [])
    return {seq: list(held.values()) for seq, held in found.items()}


def medium(db: Session, id: str) -> tuple[Media, Contribution]:
    """A medium staff may act on, and what it belongs to; NotFound once its author took it back."""
    found = db.exec(
        select(Media, Contribution)
        .join(Contribution, col(Contribution.seq) == col(Media.contribution_seq))
        .where(Media.id == identifier(id), col(Contribution.state).not_in([State.WITHDRAWN, State.ERASED]))
    ).first()
    if found is None:
        raise NotFound
    return found


def captions_of(db: Session, media: Iterable[Media]) -> list[Caption]:
    """The captions of these media, drafts among them."""
    wanted = [one.seq for one in media]
    return list(db.exec(select(Caption).where(col(Caption.media_seq).in_(wanted)).order_by(col(Caption.language))))


def last_step(db: Session, contribution: Contribution) -> Transition | None:
    """What happened last to a contribution."""
    return db.exec(
        select(Transition).where(Transition.contribution_seq == contribution.seq).order_by(col(Transition.seq).desc())
    ).first()


def names(db: Session, actors: set[str | None]) -> dict[str | None, str]:
    """Who the journal's actors are: `staff:<uuid>` becomes a name, `author` and `system` stay."""
    ids = [uuid.UUID(actor.removeprefix("staff:")) for actor in actors if actor and actor.startswith("staff:")]
    known: dict[str | None, str] = {actor: actor or "" for actor in actors}
    if ids:
        wanted = sa.select(col(Staff.id), col(Staff.name)).where(col(Staff.id).in_(ids))
        for row in db.connection().execute(wanted):
            known[f"staff:{row.id}"] = row.name
    return known


def name_of(db: Session, actor: str) -> str:
    return names(db, {actor})[actor]
