"""What goes on at the Assises without anybody asking."""

from datetime import datetime

from sqlmodel import Session

from app.assises import agenda, edit_speakers
from app.jobs import sweeper


@sweeper
def forget_agendas(db: Session, now: datetime) -> None:
    agenda.sweep(db, now)


@sweeper
def forget_speakers_contacts(db: Session, now: datetime) -> None:
    edit_speakers.forget_contacts(db, now)
