"""What is forgotten of a record from the street: with its words, with its author's name, or after a time."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from app.models import AllottedCode, Collected, Contribution, Receipt

CODE_KEPT = timedelta(hours=24)  # one made here, until its device has surely heard of it
UNUSED_KEPT = timedelta(days=183)  # given in advance and never used


def forget(db: Session, contribution: Contribution, *, everything: bool) -> None:
    """Where somebody spoke and the number of their paper or ticket tell who they are: gone with the name.

    Digest and id stay, and say nothing: what a device sends again must not revive what is erased.
    """
    gone = {"outing_seq": None, "sheet": None, "code_sealed": None, "chosen": False}
    gone |= {"under_15": False} if everything else {}
    mine = col(Collected.contribution_seq) == contribution.seq
    if db.connection().execute(sa.update(Collected).where(mine).values(**gone)).rowcount:
        opens = sa.select(col(Receipt.words_mac)).where(col(Receipt.contribution_seq) == contribution.seq)
        given = col(AllottedCode.words_mac).in_(opens)
        nobodys = {"number": None, "outing_seq": None, "device_seq": None}
        db.connection().execute(sa.update(AllottedCode).where(given).values(**nobodys))


def sweep(db: Session, now: datetime) -> None:
    """Codes in clear words after a day, codes nobody came to use after half a year."""
    old = sa.and_(col(Collected.code_sealed).is_not(None), col(Collected.received_at) < now - CODE_KEPT)
    db.connection().execute(sa.update(Collected).where(old).values(code_sealed=None))
    never = sa.and_(col(AllottedCode.used_at).is_(None), col(AllottedCode.created_at) < now - UNUSED_KEPT)
    db.connection().execute(sa.delete(AllottedCode).where(never))
