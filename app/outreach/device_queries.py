"""Looks at devices: what one needs to know, whose they are, how they stand."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.models import AllottedCode, Outing, OutingMediator, Staff
from app.outreach.credentials import Collector

NEAR = timedelta(days=7)


def outings_near(db: Session, mediator: Staff, *, now: datetime) -> Sequence[Outing]:
    """Those of one mediator within seven days before or after; closed and cancelled ones say so themselves."""
    theirs = (
        select(Outing)
        .join(OutingMediator, col(OutingMediator.outing_seq) == col(Outing.seq))
        .where(col(OutingMediator.staff_seq) == mediator.seq)
        .where(col(Outing.ends_at) >= now - NEAR, col(Outing.starts_at) <= now + NEAR)
    )
    return db.exec(theirs.order_by(col(Outing.starts_at), col(Outing.seq))).all()


def codes_left(db: Session, collector: Collector) -> int:
    """Receipt codes allotted to these hands, used by nobody and cancelled by nobody."""
    unused = (col(AllottedCode.used_at).is_(None), col(AllottedCode.cancelled_at).is_(None))
    if collector.device is not None:
        held = (col(AllottedCode.device_seq) == collector.device.seq,)
    else:
        held = (  # type: ignore[assignment]
            col(AllottedCode.staff_seq) == collector.staff.seq,
            col(AllottedCode.device_seq).is_(None),
            col(AllottedCode.number).is_(None),
        )
    left = sa.select(sa.func.count()).select_from(AllottedCode).where(*held, *unused)
    return int(db.connection().execute(left).scalar_one())
