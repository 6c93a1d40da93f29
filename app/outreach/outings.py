"""What the team does with an outing: plan it, change it, cancel it, close it, open it again.

Locks in one order: the event on the calendar, the outing, what the public sees, the journal. A closed outing still
takes what devices send: nothing said in the street is lost.
"""

import re
import secrets
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app import audit
from app.contributions.text import bare
from app.errors import N_, Conflict, refuse_field
from app.events.edit import STALE, MustTell
from app.events.edit_schemas import SavingIn
from app.models import Outing, OutingMediator, OutingState, Staff
from app.models.base import new_id
from app.models.publication import bump
from app.outreach import outing_calendar as calendar
from app.outreach import outing_queries
from app.outreach.outing_schemas import ClosingIn, OutingIn

__all__ = ["MustTell", "cancel", "change", "close", "plan", "reopen"]

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # no I and no O: on paper they are a one and a nought
SMALL_WORDS = {"de", "du", "des", "la", "le", "les", "et", "au", "aux", "sur", "sous", "rue", "place", "marche"}
CHANCE = secrets.SystemRandom()
TRIES = 20
NOT_NOW = N_("Cette sortie n’en est plus là. Voici où elle en est.")
NOT_BEGUN = N_("Cette sortie n’a pas commencé. Elle n’aura pas lieu ? Annulez-la.")
UNKNOWN_MEDIATOR = N_("Choisissez parmi les personnes de la médiation.")


def plan(db: Session, said: OutingIn, *, by: Staff, now: datetime) -> Outing:
    """A new outing; on the public calendar at once when that is wished."""
    made = _add(db, Outing(id=new_id(), prefix="", created_at=now, changed_at=now, **said.columns()))
    _send(db, made, said.mediators)
    if said.public:
        calendar.put(db, made, said, by=by, now=now)
    _note(db, made, "outing_planned", by=by, now=now)
    return made


def change(
    db: Session, outing: Outing, said: OutingIn, saving: SavingIn, *, seen: bool, by: Staff, now: datetime
) -> bool:
    """What was typed becomes the outing, and its event; whether people are told.

    Conflict `stale` or `wrong_state`; `MustTell` until the message to those signed up was `seen`.
    """
    event = calendar.hold(db, outing)
    outing = _fresh(db, outing, saving.version, (OutingState.PLANNED, OutingState.CLOSED))
    before, told = outing.place_name, False
    for name, value in said.columns().items():
        setattr(outing, name, value)
    _send(db, outing, said.mediators)
    _touch(db, outing, now=now)
    if event is None and said.public and outing.state is OutingState.PLANNED:
        calendar.put(db, outing, said, by=by, now=now)
    elif event is not None and calendar.follows(event):
        told = calendar.follow(db, event, said, before, saving.words, seen=seen, by=by, now=now)
    _note(db, outing, "outing_changed", by=by, now=now)
    return told


def cancel(db: Session, outing: Outing, saving: SavingIn, *, by: Staff, now: datetime) -> bool:
    """It does not take place, nor does its event; whether people are told. Conflict `stale` or `wrong_state`."""
    event = calendar.hold(db, outing)
    outing = _fresh(db, outing, saving.version, (OutingState.PLANNED,))
    outing.state = OutingState.CANCELLED
    _touch(db, outing, now=now)
    told = calendar.cancel(db, event, saving.words, by=by, now=now) if event else False
    _note(db, outing, "outing_cancelled", by=by, now=now)
    return told


def close(db: Session, outing: Outing, said: ClosingIn, *, by: Staff, now: datetime) -> None:
    """Back from the street, with what was counted by hand; again, to correct it.

    Conflict `stale`, `wrong_state`, or `not_begun` before its hour.
    """
    outing = _fresh(db, outing, said.version, (OutingState.PLANNED, OutingState.CLOSED))
    if now < outing.starts_at:
        raise Conflict(NOT_BEGUN, code="not_begun")
    outing.state, outing.closed_at = OutingState.CLOSED, outing.closed_at or now
    outing.stopped, outing.notes = said.stopped, said.notes
    _touch(db, outing, now=now)
    _note(db, outing, "outing_closed", by=by, now=now)


def reopen(db: Session, outing: Outing, version: int, *, by: Staff, now: datetime) -> None:
    """It goes on after all. Conflict `stale` or `wrong_state`."""
    outing = _fresh(db, outing, version, (OutingState.CLOSED,))
    outing.state, outing.closed_at = OutingState.PLANNED, None
    _touch(db, outing, now=now)
    _note(db, outing, "outing_reopened", by=by, now=now)


def held(db: Session, seq: int) -> Outing:
    """The outing as it is now; nobody else changes it until the commit (on SQLite a writer is alone anyway)."""
    db.flush()
    asked = select(Outing).where(Outing.seq == seq).with_for_update()
    return db.exec(asked.execution_options(populate_existing=True)).one()


def _fresh(db: Session, outing: Outing, version: int, allowed: tuple[OutingState, ...]) -> Outing:
    outing = held(db, outing.seq or 0)
    if outing.version != version:
        raise Conflict(STALE, code="stale")
    if outing.state not in allowed:
        raise Conflict(NOT_NOW, code="wrong_state")
    return outing


def _touch(db: Session, outing: Outing, *, now: datetime) -> None:
    outing.version, outing.changed_at = outing.version + 1, now
    db.add(outing)
    db.flush()
    if outing.told_at is not None:
        bump(db)


def _send(db: Session, outing: Outing, wanted: list[UUID]) -> None:
    """Those who go are exactly these. Who went already may stay, whatever their roles have become."""
    going = outing_queries.mediators(db, outing)
    known = {each.id: each.seq for each in outing_queries.who_may_go(db, going)}
    if set(wanted) - known.keys():
        raise refuse_field("mediators", "unknown_mediator", UNKNOWN_MEDIATOR)
    there, then = {each.seq for each in going}, {known[each] for each in wanted}
    mine = col(OutingMediator.outing_seq) == outing.seq
    db.connection().execute(
        sa.delete(OutingMediator).where(mine, col(OutingMediator.staff_seq).in_(sorted(there - then)))
    )
    db.add_all(OutingMediator(outing_seq=outing.seq or 0, staff_seq=seq or 0) for seq in then - there)
    db.flush()


def _add(db: Session, outing: Outing) -> Outing:
    """With letters of its own for the numbers of its tickets. Two planned at once may want the same."""
    for attempt in range(TRIES):
        outing.prefix = _prefix(outing.place_name, attempt)
        try:
            with db.begin_nested():
                db.add(outing)
                db.flush()
        except IntegrityError:
            continue
        return outing
    raise Conflict


def _prefix(place: str, attempt: int) -> str:
    """Three letters of the place (Marché de Malakoff: MAL); where others have them, one more."""
    words = [word for word in re.findall(r"[a-z]+", bare(place)) if word not in SMALL_WORDS]
    name = "".join(letter for letter in "".join(words).upper() if letter in LETTERS)[:3]
    if len(name) < 3 or attempt > TRIES // 2:
        return "".join(CHANCE.choices(LETTERS, k=4))
    return name if attempt == 0 else name + CHANCE.choice(LETTERS)


def _note(db: Session, outing: Outing, action: str, *, by: Staff, now: datetime) -> None:
    audit.append(db, actor=by.actor, action=action, kind="outing", object_id=str(outing.id), now=now)
