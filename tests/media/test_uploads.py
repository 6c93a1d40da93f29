"""Uploads in the database and on the disk, on SQLite and PostgreSQL: who may hold how much, what goes, what stays."""

import os
import time
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import checks, db, limits
from app.consultation.content import consultation
from app.contributions import rules as contribution_rules
from app.contributions.schemas import ContributionIn
from app.errors import Unprocessable
from app.media import rules, spool, sweeps, uploads
from app.media.tus import Creation
from app.models import Channel, Contribution, Media, MediaState
from tests import factories
from tests.conftest import World
from tests.media.test_tus import problem
from tests.media.tus import PATH, VERSION, begun, create, head, jobs, patch, rows, spooled

GB = 1_000_000_000
DAY = timedelta(hours=24)


def attached(world: World, address: str) -> Contribution:
    """A contribution sent with this upload, finished or not."""
    said = ContributionIn(**factories.said(media=[address.removeprefix(PATH + "/")]))
    with db.writing() as session:
        contribution_rules.submit(session, said, channel=Channel.ONLINE, now=world.clock())
        return session.execute(sa.select(Contribution)).scalars().one()


def media(world: World) -> list[Media]:
    with db.reading() as session:
        return list(session.execute(sa.select(Media)).scalars())


def full(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(spool, "room", lambda _folder: (free, GB))


# How much one address may hold


def test_unfinished_uploads_of_one_address_are_bounded_by_what_they_declare(world: World) -> None:
    first = begun(world, GB)
    for _ in range(4):
        begun(world, GB)
    refused = create(world, 1)
    problem(refused, 429, "too_much_unfinished")
    assert refused.headers["retry-after"] == "3600"
    world.client.delete(first, headers=VERSION)
    assert create(world, GB).status_code == 201
    problem(create(world, 1), 429, "too_much_unfinished")
    world.clock.move(DAY)  # expired ones do not count
    assert create(world, GB).status_code == 201


def test_what_is_finished_does_not_count(world: World) -> None:
    for _ in range(4):
        begun(world, GB)
    with db.writing() as session:
        session.execute(sa.text("UPDATE upload SET completed_at = created_at"))
    assert create(world, GB).status_code == 201


def test_another_address_has_room_of_its_own_a_neighbour_of_the_same_network_has_not(world: World) -> None:
    def begin(address: str) -> None:
        with db.writing() as session:
            uploads.begin(session, Creation(GB, "", "", "", False), address=address, now=world.clock())

    for _ in range(5):
        begin("2001:db8:1:2::1")
    begin("2001:db8:1:3::1")
    begin("192.0.2.1")
    begin("unknown")
    with pytest.raises(uploads.TooMany):
        begin("2001:db8:1:2:ffff::9")


def test_several_at_once_do_not_get_past_the_bound(world: World) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def begin(_: int) -> bool:
        try:
            with db.writing() as session:
                uploads.begin(session, Creation(GB, "", "", "", False), address="192.0.2.1", now=world.clock())
        except uploads.TooMany:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(begin, range(16))) == 5
    assert len(rows(world)) == 5


