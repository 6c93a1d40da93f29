"""`dialogue media …`: what the operator does with the stores."""

import hashlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from app.adapters.storage import Storage, make_storage
from app.media import moving
from app.settings import Settings

EVERY = 1.0  # seconds between two lines of progress


def move(source: str, target: str, *, verify: bool, settings: Settings) -> int:
    """Copies, tells how far it is on stderr, lists what failed; the exit code. SystemExit for what is no store."""
    began = time.monotonic()
    if bare(source) == bare(target):
        sys.exit("Both are the same store: nothing to copy.")
    journal = journal_of(source, target, settings)
    try:
        moved = moving.move(_store(source), _store(target), journal, verify=verify, report=_telling())
    except moving.SourceEmpty:
        sys.exit(f"{bare(source)} holds nothing, though files were copied from it before. Is it the right one?")
    except moving.AlreadyMoving:
        sys.exit("Another `dialogue media move` between these two is at work.")
    for key, why in moved.failed:
        sys.stderr.write(f"FAILED {key}: {why}\n")
    sys.stdout.write(
        f"{moved.copied} copied ({moved.bytes / 1e6:.1f} MB), {moved.skipped} already there,"
        f" {moved.gone} taken out, {len(moved.failed)} failed, in {time.monotonic() - began:.0f} s\n"
    )
    return 1 if moved.failed else 0


def journal_of(source: str, target: str, settings: Settings) -> Path:
    """Where the copies between these two are noted."""
    pair = hashlib.sha256(f"{bare(source)} {bare(target)}".encode()).hexdigest()[:16]
    return settings.data_dir / "moves" / f"{pair}.jsonl"


def bare(address: str) -> str:
    """A store's address without its keys, for journals and messages."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), parts.query, ""))


def _store(address: str) -> Storage:
    try:
        return make_storage(address)
    except (ValueError, OSError) as error:
        sys.exit(f"{bare(address)}: {error}")


def _telling() -> Callable[[moving.Moved], None]:
    last = 0.0

    def tell(moved: moving.Moved) -> None:
        nonlocal last
        if time.monotonic() - last > EVERY or moved.done == moved.total:
            last = time.monotonic()
            share = 100 * moved.done // max(moved.total, 1)
            sys.stderr.write(
                f"{share:3d} %  {moved.done}/{moved.total} files, {moved.bytes / 1e6:.1f} MB copied,"
                f" {len(moved.failed)} failed\n"
            )

    return tell
