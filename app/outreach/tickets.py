"""Tear-off tickets of an outing: numbered, each with a receipt code given in advance.

The codes are shown once, then only their HMACs are left.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from app import audit
from app.contributions import receipts
from app.contributions.receipts import Code
from app.errors import N_, Conflict, refuse_field
from app.models import AllottedCode, Outing, OutingState, Staff
from app.models.driver import add_rows
from app.outreach import codes, outings
from app.outreach.outing_schemas import LostIn, SheetsIn

ON_A_SHEET = 6
MOST = 900  # of one outing: three figures are quickly read and typed
MADE = N_("Ces tickets sont déjà faits. Leurs codes ne sont montrés qu’une fois, à l’impression.")
TOO_MANY = N_("C’est trop pour une sortie : %(most)s tickets au plus.")
NO_SUCH = N_("Il n’y a pas de ticket à ce numéro : le dernier est le %(last)s.")


@dataclass(frozen=True)
class Ticket:
    number: str  # MAL-017, on both halves
    code: Code  # on the person's half


@dataclass(frozen=True)
class Standing:
    """How many of an outing's tickets there are of each kind."""

    made: int
    used: int
    cancelled: int

    @property
    def left(self) -> int:
        return self.made - self.used - self.cancelled


def make(db: Session, outing: Outing, said: SheetsIn, *, by: Staff, now: datetime) -> list[Ticket]:
    """So many sheets more. Conflict `already_made` when somebody made others since the page was read: a page loaded
    again must not print a second set."""
    outing = outings.held(db, outing.seq or 0)
    if outing.state is OutingState.CANCELLED:
        raise Conflict(outings.NOT_NOW, code="wrong_state")
    if outing.tickets != said.after:
        raise Conflict(MADE, code="already_made")
    last = outing.tickets + said.sheets * ON_A_SHEET
    if last > MOST:
        raise refuse_field("sheets", "too_many", TOO_MANY, most=MOST)
    made = [Ticket(codes.number(outing.prefix, n), receipts.new_code()) for n in range(outing.tickets + 1, last + 1)]
    same = {"staff_seq": by.seq, "outing_seq": outing.seq, "created_at": now}
    add_rows(db, AllottedCode, *[receipts.macs(each.code) | {"number": each.number} | same for each in made])
    outing.tickets = last
    db.add(outing)
    db.flush()
    _note(db, outing, "tickets_made", by=by, now=now)
    return made


def cancel(db: Session, outing: Outing, said: LostIn, *, by: Staff, now: datetime) -> int:
    """Lost ones open nothing any more; how many that were. Those that were used stay with their person."""
    if said.last > outing.tickets:
        raise refuse_field("last", "unknown_ticket", NO_SUCH, last=outing.tickets)
    numbers = [codes.number(outing.prefix, n) for n in range(said.first, said.last + 1)]
    unused = (col(AllottedCode.used_at).is_(None), col(AllottedCode.cancelled_at).is_(None))
    row = sa.update(AllottedCode).where(col(AllottedCode.number).in_(numbers), *unused).values(cancelled_at=now)
    cancelled = db.connection().execute(row).rowcount
    _note(db, outing, "tickets_cancelled", by=by, now=now)
    return cancelled


def standing(db: Session, outing: Outing) -> Standing:
    code: Any = AllottedCode
    found = sa.select(sa.func.count(code.used_at), sa.func.count(code.cancelled_at).filter(code.used_at.is_(None)))
    used, cancelled = db.connection().execute(found.where(code.outing_seq == outing.seq)).one()
    return Standing(outing.tickets, used, cancelled)


def _note(db: Session, outing: Outing, action: str, *, by: Staff, now: datetime) -> None:
    audit.append(db, actor=by.actor, action=action, kind="outing", object_id=str(outing.id), now=now)
