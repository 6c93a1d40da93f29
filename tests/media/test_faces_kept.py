"""From a medium in the store to what may be shown of it: whatever is decided, repeated or erased meanwhile."""

import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app import db
from app.media import blur, faces, jobs, processing, rules, zones
from app.models import Job, Media, MediaKind, MediaState
from tests import factories
from tests.conftest import World
from tests.media import portraits

LEFT = {"x": 0.0, "y": 0.0, "width": 0.2, "height": 0.2}
FACE = {"x": 0.3, "y": 0.15, "width": 0.4, "height": 0.7, "score": 0.8}
NAMES = {f"{side}.{end}" for side in (2048, 1024, 400) for end in ("webp", "jpg")}


def seen(world: World, *people: tuple[int, int, int], state: MediaState = MediaState.READY) -> Media:
    """A photo whose plain derivative is in the store, its faces found and kept."""
    file = io.BytesIO()
    portraits.scene(320, 240, *people).save(file, "JPEG", quality=88)
    with db.writing() as session:
        media = factories.medium(session, None, kind=MediaKind.PHOTO, state=state, derivatives={"2048.jpg": {}})
    world.adapters.storage.put(f"media/{media.opaque}/2048.jpg", file.getvalue())
    with db.writing() as session:
        faces.keep(session, media, faces.Found([FACE] if people else []))
    return row(media.id)


def row(media_id: UUID) -> Media:
    with db.reading() as session:
        return session.exec(select(Media).where(Media.id == media_id)).one()


def files(world: World, media: Media) -> set[str]:
    return {key.rpartition("/")[2] for key in world.adapters.storage.keys(f"media/{media.opaque}")}


def decide(media: Media, wanted: list[dict[str, Any]] | None) -> None:
    with db.writing() as session:
        blur.ask(session, session.exec(select(Media).where(Media.id == media.id)).one(), wanted)


def waiting() -> list[tuple[str, list[str]]]:
    with db.reading() as session:
        return [(job.task, job.args) for job in session.exec(select(Job).where(Job.task == "blur_media"))]


def test_everybody_found_is_hidden_before_anybody_decides(world: World) -> None:
    media = seen(world, (60, 20, 200))
    assert (media.faces, media.zones) == ([FACE], None)
    assert media.zones_key == zones.key([FACE])
    assert media.blurred_key is None
    assert blur.make_for(media.id, world.adapters)
    made = row(media.id)
    assert made.blurred_key == made.zones_key == media.zones_key
    blurred = {f"{zones.prefix(str(made.zones_key))}{name}" for name in NAMES}
    assert files(world, media) == {"2048.jpg"} | blurred == set(made.derivatives)
    assert {made.derivatives[name]["set"] for name in blurred} == {"blur"}
    assert not blur.make_for(media.id, world.adapters)


def test_nobody_found_is_nothing_to_do(world: World) -> None:
    media = seen(world)
    assert (media.faces, media.zones_key) == ([], None)
    assert not blur.make_for(media.id, world.adapters)
    world.sweep()
    assert waiting() == []


def test_other_zones_make_other_files_and_the_former_ones_go(world: World) -> None:
    media = seen(world, (60, 20, 200))
    blur.make_for(media.id, world.adapters)
    decide(media, [LEFT])
    decided = row(media.id)
    assert (decided.zones, decided.zones_key) == ([LEFT], zones.key([LEFT]))
    assert decided.blurred_key != decided.zones_key
    assert waiting() == [("blur_media", [str(media.id)])]
    world.run_jobs()
    made = row(media.id)
    assert made.blurred_key == made.zones_key == zones.key([LEFT])
    assert files(world, media) == {"2048.jpg"} | {f"{zones.prefix(zones.key([LEFT]))}{name}" for name in NAMES}
    assert set(made.derivatives) == files(world, media)


def test_deciding_what_was_proposed_makes_nothing_anew(world: World) -> None:
    media = seen(world, (60, 20, 200))
    blur.make_for(media.id, world.adapters)
    decide(media, zones.clean(media.faces, media=media))
    assert waiting() == []
    assert row(media.id).blurred_key == row(media.id).zones_key
    decide(media, None)
    assert row(media.id).zones is None


def test_hiding_nobody_after_all_takes_the_blurred_files_away(world: World) -> None:
    media = seen(world, (60, 20, 200))
    blur.make_for(media.id, world.adapters)
    decide(media, [])
    world.run_jobs()
    assert files(world, media) == {"2048.jpg"} == set(row(media.id).derivatives)


