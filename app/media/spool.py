"""Where uploads arrive: one file for each, appended to under a lock that every process respects.

The file's size is the offset: nothing else counts bytes, so nothing can disagree with what is there. The lock is
`flock`, which the kernel lets go when its holder dies. Whoever wants a file that is held puts a stop marker beside
it; the holder looks between two pieces. Several hosts must share the folder (docs/decisions/resumable-uploads.md).
"""

import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from app.adapters.durable import FULL, make_folder, sync_folder
from app.errors import N_, AppError, DiskFull

FOLDER = "uploads"
NAME = re.compile(r"([0-9a-f]{32})(?:\.stop)?")
VECTORS = 512  # pieces in one system call
GB = 1_000_000_000
PATIENCE = 5.0  # seconds for another request to let go
LOCKED = N_("Cet envoi est déjà en cours. Réessayez dans un instant.")


class Locked(AppError):
    status, code, message = 423, "upload_locked", LOCKED


def path(data_dir: Path, media_id: UUID) -> Path:
    """The file of one upload; it need not be there yet."""
    return data_dir / FOLDER / media_id.hex


def size(file: Path) -> int:
    """The offset: what has arrived. 0 before the first byte."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


class Hold:
    """One process's hold on one upload's file: whoever has it may append, cut, sync and remove.

    `take()` may be called in one thread and `release()` in another. As a context manager it lets go at the end.
    """

    def __init__(self, file: Path) -> None:
        self.file, self.handle = file, -1

    def __enter__(self) -> "Hold":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def take(self) -> bool:
        """False when another has it. Makes the file if it is not there; a former stop marker goes."""
        while True:
            handle = _open(self.file)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_still(self.file, handle):
                    _marker(self.file).unlink(missing_ok=True)
                    self.handle, handle = handle, -1
                    return True
            except BlockingIOError:
                return False
            finally:
                if handle >= 0:
                    os.close(handle)

    def take_over(self, *, patience: float = PATIENCE) -> None:
        """Takes it, asking whoever has it to stop; Locked when nobody does in time. For threads that may wait."""
        until = time.monotonic() + patience
        while not self.take():
            if time.monotonic() > until:
                raise Locked()
            ask_to_stop(self.file)
            time.sleep(0.05)

    def size(self) -> int:
        return os.fstat(self.handle).st_size

    def append(self, pieces: list[bytes]) -> bool:
        """Adds them all, and says whether another asked for the file meanwhile. DiskFull keeps what fitted."""
        views = [memoryview(piece) for piece in pieces]
        first = 0
        try:
            while first < len(views):
                written = os.writev(self.handle, views[first : first + VECTORS])
                while first < len(views) and written >= len(views[first]):
                    written -= len(views[first])
                    first += 1
                if written:
                    views[first] = views[first][written:]
        except OSError as fault:
            if fault.errno in FULL:
                raise DiskFull() from fault
            raise
        return self.wanted()

    def wanted(self) -> bool:
        """Whether another asked for the file."""
        return _marker(self.file).exists()

    def cut(self, length: int) -> None:
        """Never longer than declared, whatever was written."""
        if self.size() > length:
            os.ftruncate(self.handle, length)

    def sync(self) -> None:
        """On disk, under its name, when this returns."""
        try:
            os.fsync(self.handle)
        except OSError as fault:
            if fault.errno in FULL:
                raise DiskFull() from fault
            raise
        sync_folder(self.file.parent)

    def remove(self) -> None:
        """The file goes while it is held: who waits for it finds nothing."""
        delete(self.file)

    def release(self) -> None:
        if self.handle >= 0:
            handle, self.handle = self.handle, -1
            os.close(handle)


def ask_to_stop(file: Path) -> None:
    """Puts the marker that a holder looks for; whoever takes the file next removes it."""
    with suppress(FileNotFoundError):
        os.close(os.open(_marker(file), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))


def delete(file: Path) -> None:
    """Deleting what is not there is no error."""
    file.unlink(missing_ok=True)
    _marker(file).unlink(missing_ok=True)


def left(data_dir: Path, *, older_than: float) -> Iterator[UUID]:
    """The uploads whose file or marker nobody has touched for so many seconds."""
    limit = time.time() - older_than
    folder = data_dir / FOLDER
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = NAME.fullmatch(entry.name)
        with suppress(FileNotFoundError):
            if name and entry.stat().st_mtime < limit:
                yield UUID(name[1])


def room(data_dir: Path) -> tuple[int, int]:
    """Bytes free on this disk, and how many of them uploads must leave to everything else."""
    usage = shutil.disk_usage(data_dir)
    return usage.free, min(GB, usage.total // 20)


def room_left(data_dir: Path) -> str:
    """`ok`; `low` when the reserve is near; `full` when uploads are refused."""
    free, reserve = room(data_dir)
    return "full" if free < reserve else "low" if free < 3 * reserve else "ok"


def refuse_when_full(data_dir: Path, length: int) -> None:
    """DiskFull when so many more bytes would eat into the reserve: words must still find room."""
    free, reserve = room(data_dir)
    if free - length < reserve:
        raise DiskFull()


def _open(file: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        try:
            return os.open(file, flags, 0o600)
        except FileNotFoundError:
            make_folder(file.parent)
            return os.open(file, flags, 0o600)
    except OSError as fault:
        if fault.errno in FULL:
            raise DiskFull() from fault
        raise


def _is_still(file: Path, handle: int) -> bool:
    """Not removed, or removed and made anew, between the opening and the lock."""
    with suppress(FileNotFoundError):
        return os.path.samestat(file.stat(), os.fstat(handle))
    return False


def _marker(file: Path) -> Path:
    return file.with_name(file.name + ".stop")
