"""Files that are on disk, whole and under their name, when the call returns: a power cut loses nothing."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from app.errors import DiskFull

CHUNK = 1024 * 1024
FULL = {errno.ENOSPC, errno.EDQUOT}


def write_durably(target: Path, source: IO[bytes], *, root: Path | None = None, only_once: bool = False) -> bool:
    """On disk when this returns: temporary file, fsync, rename, fsync of every folder up to `root`.

    With `only_once` a file already there stands, and the answer is False. Raises DiskFull, leaves nothing.
    """
    root = root or target.parent
    with _room():
        temporary = _write_beside(target, source)
        try:
            placed = _place(temporary, target, only_once=only_once)
        finally:
            temporary.unlink(missing_ok=True)
        # Up to the root each time: another thread may have made a folder an instant ago and not have
        # synced it yet. A folder with nothing new costs next to nothing.
        folder = target.parent
        sync_folder(folder)
        while folder != root:
            folder = folder.parent
            sync_folder(folder)
    return placed


def make_folder(folder: Path) -> None:
    """The folder and its missing parents, private, each recorded on disk in the one above it."""
    missing = [folder, *folder.parents]
    for each in reversed(missing):
        if not each.exists():
            with suppress(FileExistsError):
                each.mkdir(mode=0o700)
            sync_folder(each.parent)


def _write_beside(target: Path, source: IO[bytes]) -> Path:
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    handle = _create(temporary)
    try:
        with os.fdopen(handle, "wb") as written:
            while piece := source.read(CHUNK):
                written.write(piece)
            written.flush()
            os.fsync(written.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _create(path: Path) -> int:
    for _ in range(5):
        with suppress(FileNotFoundError):  # not made yet, or a delete took the emptied folder away an instant ago
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        make_folder(path.parent)
    raise FileNotFoundError(path.parent)


def _place(temporary: Path, target: Path, *, only_once: bool) -> bool:
    if not only_once:
        temporary.replace(target)
        return True
    try:
        target.hardlink_to(temporary)  # fails where the name is taken, which a rename would overwrite
    except FileExistsError:
        return False
    return True


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        if fault.errno in FULL:
            raise DiskFull() from fault
        raise
