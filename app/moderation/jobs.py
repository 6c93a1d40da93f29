"""What the desk does later, and again and again."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from app import limits
from app.adapters import Adapters
from app.db import writing
from app.jobs import every, sweeper, task
from app.models import Alert
from app.moderation import alert_duty, switch_rules


@task("tell_duty")
def tell_duty(alert_id: str, *, adapters: Adapters) -> None:
    """An alert is open."""
    with writing() as db:
        alert = db.exec(select(Alert).where(Alert.id == UUID(alert_id))).one()
        alert_duty.tell(db, alert, duty=adapters.duty_contacts, now=adapters.clock())


@task("escalate_alert")
def escalate_alert(alert_id: str, number: int, *, adapters: Adapters) -> None:
    """A quarter of an hour has gone by."""
    with writing() as db:
        alert = db.exec(select(Alert).where(Alert.id == UUID(alert_id))).one()
        alert_duty.escalate(db, alert, number=number, duty=adapters.duty_contacts, now=adapters.clock())


@sweeper
def unanswered_alerts(db: Session, _now: datetime) -> None:
    alert_duty.remember(db)


@every(60)
def slow_mode_by_rate(adapters: Adapters) -> None:
    """Not during load tests (DIALOGUE_RATE_LIMITS=off)."""
    if limits.is_on() and adapters.slow_above:
        with writing() as db:
            switch_rules.by_rate(db, above=adapters.slow_above, now=adapters.clock())
