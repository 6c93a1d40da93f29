"""Media from the street by tus: sealed or not, held only when they are what was declared, nothing lost on the way."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import col, select

from app import db
from app.adapters.storage import MemoryStorage
from app.media import orphans, sweeps
from app.models import Collected, Contribution, Device, Media, MediaState, Role, State
from app.outreach import arrivals
from app.outreach.collect_uploads import MediumAltered, MediumSize, UnknownMedium
from tests import factories
from tests.conftest import World
from tests.media import pictures
from tests.media.tus import BYTES, PATH, VERSION, head, jobs, metadata, patch, spooled
from tests.outreach.street_media import Medium, Record, declared, held, taken_in

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def ask(
    world: World,
    record: Record,
    medium: Medium,
    *,
    length: int | None = None,
    content: bytes | None = None,
    **more: str,
) -> Any:
    """The POST that asks for an address."""
    said = {"collect": str(record.id), "client_id": medium.client_id, "filename": "panneau.jpg"} | more
    headers = VERSION | record.credential | {"Upload-Metadata": metadata(**said)}
    headers |= {"Upload-Length": str(length or len(medium.sent))} | (BYTES if content else {})
    return world.client.post(PATH, headers=headers, content=content)


def address_of(world: World, record: Record, medium: Medium) -> str:
    answer = ask(world, record, medium)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def send(world: World, record: Record, medium: Medium, bytes_: bytes | None = None) -> Any:
    """The whole of it at once."""
    address = address_of(world, record, medium)
    return patch(world, address, 0, medium.sent if bytes_ is None else bytes_, **record.credential)


def originals(world: World) -> list[bytes]:
    return [world.adapters.storage.read(key) for key in world.adapters.storage.keys("originals")]


def the_media() -> list[Media]:
    with db.reading() as session:
        return list(session.exec(select(Media).order_by(col(Media.seq))))


def said(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_what_is_sent_is_opened_held_and_made_ready(world: World) -> None:
    pixels = pictures.encoded(pictures.quarters(), "JPEG")
    sealed, plain = Medium(plain=pixels), Medium(plain=pixels + b"\0", client_id="m2", sealed=False)
    with db.writing() as session:
        record = taken_in(session, sealed, plain)
    for each in (sealed, plain):
        assert send(world, record, each).status_code == 204
    assert held(record) == [True, True]
    assert len(spooled(world)) == 1  # the one that came open lies there until its job takes it
    world.run_jobs()
    assert [media.state for media in the_media()] == [MediaState.READY] * 2
    assert sorted(originals(world)) == sorted([sealed.plain, plain.plain])
    assert spooled(world) == []
    assert said(ask(world, record, sealed)) == (409, "medium_held")


def test_cut_in_the_middle_it_goes_on_at_a_new_address(world: World) -> None:
    photo = Medium()
    with db.writing() as session:
        record = taken_in(session, photo)
    first = address_of(world, record, photo)
    patch(world, first, 0, photo.sent[:2000], **record.credential)
    again = ask(world, record, photo)
    assert (again.status_code, again.headers["upload-offset"]) == (201, "2000")
    second = str(again.headers["location"])
    assert head(world, first).status_code == 404
    assert head(world, second).headers["upload-offset"] == "2000"
    assert patch(world, second, 2000, photo.sent[2000:], **record.credential).status_code == 204
    assert (held(record), originals(world), jobs(world)) == ([True], [photo.plain], 1)


@sqlite
def test_bytes_that_come_with_the_first_request_count_once(world: World) -> None:
    photo, other = Medium(), Medium(client_id="m2")
    with db.writing() as session:
        record = taken_in(session, photo, other)
    at_once = ask(world, record, photo, content=photo.sent)
    assert (at_once.status_code, at_once.headers["upload-offset"]) == (201, str(len(photo.sent)))
    patch(world, address_of(world, record, other), 0, other.sent[:2000], **record.credential)
    again = ask(world, record, other, content=other.sent[:3000])  # from the beginning: what is here stays
    assert (again.status_code, again.headers["upload-offset"]) == (201, "2000")
    assert patch(world, again.headers["location"], 2000, other.sent[2000:], **record.credential).status_code == 204
    assert (held(record), sorted(originals(world))) == ([True, True], sorted([photo.plain, other.plain]))


@sqlite
def test_altered_by_a_byte_or_under_another_key_all_of_it_is_dropped(world: World) -> None:
    sealed, plain = Medium(), Medium(client_id="m2", sealed=False)
    with db.writing() as session:
        record = taken_in(session, sealed, plain)
    other_key = Medium(plain=sealed.plain).sent
    for medium, wrong in [
        (sealed, sealed.sent[:-1] + bytes([sealed.sent[-1] ^ 1])),
        (sealed, bytes([sealed.sent[0] ^ 1]) + sealed.sent[1:]),
        (sealed, other_key),
        (plain, bytes([plain.sent[0] ^ 1]) + plain.sent[1:]),
    ]:
        address = address_of(world, record, medium)
        assert said(patch(world, address, 0, wrong, **record.credential)) == (409, "medium_altered")
        assert head(world, address).headers["upload-offset"] == "0"
    assert (held(record), originals(world), spooled(world), jobs(world)) == ([False, False], [], [], 0)
    assert [media.state for media in the_media()] == [MediaState.UPLOADING] * 2
    assert send(world, record, sealed).status_code == 204  # the right one still finds its way
    assert originals(world) == [sealed.plain]


@sqlite
def test_a_file_that_hides_another_digest_under_a_good_seal_is_altered_too(world: World) -> None:
    photo = Medium()
    with db.writing() as session:
        record = taken_in(session, photo)
    photo.plain = bytes(len(photo.plain))
    assert said(send(world, record, photo)) == (409, "medium_altered")


def test_who_may_send_and_what(world: World) -> None:
    photo = Medium()
    with db.writing() as session:
        record = taken_in(session, photo)
        other = factories.staff(session, Role.MEDIATOR)
        stranger = factories.device(session, other)[1]
    assert said(ask(world, record, photo, collect=str(uuid4()))) == (404, "unknown_medium")
    assert said(ask(world, record, photo, collect="pas un numéro")) == (404, "unknown_medium")
    assert said(ask(world, record, photo, client_id="m9")) == (404, "unknown_medium")
    assert said(ask(world, record, photo, length=7)) == (409, "medium_size")
    mine, record.token = record.token, stranger
    assert said(ask(world, record, photo)) == (404, "unknown_medium")
    record.token = "rien"
    assert said(ask(world, record, photo)) == (401, "unauthorized")
    record.token = mine
    address = address_of(world, record, photo)
    assert patch(world, address, 0, photo.sent[:10]).status_code == 401  # its address alone is not enough
    with db.writing() as session:
        session.get_one(Device, record.device.seq).revoked_at = world.clock()
    for answer in (ask(world, record, photo), patch(world, address, 0, photo.sent[:10], **record.credential)):
        assert said(answer) == (401, "device_revoked")
    assert world.client.delete(address, headers=VERSION).json()["code"] == "upload_in_use"


def test_an_upload_that_expires_leaves_the_medium_waiting(world: World) -> None:
    photo, whole = Medium(), Medium(client_id="m2")
    with db.writing() as session:
        record = taken_in(session, photo, whole)
    address = address_of(world, record, photo)
    patch(world, address, 0, photo.sent[:2000], **record.credential)
    address_of(world, record, whole)
    _lie_whole(world, whole)
    world.clock.move(timedelta(days=3))
    world.adapters.storage.down = True  # type: ignore[attr-defined]
    sweeps.end_late(world.adapters)
    assert held(record) == [False, False]
    world.adapters.storage.down = False  # type: ignore[attr-defined]
    sweeps.end_late(world.adapters)
    assert held(record) == [False, True]  # a crash had come just before its last step
    assert [media.state for media in the_media()] == [MediaState.UPLOADING, MediaState.RECEIVED]
    assert (head(world, address).status_code, spooled(world)) == (404, [])
    assert send(world, record, photo).status_code == 204
    assert held(record) == [True, True]


def _lie_whole(world: World, medium: Medium) -> None:
    """As after a crash: all its bytes are there, and nobody has looked at them."""
    with db.reading() as session:
        media = session.exec(select(Media).where(col(Media.size) == len(medium.plain)).order_by(col(Media.seq).desc()))
        file = world.settings.data_dir / "uploads" / media.first().id.hex  # type: ignore[union-attr]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(medium.sent)


@sqlite
def test_killed_before_the_last_step_it_is_done_again_by_whoever_asks(world: World) -> None:
    photo = Medium(plain=pictures.encoded(pictures.quarters(), "JPEG"))
    with db.writing() as session:
        record = taken_in(session, photo)
    address = address_of(world, record, photo)
    _lie_whole(world, photo)
    world.adapters.storage.put("originals/left", photo.plain)  # what the first attempt had stored
    assert head(world, address).headers["upload-offset"] == str(len(photo.sent))
    assert held(record) == [True]
    assert orphans.sweep(world.adapters, patience=0) == 0
    assert orphans.sweep(world.adapters, patience=0) == 1
    assert originals(world) == [photo.plain]
    file = world.settings.data_dir / "uploads" / the_media()[0].id.hex
    file.write_bytes(photo.sent)  # killed before the sealed file went: the job takes the original
    world.run_jobs()
    assert (the_media()[0].state, spooled(world)) == (MediaState.READY, [])


@sqlite
def test_the_store_down_or_full_nothing_is_lost(world: World) -> None:
    photo = Medium()
    with db.writing() as session:
        record = taken_in(session, photo)
    storage: MemoryStorage = world.adapters.storage  # type: ignore[assignment]
    address = address_of(world, record, photo)
    for fault, status in (("down", 503), ("full", 507)):
        setattr(storage, fault, True)
        offset = 0 if status == 503 else len(photo.sent)
        content = photo.sent[offset:]
        assert patch(world, address, offset, content, **record.credential).status_code == status
        setattr(storage, fault, False)
        assert held(record) == [False]
    assert head(world, address).headers["upload-offset"] == str(len(photo.sent))
    assert held(record) == [True]


def test_erased_meanwhile_nothing_of_it_is_wanted_or_kept(world: World) -> None:
    photo, late = Medium(), Medium(client_id="m2")
    with db.writing() as session:
        record = taken_in(session, photo, late)
    send(world, record, photo)
    address = address_of(world, record, late)
    with db.writing() as session:
        row = session.get_one(Collected, record.seq)
        factories.set_state(session, session.get_one(Contribution, row.contribution_seq), State.ERASED)
    assert said(ask(world, record, late)) == (409, "medium_held")
    world.sweep()
    world.run_jobs()
    assert (the_media(), originals(world), held(record)) == ([], [], [])
    assert patch(world, address, 0, late.sent, **record.credential).status_code == 404
    with db.writing() as session:
        declared(session, session.get_one(Collected, record.seq), late)
    assert the_media() == []


def test_brought_by_a_file_it_is_checked_the_same_way(world: World) -> None:
    photo = Medium()
    with db.writing() as session:
        record = taken_in(session, photo)

    def bring(content: bytes, client_id: str = "m1", length: int | None = None) -> bool:
        pieces = (content[at : at + 1000] for at in range(0, len(content), 1000))
        return arrivals.bring(record.id, client_id, pieces, length=length or len(content), adapters=world.adapters)

    address = address_of(world, record, photo)
    patch(world, address, 0, photo.sent[:2000], **record.credential)
    with pytest.raises(UnknownMedium):
        bring(photo.sent, "m9")
    with pytest.raises(MediumSize):
        bring(photo.sent[:-1])
    with pytest.raises(MediumSize):
        bring(photo.sent[:-1], length=len(photo.sent))
    with pytest.raises(MediumAltered):
        bring(photo.sent[::-1])
    assert bring(photo.sent) is True
    assert bring(photo.sent) is False
    assert (held(record), originals(world)) == ([True], [photo.plain])
