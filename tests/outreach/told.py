"""An outing that brought words, as if mediators had been there: for tests of what is told of it."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from app.models import Channel, Collected, Contribution, Outing, Staff, State
from app.models.base import new_id
from tests import factories
from tests.factories import NOW

PLACE = "Espace Agnès Varda"
ADDRESS = "12 rue du Cloître"


def outing(db: Session, *mediators: Staff, people: int = 0, words: int = 0, **fields: Any) -> Outing:
    """Over since an hour: `people` spoke, the words of the first `words` of them are published."""
    made = factories.outing(
        db, *mediators,
        **{
            "place_name": PLACE, "place_address": ADDRESS, "starts_at": NOW - timedelta(hours=3, minutes=7),
            "ends_at": NOW - timedelta(hours=1, minutes=13),
        } | fields,
    )  # fmt: skip
    mediator = mediators[0] if mediators else factories.staff(db)
    for number in range(people):
        state = State.PUBLISHED if number < words else State.PENDING
        said(db, made, mediator, state=state, body=f"Parole numéro {number + 1}.")
    return made


def said(db: Session, made: Outing, mediator: Staff, *, chosen: bool = False, **fields: Any) -> Contribution:
    """Something said there, taken in."""
    voice = factories.contribution(db, channel=Channel.STREET, **fields)
    db.add(
        Collected(
            id=new_id(), contribution_seq=voice.seq, outing_seq=made.seq, staff_seq=mediator.seq or 0, digest="-",
            chosen=chosen, received_at=NOW,
        )
    )  # fmt: skip
    made.collected += 1
    db.add(made)
    db.flush()
    return voice


def tell(db: Session, made: Outing, *, at: datetime = NOW, **fields: Any) -> Outing:
    """Its page is there."""
    made.sqlmodel_update(
        {"slug": f"{made.quartier}-2022-04-12", "heard": "Du prix des légumes.", "told_at": at, "changed_at": at}
        | fields
    )
    db.add(made)
    db.flush()
    return made
