"""From a stored photo to its derivatives: once, whatever is repeated, killed or erased meanwhile."""

import io

import pytest
from PIL import Image
from sqlmodel import select

from app import db
from app.media import jobs, processing, rules
from app.models import Contribution, Media, MediaState
from tests.conftest import World
from tests.factories import submitted


def picture(size: tuple[int, int] = (640, 480)) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 80, 40)).save(out, "JPEG")
    out.seek(0)
    return out


def sent(world: World) -> tuple[Media, Contribution]:
    """A contribution with one photo, its job waiting."""
    stored = rules.store(picture(), name="photo.jpg", adapters=world.adapters)
    with db.writing() as session:
        token = rules.keep(session, stored, now=world.clock())["upload"]
        made = submitted(session, media=[token]).contribution
    with db.reading() as session:
        return session.exec(select(Media)).one(), session.get_one(Contribution, made.seq)


def row() -> Media | None:
    with db.reading() as session:
        return session.exec(select(Media)).first()


def test_a_photo_becomes_ready_and_the_version_moves_on(world: World) -> None:
    media, made = sent(world)
    assert media.state is MediaState.RECEIVED
    world.run_jobs()
    ready = row()
    assert ready is not None
    assert ready.state is MediaState.READY
    assert len(ready.derivatives) == 6
    assert all(world.adapters.storage.exists(f"media/{ready.opaque}/{name}") for name in ready.derivatives)
    with db.reading() as session:
        assert session.get_one(Contribution, made.seq).version == made.version + 1


def test_doing_it_again_changes_nothing(world: World) -> None:
    media, _ = sent(world)
    world.run_jobs()
    before = row()
    jobs.process_media(str(media.id), adapters=world.adapters)
    after = row()
    assert before is not None
    assert after is not None
    assert before.model_dump() == after.model_dump()


def test_a_photo_whose_job_was_lost_is_found_by_the_sweep(world: World) -> None:
    sent(world)
    with db.writing() as session:
        from app.models import Job

        for job in session.exec(select(Job)):
            session.delete(job)
    assert world.run_jobs() == 0
    world.sweep()
    world.run_jobs()
    found = row()
    assert found is not None
    assert found.state is MediaState.READY


def test_an_original_that_does_not_open_fails_with_its_code(world: World) -> None:
    media, _ = sent(world)
    world.adapters.storage.put(str(media.original), b"\xff\xd8\xff\xe0 not a photo any more")
    world.run_jobs()
    failed = row()
    assert failed is not None
    assert (failed.state, failed.failure) == (MediaState.FAILED, "image_broken")


def test_a_photo_erased_while_it_is_made_leaves_no_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    media, _ = sent(world)
    process = processing.images.process

    def erased_meanwhile(*arguments: object) -> object:
        result = process(*arguments)  # type: ignore[arg-type]
        jobs.forget_media(str(media.id), adapters=world.adapters)
        return result

    monkeypatch.setattr(processing.images, "process", erased_meanwhile)
    jobs.process_media(str(media.id), adapters=world.adapters)
    assert row() is None
    assert list(world.adapters.storage.keys()) == []