def test_beginnings_are_rate_limited(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_AN_HOUR", 3)
    for _ in range(3):
        begun(world, 1)
    problem(create(world, 1), 429, "too_many")


# Tied to a contribution


def test_words_do_not_wait_for_a_slow_network(world: World) -> None:
    address = begun(world, 10, filetype="audio/mp4")
    patch(world, address, 0, b"hello")
    contribution = attached(world, address)
    [mine] = media(world)
    assert (mine.contribution_seq, mine.state) == (contribution.seq, MediaState.UPLOADING)
    assert patch(world, address, 5, b"world").status_code == 204
    assert (media(world)[0].state, jobs(world)) == (MediaState.RECEIVED, 1)


def test_what_a_contribution_holds_is_not_taken_back(world: World) -> None:
    address = begun(world, 10)
    attached(world, address)
    problem(world.client.delete(address, headers=VERSION), 409, "upload_in_use")
    assert head(world, address).status_code == 200


def test_what_was_taken_back_is_not_tied(world: World) -> None:
    """Also at the instant between the row that is about to go and its going."""
    address = begun(world, 5)
    patch(world, address, 0, b"hello")
    with db.writing() as session:
        session.execute(sa.update(Media).values(state=MediaState.FAILED, failure=rules.TERMINATED))
    with pytest.raises(Unprocessable) as refused:
        attached(world, address)
    assert [each.code for each in refused.value.errors] == ["unknown_upload"]


def test_taken_back_its_files_and_rows_are_gone_after_the_jobs(world: World) -> None:
    address = begun(world, 5)
    patch(world, address, 0, b"hello")
    world.client.delete(address, headers=VERSION)
    world.run_jobs()
    assert (media(world), rows(world), spooled(world), world.adapters.storage.files) == ([], [], [], {})  # type: ignore[attr-defined]


# What nobody finished


def test_an_unfinished_upload_goes_after_a_day(world: World) -> None:
    late, young = begun(world, 10), ""
    patch(world, late, 0, b"hello")
    world.clock.move(DAY / 2)
    young = begun(world, 10)
    patch(world, young, 0, b"abc")
    sweeps.end_late(world.adapters)
    assert len(spooled(world)) == 2
    world.clock.move(DAY / 2)
    sweeps.end_late(world.adapters)
    world.run_jobs()
    assert head(world, late).status_code == 404
    assert head(world, young).headers["upload-offset"] == "3"
    assert [file.read_bytes() for file in spooled(world)] == [b"abc"]
    assert len(media(world)) == 1


def test_what_a_contribution_waits_for_in_vain_is_said_to_have_failed(world: World) -> None:
    address = begun(world, 10)
    patch(world, address, 0, b"hello")
    contribution = attached(world, address)
    world.clock.move(DAY)
    sweeps.end_late(world.adapters)
    [lost] = media(world)
    assert (lost.state, lost.failure, lost.contribution_seq) == (MediaState.FAILED, "upload_expired", contribution.seq)
    assert spooled(world) == []
    assert head(world, address).status_code == 410
    problem(patch(world, address, 5, b"world"), 410, "upload_expired")
    with db.reading() as session:
        assert session.get_one(Contribution, contribution.seq).version > contribution.version
    sweeps.end_late(world.adapters)  # once is enough
    assert len(media(world)) == 1


def test_finished_ones_stay_as_long_as_a_draft_may_name_them(world: World) -> None:
    address = begun(world, 5)
    patch(world, address, 0, b"hello")
    world.clock.move(timedelta(days=consultation().limits.draft_days))
    sweeps.end_late(world.adapters)
    world.sweep()
    assert head(world, address).headers["upload-offset"] == "5"
    world.clock.move(timedelta(days=2))
    world.sweep()
    world.run_jobs()
    assert head(world, address).status_code == 404
    assert (media(world), spooled(world)) == ([], [])


def test_a_crash_before_the_last_step_is_mended_by_head(world: World) -> None:
    """All bytes are there, and the process died before it could say so."""
    address = begun(world, 5)
    patch(world, address, 0, b"hel")
    with spooled(world)[0].open("ab") as file:
        file.write(b"lo, and what a crash may leave")
    assert media(world)[0].state is MediaState.UPLOADING
    answer = head(world, address)
    assert (answer.headers["upload-offset"], "upload-expires" in answer.headers) == ("5", False)
    assert (media(world)[0].state, jobs(world)) == (MediaState.RECEIVED, 1)
    assert spooled(world)[0].read_bytes() == b"hello"


def test_a_crash_before_the_last_step_is_mended_by_the_sweep(world: World) -> None:
    address = begun(world, 5)
    patch(world, address, 0, b"hel")
    with spooled(world)[0].open("ab") as file:
        file.write(b"lo")
    world.clock.move(DAY)
    sweeps.end_late(world.adapters)
    assert (media(world)[0].state, jobs(world)) == (MediaState.RECEIVED, 1)
    assert head(world, address).headers["upload-offset"] == "5"


def test_completion_is_one_transition(world: World) -> None:
    address = begun(world, 5)
    with db.reading() as session:
        found = uploads.find(session, address.removeprefix(PATH + "/"), now=world.clock())
    done = []
    for _ in range(3):
        with db.writing() as session:
            done.append(uploads.complete(session, found, now=world.clock()))
    assert (done, jobs(world)) == ([True, False, False], 1)


def test_the_sweep_ends_an_upload_that_still_runs_too_late(world: World) -> None:
    address = begun(world, 10)
    patch(world, address, 0, b"hello")
    world.clock.move(DAY)
    with spool.Hold(spooled(world)[0]) as hold:
        assert hold.take()
        sweeps.end_late(world.adapters)
        assert hold.wanted()
        assert hold.append([b"wor"])  # whoever writes is told to stop
    sweeps.end_late(world.adapters)
    assert spooled(world) == []


def test_files_that_belong_to_nobody_go_and_needed_ones_stay(world: World) -> None:
    needed = begun(world, 10)
    patch(world, needed, 0, b"hello")
    [kept] = spooled(world)
    orphan = kept.with_name("0" * 32)
    orphan.write_bytes(b"left by a crash")
    marker = kept.with_name("1" * 32 + ".stop")
    marker.touch()
    other = kept.with_name("README")  # not ours to judge
    other.touch()
    sweeps.tidy(world.adapters)
    assert len(spooled(world)) == 4
    old = time.time() - sweeps.FORGOTTEN - 60
    for file in (kept, orphan, marker, other):
        os.utime(file, (old, old))
    sweeps.tidy(world.adapters)
    assert spooled(world) == sorted([kept, other])


# A disk that fills


def test_a_full_disk_is_announced_before_it_is_full(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    address = begun(world, 10)
    full(monkeypatch, GB + 99)
    problem(create(world, 100), 507, "storage_full")
    assert create(world, 99).status_code == 201
    assert patch(world, address, 0, b"hello").status_code == 204
    full(monkeypatch, GB - 1)
    refused = patch(world, address, 5, b"world")
    problem(refused, 507, "storage_full")
    assert head(world, address).headers["upload-offset"] == "5"  # reading goes on
    full(monkeypatch, 2 * GB)
    assert patch(world, address, 5, b"world").status_code == 204  # and writing, once there is room


def test_the_operator_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> tuple[str, Any, str]:
        _name, good, words = checks._disk(world.settings)
        return world.client.get("/readyz").json()["disk"], good, words

    for free, part, good in ((10 * GB, "ok", True), (2 * GB, "low", None), (GB // 2, "full", False)):
        full(monkeypatch, free)
        assert told()[:2] == (part, good)
    assert "they are refused now" in told()[2]


def test_room_that_ends_in_the_middle_keeps_what_fitted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    address = begun(world, 10)
    writev, left = os.writev, [3]

    def small(handle: int, views: Any) -> int:
        if not left[0]:
            raise OSError(28, "No space left on device")
        fits, left[0] = bytes(views[0])[: left[0]], 0
        return writev(handle, [fits])

    monkeypatch.setattr(spool.os, "writev", small)
    refused = patch(world, address, 0, b"hello")
    problem(refused, 507, "storage_full")
    assert refused.headers["upload-offset"] == "3"
    monkeypatch.setattr(spool.os, "writev", writev)
    assert patch(world, address, 3, b"lo").headers["upload-offset"] == "5"
    assert spooled(world)[0].read_bytes() == b"hello"


# Two who want one file


def test_what_nobody_lets_go_is_423(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held by another program, which does not look for the marker: the service does not write into it."""
    monkeypatch.setattr(spool, "PATIENCE", 0.2)
    address = begun(world, 10)
    patch(world, address, 0, b"hel")
    with spool.Hold(spooled(world)[0]) as hold:
        assert hold.take()
        problem(patch(world, address, 3, b"lo"), 423, "upload_locked")
        problem(world.client.delete(address, headers=VERSION), 423, "upload_locked")
        assert hold.wanted()
        assert head(world, address).headers["upload-offset"] == "3"
    assert patch(world, address, 3, b"lo").headers["upload-offset"] == "5"


def test_load_tests_may_hold_more(world: World) -> None:
    limits.configure(on=False, folder=world.settings.data_dir)
    for _ in range(6):
        begun(world, GB)
