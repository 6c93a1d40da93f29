"""Forgetting somebody in every domain at once: by the receipt they hold, or by the address they gave."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.adapters import vault
from app.contributions import erasure, holder, notices, receipts
from app.contributions.schemas import email_address
from app.events import own_erasure, people
from app.models import Contact, Contribution, Registration, State


@dataclass(frozen=True)
class Erased:
    """How many of each went."""

    contributions: int = 0
    registrations: int = 0
    reports: int = 0


def erase_held(db: Session, code: str, *, by: str, now: datetime) -> Erased:
    """What a receipt opens: its words, and who said them. Unauthorized when it opens nothing."""
    contribution = holder.held(db, receipts.holder_of(db, code))
    if contribution.state is State.ERASED:
        return Erased()
    erasure.erase(db, contribution, scope="everything", actor=by, now=now)
    return Erased(contributions=1)


def erase_address(db: Session, email: str, *, by: str, now: datetime) -> Erased:
    """All that an address was left with: contributions, places at meetings, reports (these only lose the address).

    What somebody sent without it is found by its receipt alone. PydanticCustomError when it is no address.
    """
    address = email_address(email) or ""
    said = sa.select(col(Contact.contribution_seq)).where(col(Contact.email_index) == vault.blind("contact", address))
    contributions = db.exec(select(Contribution).where(col(Contribution.seq).in_(said))).all()
    for contribution in contributions:
        erasure.erase(db, contribution, scope="everything", actor=by, now=now)
    signed_up = select(Registration).where(col(Registration.email_index) == people.email_index(address))
    registrations = db.exec(signed_up).all()
    for registration in registrations:
        own_erasure.forget(db, registration, now=now)
    return Erased(len(contributions), len(registrations), notices.forget_address(db, address))
