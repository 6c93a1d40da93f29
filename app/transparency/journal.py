"""The journal as its readers ask for it: filtered, newest first, page by page; and whole, as a table."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import audit
from app.consultation.content import consultation
from app.db import reading
from app.models import AuditEntry, Contribution, Staff
from app.transparency.journal_schemas import JournalIn

PAGE = 50
AT_ONCE = 500
TABLE = AuditEntry.__table__  # type: ignore[attr-defined]
HEADER = ("seq", "at", "actor", "name", "action", "kind", "object", "hashes", "mac")
# A spreadsheet takes a cell that begins so for a formula.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Page:
    entries: list[Any]
    older: int | None  # the `before` of the next page


def page(db: Session, asked: JournalIn) -> Page:
    found = list(db.connection().execute(_wanted(db, asked).limit(PAGE + 1)))
    return Page(found[:PAGE], found[PAGE - 1].seq if len(found) > PAGE else None)


def _wanted(db: Session, asked: JournalIn) -> sa.Select[Any]:
    wanted = sa.select(TABLE).order_by(TABLE.c.seq.desc())
    exact = {"actor": asked.actor, "action": asked.action, "kind": asked.kind, "object_id": _object(db, asked.object)}
    for name, value in exact.items():
        if value:
            wanted = wanted.where(TABLE.c[name] == value)
    if asked.since:
        wanted = wanted.where(TABLE.c.at >= consultation().midnight(asked.since).astimezone(UTC))
    if asked.until:
        wanted = wanted.where(TABLE.c.at < consultation().midnight(asked.until + timedelta(days=1)).astimezone(UTC))
    return wanted.where(TABLE.c.seq < asked.before) if asked.before else wanted


def _object(db: Session, asked: str) -> str:
    """The id as the journal has it; people know a contribution by its reference."""
    if not asked.upper().startswith("NS-"):
        return asked.lower()
    found = db.exec(select(Contribution.id).where(Contribution.reference == asked.upper())).first()
    return str(found) if found else asked


def names(db: Session) -> dict[str, str]:
    """Actor → name, of everybody who ever was in the team."""
    return {person.actor: person.name for person in db.exec(select(Staff).order_by(col(Staff.name)))}


def note_export(db: Session, *, by: Staff, asked: JournalIn, now: datetime) -> None:
    """Who took a copy, and of what: the filters are closed lists, ids and dates."""
    chosen = {key: str(value) for key, value in asked.model_dump(exclude={"before"}).items() if value}
    audit.append(db, actor=by.actor, action="journal_exported", kind="journal", object_id="", now=now, hashes=chosen)


def rows(asked: JournalIn) -> Iterator[str]:
    """CSV, newest first, some hundreds of entries in memory and no transaction held between them."""
    with reading() as db:
        known = names(db)
    yield "\ufeff" + _line(HEADER)
    before = asked.before
    while True:
        with reading() as db:
            found = list(
                db.connection().execute(_wanted(db, asked.model_copy(update={"before": before})).limit(AT_ONCE))
            )
        if not found:
            return
        yield "".join(_line(_cells(entry, known)) for entry in found)
        before = found[-1].seq


def _cells(entry: Any, known: dict[str, str]) -> tuple[str, ...]:
    facts = json.dumps(entry.hashes, ensure_ascii=False, sort_keys=True)
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    who = (entry.actor, known.get(entry.actor, ""))
    return (str(entry.seq), at, *who, entry.action, entry.kind, entry.object_id, facts, entry.mac)


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(FORMULAS) else cell for cell in cells])
    return out.getvalue()
