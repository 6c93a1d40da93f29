"""Where media lie: a local folder or any S3-compatible store, both through obstore, and a fake in memory.

A key is a relative path such as `originals/3f/3fa9…`. On a local folder a put is durable when it returns
(obstore's own put there does not fsync); on S3 it is as durable as the store's answer.
"""

import io
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import unquote, urlsplit

from obstore import exceptions as faults
from obstore.store import LocalStore, S3Store

from app.adapters import s3
from app.adapters.durable import CHUNK, make_folder, sync_folder, write_durably
from app.errors import N_, AppError, DiskFull, NotFound

KEY = re.compile(r"(?!.*\.tmp$)[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class StorageDown(AppError):
    status, code = 503, "storage_down"
    message = N_("Les photos et les fichiers ne sont pas joignables pour le moment. Réessayez dans quelques minutes.")


class Storage(Protocol):
    """`NotFound` for a key that holds nothing, `DiskFull` when there is no room, `StorageDown` when it is not
    reachable, `ValueError` for a key that is not one (a programming error: keys never come from people)."""

    def put(self, key: str, data: bytes) -> None: ...

    def put_file(self, key: str, source: Path | IO[bytes]) -> None: ...

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `end`, in pieces; errors come at the call, not later."""

    def read(self, key: str, start: int = 0, end: int | None = None) -> bytes: ...

    def piece(self, key: str, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`, all within the file: one question, no size asked for."""

    def link(self, key: str) -> str:
        """An address the store itself answers a GET at, for a minute, to whoever has it; "" where there is none."""

    def size(self, key: str) -> int: ...

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """Deleting what is not there is no error: jobs may run twice."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key below a folder."""

    def check(self) -> str:
        """Writes, reads and deletes a probe: "" or what is wrong, in words."""

    def tidy(self, older_than: timedelta = timedelta(days=1)) -> int:
        """Removes what a killed put left half written; how many."""


def make_storage(media_url: str, *, links: bool = False) -> Storage:
    """`file:///folder`, or `s3://[key:secret@]bucket/prefix?endpoint=…&region=…` (keys else from AWS_*).

    `links`: people may be sent to the S3 store itself (its endpoint must be reachable for them).
    """
    url = urlsplit(media_url)
    if url.scheme == "file":
        return LocalStorage(Path(unquote(url.path)))
    if url.scheme == "s3" and url.hostname:
        return ObjectStorage(s3.connect(media_url), links=links)
    raise ValueError(f"neither file:///folder nor s3://bucket/prefix: {url.scheme}:")


class ObjectStorage:
    """Any obstore store."""

    def __init__(self, store: S3Store | LocalStore, *, links: bool = False) -> None:
        self.store = store
        self.links = links

    def put(self, key: str, data: bytes) -> None:
        self.put_file(key, io.BytesIO(data))

    def put_file(self, key: str, source: Path | IO[bytes]) -> None:
        with _worded():
            # The type is for whoever follows a link: S3 answers with it.
            self.store.put(_valid(key), source, attributes={"Content-Type": s3.content_type(key)})

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        end = _end(self, key, start, end)
        if start >= end:
            return iter(())
        with _worded():
            pieces = self.store.get(_valid(key), options={"range": (start, end)}).stream(CHUNK)
        return _stream(pieces)

    def read(self, key: str, start: int = 0, end: int | None = None) -> bytes:
        return b"".join(self.open(key, start, end))

    def piece(self, key: str, start: int, end: int) -> bytes:
        with _worded():
            return bytes(self.store.get_range(_valid(key), start=start, end=end))

    def link(self, key: str) -> str:
        if not self.links or not isinstance(self.store, S3Store):
            return ""
        with _worded():
            return s3.link(self.store, _valid(key))

    def size(self, key: str) -> int:
        with _worded():
            return int(self.store.head(_valid(key))["size"])

    def exists(self, key: str) -> bool:
        try:
            self.size(key)
        except NotFound:
            return False
        return True

    def delete(self, key: str) -> None:
        with suppress(NotFound), _worded():
            self.store.delete(_valid(key))

    def keys(self, prefix: str = "") -> Iterator[str]:
        with _worded():
            for batch in self.store.list(_valid(prefix) if prefix else None):
                yield from (found["path"] for found in batch if KEY.fullmatch(found["path"]))

    def check(self) -> str:
        return _probe(self)

    def tidy(self, older_than: timedelta = timedelta(days=1)) -> int:
        return 0  # an S3 store shows nothing of an upload that was not completed


class LocalStorage(ObjectStorage):
    """A folder of this machine: obstore reads it, `write_durably` writes it."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder.resolve())
        self.folder = folder.resolve()
        super().__init__(LocalStore(self.folder))

    def put_file(self, key: str, source: Path | IO[bytes]) -> None:
        target = self.folder / _valid(key)
        if isinstance(source, Path):
            with source.open("rb") as opened:
                write_durably(target, opened, root=self.folder)
        else:
            write_durably(target, source, root=self.folder)

    def delete(self, key: str) -> None:
        target = self.folder / _valid(key)
        with suppress(FileNotFoundError):
            target.unlink()
            sync_folder(target.parent)  # an erasure must hold after a power cut too
        with suppress(OSError):
            if target.parent != self.folder:
                target.parent.rmdir()  # a folder of its own goes with its last file

    def tidy(self, older_than: timedelta = timedelta(days=1)) -> int:
        limit, removed = time.time() - older_than.total_seconds(), 0
        for left in self.folder.rglob(".*.tmp"):
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < limit:
                    left.unlink()
                    removed += 1
        return removed


@dataclass
class MemoryStorage:
    """The fake: a dictionary. `down` and `full` are errors to raise, as the real ones would; `links` an address."""

    files: dict[str, bytes] = field(default_factory=dict)
    down: bool = False
    full: bool = False
    links: str = ""

    def put(self, key: str, data: bytes) -> None:
        self._reach(writing=True)
        self.files[_valid(key)] = data

    def put_file(self, key: str, source: Path | IO[bytes]) -> None:
        self.put(key, source.read_bytes() if isinstance(source, Path) else source.read())

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        self._reach()
        data = self._held(key)[start : _end(self, key, start, end)]
        return iter([data[at : at + CHUNK] for at in range(0, len(data), CHUNK)])

    def read(self, key: str, start: int = 0, end: int | None = None) -> bytes:
        return b"".join(self.open(key, start, end))

    def piece(self, key: str, start: int, end: int) -> bytes:
        self._reach()
        return self._held(key)[start:end]

    def link(self, key: str) -> str:
        return f"{self.links}/{_valid(key)}?signature" if self.links else ""

    def size(self, key: str) -> int:
        self._reach()
        return len(self._held(key))

    def exists(self, key: str) -> bool:
        self._reach()
        return _valid(key) in self.files

    def delete(self, key: str) -> None:
        self._reach()
        self.files.pop(_valid(key), None)

    def keys(self, prefix: str = "") -> Iterator[str]:
        return iter([key for key in self.files if not prefix or key.startswith(prefix + "/")])

    def check(self) -> str:
        return _probe(self)

    def tidy(self, older_than: timedelta = timedelta(days=1)) -> int:
        return 0

    def _reach(self, *, writing: bool = False) -> None:
        if self.down:
            raise StorageDown()
        if writing and self.full:
            raise DiskFull()

    def _held(self, key: str) -> bytes:
        if _valid(key) not in self.files:
            raise NotFound()
        return self.files[key]


def _valid(key: str) -> str:
    if len(key) > 512 or not KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key!r}")
    return key


def _end(storage: Storage, key: str, start: int, end: int | None) -> int:
    if start < 0 or (end is not None and end < start):
        raise ValueError(f"not a range: {start} to {end}")
    size = storage.size(key)
    return size if end is None else min(end, size)


def _stream(pieces: Any) -> Iterator[bytes]:
    with _worded():
        for piece in pieces:
            yield bytes(piece)


def _probe(storage: Storage) -> str:
    key, data = f"check/{secrets.token_hex(8)}", secrets.token_bytes(64)
    words = N_("On ne peut pas y écrire")
    try:
        storage.put(key, data)
        words = N_("On ne peut pas y lire")
        if storage.read(key) != data:
            return N_("Ce qu’on y lit n’est pas ce qui vient d’y être écrit")
        words = N_("On ne peut pas y effacer")
        storage.delete(key)
        return N_("Ce qui est effacé y reste") if storage.exists(key) else ""
    except (AppError, OSError) as fault:
        return f"{words} : {fault.__cause__ or fault}".splitlines()[0]


@contextmanager
def _worded() -> Iterator[None]:
    """obstore's errors as ours."""
    try:
        yield
    except FileNotFoundError as fault:
        raise NotFound() from fault
    except faults.BaseError as fault:
        raise StorageDown() from fault
