"""What organisers may switch while the service runs: slow mode, collecting without publishing, a proof from everybody.

One row of `keep` each. Every process reads them together with the publication's version, in one statement, once a
second at most: a page rendered for a new version has the switches of that version, and nobody who sends words waits.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from app import audit
from app import db as database
from app.errors import N_, Conflict
from app.models import Keep, Publication
from app.models.publication import bump

FRESH = 1.0  # seconds
PAUSED = N_("La publication est en pause pour tout le monde. Rien n’est perdu : décidez plus tard.")


class Switch(StrEnum):
    SLOW = "slow"  # fewer contributions of one address before it is asked for a proof
    PAUSE = "pause"  # contributions are taken, none is published
    PROOF = "proof"  # everybody works out a proof


NAMES = {f"switch:{switch.value}": switch for switch in Switch}
LOOK = sa.select(col(Publication.version), col(Publication.seats), col(Keep.name), col(Keep.value)).outerjoin_from(
    Publication, Keep, col(Keep.name).in_(NAMES)
)


@dataclass(frozen=True)
class Setting:
    """How a switch stands, and since when by whom (an actor, or `system`); None: it was never touched."""

    on: bool = False
    by: str | None = None
    at: datetime | None = None


class _Known:
    """What this process knows, and of which database."""

    engine: Any = None
    looked: float = 0.0
    version: int = -1
    on: frozenset[Switch] = frozenset()


def is_on(switch: Switch) -> bool:
    """As of a second ago at most. While the database does not answer, as it was last."""
    if _Known.engine is not database.engine() or time.monotonic() - _Known.looked > FRESH:
        try:
            read_versions()
        except SQLAlchemyError:
            return switch in _Known.on
    return switch in _Known.on


def read_versions() -> tuple[int, int]:
    """The publication's version and that of places left, for the page cache; and how the switches stand at it."""
    engine = database.engine()
    if engine is not _Known.engine:
        _Known.engine, _Known.version, _Known.on = engine, -1, frozenset()
    _Known.looked = time.monotonic()  # before the question, so that a burst asks once
    with engine.connect() as connection:
        rows = connection.execute(LOOK).all()
    version = int(rows[0].version)
    if version >= _Known.version:  # an answer that was overtaken says nothing
        _Known.version, _Known.on = version, frozenset(NAMES[row.name] for row in rows if row.name and _read(row).on)
    return version, int(rows[0].seats)


def forget() -> None:
    """After a change was committed: asked anew by whoever comes next here; elsewhere within a second."""
    _Known.looked = 0.0


def standing(db: Session) -> dict[Switch, Setting]:
    """How each stands in this transaction."""
    rows = db.connection().execute(LOOK).all()
    return {switch: Setting() for switch in Switch} | {NAMES[row.name]: _read(row) for row in rows if row.name}


def turn(db: Session, switch: Switch, *, on: bool, by: str, now: datetime) -> bool:
    """By an actor, or `system`. False, and nothing happens, where it stands so already."""
    name, (word, other) = f"switch:{switch.value}", ("on", "off") if on else ("off", "on")
    row = Keep.__table__.c  # type: ignore[attr-defined]
    value = f"{word}|{by}|{now.isoformat()}"
    changed = db.connection().execute(
        sa.update(Keep).where(row.name == name, row.value.startswith(f"{other}|")).values(value=value)
    )
    if changed.rowcount != 1 and not (on and _make(db, name, value)):
        return False
    bump(db)
    audit.append(db, actor=by, action=f"switch_{word}", kind="switch", object_id=switch.value, now=now)
    return True


def refuse_paused(db: Session) -> None:
    """Before anything becomes public: Conflict `publishing_paused` while publication is paused."""
    if paused(db):
        raise Conflict(PAUSED, code="publishing_paused")


def paused(db: Session) -> bool:
    """As of this transaction, not of a second ago."""
    kept = sa.select(col(Keep.value)).where(col(Keep.name) == f"switch:{Switch.PAUSE.value}")
    return str(db.connection().execute(kept).scalar() or "").startswith("on|")


def _make(db: Session, name: str, value: str) -> bool:
    """The first time a switch is touched; of two at once one makes the row."""
    row = database.insert(db, Keep).values(name=name, value=value).on_conflict_do_nothing().returning(col(Keep.name))
    return db.connection().execute(row).first() is not None


def _read(row: Any) -> Setting:
    word, by, at = row.value.split("|")
    return Setting(word == "on", by, datetime.fromisoformat(at))
