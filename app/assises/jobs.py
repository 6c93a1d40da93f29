"""What goes on at the Assises without anybody asking."""

from datetime import datetime

from sqlmodel import Session

from app.assises import agenda
from app.jobs import sweeper


@sweeper
def forget_agendas(db: Session, now: datetime) -> None:
    agenda.sweep(db, now)
