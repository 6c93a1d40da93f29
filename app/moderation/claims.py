"""A claim: fifteen minutes in which others leave an item alone. A lease; it changes no version."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from app import audit
from app.errors import N_, Conflict
from app.models import Contribution, Staff

LEASE = timedelta(minutes=15)
CLAIMED = N_("Quelqu’un d’autre s’en occupe en ce moment.")


def claim(db: Session, contribution: Contribution, *, by: Staff, now: datetime) -> tuple[dict[str, str], bool]:
    """({by, until}, whether the claim is new); Conflict `claimed` while another holds the item."""
    renewed = contribution.claimed_by == by.seq and _live(contribution, now)
    _set(db, contribution, by=by, now=now, claimed_by=by.seq, claimed_until=now + LEASE)
    return {"by": by.name, "until": (now + LEASE).isoformat()}, not renewed


def release(db: Session, contribution: Contribution, *, by: Staff, now: datetime) -> None:
    """Gives the item back, if it is held. Conflict `claimed` while another holds it."""
    _set(db, contribution, by=by, now=now, claimed_by=None, claimed_until=None)


def take_over(db: Session, contribution: Contribution, *, by: Staff, now: datetime) -> None:
    """« Reprendre »: from whoever holds it, with a trace in the journal; free or ours already, as `claim`.

    Who held it sees so on the page left open, and by 409 `claimed` at the latest.
    """
    former = contribution.claimed_by if _live(contribution, now) else None
    if former in (None, by.seq):
        claim(db, contribution, by=by, now=now)
        return
    done = db.connection().execute(
        sa.update(Contribution)
        .where(col(Contribution.seq) == contribution.seq, col(Contribution.claimed_by) == former)
        .values(claimed_by=by.seq, claimed_until=now + LEASE)
    )
    if done.rowcount != 1:  # given back, or taken over by a third person, this very moment
        db.refresh(contribution)
        claim(db, contribution, by=by, now=now)
        return
    audit.append(
        db, actor=by.actor, action="claim_taken_over", kind="contribution", object_id=str(contribution.id), now=now,
        hashes={"from": db.get_one(Staff, former).actor},
    )  # fmt: skip


def take(db: Session, contribution: Contribution, *, by: Staff, now: datetime) -> None:
    """First act of a decision: no other claim stands, the row is ours until the commit, read afresh."""
    release(db, contribution, by=by, now=now)
    db.refresh(contribution)


def held(db: Session, contribution: Contribution, *, now: datetime) -> dict[str, str] | None:
    """The live claim as {by, until}, or None."""
    if not _live(contribution, now) or contribution.claimed_until is None:
        return None
    name = (
        db.connection()
        .execute(sa.select(col(Staff.name)).where(col(Staff.seq) == contribution.claimed_by))
        .scalar_one()
    )
    return {"by": name, "until": contribution.claimed_until.isoformat()}


def _live(contribution: Contribution, now: datetime) -> bool:
    return contribution.claimed_until is not None and contribution.claimed_until > now


def _set(db: Session, contribution: Contribution, *, by: Staff, now: datetime, **values: Any) -> None:
    """One conditional update, so that of two who reach for it at once one gets it."""
    free = sa.or_(
        col(Contribution.claimed_by).is_(None),
        col(Contribution.claimed_by) == by.seq,
        col(Contribution.claimed_until) <= now,
    )
    done = db.connection().execute(
        sa.update(Contribution).where(col(Contribution.seq) == contribution.seq, free).values(**values)
    )
    if done.rowcount != 1:
        db.refresh(contribution)
        raise Conflict(CLAIMED, code="claimed", **(held(db, contribution, now=now) or {}))
