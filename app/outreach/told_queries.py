"""Reading what is told of outings: for the public, through app.outreach.discretion alone; and for whoever tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.consultation.content import consultation
from app.contributions import queries as voices
from app.errors import N_, NotFound
from app.events import queries as events
from app.models import Collected, Contribution, Event, Outing, OutingState, State
from app.outreach import discretion
from app.outreach.discretion import Figures, Shown

UNKNOWN = N_("Cette page n’existe pas, ou elle n’est plus publique.")
PAGE = 24
O: Any = Outing  # noqa: E741 - as columns
C: Any = Contribution
IS_TOLD = sa.and_(O.told_at.is_not(None), O.slug.is_not(None), O.state != OutingState.CANCELLED)
TOLD = select(Outing).where(IS_TOLD)


@dataclass(frozen=True)
class Told:
    """An outing as the public sees it, its words, those chosen first, and the meeting it was on the calendar.

    `older`: where the next words begin.
    """

    shown: Shown
    words: Sequence[dict[str, Any]] = ()
    older: int | None = None
    event: Event | None = None


def listed(db: Session, *, after: str = "", limit: int = PAGE) -> tuple[list[Shown], str]:
    """Those told last first; the slug after which the next page begins, or "". A slug nobody has: the first page.

    In the order they were told: that of their hours would say something of the hours.
    """
    query = TOLD.order_by(O.told_at.desc(), O.seq.desc()).limit(limit + 1)
    mark = db.exec(TOLD.where(O.slug == after)).first() if after else None
    if mark is not None:
        query = query.where(sa.tuple_(O.told_at, O.seq) < sa.tuple_(sa.literal(mark.told_at, O.told_at.type), mark.seq))
    found = db.exec(query).all()
    more, found = len(found) > limit, found[:limit]
    return [as_shown(each) for each in found], found[-1].slug or "" if more else ""


def one(db: Session, slug: str, *, before: int | None = None, limit: int = PAGE) -> Told:
    """NotFound unless it is told. At most five queries."""
    public = sa.and_(col(Event.seq) == O.event_seq, col(Event.state).in_(events.PUBLIC))
    found = db.execute(sa.select(O, Event).outerjoin(Event, public).where(O.slug == slug, IS_TOLD)).first()
    if found is None:
        raise NotFound(UNKNOWN)
    outing, event = found
    if not discretion.may_link(outing):
        return Told(as_shown(outing))
    seqs = _seqs(db, outing, before=before, limit=limit + 1)
    older = seqs[limit - 1][1] if len(seqs) > limit else None
    return Told(as_shown(outing), voices.shapes(db, [seq for _chosen, seq in seqs[:limit]]), older, event)


def linked(db: Session, contribution_id: Any) -> Shown | None:
    """The outing a published contribution may lead to; None for any other."""
    query = (
        TOLD.join(Collected, col(Collected.outing_seq) == O.seq)
        .join(Contribution, C.seq == col(Collected.contribution_seq))
        .where(C.id == contribution_id)
    )
    outing = db.exec(query).first()
    return as_shown(outing) if outing is not None and discretion.may_link(outing) else None


def of_event(db: Session, event_seq: int) -> Shown | None:
    """What is told of a meeting in the street, where its page may lead there."""
    outing = db.exec(TOLD.where(O.event_seq == event_seq)).first()
    return as_shown(outing) if outing is not None and discretion.may_link(outing) else None


def as_shown(outing: Outing) -> Shown:
    place = consultation().quartier(outing.quartier or "")
    quartier = place.id if place and not place.private else None
    return discretion.shown(outing, zone=consultation().zone, quartier=quartier)


def to_choose(db: Session, outing: Outing) -> list[tuple[bool, dict[str, Any]]]:
    """(chosen, the words) of everything published that was said there, those chosen first."""
    seqs = _seqs(db, outing, before=None, limit=500)
    found = {each["reference"]: each for each in voices.shapes(db, [seq for _chosen, seq in seqs])}
    return list(zip((chosen for chosen, _seq in seqs), found.values(), strict=True))


def figures(db: Session) -> Figures:
    """How many people mediators met, over every outing that brought words."""
    rows = db.connection().execute(
        sa.select(O.collected, O.stopped).where(O.state != OutingState.CANCELLED, O.collected > 0)
    )
    return discretion.figures((row.collected, row.stopped) for row in rows)


def _seqs(db: Session, outing: Outing, *, before: int | None, limit: int) -> Sequence[tuple[bool, int]]:
    """(chosen, publication sequence), newest first; chosen ones lead the first page and stand on no other."""
    chosen = col(Collected.chosen)
    query = (
        sa.select(chosen, C.publication_seq)
        .join(Contribution, C.seq == col(Collected.contribution_seq))
        .where(col(Collected.outing_seq) == outing.seq, C.state == State.PUBLISHED)
    )
    if before is not None:
        query = query.where(chosen.is_(False), C.publication_seq < before)
    rows = db.connection().execute(query.order_by(chosen.desc(), C.publication_seq.desc()).limit(limit))
    return [(row.chosen, row.publication_seq) for row in rows]
