"""What one member of the team has done this week: for that person alone, never compared with others."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from app.models import Appeal, AppealState, AuditEntry, Staff, Transition
from app.transparency import counting
from app.transparency.figures import WHAT_ANSWERS, waits_of
from app.transparency.fold import Tally, fold, week_of


@dataclass(frozen=True)
class Own:
    since: date
    counts: dict[str, int]
    decisions: int
    median: int | None  # minutes that half of what was decided had waited at most
    read_again: int  # decisions somebody else was asked to read again, ever
    reversed: int


def figures(db: Session, staff: Staff, *, now: datetime, zone: ZoneInfo) -> Own:
    """From the journal, from the week's first entry on."""
    week = week_of(now, zone)
    first = counting.first_of(db, week)
    mine = col(AuditEntry.actor) == staff.actor
    lately = (entry for entry in counting.entries(db, after=first - 1, only=mine) if week_of(entry.at, zone) == week)
    tally = fold(Tally(), lately, zone)
    today = now.astimezone(zone).date()
    again = _appeals(db, staff)
    counts = {what: tally.of("all", "", what) for what in WHAT_ANSWERS}
    return Own(
        since=date.fromisocalendar(*today.isocalendar()[:2], 1), counts=counts, decisions=sum(counts.values()),
        median=waits_of(tally, "all", "")[0], read_again=sum(again.values()),
        reversed=again.get(AppealState.REVERSED, 0),
    )  # fmt: skip


def _appeals(db: Session, staff: Staff) -> dict[AppealState, int]:
    counted = (
        sa.select(col(Appeal.state), sa.func.count())
        .join(Transition, col(Transition.seq) == Appeal.transition_seq)
        .where(col(Transition.actor) == staff.actor)
        .group_by(col(Appeal.state))
    )
    return {state: n for state, n in db.connection().execute(counted)}  # noqa: C416 - rows are not pairs to dict()
