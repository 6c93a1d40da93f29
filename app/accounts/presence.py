"""Who of the team is on now, and what each of them has in hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from app.models import Contribution, Staff, StaffSession

RECENT = timedelta(minutes=15)  # as long as a claim; `seen_at` is written every five minutes


@dataclass(frozen=True)
class Presence:
    """Someone seen lately, or holding something."""

    name: str
    seen: datetime | None
    claims: int


def present(db: Session, *, at: datetime, now: datetime) -> dict[int, Presence]:
    """By the person's seq, last seen first. `at` is real time, for sessions; `now` the service's, for claims."""
    seen = (
        sa.select(col(StaffSession.staff_seq).label("seq"), sa.func.max(StaffSession.seen_at).label("seen"))
        .where(col(StaffSession.seen_at) > at - RECENT, col(StaffSession.expires_at) > at)
        .group_by(col(StaffSession.staff_seq))
        .subquery()
    )
    held = (
        sa.select(col(Contribution.claimed_by).label("seq"), sa.func.count().label("claims"))
        .where(col(Contribution.claimed_by).is_not(None), col(Contribution.claimed_until) > now)
        .group_by(col(Contribution.claimed_by))
        .subquery()
    )
    found = (
        sa.select(col(Staff.seq), col(Staff.name), seen.c.seen, sa.func.coalesce(held.c.claims, 0).label("claims"))
        .outerjoin(seen, seen.c.seq == Staff.seq)
        .outerjoin(held, held.c.seq == Staff.seq)
        .where(col(Staff.active), sa.or_(seen.c.seen.is_not(None), held.c.claims > 0))
        .order_by(seen.c.seen.desc(), col(Staff.name))
    )
    return {row.seq: Presence(row.name, row.seen, row.claims) for row in db.connection().execute(found)}


def give_back(db: Session, staff: Staff) -> None:
    """What the person holds is free for others at once."""
    mine = sa.update(Contribution).where(col(Contribution.claimed_by) == staff.seq)
    db.connection().execute(mine.values(claimed_by=None, claimed_until=None))
