"""Looks at the team: people, their tokens and sessions, and what waits for whom."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.accounts.schemas import normal_email
from app.accounts.sessions import IDLE
from app.errors import NotFound
from app.models import (
    Alert,
    ApiToken,
    Contribution,
    Device,
    Message,
    MessageState,
    Notice,
    NoticeState,
    RecoveryCode,
    Staff,
    StaffSession,
    State,
    Via,
)

TO_CALL = (MessageState.WAITING, MessageState.MESSAGE_LEFT, MessageState.UNREACHABLE)


@dataclass(frozen=True)
class Waiting:
    """How much work stands open, of each kind."""

    to_read: int
    alerts: int
    calls: int
    notices: int
    appeals: int


def waiting(db: Session) -> Waiting:
    """One query; each count reads an index of open things only, never the published ones."""
    counts = sa.select(
        _count(Contribution, col(Contribution.state).in_([State.PENDING, State.SECOND_REVIEW])),
        _count(Alert, col(Alert.closed_at).is_(None)),
        _count(Message, col(Message.state).in_(TO_CALL), col(Message.via) == Via.CALL),
        _count(Notice, col(Notice.state) == NoticeState.OPEN),
        # Through the contributions' own small index: appeals have none by state.
        sa.select(sa.func.coalesce(sa.func.sum(Contribution.open_appeals), 0))
        .where(col(Contribution.open_appeals) > sa.text("0"))
        .scalar_subquery(),
    )
    return Waiting(*db.connection().execute(counts).one())


def _count(table: type, *conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(table).where(*conditions).scalar_subquery()


def people(db: Session) -> list[Staff]:
    """The whole team, those who may come in first."""
    return list(db.exec(select(Staff).order_by(col(Staff.active).desc(), col(Staff.name), col(Staff.seq))))


def person(db: Session, person_id: UUID) -> Staff:
    """Raises NotFound."""
    found = db.exec(select(Staff).where(Staff.id == person_id)).first()
    if found is None:
        raise NotFound
    return found


def by_email(db: Session, email: str) -> Staff | None:
    return db.exec(select(Staff).where(Staff.email == normal_email(email))).first()


def tokens(db: Session, staff: Staff) -> list[ApiToken]:
    """Those that work, newest first."""
    mine = select(ApiToken).where(ApiToken.staff_seq == staff.seq, col(ApiToken.revoked_at).is_(None))
    return list(db.exec(mine.order_by(col(ApiToken.created_at).desc(), col(ApiToken.token_mac))))


def sessions(db: Session, staff: Staff, *, now: datetime) -> list[StaffSession]:
    """Those still open, last used first."""
    mine = select(StaffSession).where(StaffSession.staff_seq == staff.seq, StaffSession.expires_at > now)
    live = mine.where(StaffSession.seen_at > now - IDLE)
    return list(db.exec(live.order_by(col(StaffSession.seen_at).desc())))


def devices(db: Session, staff: Staff) -> int:
    """How many phones collect for this person."""
    paired = (col(Device.staff_seq) == staff.seq, col(Device.revoked_at).is_(None))
    return int(db.connection().execute(sa.select(sa.func.count()).select_from(Device).where(*paired)).scalar_one())


def recovery_codes_left(db: Session, staff: Staff) -> int:
    mine = (col(RecoveryCode.staff_seq) == staff.seq, col(RecoveryCode.used_at).is_(None))
    left = sa.select(sa.func.count()).select_from(RecoveryCode).where(*mine)
    return int(db.connection().execute(left).scalar_one())