def test_zones_decided_while_others_are_made_win(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    media = seen(world, (60, 20, 200))
    make = blur.blur_photo

    def meanwhile(*arguments: Any, **named: Any) -> Any:
        made = make(*arguments, **named)
        monkeypatch.setattr(blur, "blur_photo", make)
        decide(media, [LEFT])
        return made

    monkeypatch.setattr(blur, "blur_photo", meanwhile)
    assert not blur.make_for(media.id, world.adapters)
    assert files(world, media) == {"2048.jpg"}
    assert row(media.id).blurred_key is None
    world.run_jobs()
    assert row(media.id).blurred_key == zones.key([LEFT])


def test_a_photo_erased_while_it_is_blurred_leaves_no_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    media = seen(world, (60, 20, 200))
    make = blur.blur_photo

    def erased(*arguments: Any, **named: Any) -> Any:
        made = make(*arguments, **named)
        jobs.forget_media(str(media.id), adapters=world.adapters)
        return made

    monkeypatch.setattr(blur, "blur_photo", erased)
    assert not blur.make_for(media.id, world.adapters)
    assert files(world, media) == set()


def test_what_cannot_be_blurred_is_told_and_not_tried_for_ever(world: World) -> None:
    media = seen(world, (60, 20, 200))
    world.adapters.storage.put(f"media/{media.opaque}/2048.jpg", b"\xff\xd8\xff\xe0 not a photo")
    world.sweep()
    world.run_jobs()
    failed = row(media.id)
    assert failed.details["blur_failure"] == "blur_broken"
    assert failed.blurred_key is None
    world.sweep()
    assert world.run_jobs() == 0
    decide(media, [LEFT])
    assert "blur_failure" not in row(media.id).details
    assert world.run_jobs() == 1


def test_a_lost_job_is_found_by_the_sweep(world: World) -> None:
    media = seen(world, (60, 20, 200))
    assert waiting() == []
    world.sweep()
    world.run_jobs()
    assert row(media.id).blurred_key == media.zones_key


def test_a_blur_that_fails_five_times_is_told(world: World) -> None:
    media = seen(world, (60, 20, 200))
    blur.given_up(media.id, "StorageDown: storage_down")
    assert row(media.id).details == {}
    blur.given_up(media.id, "BlurrerLost in program.py:88")
    assert row(media.id).details == {"blur_failure": "blur_broken"}


def test_faces_that_cannot_be_looked_for_are_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> Any:
        raise faces.FacesRefused("faces_timeout")

    monkeypatch.setattr(faces, "find_in_photo", refuse)
    media = seen(world)
    found = faces.detect_for(media, world.adapters)
    with db.writing() as session:
        faces.keep(session, media, found)
    told = row(media.id)
    assert (told.faces, told.zones_key) == ([], None)
    assert told.details == {"faces_failure": "faces_timeout"}


def test_a_photo_as_it_arrives_is_ready_with_its_blur(world: World) -> None:
    file = io.BytesIO()
    portraits.scene(320, 240, (60, 20, 200)).save(file, "JPEG", quality=88)
    stored = rules.store(file, name="photo.jpg", adapters=world.adapters)
    with db.writing() as session:
        rules.keep(session, stored, now=world.clock())
    world.run_jobs()
    with db.reading() as session:
        media = session.exec(select(Media)).one()
    assert media.state is MediaState.READY
    assert len(media.faces) == 1
    assert media.blurred_key == media.zones_key == zones.key(media.faces)
    assert set(media.derivatives) == NAMES | {f"{zones.prefix(str(media.zones_key))}{name}" for name in NAMES}
    assert files(world, media) == set(media.derivatives)


def test_a_video_as_it_arrives_is_ready_with_its_blur(world: World, tmp_path: Path) -> None:
    with portraits.walk(tmp_path / "clip", seconds=0.8).open("rb") as film:
        stored = rules.store(film, name="film.mp4", adapters=world.adapters)
    with db.writing() as session:
        rules.keep(session, stored, now=world.clock())
    world.run_jobs()
    with db.reading() as session:
        media = session.exec(select(Media)).one()
    plain = {"720.mp4", "480.mp4", "poster.webp", "poster.jpg"}
    before = zones.prefix(str(media.zones_key))
    assert media.blurred_key == media.zones_key
    assert set(media.derivatives) == plain | {before + name for name in plain} | {"tracks.json"}
    assert files(world, media) == set(media.derivatives)
    assert media.derivatives["tracks.json"]["set"] == "private"
    tracks = json.loads(world.adapters.storage.read(f"media/{media.opaque}/tracks.json"))
    assert [zone["track"] for zone in media.faces] == [track["id"] for track in tracks]
    processing.forget_files(media, world.adapters)
    assert files(world, media) == set()
