"""Storage in a folder, in a real S3 store and in memory: the same behaviour; durable when a put returns."""

import errno
import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app.adapters import durable
from app.adapters.storage import LocalStorage, MemoryStorage, Storage, StorageDown, make_storage
from app.errors import DiskFull, NotFound
from tests.processes import HOST, free_port
from tests.servers import Bucket, seaweed

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with seaweed() as store:
        yield store


@pytest.fixture
def local(tmp_path: Path) -> LocalStorage:
    made = make_storage((tmp_path / "média dossier").as_uri())
    assert isinstance(made, LocalStorage)
    return made


@pytest.fixture(params=["local", "s3", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "local":
        return make_storage((tmp_path / "media").as_uri())
    if request.param == "s3":
        return make_storage(request.getfixturevalue("bucket").url)
    return MemoryStorage()


def test_what_is_put_is_read_again(storage: Storage, tmp_path: Path) -> None:
    big = os.urandom(7_000_000)  # several parts to S3
    (tmp_path / "big").write_bytes(big)
    storage.put("a/small.jpg", b"0123456789")
    storage.put_file("a/path.bin", tmp_path / "big")
    storage.put_file("a/b/stream.bin", io.BytesIO(big))
    storage.put("empty", b"")
    assert storage.read("a/small.jpg") == b"0123456789"
    assert storage.read("a/path.bin") == b"".join(storage.open("a/b/stream.bin")) == big
    assert storage.read("empty") == b""
    assert [storage.size(key) for key in ("a/small.jpg", "a/path.bin", "empty")] == [10, 7_000_000, 0]
    assert sorted(storage.keys("a")) == ["a/b/stream.bin", "a/path.bin", "a/small.jpg"]
    storage.put("a/small.jpg", b"new")
    assert storage.read("a/small.jpg") == b"new"
    for key in list(storage.keys()):
        storage.delete(key)
    assert list(storage.keys()) == []


def test_ranges(storage: Storage) -> None:
    storage.put("r", b"0123456789")
    assert storage.read("r", 2, 5) == b"234"
    assert storage.read("r", 7) == b"789"
    assert storage.read("r", 7, 100) == b"789"
    assert storage.read("r", 10) == storage.read("r", 3, 3) == storage.read("r", 50) == b""
    assert b"".join(storage.open("r", 0, 1)) == b"0"
    with pytest.raises(ValueError):
        storage.read("r", -1)
    with pytest.raises(ValueError):
        storage.read("r", 5, 2)


def test_what_is_not_there(storage: Storage) -> None:
    assert storage.exists("no/such") is False
    for ask in (storage.open, storage.read, storage.size):
        with pytest.raises(NotFound):
            ask("no/such")
    storage.delete("no/such")
    storage.put("once", b"x")
    assert storage.exists("once") is True
    storage.delete("once")
    storage.delete("once")
    assert storage.exists("once") is False


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/a",
        "a/",
        "../a",
        "a/../b",
        "a//b",
        "a/./b",
        ".a",
        "a/.b",
        "a b",
        "a\0b",
        "é",
        "a\\b",
        "a\n",
        "x" * 513,
        "a.tmp",
    ],
)
def test_a_key_that_could_leave_the_store_is_none(storage: Storage, key: str) -> None:
    for act in (lambda: storage.put(key, b"x"), lambda: storage.read(key), lambda: storage.delete(key)):
        with pytest.raises(ValueError):
            act()


def test_a_store_that_works_has_nothing_to_say(storage: Storage) -> None:
    assert storage.check() == ""
    assert list(storage.keys("check")) == []


def test_a_folder_that_cannot_be_written_says_so(local: LocalStorage) -> None:
    local.folder.rmdir()
    local.folder.write_text("a file stands in the way")
    assert local.check().startswith("On ne peut pas y écrire : ")


def test_s3_says_what_is_wrong(bucket: Bucket) -> None:
    wrong_key = make_storage(bucket.url.replace(bucket.secret_key, "x" * 32))
    assert wrong_key.check().startswith("On ne peut pas y écrire : ")
    with pytest.raises(StorageDown):
        wrong_key.read("a")
    nobody = make_storage(f"s3://k:s@bucket/p?{urlencode({'endpoint': f'http://{HOST}:{free_port()}'})}")
    begun = time.monotonic()
    assert nobody.check().startswith("On ne peut pas y écrire : ")
    assert time.monotonic() - begun < 12
    assert "secret" not in repr(nobody)


def test_s3_takes_its_keys_from_the_environment(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", bucket.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", bucket.secret_key)
    url = f"s3://{bucket.name}/elsewhere?{urlencode({'endpoint': bucket.endpoint})}"
    here, there = make_storage(url), make_storage(bucket.url)
    here.put("who", b"environment")
    assert (here.read("who"), there.exists("who")) == (b"environment", False)


