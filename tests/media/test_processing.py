"""The whole way of a medium: from the spool to ready or failed, in words; repeated, killed, erased, retried."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from sqlmodel import select

from app import db
from app.adapters.storage import LocalStorage
from app.errors import Conflict
from app.media import faces, ffmpeg, jobs, orphans, processing, rules, spool, states, video, workplace
from app.media.failures import FAILURES
from app.models import Contribution, Job, Media, MediaKind, MediaState
from app.models.base import new_id
from tests.conftest import KEY, World
from tests.factories import submitted
from tests.media import clips

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
VIDEO = {"720.mp4", "480.mp4", "poster.webp", "poster.jpg"}
LOOK = faces.detect_for
SOUND = {"sound.m4a", "sound.opus", "waveform.svg"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least work that makes the same files."""
    monkeypatch.setattr(video.Quality, "__init__", lambda self: _quick(self))
    monkeypatch.setattr(processing.faces, "detect_for", lambda *_, **__: faces.Found())


def _quick(quality: video.Quality) -> None:
    object.__setattr__(quality, "preset", "ultrafast")
    object.__setattr__(quality, "crf", 30)


def sent(world: World, clip: Path, kind: MediaKind = MediaKind.VIDEO) -> Media:
    """A contribution with one medium whose bytes have all arrived, its job waiting."""
    media = Media(
        id=new_id(), opaque=rules.new_opaque(), kind=kind, mime="", size=clip.stat().st_size, received_at=world.clock()
    )
    with db.writing() as session:
        token = rules.arrive(session, media, name="clip", now=world.clock(), completed=True)
        submitted(session, media=[token])
        jobs.ensure(session, "process_media", media.id, key=f"media:{media.id}")
    spooled = spool.path(world.adapters.data_dir, media.id)
    spooled.parent.mkdir(exist_ok=True)
    clips.copy_of(clip, spooled)
    return media


def row() -> Media:
    with db.reading() as session:
        return session.exec(select(Media)).one()


def stored(world: World) -> set[str]:
    return set(world.adapters.storage.keys())


def expected(media: Media) -> set[str]:
    """Every file its row speaks of."""
    return {f"media/{media.opaque}/{name}" for name in media.derivatives} | {str(media.original)}


def test_a_video_goes_from_the_spool_to_ready(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processing.faces, "detect_for", LOOK)
    media = sent(world, clips.phone())
    world.run_jobs()
    ready = row()
    assert (ready.state, ready.failure, ready.step, ready.progress) == (MediaState.READY, None, None, 100)
    assert (ready.kind, ready.mime, ready.width, ready.height) == (MediaKind.VIDEO, "video/mp4", 160, 120)
    assert ready.duration == pytest.approx(1.0, abs=0.1)
    assert set(ready.derivatives) >= VIDEO
    assert ready.derivatives["720.mp4"].keys() == {"type", "size", "width", "height"}
    assert ready.details["rotation"] == 90
    assert not spool.path(world.adapters.data_dir, media.id).exists()
    assert stored(world) == expected(ready)
    assert list((world.adapters.data_dir / "work").iterdir()) == []
    with db.reading() as session:
        assert session.exec(select(Contribution)).one().version == 2


@one_database
@pytest.mark.parametrize("clip", [clips.voice, clips.amr, clips.sound_called_video, clips.linked])
def test_what_is_only_heard_is_a_sound_whatever_it_was_called(world: World, clip: Callable[..., Path]) -> None:
    sent(world, clip(9) if clip is clips.linked else clip())
    world.run_jobs()
    ready = row()
    assert (ready.state, ready.kind) == (MediaState.READY, MediaKind.AUDIO)
    assert set(ready.derivatives) == SOUND
    assert ready.width is None


FAILING: list[tuple[Callable[[], Path], str]] = [
    (clips.empty, "empty_file"),
    (clips.cut, "media_broken"),
    (clips.cut_late, "media_truncated"),
    (clips.cut_sound, "media_truncated"),
    (clips.wrong_container, "media_broken"),
    (clips.no_frames, "media_empty"),
    (clips.wide, "video_too_large"),
    (clips.eight_hours, "sound_too_long"),
    (clips.hls_file, "media_playlist"),
    (clips.concat, "media_playlist"),
]


@one_database
@pytest.mark.parametrize(("clip", "code"), FAILING, ids=lambda each: getattr(each, "__name__", each))
def test_what_cannot_be_used_fails_in_words_and_leaves_nothing_behind(
    world: World, clip: Callable[[], Path], code: str
) -> None:
    media = sent(world, clip())
    world.run_jobs()
    failed = row()
    assert (failed.state, failed.failure) == (MediaState.FAILED, code)
    assert FAILURES[code]
    assert stored(world) <= expected(failed)
    assert not spool.path(world.adapters.data_dir, media.id).exists()
    world.sweep()
    assert world.run_jobs() == 0
    jobs.forget_media(str(media.id), adapters=world.adapters)
    assert stored(world) == set()


