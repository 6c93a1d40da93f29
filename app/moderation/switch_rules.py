"""Slow mode, switched on when a great many write at once and off again when they no longer do."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from app import switches
from app.models import Contribution
from app.switches import Switch

WINDOW = timedelta(minutes=10)  # in which DIALOGUE_SLOW_ABOVE contributions are many
AT_LEAST = timedelta(minutes=30)  # it stays on
RESPECT = timedelta(hours=2)  # what a person switched off stays off


def by_rate(db: Session, *, above: int, now: datetime) -> None:
    """On above `above` contributions in ten minutes, off below half of them. What a person switched is left alone."""
    slow = switches.standing(db)[Switch.SLOW]
    lasted = now - slow.at if slow.at else timedelta.max
    mine = slow.by == "system"
    if not slow.on and _busy(db, above, now) and (mine or lasted >= RESPECT):
        switches.turn(db, Switch.SLOW, on=True, by="system", now=now)
    elif slow.on and mine and lasted >= AT_LEAST and not _busy(db, above // 2 or 1, now):
        switches.turn(db, Switch.SLOW, on=False, by="system", now=now)


def _busy(db: Session, many: int, now: datetime) -> bool:
    """Whether the `many`th newest is younger than the window: read off the primary key, whatever is stored."""
    newest = sa.select(col(Contribution.received_at)).order_by(col(Contribution.seq).desc())
    oldest = db.connection().execute(newest.offset(many - 1).limit(1)).scalar()
    return oldest is not None and oldest > now - WINDOW
