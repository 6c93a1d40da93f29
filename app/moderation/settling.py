"""What gets one answer from the team, an appeal or a report: of two who answer at once, one does."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from app.contributions import history
from app.errors import Conflict
from app.models import Appeal, AppealState, Notice, NoticeState, Staff
from app.moderation.queries import name_of

OPEN = {Appeal: AppealState.OPEN, Notice: NoticeState.OPEN}


def settle(
    db: Session, case: Appeal | Notice, to: AppealState | NoticeState, *, version: int, statement: str | None,
    by: Staff, now: datetime,
) -> None:  # fmt: skip
    """One conditional update; Conflict `stale` when it is no more as whoever answers looked at it."""
    kind = type(case)
    done = db.connection().execute(
        sa.update(kind)
        .where(col(kind.seq) == case.seq, col(kind.version) == version, col(kind.state) == OPEN[kind])
        .values(state=to, version=case.version + 1, decided_by=by.actor, decided_at=now, statement=statement)
    )
    db.refresh(case)
    if done.rowcount != 1:
        refuse_stale(db, case, version=version)


def refuse_stale(db: Session, case: Appeal | Notice, *, version: int) -> None:
    """Conflict `stale`, with who answered, when it is no more as it was looked at."""
    if case.state is OPEN[type(case)] and case.version == version:
        return
    raise Conflict(
        history.STALE, code="stale", version=case.version,
        by=name_of(db, case.decided_by) if case.decided_by else None,
        at=case.decided_at.isoformat() if case.decided_at else None,
    )  # fmt: skip