@one_database
@pytest.mark.parametrize("head", [b"just words", b"GIF89a" + bytes(40), b"<!doctype html><script>", b"\0" * 64])
def test_what_is_no_medium_fails_in_words(world: World, head: bytes, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(head)
    sent(world, tmp_path / "other")
    world.run_jobs()
    assert (row().state, row().failure) == (MediaState.FAILED, "media_kind")


@one_database
def test_the_limit_of_its_true_kind_counts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MB", 10)
    sent(world, clips.voice())
    world.run_jobs()
    assert (row().state, row().failure) == (MediaState.FAILED, "file_too_large")


@one_database
def test_a_photo_sent_in_parts_is_a_photo(world: World, tmp_path: Path) -> None:
    from tests.media import pictures

    sent(world, pictures.photo(tmp_path / "photo"))
    world.run_jobs()
    assert (row().state, row().kind, row().mime) == (MediaState.READY, MediaKind.PHOTO, "image/jpeg")


def test_erased_while_it_is_made_its_files_are_gone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    media = sent(world, clips.mute())
    make = video.make

    def erased_meanwhile(*arguments: object, **more: object) -> object:
        result = make(*arguments, **more)  # type: ignore[arg-type]
        jobs.forget_media(str(media.id), adapters=world.adapters)
        return result

    monkeypatch.setattr(processing.video, "make", erased_meanwhile)
    world.run_jobs()
    with db.reading() as session:
        assert session.exec(select(Media)).first() is None
    assert stored(world) == set()
    assert not spool.path(world.adapters.data_dir, media.id).exists()


@one_database
def test_the_work_on_what_was_erased_ends_early(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    media = sent(world, clips.quick_start())
    monkeypatch.setattr(processing, "EVERY", 0.0)
    run, ended = ffmpeg.run, []

    def erased_meanwhile(*arguments: object, **more: object) -> str:
        def report(percent: int) -> None:
            jobs.forget_media(str(media.id), adapters=world.adapters)
            told(percent)

        told: Callable[[int], None] = more["report"]  # type: ignore[assignment]
        try:
            return run(*arguments, **(more | {"report": told and report}))  # type: ignore[arg-type]
        except processing.Vanished:
            ended.append("early")
            raise

    monkeypatch.setattr(ffmpeg, "run", erased_meanwhile)
    world.run_jobs()
    assert ended == ["early"]
    assert stored(world) == set()


@one_database
def test_a_store_that_is_down_is_no_failure(world: World) -> None:
    media = sent(world, clips.mute())
    world.adapters.storage.down = True  # type: ignore[attr-defined]
    for _ in range(8):
        _hasten()
        world.run_jobs()
    assert row().state is MediaState.PROCESSING
    assert spool.path(world.adapters.data_dir, media.id).exists()
    world.adapters.storage.down = False  # type: ignore[attr-defined]
    with db.writing() as session:  # the sweep asks again an hour after a job has failed
        for job in session.exec(select(Job)):
            session.delete(job)
    world.sweep()
    world.run_jobs()
    assert row().state is MediaState.READY
    assert stored(world) == expected(row())


@one_database
def test_what_never_arrived_fails_in_the_end(world: World) -> None:
    media = sent(world, clips.mute())
    spool.delete(spool.path(world.adapters.data_dir, media.id))
    for _ in range(8):
        _hasten()
        world.run_jobs()
    assert (row().state, row().failure) == (MediaState.FAILED, "media_missing")


def _hasten() -> None:
    with db.writing() as session:
        for job in session.exec(select(Job)):
            job.run_at = job.created_at
            session.add(job)


@one_database
def test_staff_may_try_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(world, clips.voice())
    monkeypatch.setattr(rules, "MB", 10)
    world.run_jobs()
    monkeypatch.undo()
    assert row().state is MediaState.FAILED
    with db.writing() as session:
        states.retry(session, session.exec(select(Media)).one())
    with pytest.raises(Conflict), db.writing() as session:
        states.retry(session, session.exec(select(Media)).one())
    world.run_jobs()
    assert (row().state, row().failure) == (MediaState.READY, None)
    assert stored(world) == expected(row())


@one_database
def test_how_far_it_is_can_be_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    media, seen = sent(world, clips.quick_start()), []
    monkeypatch.setattr(processing, "EVERY", 0.0)
    note = states.note_progress

    def noted(session: object, media_id: str, step: str, percent: int) -> bool:
        done = note(session, media_id, step, percent)  # type: ignore[arg-type]
        seen.append((step, percent))
        return done

    monkeypatch.setattr(states, "note_progress", noted)
    world.run_jobs()
    assert media.id == row().id
    steps = list(dict.fromkeys(step for step, _ in seen))
    assert steps == ["moving", "probing", "encoding", "faces"]
    assert [percent for step, percent in seen if step == "encoding"][-1] >= 50


def test_faces_found_are_to_be_hidden_and_the_blur_is_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = {"x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2, "from": 0.0, "to": 1.0, "score": 0.9}
    monkeypatch.setattr(processing.faces, "detect_for", lambda *_, **__: faces.Found([zone]))
    sent(world, clips.mute())
    world.run_jobs()
    ready = row()
    assert ready.faces == [zone]
    assert ready.blurred_key == ready.zones_key is not None
    blurred = {name for name, made in ready.derivatives.items() if made.get("set") == "blur"}
    assert len(blurred) == 4
    assert stored(world) == expected(ready)


def test_files_of_nobody_are_found_and_go_at_the_second_look(world: World) -> None:
    sent(world, clips.mute())
    world.run_jobs()
    mine = stored(world)
    storage = world.adapters.storage
    stray = ["media/unknown/720.mp4", f"media/{row().opaque}/left.mp4", "originals/" + "0" * 32]
    for key in stray:
        storage.put(key, b"left by a crash")
    assert orphans.sweep(world.adapters) == 0
    assert stored(world) == mine | set(stray)
    assert orphans.sweep(world.adapters, patience=0.0) == 3
    assert stored(world) == mine
    assert orphans.sweep(world.adapters, patience=0.0) == 0


@one_database
def test_what_is_being_made_belongs_to_its_medium(world: World) -> None:
    media = sent(world, clips.mute())
    world.adapters.storage.put(f"media/{media.opaque}/720.mp4", b"half of it")
    orphans.sweep(world.adapters, patience=0.0)
    assert orphans.sweep(world.adapters, patience=0.0) == 0
    assert stored(world) == {f"media/{media.opaque}/720.mp4"}


def test_workplaces_of_the_dead_go_and_those_of_the_living_stay(tmp_path: Path) -> None:
    with workplace.workplace(tmp_path) as mine:
        dead = mine.parent / "dead"
        dead.mkdir()
        (dead / workplace.LOCK).touch()
        (dead / "video").write_bytes(bytes(1000))
        assert workplace.tidy(tmp_path) == 1
        assert mine.exists()
        assert not dead.exists()
    assert not mine.exists()


WORKER = """
import sys
from dataclasses import replace
from pathlib import Path
from app import db, jobs
from app.adapters import Adapters, vault
from app.adapters.storage import LocalStorage
from app.consultation import content
from app.media import processing, video
url, folder, media, key = sys.argv[1:]
vault.configure(key); content.configure(); db.configure(url); jobs.configure("embedded:")
encoder = video.encoder
video.encoder = lambda *given: ["-stream_loop", "-1", *encoder(*given)][2:]
ffmpeg_source = processing.ffmpeg.source
processing.ffmpeg.source = lambda path, container: ["-stream_loop", "-1", *ffmpeg_source(path, container)]
adapters = Adapters(storage=LocalStorage(Path(folder, "store")), mailer=None, data_dir=Path(folder))
processing.process(media, adapters)
"""


@one_database
def test_killed_in_the_middle_it_is_done_once_after_the_restart(world: World, tmp_path: Path) -> None:
    """A worker at an endless video is killed: no ffmpeg stays, the next one makes it ready, nothing is left over."""
    world.adapters = replace(world.adapters, storage=LocalStorage(tmp_path / "store"))
    media = sent(world, clips.mute())
    url = f"sqlite:///{tmp_path / 'dialogue.sqlite'}"
    killed = subprocess.Popen([sys.executable, "-c", WORKER, url, str(tmp_path), str(media.id), KEY])
    try:
        mine = _wait(lambda: [each for each in _family(killed.pid) if _makes(each, str(tmp_path / "work"))])
        _wait(lambda: list((tmp_path / "work").glob("*/480.mp4")))
    finally:
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
    _wait(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in mine))
    assert list((tmp_path / "work").iterdir()) != []
    assert row().state is MediaState.PROCESSING
    world.sweep()
    world.run_jobs()
    ready = row()
    assert ready.state is MediaState.READY
    assert set(ready.derivatives) >= VIDEO
    assert stored(world) == expected(ready)
    assert list((tmp_path / "work").iterdir()) == []


def _family(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def _makes(process: psutil.Process, folder: str) -> bool:
    return process.name().startswith("ffmpeg") and any(folder in each for each in process.cmdline())


def _wait(look: Callable[[], object]) -> list[psutil.Process]:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if found := look():
                return found  # type: ignore[return-value]
        except psutil.NoSuchProcess:
            pass
        time.sleep(0.05)
    raise AssertionError("not within thirty seconds")
