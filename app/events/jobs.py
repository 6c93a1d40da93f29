"""What goes on at meetings without anybody asking."""

from datetime import datetime

from sqlmodel import Session

from app.adapters import Adapters
from app.db import writing
from app.events import door, own_erasure, places, reminders
from app.jobs import every, sweeper


@every(20)
def pass_offers_on(adapters: Adapters) -> None:
    """Offers nobody answered go to the next in line; one event in a transaction."""
    passed = 1
    while passed:
        with writing() as db:
            passed = places.expire(db, now=adapters.clock())


@sweeper
def settle_attendance(db: Session, now: datetime) -> None:
    door.settle(db, now)


@sweeper
def remind_and_thank(db: Session, now: datetime) -> None:
    """A week and a day before, and afterwards; what is over is told to nobody any more."""
    reminders.remind(db, now)
    reminders.thank(db, now)
    reminders.let_go(db, now)


@sweeper
def forget_who_signed_up(db: Session, now: datetime) -> None:
    """Three months after: numbers stay, names and contacts do not."""
    own_erasure.sweep(db, now)
