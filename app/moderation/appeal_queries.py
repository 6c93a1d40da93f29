"""Reads of the appeals' pages."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import NotFound
from app.models import Appeal, AppealState, Contribution, State, Transition
from app.moderation.queries import identifier

MOST = 100  # open ones on the list, oldest first
RECENT = 30  # answered ones below


def appeal(db: Session, id: str) -> Appeal:
    found = db.exec(select(Appeal).where(Appeal.id == identifier(id))).first()
    if found is None:
        raise NotFound
    return found


def listed(db: Session) -> tuple[list[Any], list[Any]]:
    """Open appeals, oldest first, and the last answered ones: appeal, its decision, reference and state."""
    rows = (
        sa.select(
            Appeal, Transition, col(Contribution.reference), col(Contribution.state), col(Contribution.open_alerts)
        )
        .join(Contribution, col(Contribution.seq) == col(Appeal.contribution_seq))
        .join(Transition, col(Transition.seq) == col(Appeal.transition_seq))
    )
    opened = rows.where(col(Appeal.state) == AppealState.OPEN).order_by(col(Appeal.made_at), col(Appeal.seq))
    answered = rows.where(col(Appeal.state) != AppealState.OPEN, col(Contribution.state) != State.ERASED)
    latest = answered.order_by(col(Appeal.decided_at).desc(), col(Appeal.seq).desc())
    return list(db.execute(opened.limit(MOST)).all()), list(db.execute(latest.limit(RECENT)).all())


def open_on(db: Session, contribution_seq: int) -> Appeal | None:
    """The open appeal about a contribution."""
    wanted = select(Appeal).where(Appeal.contribution_seq == contribution_seq, Appeal.state == AppealState.OPEN)
    return db.exec(wanted).first()


def open_among(db: Session, rows: Sequence[Any]) -> dict[int, Appeal]:
    """The open appeal by contribution, of rows that say whether they have one."""
    seqs = [row.seq for row in rows if row.open_appeals]
    wanted = select(Appeal).where(col(Appeal.contribution_seq).in_(seqs), Appeal.state == AppealState.OPEN)
    return {one.contribution_seq: one for one in db.exec(wanted)} if seqs else {}


def decision(db: Session, appeal: Appeal) -> Transition:
    """What is to be read again."""
    return db.get_one(Transition, appeal.transition_seq)
