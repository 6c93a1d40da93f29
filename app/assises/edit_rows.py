"""A row of the draft, held for whoever changes it; whoever read another version of it changes nothing."""

from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlmodel import Session, select

from app import audit
from app.errors import N_, Conflict, NotFound
from app.events.edit import STALE
from app.models import Staff

GONE = N_("Quelqu’un d’autre l’a supprimé entre-temps. Rien de ce que vous avez écrit n’est perdu.")


class Versioned(Protocol):
    version: int


Row = TypeVar("Row", bound=Versioned)


def one(db: Session, model: type[Row], row_id: UUID | int) -> Row:
    """To read; NotFound."""
    table: Any = model
    found: Row | None = db.exec(select(table).where(table.id == row_id)).first()
    if found is None:
        raise NotFound
    return found


def fresh(db: Session, model: type[Row], row_id: UUID | int, version: int) -> Row:
    """As it is now, nobody else changing it until the commit. Conflict `stale` when another version was read, `gone`
    when it is there no more."""
    table: Any = model
    wanted = select(table).where(table.id == row_id).with_for_update().execution_options(populate_existing=True)
    found: Row | None = db.exec(wanted).first()
    if found is None:
        raise Conflict(GONE, code="gone")
    if found.version != version:
        raise Conflict(STALE, code="stale")
    found.version += 1
    return found


def note(db: Session, action: str, row_id: UUID | int, *, by: Staff, now: datetime) -> None:
    audit.append(db, actor=by.actor, action=action, kind="programme", object_id=str(row_id), now=now)
