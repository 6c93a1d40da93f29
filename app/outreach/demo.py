"""The demonstration's outings, by the rules the team uses; everything in them is invented and says so."""

from sqlmodel import Session, col, select

from app.adapters import vault
from app.consultation.demo_outings import DemoOuting
from app.events import moments
from app.models import Collected, Contribution, Event, Outing, Staff
from app.models.base import new_id
from app.outreach import outings, telling, tickets
from app.outreach.outing_schemas import ClosingIn, OutingIn, SheetsIn
from app.outreach.telling_schemas import ToldIn

SAME = {"method", "place_name", "place_address", "quartier", "question", "material", "notes", "public"}


def plan(db: Session, example: DemoOuting, *, mediator: Staff, by: Staff) -> Outing:
    """As an organiser would have, with its tickets and its place on the calendar."""
    point = f"{example.latitude}, {example.longitude}" if example.latitude is not None else ""
    hours = {name: moments.shown(getattr(example, name)) for name in ("starts_at", "ends_at")}
    said = OutingIn.model_validate(
        example.model_dump(include=SAME) | hours | {"point": point, "mediators": [mediator.id]}
    )
    made = outings.plan(db, said, by=by, now=example.planned)
    made.prefix, made.invented = example.prefix, True
    db.add(made)
    if made.event_seq is not None:
        event = db.get_one(Event, made.event_seq)
        event.invented = True
        db.add(event)
    if example.sheets:
        tickets.make(db, made, SheetsIn(sheets=example.sheets, after=0), by=by, now=example.planned)
    db.flush()
    return made


def say(db: Session, voice: Contribution, *, outing: str, chosen: bool, mediator: Staff) -> None:
    """`voice` was said there (the outing's prefix), and read back with the person; `chosen` stands first."""
    there = db.exec(select(Outing).where(col(Outing.prefix) == outing)).one()
    row = Collected(
        id=new_id(), contribution_seq=voice.seq, outing_seq=there.seq, staff_seq=mediator.seq or 0,
        digest=vault.blind("collected", voice.reference), read_back=True, chosen=chosen, received_at=voice.received_at,
    )  # fmt: skip
    there.collected += 1
    db.add_all([row, there])
    db.flush()


def finish(db: Session, example: DemoOuting, *, by: Staff) -> None:
    """Closed and told, if it is over."""
    made = db.exec(select(Outing).where(col(Outing.prefix) == example.prefix)).one()
    if example.stopped is not None:
        closing = ClosingIn(version=made.version, stopped=example.stopped, notes=example.notes)
        outings.close(db, made, closing, by=by, now=example.ends_at)
    if example.told_at is not None:
        chosen = telling.chosen(db, made)
        said = ToldIn(
            heard=example.heard, changes=example.changes, chosen=chosen, seen=telling.seen(made, chosen), publish=True
        )
        telling.tell(db, made, said, by=by, now=example.told_at)
