"""Reads of the alerts' pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.consultation.content import consultation
from app.errors import NotFound
from app.models import Alert, Contact, ContactOpening, Contribution, Revision
from app.moderation.queries import current_words, identifier

RECENT = 50  # closed ones shown below the open ones


@dataclass
class Month:
    """How many alerts in one month of the city, and nothing of what they said."""

    first: date
    opened: int = 0
    again: int = 0  # opened in it, and said again because nobody had answered
    closed: int = 0
    minutes: list[float] = field(default_factory=list)

    @property
    def answered_in(self) -> int | None:
        """The median minutes until somebody answered."""
        return round(median(self.minutes)) if self.minutes else None


def by_month(db: Session) -> list[Month]:
    """The newest first. Alerts are few: they are counted here, by the city's own months."""
    wanted = sa.select(col(Alert.opened_at), col(Alert.answered_at), col(Alert.closed_at), col(Alert.escalations))
    months: dict[date, Month] = {}
    for opened, answered, closed, escalations in db.connection().execute(wanted):
        month = months.setdefault(_month(opened), Month(_month(opened)))
        month.opened += 1
        month.again += bool(escalations)
        if answered:
            month.minutes.append((answered - opened).total_seconds() / 60)
        if closed:
            months.setdefault(_month(closed), Month(_month(closed))).closed += 1
    return [months[first] for first in sorted(months, reverse=True)]


def _month(at: datetime) -> date:
    return consultation().today(at).replace(day=1)


def alert(db: Session, id: str) -> Alert:
    found = db.exec(select(Alert).where(Alert.id == identifier(id))).first()
    if found is None:
        raise NotFound
    return found


def listed(db: Session) -> tuple[list[Any], list[Any]]:
    """Open alerts, oldest first, and the last closed ones: alert and reference."""
    rows = sa.select(Alert, col(Contribution.reference)).join(
        Contribution, col(Contribution.seq) == col(Alert.contribution_seq)
    )
    opened = rows.where(col(Alert.closed_at).is_(None)).order_by(col(Alert.opened_at), col(Alert.seq))
    closed = rows.where(col(Alert.closed_at).is_not(None)).order_by(col(Alert.closed_at).desc(), col(Alert.seq).desc())
    return list(db.execute(opened).all()), list(db.execute(closed.limit(RECENT)).all())


def open_on(db: Session, contribution_seq: int) -> list[Alert]:
    wanted = select(Alert).where(Alert.contribution_seq == contribution_seq, col(Alert.closed_at).is_(None))
    return list(db.exec(wanted.order_by(col(Alert.seq))))


def open_among(db: Session, rows: Sequence[Any]) -> dict[int, list[Alert]]:
    """Open alerts by contribution, of rows that say how many they have."""
    found: dict[int, list[Alert]] = {}
    seqs = [row.seq for row in rows if row.open_alerts]
    wanted = select(Alert).where(col(Alert.contribution_seq).in_(seqs), col(Alert.closed_at).is_(None))
    for one in db.exec(wanted.order_by(col(Alert.seq))) if seqs else ():
        found.setdefault(one.contribution_seq, []).append(one)
    return found


def subject(db: Session, alert: Alert) -> Any:
    """The contribution an alert is about, its current words, and whether a contact is held (never which)."""
    held = sa.exists().where(col(Contact.contribution_seq) == col(Contribution.seq))
    return db.connection().execute(
        sa.select(
            col(Contribution.id), col(Contribution.reference), col(Contribution.state), col(Revision.title),
            col(Revision.body), col(Revision.language), held.label("reachable"),
        )
        .join(Revision, current_words())
        .where(col(Contribution.seq) == alert.contribution_seq)
    ).first()  # fmt: skip


def openings(db: Session, alert: Alert) -> list[ContactOpening]:
    """Who opened the contact details, when and why."""
    return list(
        db.exec(select(ContactOpening).where(ContactOpening.alert_seq == alert.seq).order_by(col(ContactOpening.seq)))
    )
