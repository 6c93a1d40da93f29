"""Who is called when an alert opens, and who when nobody answers: by message, night and day, in real time.

At once each contact of DIALOGUE_DUTY_CONTACT; every quarter of an hour without an answer these again and every
administrator and organiser, for three hours (docs/decisions/alerts.md).
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from app import audit
from app.adapters.clock import real_now
from app.jobs import enqueue, ensure
from app.models import Alert, Role, Staff, Via
from app.notify import outbox

log = structlog.get_logger("app.moderation")

PATIENCE = timedelta(minutes=15)
MOST = 12  # calls again: three hours
CALLED = (Role.ADMINISTRATOR, Role.ORGANISER)
UNANSWERED = (col(Alert.closed_at).is_(None), col(Alert.answered_by).is_(None))


def tell(db: Session, alert: Alert, *, duty: tuple[str, ...], now: datetime) -> None:
    """Every duty contact, at once; where there is none, those who would be called next."""
    if alert.closed_at or alert.answered_by:
        return
    if duty:
        outbox.tell_team(db, alert, _contacts(duty), again=0, now=now)
    else:
        log.error("duty.nobody", words="DIALOGUE_DUTY_CONTACT is not set: administrators and organisers are told")
        escalate(db, alert, number=1, duty=(), now=now)


def escalate(db: Session, alert: Alert, *, number: int, duty: tuple[str, ...], now: datetime) -> bool:
    """Nobody has answered: more people are called. The `number`th time happens once; False when it is not to be."""
    again = db.connection().execute(
        sa.update(Alert)
        .where(col(Alert.seq) == alert.seq, *UNANSWERED, col(Alert.escalations) == number - 1)
        .values(escalations=number, escalated_at=now)
    )
    if again.rowcount != 1:
        return False
    outbox.tell_team(db, alert, _contacts(duty) | _responsible(db, duty), again=number, now=now)
    again_later(db, alert, number=number + 1)
    audit.append(db, actor="system", action="alert_escalated", kind="alert", object_id=str(alert.id), now=now)
    return True


def again_later(db: Session, alert: Alert, *, number: int) -> None:
    """Real time, whatever date is simulated."""
    if number <= MOST:
        enqueue(db, "escalate_alert", alert.id, number, run_at=real_now() + PATIENCE, key=_key(alert, number))


def remember(db: Session) -> None:
    """State is the truth: every alert that nobody answers has somebody waiting to call again."""
    waiting = select(Alert).where(*UNANSWERED, col(Alert.escalations) < MOST)
    for alert in db.exec(waiting.order_by(col(Alert.seq)).limit(200)):
        number = alert.escalations + 1
        ensure(db, "escalate_alert", alert.id, number, run_at=real_now() + PATIENCE, key=_key(alert, number))


def _key(alert: Alert, number: int) -> str:
    return f"escalate:{alert.id}:{number}"


def _contacts(duty: tuple[str, ...]) -> dict[str, Via]:
    return {f"duty:{place}": Via.EMAIL if "@" in to else Via.SMS for place, to in enumerate(duty)}


def _responsible(db: Session, duty: tuple[str, ...]) -> dict[str, Via]:
    """Administrators and organisers, but for those who are duty contacts."""
    team = db.exec(select(Staff).where(col(Staff.active)).order_by(col(Staff.seq)))
    return {one.actor: Via.EMAIL for one in team if one.holds(*CALLED) and one.email not in duty}
