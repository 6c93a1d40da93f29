"""The chain's end, noted each hour in a file outside the database.

Whoever holds the database and the key could write a whole new chain, or put an old database back: against what stands
in the file, both show. Keep a copy of it where that person cannot write (docs/operations.md).
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from app import audit
from app.adapters import Adapters
from app.models.audit import AuditEntry

FILE = "heads.jsonl"
AT_ONCE = 500


@dataclass(frozen=True)
class Head:
    """Where the chain ended, and when that was noted."""

    seq: int
    mac: str
    at: str


def folder(adapters: Adapters) -> Path:
    return adapters.audit_dir or adapters.data_dir / "audit"


def note(db: Session, kept_in: Path, *, now: datetime) -> Head | None:
    """Adds the present end to the file, on disk when this returns. None where nothing was added to the journal."""
    count, mac = audit.end(db)
    before = last(kept_in)
    if not count or (before and (before.seq, before.mac) == (count, mac)):
        return None
    head = Head(count, mac, now.isoformat(timespec="seconds"))
    _append(kept_in, json.dumps(vars(head)).encode() + b"\n")
    return head


def _append(kept_in: Path, line: bytes) -> None:
    kept_in.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(kept_in / FILE, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(file).st_size
        if size and os.pread(file, 1, size - 1) != b"\n":  # a power cut in the middle of a line
            line = b"\n" + line
        os.write(file, line)
        os.fsync(file)
    finally:
        os.close(file)
    above = os.open(kept_in, os.O_RDONLY)
    try:
        os.fsync(above)
    finally:
        os.close(above)


def noted(kept_in: Path) -> Iterator[Head]:
    """Every head in the file; a line cut short by a power cut is none."""
    try:
        with (kept_in / FILE).open() as lines:
            for line in lines:
                try:
                    said = json.loads(line)
                    yield Head(int(said["seq"]), str(said["mac"]), str(said["at"]))
                except (ValueError, KeyError, TypeError):
                    continue
    except FileNotFoundError:
        return


def last(kept_in: Path) -> Head | None:
    found = None
    for found in noted(kept_in):  # noqa: B007 - the last one is wanted
        pass
    return found


def disagreeing(db: Session, kept_in: Path) -> tuple[int, Head | None]:
    """(heads compared, the first of them that the journal does not hold or None)."""
    compared, batch = 0, []
    for head in noted(kept_in):
        batch.append(head)
        if len(batch) == AT_ONCE:
            if wrong := _first_wrong(db, batch):
                return compared, wrong
            compared, batch = compared + len(batch), []
    wrong = _first_wrong(db, batch)
    return compared + (0 if wrong else len(batch)), wrong


def _first_wrong(db: Session, batch: list[Head]) -> Head | None:
    wanted = sa.select(col(AuditEntry.seq), col(AuditEntry.mac)).where(
        col(AuditEntry.seq).in_([head.seq for head in batch])
    )
    held = {row.seq: row.mac for row in db.connection().execute(wanted)}
    return next((head for head in batch if held.get(head.seq) != head.mac), None)


def verify_whole(db: Session, kept_in: Path) -> tuple[int, int | None, str]:
    """(entries read, the first that does not fit or None, in words what was found)."""
    read, broken = audit.verify(db)
    if broken is not None:
        return read, broken, f"BROKEN: {read} entries read; entry {broken} does not fit the chain."
    compared, wrong = disagreeing(db, kept_in)
    if wrong is None:
        return read, None, f"ok: {read} entries, the chain is whole; heads noted outside that agree: {compared}."
    why = "the journal was written anew, or an older database was put back"
    return read, wrong.seq, f"BROKEN: entry {wrong.seq} is not what was noted outside on {wrong.at}: {why}."
