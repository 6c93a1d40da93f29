"""`dialogue media move`: folder to S3 and back, cut in the middle and resumed, a corrupted copy found."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app import cli
from app.adapters.storage import MemoryStorage, Storage, make_storage
from app.media import commands, moving
from app.media.moving import Moved, move, read_journal
from app.settings import Settings
from tests.live import ROOT
from tests.servers import Bucket, seaweed


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with seaweed() as store:
        yield store


def quiet(_moved: Moved) -> None:
    pass


def filled(storage: Storage, number: int = 12) -> dict[str, bytes]:
    """Files of a store: small ones, an empty one, one of several pieces."""
    files = {f"media/{n:02}/400.webp": os.urandom(1000 + n) for n in range(number)}
    files |= {"media/film/720.mp4": os.urandom(moving.PIECE * 2 + 17), "originals/empty": b""}
    for key, data in files.items():
        storage.put(key, data)
    return files


def held(storage: Storage) -> dict[str, bytes]:
    return {key: storage.read(key) for key in storage.keys()}  # noqa: SIM118 - a method of ours, not a dictionary


def told(moved: Moved) -> tuple[int, int, int, int]:
    return moved.copied, moved.skipped, moved.gone, len(moved.failed)


def test_from_a_folder_to_s3_and_back(tmp_path: Path, bucket: Bucket) -> None:
    folder, second = make_storage((tmp_path / "a").as_uri()), make_storage((tmp_path / "b").as_uri())
    s3 = make_storage(bucket.url)
    files = filled(folder)
    assert told(move(folder, s3, tmp_path / "there.jsonl", report=quiet)) == (14, 0, 0, 0)
    assert held(s3) == files
    assert told(move(s3, second, tmp_path / "back.jsonl", report=quiet)) == (14, 0, 0, 0)
    assert held(second) == held(folder) == files  # and the source is as it was
    assert told(move(folder, s3, tmp_path / "there.jsonl", report=quiet)) == (0, 14, 0, 0)
    for key in files:
        s3.delete(key)


def test_what_is_there_without_a_journal_is_compared_not_copied(tmp_path: Path) -> None:
    source, target = MemoryStorage(), MemoryStorage()
    files = filled(source)
    target.files |= files | {"media/00/400.webp": b"x" * 1000}  # the same size, other content
    assert told(move(source, target, tmp_path / "j", report=quiet)) == (1, 13, 0, 0)
    assert target.files == files


def test_a_corrupted_copy_is_found(tmp_path: Path) -> None:
    source, target = MemoryStorage(), MemoryStorage()
    files = filled(source)
    read = target.piece

    def damaged(key: str, start: int, end: int) -> bytes:
        piece = read(key, start, end)
        return b"?" + piece[1:] if key == "media/03/400.webp" else piece

    target.piece = damaged  # type: ignore[method-assign]
    moved = move(source, target, tmp_path / "j", report=quiet)
    assert told(moved) == (13, 0, 0, 1)
    assert moved.failed == [("media/03/400.webp", "NotTheSame: what was read back is not what was written")]
    assert "media/03/400.webp" not in target.files  # nobody takes it for the file
    target.piece = read  # type: ignore[method-assign]
    assert told(move(source, target, tmp_path / "j", report=quiet)) == (1, 13, 0, 0)
    assert target.files == files


def test_what_rots_later_is_found_when_asked(tmp_path: Path) -> None:
    source, target = MemoryStorage(), MemoryStorage()
    files = filled(source)
    move(source, target, tmp_path / "j", report=quiet)
    target.files["media/05/400.webp"] = b"?" * 1005
    assert told(move(source, target, tmp_path / "j", report=quiet)) == (0, 14, 0, 0)  # the journal is believed
    assert told(move(source, target, tmp_path / "j", verify=True, report=quiet)) == (1, 13, 0, 0)
    assert target.files == files


def test_what_was_erased_since_is_taken_out_of_the_copy(tmp_path: Path) -> None:
    source, target = MemoryStorage(), MemoryStorage()
    files = filled(source)
    target.put("media/other/400.webp", b"never ours")
    move(source, target, tmp_path / "j", report=quiet)
    source.delete("media/01/400.webp")
    assert told(move(source, target, tmp_path / "j", report=quiet)) == (0, 13, 1, 0)
    assert set(target.files) == files.keys() - {"media/01/400.webp"} | {"media/other/400.webp"}
    source.files.clear()
    with pytest.raises(moving.SourceEmpty):
        move(source, target, tmp_path / "j", report=quiet)
    assert len(target.files) == 14


def test_a_store_that_is_down_is_listed_file_by_file(tmp_path: Path) -> None:
    source, target = MemoryStorage(), MemoryStorage()
    filled(source)
    target.full = True
    moved = move(source, target, tmp_path / "j", report=quiet)
    assert told(moved) == (0, 0, 0, 14)
    assert read_journal(tmp_path / "j") == {}


def test_a_line_cut_short_is_no_line(tmp_path: Path) -> None:
    (tmp_path / "j").write_text('{"key": "a", "size": 1, "sha256": "x"}\n{"key": "b", "si')
    assert list(read_journal(tmp_path / "j")) == ["a"]


KILLED = """
import sys
from pathlib import Path
from app.adapters.storage import make_storage
from app.media.moving import move
source, target, journal = sys.argv[1:]
move(make_storage(source), make_storage(target), Path(journal), report=lambda moved: None)
"""


def test_killed_in_the_middle_it_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """kill -9 while it copies; the same command again ends the work, and copies nothing twice."""
    there, here = (tmp_path / "a").as_uri(), (tmp_path / "b").as_uri()
    files = filled(make_storage(there), 150)
    settings = Settings(data_dir=tmp_path / "data")
    journal = commands.journal_of(there, here, settings)
    with subprocess.Popen([sys.executable, "-c", KILLED, there, here, str(journal)], cwd=ROOT) as first:
        wait_for_lines(journal, 5)
        first.kill()
    before = read_journal(journal)
    assert 5 <= len(before) < len(files)
    assert commands.move(there, here, verify=False, settings=settings) == 0
    assert held(make_storage(here)) == files
    said = capsys.readouterr()
    copied, skipped = int(said.out.split()[0]), int(said.out.split()[4])
    assert copied + skipped == len(files)
    assert skipped >= len(before)
    assert f"100 %  {len(files)}/{len(files)} files" in said.err
    assert list(journal.parent.iterdir()) == [journal]  # nothing half copied is left


def wait_for_lines(journal: Path, number: int) -> None:
    for _ in range(12000):
        if journal.exists() and journal.read_text().count("\n") >= number:
            return
        time.sleep(0.005)
    raise AssertionError("it never began")


def test_two_at_once_would_tread_on_each_other(tmp_path: Path) -> None:
    source, target = MemoryStorage(), MemoryStorage()
    filled(source, 1)

    def again(_moved: Moved) -> None:
        with pytest.raises(moving.AlreadyMoving):
            move(source, target, tmp_path / "j", report=quiet)

    assert move(source, target, tmp_path / "j", report=again).copied == 3


def test_the_operator_types_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = make_storage((tmp_path / "a").as_uri())
    source.put("media/x/400.webp", b"a picture")
    monkeypatch.setattr(cli, "ready", lambda: (Settings(data_dir=tmp_path / "data"), None))
    asked = ["media", "move", (tmp_path / "a").as_uri(), (tmp_path / "b").as_uri()]
    done = CliRunner().invoke(cli.app, asked)
    assert (done.exit_code, done.stdout.split(",")[0]) == (0, "1 copied (0.0 MB)")
    assert CliRunner().invoke(cli.app, [*asked, "--verify"]).stdout.startswith("0 copied (0.0 MB), 1 already there")


def test_the_command_says_what_failed_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = {"file:///a": MemoryStorage(), "s3://key:secret@b/p": MemoryStorage(full=True)}
    filled(stores["file:///a"], 1)
    monkeypatch.setattr(commands, "make_storage", stores.__getitem__)
    settings = Settings(data_dir=tmp_path)
    assert commands.move("file:///a", "s3://key:secret@b/p", verify=False, settings=settings) == 1
    said = capsys.readouterr()
    assert said.err.count("FAILED") == 3
    assert said.out.startswith("0 copied (0.0 MB), 0 already there, 0 taken out, 3 failed")
    assert "secret" not in said.err + said.out
    assert "secret" not in json.dumps([str(path) for path in tmp_path.rglob("*")])


@pytest.mark.parametrize(
    "pair",
    [
        ("ftp://x/y", "file:///b"),
        ("file:///a", "file:///a/"),
        ("s3://k:s@b/p", "s3://b/p"),
        ("file:///proc/none", "file:///proc/other"),
    ],
)
def test_what_is_no_pair_of_stores_is_refused_in_words(tmp_path: Path, pair: tuple[str, str]) -> None:
    with pytest.raises(SystemExit) as refused:
        commands.move(*pair, verify=False, settings=Settings(data_dir=tmp_path))
    assert isinstance(refused.value.code, str)
    assert "k:s@" not in refused.value.code
