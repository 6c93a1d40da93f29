"""Folders to work in, on the disk of the data (what the system calls temporary may be memory, and a video a gigabyte).

Each is locked while somebody is in it: what a killed worker left behind can be told from what is in use.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER = "work"
LOCK = ".lock"


@contextmanager
def workplace(data_dir: Path) -> Iterator[Path]:
    """A folder of one's own, gone at the end; those of the dead go first."""
    base = data_dir.resolve() / FOLDER
    base.mkdir(parents=True, exist_ok=True, mode=0o700)
    tidy(data_dir)
    folder = Path(tempfile.mkdtemp(dir=base))
    lock = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def tidy(data_dir: Path) -> int:
    """Removes what nobody works in any more; how many."""
    base, removed = data_dir.resolve() / FOLDER, 0
    for folder in base.iterdir() if base.is_dir() else ():
        if _is_left(folder):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def _is_left(folder: Path) -> bool:
    with suppress(OSError):
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)  # not there yet: it is just being made
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(lock)
        return True
    return False
