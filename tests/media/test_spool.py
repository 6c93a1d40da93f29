"""Files, locks and markers, without a service around them."""

import multiprocessing
import os
from pathlib import Path
from uuid import UUID

import pytest

from app.errors import DiskFull
from app.media import spool

ID = UUID(int=7)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return spool.path(tmp_path, ID)


def held(file: Path) -> spool.Hold:
    hold = spool.Hold(file)
    assert hold.take()
    return hold


def test_the_size_is_the_offset(file: Path) -> None:
    assert spool.size(file) == 0
    with held(file) as hold:
        assert not hold.append([b"a" * 10, b"", b"b"])
        assert (hold.size(), spool.size(file)) == (11, 11)
    assert file.read_bytes() == b"a" * 10 + b"b"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_thousands_of_small_pieces_and_half_writes_keep_their_order(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writev = os.writev
    monkeypatch.setattr(spool.os, "writev", lambda handle, views: writev(handle, [bytes(views[0])[:2]]))
    pieces = [bytes([number % 251]) * (number % 5) for number in range(3000)]
    with held(file) as hold:
        hold.append(pieces)
    assert file.read_bytes() == b"".join(pieces)


def test_one_at_a_time_in_one_process_and_in_several(file: Path) -> None:
    with held(file):
        assert not spool.Hold(file).take()
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            assert not pool.apply(_taken, (file,))
    assert spool.Hold(file).take()


def _taken(file: Path) -> bool:
    return spool.Hold(file).take()


def test_who_wants_it_is_heard_and_the_next_starts_afresh(file: Path) -> None:
    with held(file) as hold:
        assert not hold.wanted()
        spool.ask_to_stop(file)
        spool.ask_to_stop(file)
        assert hold.append([b"a"])
    with held(file) as hold:
        assert not hold.wanted()


def test_who_waited_for_what_was_removed_gets_a_new_file(file: Path) -> None:
    first = held(file)
    first.append([b"old"])
    handle = spool._open(file)  # another has opened it and waits for the lock
    first.remove()
    assert not spool._is_still(file, handle)
    os.close(handle)
    with held(file) as second:
        assert second.size() == 0
        assert not spool._is_still(file, first.handle)
    first.release()


def test_it_is_cut_back_to_what_was_declared(file: Path) -> None:
    with held(file) as hold:
        hold.append([b"hello world"])
        hold.cut(20)
        assert hold.size() == 11
        hold.cut(5)
        hold.sync()
    assert file.read_bytes() == b"hello"


def test_a_link_in_its_place_is_not_followed(file: Path, tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        spool.Hold(file).take()
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("device", ["/dev/full"])
def test_no_room_is_said_as_such(file: Path, device: str) -> None:
    hold = spool.Hold(file)
    hold.handle = os.open(device, os.O_WRONLY)
    with pytest.raises(DiskFull):
        hold.append([b"a"])
    hold.release()


def test_the_reserve_is_small_on_a_small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {})
    for total, reserve in ((100, 5), (10**10, 5 * 10**8), (10**13, 10**9)):
        made = usage()
        made.total, made.free = total, reserve + 10
        monkeypatch.setattr(spool.shutil, "disk_usage", lambda _folder, made=made: made)
        assert spool.room(tmp_path) == (reserve + 10, reserve)
        spool.refuse_when_full(tmp_path, 10)
        with pytest.raises(DiskFull):
            spool.refuse_when_full(tmp_path, 11)


def test_what_is_left_is_found_by_its_age_and_name(tmp_path: Path, file: Path) -> None:
    held(file).release()
    (file.parent / "notes.txt").touch()
    assert list(spool.left(tmp_path, older_than=10)) == []
    assert list(spool.left(tmp_path, older_than=-10)) == [ID]
    assert list(spool.left(tmp_path / "nowhere", older_than=-10)) == []
    spool.delete(file)
    spool.delete(file)
    assert list(spool.left(tmp_path, older_than=-10)) == []
