"""What goes on about the street without anybody asking."""

from datetime import datetime

from sqlmodel import Session

from app.jobs import sweeper
from app.outreach import erasing


@sweeper
def forget_codes(db: Session, now: datetime) -> None:
    """Of records taken in, and those never used."""
    erasing.sweep(db, now)
