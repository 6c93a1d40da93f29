"""A device's sealed queue, out of the file it wrote: taken in as if it had sent it, revoked or not.

Lines of JSON: first whose it is, then each record and the pieces of its media. One line is held at a time. Each record
is safe on its own: a file that breaks off keeps what came before, and the whole may be brought again.
"""

import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, TypeVar
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session, col, select

from app import audit
from app.accounts.rules import COMMAND_LINE
from app.adapters import Adapters
from app.db import reading, writing
from app.errors import AppError, Conflict, TooLarge, Unprocessable
from app.models import Device, Staff
from app.outreach import arrivals, rules, sealed
from app.outreach.collect_uploads import MediumAltered, MediumSize, UnknownMedium
from app.outreach.credentials import Collector

FORMAT, VERSION = "nouvelles-solidarites/collecte", 1
LONGEST = 4 * 1024 * 1024  # bytes of a line: a whole record, or a piece of a medium
Line = tuple[int, dict[str, Any]]
Row = TypeVar("Row", Device, Staff)
SPENT = {"receipt_code_used", "unknown_receipt_code"}


class BadFile(Exception):
    """What is wrong with the file itself; names the line. What came before it is taken in."""


@dataclass(frozen=True)
class Outcome:
    """What became of one record or of one of its media; no word of what people said."""

    record: str
    medium: str = ""
    new: bool = False
    spent: bool = False  # its own code had served, or nobody knows it: the words are taken in, the code opens nothing
    fault: Exception | None = None


class Lines:
    """The file, one line at a time, and what comes next."""

    def __init__(self, file: IO[bytes]) -> None:
        self.lines = _read(file)
        self.next: Line | None = next(self.lines, None)

    def take(self) -> Line:
        taken = self.next
        if taken is None:
            raise BadFile("the file is empty.")
        self.next = next(self.lines, None)
        return taken

    def pieces(self, record: str, medium: str) -> Iterator[bytes]:
        """Of one medium, as far as they follow one another."""
        wanted = 0
        while self.next and _is_piece(self.next, record, medium):
            number, said = self.take()
            if said.get("part") != wanted:
                raise BadFile(f"line {number}: pieces of a medium are missing or out of order.")
            wanted += 1
            try:
                yield b64decode(str(said.get("data")), validate=True)
            except NotBase64 as error:
                raise BadFile(f"line {number}: a piece of a medium cannot be read.") from error


def bring(file: IO[bytes], adapters: Adapters, *, mediator: Staff | None = None) -> Iterator[Outcome]:
    """One outcome for each record and for each of its media in the file, in order. BadFile at the first line that is
    none of ours. `mediator`: whose it is, when the file does not say."""
    lines = Lines(file)
    by = _whose(lines.take()[1], mediator)
    _journal(by, adapters)
    while lines.next:
        number, said = lines.take()
        record, sizes = _record(number, said)
        outcome = _take(record, str(said["jose"]).encode(), _owner(said, by), adapters)
        yield outcome
        while lines.next and (medium := _medium_of(lines.next, record)):
            pieces = lines.pieces(str(record), medium)
            if outcome.fault is None:
                yield _hold(record, medium, pieces, sizes.get(medium, -1), adapters)
            for _ in pieces:  # of what is here already, or not wanted
                pass


def _read(file: IO[bytes]) -> Iterator[Line]:
    number = 0
    while line := file.readline(LONGEST + 1):
        number += 1
        try:
            said = json.loads(line) if len(line) <= LONGEST else None
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise BadFile(f"line {number}: broken off, or no line of such a file.")
        yield number, said


def _whose(said: dict[str, Any], mediator: Staff | None) -> Collector:
    if said.get("format") != FORMAT:
        raise BadFile("line 1: this is no file of sealed records.")
    if said.get("version") != VERSION:
        raise BadFile(f"line 1: only version {VERSION} of the format is known here.")
    with reading() as db:
        device = _by_id(db, Device, said.get("device"))
        owner = db.get(Staff, device.staff_seq) if device else _by_id(db, Staff, said.get("mediator"))
    if (staff := owner or mediator) is None:
        raise BadFile("line 1: neither the device nor the mediator is known here. Say whose it is: --mediator EMAIL")
    return Collector(staff, device)


def _owner(said: dict[str, Any], by: Collector) -> Collector:
    """A device handed from one mediator to another still holds what the first one's people said."""
    with reading() as db:
        owner = _by_id(db, Staff, said.get("owner"))
    return Collector(owner, by.device) if owner else by


def _journal(by: Collector, adapters: Adapters) -> None:
    """Somebody held what a device had kept; each record has its own entry besides."""
    kind, id = ("device", by.device.id) if by.device else ("staff", by.staff.id)
    with writing() as db:
        audit.append(
            db, actor=COMMAND_LINE, action="records_imported", kind=kind, object_id=str(id), now=adapters.clock(),
            hashes={},
        )  # fmt: skip


def _by_id(db: Session, table: type[Row], id: Any) -> Row | None:
    try:
        return db.exec(select(table).where(col(table.id) == UUID(str(id)))).first()
    except ValueError:
        return None


def _record(number: int, said: dict[str, Any]) -> tuple[UUID, dict[str, int]]:
    """Its id, and how long each of its media is as it comes."""
    try:
        media = {str(each["client_id"]): int(each["sealed_size"]) for each in said.get("media", ())}
        return UUID(str(said["uuid"])), media if said["jose"] else {}
    except (KeyError, TypeError, ValueError) as error:
        raise BadFile(f"line {number}: neither a record nor a piece of the one before.") from error


def _take(record: UUID, jose: bytes, by: Collector, adapters: Adapters) -> Outcome:
    try:
        opened = sealed.opened(jose, sealed=True)
        try:
            return Outcome(str(record), new=_taken(record, opened, by, adapters))
        except (Conflict, Unprocessable) as fault:
            if not _codes(fault) & SPENT:
                raise
        return Outcome(str(record), new=_taken(record, opened, by, adapters, new_code=True), spent=True)
    except (Conflict, Unprocessable, TooLarge, ValidationError) as fault:
        return Outcome(str(record), fault=fault)


def _taken(record: UUID, opened: sealed.Opened, by: Collector, adapters: Adapters, *, new_code: bool = False) -> bool:
    with writing() as db:
        return rules.take(db, record, opened, by=by, now=adapters.clock(), new_code=new_code, imported=True).new


def _codes(fault: AppError) -> set[str]:
    return {each.code for each in fault.errors} if isinstance(fault, Unprocessable) else {fault.code}


def _is_piece(line: Line, record: str, medium: str) -> bool:
    return line[1].get("uuid") == record and line[1].get("client_id") == medium


def _medium_of(line: Line, record: UUID) -> str:
    """The client id of the medium whose piece this is; "" when it is no piece of this record."""
    said = line[1]
    return str(said.get("client_id") or "") if said.get("uuid") == str(record) and "data" in said else ""


def _hold(record: UUID, medium: str, pieces: Iterator[bytes], length: int, adapters: Adapters) -> Outcome:
    try:
        new = arrivals.bring(record, medium, pieces, length=length, adapters=adapters)
        return Outcome(str(record), medium, new=new)
    except (UnknownMedium, MediumSize, MediumAltered) as fault:
        return Outcome(str(record), medium, fault=fault)
