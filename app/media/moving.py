"""Copies every file from one store to another, verified by hash, resumed where it was cut; the source is only read.

What was copied and read back is noted in a journal, one line a file. A file that has left the source since (erased,
withdrawn) leaves the copy too: who asked to be forgotten must not live on in the new store.
"""

import fcntl
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from app.adapters.storage import Storage
from app.errors import AppError, NotFound

PIECE = 4 * 1024 * 1024
AT_ONCE = 4
Report = Callable[["Moved"], None]


class SourceEmpty(Exception):
    """Nothing is there, though something was: most likely not the store one thinks it is."""


class AlreadyMoving(Exception):
    """Another program copies between these two."""


class NotTheSame(Exception):
    """What was read back is not what was written."""


@dataclass
class Moved:
    """How far it is. `failed`: (key, why); `gone`: taken out of the target, since they have left the source."""

    total: int = 0
    copied: int = 0
    bytes: int = 0
    skipped: int = 0
    gone: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def done(self) -> int:
        return self.copied + self.skipped + len(self.failed)


@dataclass(frozen=True)
class Copy:
    """A file known to be in the target: its size and the SHA-256 of its content."""

    size: int
    sha256: str


def move(source: Storage, target: Storage, journal: Path, *, verify: bool = False, report: Report) -> Moved:
    """Copies what the journal does not know yet; with `verify` compares the content of every file again."""
    between = journal.with_suffix(".part")
    between.mkdir(parents=True, exist_ok=True)
    with journal.open("a") as notes, ThreadPoolExecutor(AT_ONCE) as pool:
        _alone(notes)
        known, keys = read_journal(journal), list(source.keys())
        if known and not keys:
            raise SourceEmpty
        moved = Moved(total=len(keys))
        for left in between.iterdir():
            left.unlink()  # of a run that was killed
        for key in sorted(known.keys() - set(keys)):
            target.delete(key)
            _note(notes, key, None)
            moved.gone += 1
        one = partial(_tried, source, target, known=known, verify=verify, folder=between)
        for key, outcome in zip(keys, pool.map(one, keys), strict=True):
            _count(moved, notes, key, outcome, known.get(key))
            report(moved)
        between.rmdir()
    return moved


def _alone(notes: IO[str]) -> None:
    try:
        fcntl.flock(notes, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        raise AlreadyMoving from taken


def _tried(
    source: Storage, target: Storage, key: str, *, known: dict[str, Copy], verify: bool, folder: Path
) -> tuple[Copy | None, bool] | str:
    """The copy and whether it had to be made; None for what left the source meanwhile; words when it failed."""
    try:
        return _copied(source, target, key, None if verify else known.get(key), folder)
    except NotFound:
        return None, False
    except (AppError, NotTheSame, OSError, ValueError) as fault:
        return f"{type(fault.__cause__ or fault).__name__}: {fault.__cause__ or fault}".splitlines()[0]


def _copied(source: Storage, target: Storage, key: str, known: Copy | None, folder: Path) -> tuple[Copy, bool]:
    size, there = source.size(key), _size(target, key)
    if known is not None and known.size == size == there:
        return known, False
    if there == size:
        copy = Copy(size, digest(source, key, size))
        if digest(target, key, size) == copy.sha256:
            return copy, False
    copy = Copy(size, _put(source, target, key, size, folder))
    if _size(target, key) != size or digest(target, key, size) != copy.sha256:
        with suppress(AppError):
            target.delete(key)  # nobody must take it for the file
        raise NotTheSame("what was read back is not what was written")
    return copy, True


def _size(storage: Storage, key: str) -> int | None:
    try:
        return storage.size(key)
    except NotFound:
        return None


def digest(storage: Storage, key: str, size: int) -> str:
    found = hashlib.sha256()
    for piece in _pieces(storage, key, size):
        found.update(piece)
    return found.hexdigest()


def _pieces(storage: Storage, key: str, size: int) -> Iterator[bytes]:
    """A stored file from beginning to end; each piece is a question of its own, so that no answer takes too long."""
    for start in range(0, size, PIECE):
        yield storage.piece(key, start, min(start + PIECE, size))


def _put(source: Storage, target: Storage, key: str, size: int, folder: Path) -> str:
    """Copies one file by way of a temporary one (a store cannot read another while it writes); its hash as read."""
    found = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".tmp") as between:
        for piece in _pieces(source, key, size):
            found.update(piece)
            between.write(piece)
        between.flush()
        target.put_file(key, Path(between.name))
    return found.hexdigest()


def _count(moved: Moved, notes: IO[str], key: str, outcome: tuple[Copy | None, bool] | str, known: Copy | None) -> None:
    if isinstance(outcome, str):
        moved.failed.append((key, outcome))
        return
    copy, made = outcome
    if copy is None:
        moved.total -= 1
        return
    if made:
        moved.copied, moved.bytes = moved.copied + 1, moved.bytes + copy.size
    else:
        moved.skipped += 1
    if copy != known:
        _note(notes, key, copy)


def _note(notes: IO[str], key: str, copy: Copy | None) -> None:
    told = {"key": key} | ({"size": copy.size, "sha256": copy.sha256} if copy else {"gone": True})
    notes.write(json.dumps(told) + "\n")
    notes.flush()


def read_journal(journal: Path) -> dict[str, Copy]:
    """What is known to be in the target. A line a kill cut short is none: that file is looked at again."""
    known: dict[str, Copy] = {}
    for line in _lines(journal):
        with suppress(ValueError, KeyError, TypeError):
            told = json.loads(line)
            known.pop(told["key"], None)
            if not told.get("gone"):
                known[told["key"]] = Copy(int(told["size"]), str(told["sha256"]))
    return known


def _lines(journal: Path) -> Iterator[str]:
    if journal.exists():
        with journal.open() as notes:
            yield from notes
