"""Reading outings for the team: mediators their own, organisers all of them. Who may see stands in the WHERE."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import i18n
from app.consultation.content import consultation
from app.errors import NotFound
from app.models import (
    AuditEntry,
    Collected,
    CollectedMedia,
    Contribution,
    Outing,
    OutingMediator,
    OutingState,
    Role,
    Staff,
)

O: Any = Outing  # noqa: E741 - as columns
PAGE = 50
CURSOR = re.compile(r"^(\d{1,11})\.(\d{1,18})$", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATELY = timedelta(days=7)
EDITORS = (Role.ORGANISER, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class Page:
    """Outings, who goes (by seq of the outing), the cursor of what follows, or none."""

    rows: Sequence[Outing] = field(default_factory=list)
    going: Mapping[int, list[str]] = field(default_factory=dict)
    next: str = ""


@dataclass(frozen=True)
class Counts:
    """What one outing brought: by question, and by hour of the day in the city."""

    questions: Sequence[tuple[str, int]]
    hours: Sequence[tuple[int, int]]
    unread: int  # still waiting for a moderator
    missing: int  # media declared with the words whose bytes are not here


def listed(db: Session, staff: Staff, *, past: bool, mine: bool, after: str, now: datetime) -> Page:
    """To come and under way, soonest first, or over, latest first; a cursor nobody gave begins at the beginning."""
    query = select(Outing).where(O.ends_at <= now if past else O.ends_at > now, _seen_by(staff, mine=mine))
    if match := CURSOR.match(after):
        mark = sa.tuple_(
            sa.literal(EPOCH + timedelta(seconds=int(match[1])), O.starts_at.type), sa.literal(int(match[2]))
        )
        query = query.where(sa.tuple_(O.starts_at, O.seq) < mark if past else sa.tuple_(O.starts_at, O.seq) > mark)
    order = (O.starts_at.desc(), O.seq.desc()) if past else (O.starts_at, O.seq)
    rows = db.exec(query.order_by(*order).limit(PAGE + 1)).all()
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return Page(rows, _going(db, rows), _cursor(rows[-1]) if more else "")


def one(db: Session, outing_id: UUID, staff: Staff) -> Outing:
    """An outing this person may see; NotFound."""
    found = db.exec(select(Outing).where(O.id == outing_id, _seen_by(staff))).first()
    if found is None:
        raise NotFound
    return found


def at_hand(db: Session, staff: Staff, *, now: datetime) -> Sequence[Outing]:
    """Those a mediator goes to today, and those of last week they have not closed."""
    if not staff.holds(Role.MEDIATOR):
        return []
    tomorrow = consultation().midnight(consultation().today(now) + timedelta(days=1))
    theirs = select(Outing).where(O.state == OutingState.PLANNED, _seen_by(staff, mine=True))
    near = theirs.where(O.starts_at < tomorrow, O.ends_at > now - LATELY)
    return db.exec(near.order_by(O.starts_at, O.seq)).all()


def of_event(db: Session, event_seq: int) -> Outing | None:
    """The outing an event on the calendar stands for."""
    return db.exec(select(Outing).where(O.event_seq == event_seq)).first()


def mediators(db: Session, outing: Outing) -> list[Staff]:
    """Who goes, by name."""
    going = select(Staff).join(OutingMediator, col(OutingMediator.staff_seq) == col(Staff.seq))
    return list(db.exec(going.where(OutingMediator.outing_seq == outing.seq).order_by(col(Staff.name), col(Staff.seq))))


def who_may_go(db: Session, going: Sequence[Staff] = ()) -> list[Staff]:
    """Every mediator who may come in, and whoever goes already."""
    team = db.exec(select(Staff).where(col(Staff.active)).order_by(col(Staff.name), col(Staff.seq)))
    able = [each for each in team if each.holds(Role.MEDIATOR)]
    return able + [each for each in going if each not in able]


def counts(db: Session, outing: Outing) -> Counts:
    """Two queries: a row for each record, only what is counted. What was erased has no row here any more."""
    rows = db.connection().execute(
        sa.select(col(Contribution.question), col(Contribution.collected_at), col(Contribution.state))
        .join(Collected, col(Collected.contribution_seq) == col(Contribution.seq))
        .where(col(Collected.outing_seq) == outing.seq)
    ).all()  # fmt: skip
    questions: dict[str, int] = {}
    hours: dict[int, int] = {}
    for question, at, _state in rows:
        questions[question] = questions.get(question, 0) + 1
        if at is not None:
            hour = i18n.local(at).hour
            hours[hour] = hours.get(hour, 0) + 1
    unread = sum(1 for row in rows if row.state.value in ("pending", "second_review"))
    return Counts(sorted(questions.items()), sorted(hours.items()), unread, _missing(db, outing))


def _missing(db: Session, outing: Outing) -> int:
    waiting = (
        sa.select(sa.func.count())
        .select_from(CollectedMedia)
        .join(Collected, col(Collected.seq) == col(CollectedMedia.collected_seq))
        .where(col(Collected.outing_seq) == outing.seq, col(CollectedMedia.held_at).is_(None))
    )
    return int(db.connection().execute(waiting).scalar_one())


def last_hand(db: Session, outing: Outing) -> AuditEntry | None:
    """Who wrote it last, and when."""
    mine = select(AuditEntry).where(AuditEntry.object_id == str(outing.id), AuditEntry.kind == "outing")
    return db.exec(mine.order_by(col(AuditEntry.seq).desc()).limit(1)).first()


def _seen_by(staff: Staff, *, mine: bool = False) -> Any:
    if staff.holds(*EDITORS) and not mine:
        return sa.true()
    own = sa.select(col(OutingMediator.outing_seq)).where(col(OutingMediator.staff_seq) == staff.seq)
    return O.seq.in_(own)


def _going(db: Session, rows: Sequence[Outing]) -> dict[int, list[str]]:
    wanted = (
        sa.select(col(OutingMediator.outing_seq), col(Staff.name))
        .join(Staff, col(Staff.seq) == col(OutingMediator.staff_seq))
        .where(col(OutingMediator.outing_seq).in_([row.seq for row in rows]))
        .order_by(col(Staff.name), col(Staff.seq))
    )
    found: dict[int, list[str]] = {}
    for seq, name in db.connection().execute(wanted):
        found.setdefault(seq, []).append(name)
    return found


def _cursor(row: Outing) -> str:
    return f"{(row.starts_at - EPOCH) // timedelta(seconds=1)}.{row.seq}"