@pytest.mark.parametrize("url", ["", "media", "http://host/", "s3:///prefix", "s3://b/?acl=public", "gs://b"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        make_storage(url)


def test_the_fake_fails_on_demand() -> None:
    fake = MemoryStorage({"a": b"x"}, full=True)
    with pytest.raises(DiskFull):
        fake.put("b", b"y")
    assert fake.read("a") == b"x"
    fake.down = True
    with pytest.raises(StorageDown):
        fake.read("a")
    assert fake.check() == "On ne peut pas y écrire : " + StorageDown.message


# Durable, private, whole ----------------------------------------------------------------------------------


def test_files_and_folders_are_private(local: LocalStorage) -> None:
    local.put("a/b/c", b"x")
    modes = [(local.folder / part).stat().st_mode & 0o777 for part in ("", "a", "a/b", "a/b/c")]
    assert modes == [0o700, 0o700, 0o700, 0o600]


def test_a_full_disk_leaves_nothing_behind(local: LocalStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    local.put("kept", b"before")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(durable.os, "fsync", full)
        for key in ("kept", "new"):
            with pytest.raises(DiskFull) as refused:
                local.put(key, b"after")
    assert refused.value.status == 507
    assert [path.name for path in local.folder.rglob("*")] == ["kept"]
    assert local.read("kept") == b"before"
    local.put("new", b"after")
    assert local.read("new") == b"after"


def test_a_source_that_breaks_off_leaves_nothing_behind(local: LocalStorage) -> None:
    class Cut(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        local.put_file("a/b", Cut())
    assert [path for path in local.folder.rglob("*") if path.is_file()] == []


def test_only_once_keeps_the_first(tmp_path: Path) -> None:
    assert durable.write_durably(tmp_path / "a", io.BytesIO(b"first"), only_once=True) is True
    assert durable.write_durably(tmp_path / "a", io.BytesIO(b"second"), only_once=True) is False
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"first")]


def test_puts_and_deletes_of_neighbours_do_not_meet(local: LocalStorage) -> None:
    """A delete takes the emptied folder along, just as another puts into it."""

    def work(number: int) -> bytes:
        key = f"same/{number}"
        for _ in range(60):
            local.put(key, b"x")
            local.delete(key)
        local.put(key, b"end")
        return local.read(key)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(work, range(4))) == [b"end"] * 4


def test_what_a_killed_put_left_is_neither_listed_nor_kept(local: LocalStorage) -> None:
    local.put("a/photo", b"x")
    old, young = local.folder / "a/.photo.1.tmp", local.folder / "a/.photo.2.tmp"
    for left in (old, young):
        left.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert list(local.keys()) == ["a/photo"]
    assert local.tidy() == 1
    assert (old.exists(), young.exists()) == (False, True)
    assert local.tidy(timedelta(seconds=-1)) == 1
    assert local.read("a/photo") == b"x"


def traced(program: str, folder: Path) -> list[str]:
    """The calls about files that a program makes between printing BEGIN and END."""
    calls = "trace=fsync,fdatasync,rename,renameat,renameat2,linkat,link,write,openat,mkdir,unlink"
    done = subprocess.run(
        ["strace", "-f", "-y", "-s", "32", "-e", calls, sys.executable, "-c", program, str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    lines = done.stderr.splitlines()
    begin = next(at for at, line in enumerate(lines) if '"BEGIN' in line)
    end = next(at for at, line in enumerate(lines) if '"END' in line)
    return lines[begin:end]


OURS = """
import sys
from pathlib import Path
from app.adapters.storage import make_storage
storage = make_storage(Path(sys.argv[1]).as_uri())
print("BEGIN", flush=True); storage.put("ab/cd/photo", b"x" * 100); print("END", flush=True)
"""
THEIRS = OURS.replace('storage.put("ab/cd/photo"', 'storage.store.put("ab/cd/photo"')


def first(lines: list[str], pattern: str) -> int:
    return next((at for at, line in enumerate(lines) if re.search(pattern, line)), -1)


def test_a_put_is_on_disk_before_it_returns(tmp_path: Path) -> None:
    folder = tmp_path / "media"
    calls = traced(OURS, folder)
    place = re.escape(str(folder))
    steps = [
        first(calls, rf"write\(\d+<{place}/ab/cd/\.photo\."),
        first(calls, rf"fsync\(\d+<{place}/ab/cd/\.photo\.[^>]*>\) += 0"),
        first(calls, rf"rename\w*\(.*\.photo\..*{place}/ab/cd/photo"),
        first(calls[(renamed := first(calls, r"rename")) :], rf"fsync\(\d+<{place}/ab/cd>\) += 0") + renamed,
        first(calls[renamed:], rf"fsync\(\d+<{place}/ab>\) += 0") + renamed,
        first(calls[renamed:], rf"fsync\(\d+<{place}>\) += 0") + renamed,
    ]
    assert -1 not in steps
    assert steps == sorted(steps)
    assert len(set(steps)) == 6


def test_negative_control_obstore_alone_is_seen_not_to_be(tmp_path: Path) -> None:
    calls = traced(THEIRS, tmp_path / "media")
    assert (tmp_path / "media/ab/cd/photo").read_bytes() == b"x" * 100
    assert first(calls, r"photo") != -1  # the trace does see it at work
    assert first(calls, r"fsync|fdatasync") == -1


def test_a_delete_is_on_disk_before_it_returns(tmp_path: Path) -> None:
    program = OURS.replace('print("BEGIN"', 'storage.put("ab/x", b"");storage.put("ab/y", b"");print("BEGIN"')
    calls = traced(program.replace('storage.put("ab/cd/photo", b"x" * 100)', 'storage.delete("ab/x")'), tmp_path)
    gone = first(calls, r"unlink\(.*/ab/x\"")
    assert gone != -1
    assert first(calls[gone:], r"fsync\(\d+<[^>]*/ab>\) += 0") != -1
