"""Parts of files: RFC 9110's rules one by one, then through the whole service, piece by piece, and cut when hidden."""

import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from sqlmodel import select

from app import db
from app.adapters.storage import MemoryStorage
from app.media import ranges, sending
from app.models import Contribution, MediaChoice, State
from tests.conftest import World
from tests.factories import contribution, set_state, video
from tests.loops import in_a_loop

TAG = '"abc"'
DATA = bytes(range(256)) * 4000  # a megabyte: several pieces


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("", 200, 0, 1000),
        ("bytes=0-0", 206, 0, 1),
        ("bytes=0-499", 206, 0, 500),
        ("bytes=500-", 206, 500, 1000),
        ("bytes=0-", 206, 0, 1000),
        ("bytes=999-", 206, 999, 1000),
        ("bytes=900-5000", 206, 900, 1000),
        ("bytes=-1", 206, 999, 1000),
        ("bytes=-5000", 206, 0, 1000),
        ("Bytes = 1-2", 206, 1, 3),
        ("bytes=1000-", 416, 0, 0),
        ("bytes=1000-2000", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        # Not a range, several, or not of bytes: as if nothing had been asked.
        ("bytes=5-2", 200, 0, 1000),
        ("bytes=0-1,5-6", 200, 0, 1000),
        ("bytes=", 200, 0, 1000),
        ("bytes=-", 200, 0, 1000),
        ("bytes=a-b", 200, 0, 1000),
        ("bytes=1-2-3", 200, 0, 1000),
        ("bytes=+1-2", 200, 0, 1000),
        ("bytes=١-٢", 200, 0, 1000),
        ("items=0-5", 200, 0, 1000),
        ("bytes=" + "9" * 40 + "-", 200, 0, 1000),
    ],
)
def test_what_a_range_asks_for(asked: str, status: int, start: int, end: int) -> None:
    found = ranges.part({"range": asked} if asked else {}, size=1000, tag=TAG)
    assert (found.status, found.start, found.end) == (status, start, end)


def test_an_empty_file_has_no_range() -> None:
    assert ranges.part({}, size=0, tag=TAG).status == 200
    assert ranges.part({"range": "bytes=0-"}, size=0, tag=TAG).status == 416


@pytest.mark.parametrize(
    ("condition", "status"),
    [(TAG, 206), (f"W/{TAG}", 200), ('"other"', 200), ("Tue, 12 Apr 2022 08:00:00 GMT", 200)],
)
def test_a_part_only_of_the_same_file(condition: str, status: int) -> None:
    assert ranges.part({"range": "bytes=1-2", "if-range": condition}, size=1000, tag=TAG).status == status


@pytest.mark.parametrize(
    ("header", "value", "known", "other"),
    [
        ("if-none-match", TAG, True, False),
        ("if-none-match", f'"x", W/{TAG}', True, False),
        ("if-none-match", "*", True, False),
        ("if-none-match", '"abcd"', False, False),
        ("if-match", TAG, False, False),
        ("if-match", f'"x", {TAG}', False, False),
        ("if-match", "*", False, False),
        ("if-match", f"W/{TAG}", False, True),
        ("if-match", '"x"', False, True),
    ],
)
def test_conditions(header: str, value: str, known: bool, other: bool) -> None:
    assert (ranges.is_known({header: value}, TAG), ranges.is_other({header: value}, TAG)) == (known, other)


def published(world: World, data: bytes = DATA, **fields: Any) -> str:
    """The address of a published video's smaller file."""
    with db.writing() as session:
        made = contribution(session)
        media = video(session, made, **({"choice": MediaChoice.PUBLISH} | fields))
        set_state(session, made, State.PUBLISHED)
        opaque = media.opaque
    world.adapters.storage.put(f"media/{opaque}/480.mp4", data)
    return f"/media/{opaque}/480.mp4"


def test_the_whole_file_comes_in_pieces_with_its_length(world: World) -> None:
    answer = world.client.get(published(world))
    assert (answer.status_code, answer.content == DATA) == (200, True)
    told = answer.headers
    assert (told["content-length"], told["content-type"], told["accept-ranges"]) == ("1024000", "video/mp4", "bytes")
    assert told["cache-control"] == "private, no-cache"
    assert "content-range" not in told


@pytest.mark.parametrize("one_of_several", [(0, 0), (0, 299_999), (262_143, 262_144), (1_000_000, 1_023_999)])
def test_a_part_is_that_part(world: World, one_of_several: tuple[int, int]) -> None:
    first, last = one_of_several
    answer = world.client.get(published(world), headers={"Range": f"bytes={first}-{last}"})
    assert (answer.status_code, answer.content == DATA[first : last + 1]) == (206, True)
    assert answer.headers["content-range"] == f"bytes {first}-{last}/1024000"
    assert answer.headers["content-length"] == str(last + 1 - first)


def test_beyond_the_end_says_how_long_it_is(world: World) -> None:
    answer = world.client.get(published(world), headers={"Range": "bytes=1024000-"})
    assert (answer.status_code, answer.content, answer.headers["content-range"]) == (416, b"", "bytes */1024000")


def test_a_head_says_all_and_sends_nothing(world: World) -> None:
    address = published(world)
    whole = world.client.get(address)
    reads: list[str] = []
    storage = world.adapters.storage
    storage.piece = lambda key, start, end: reads.append(key) or b""  # type: ignore[method-assign,func-returns-value]
    head = world.client.head(address, headers={"Range": "bytes=0-9"})  # a range means nothing to HEAD
    assert (head.status_code, head.content, reads) == (200, b"", [])
    same = ("content-length", "content-type", "etag", "accept-ranges", "content-security-policy")
    assert [head.headers[name] for name in same] == [whole.headers[name] for name in same]
    assert world.client.head(address.replace("480", "481")).status_code == 404


def test_what_is_known_is_not_sent_again(world: World) -> None:
    address = published(world)
    tag = world.client.get(address).headers["etag"]
    known = world.client.get(address, headers={"If-None-Match": f'"x", {tag}', "Range": "bytes=0-9"})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    assert world.client.get(address, headers={"If-Range": tag, "Range": "bytes=0-9"}).status_code == 206
    assert world.client.get(address, headers={"If-Range": '"x"', "Range": "bytes=0-9"}).status_code == 200
    assert world.client.get(address, headers={"If-Match": '"x"'}).status_code == 412


def test_a_file_that_is_not_in_the_store_is_404_and_a_store_that_is_down_503(world: World) -> None:
    address = published(world)
    assert isinstance(world.adapters.storage, MemoryStorage)
    world.adapters.storage.down = True
    assert world.client.get(address).status_code == 503
    world.adapters.storage.down = False
    world.adapters.storage.files.clear()
    assert world.client.get(address).status_code == 404


def test_no_thread_and_no_database_session_is_held_between_pieces(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PIECE", 100_000)
    pool = db.engine().pool
    at_work, held = [], []
    read = world.adapters.storage.piece

    def piece(key: str, start: int, end: int) -> bytes:
        at_work.append(threading.current_thread())
        held.append(pool.checkedout())  # type: ignore[attr-defined]
        return read(key, start, end)

    world.adapters.storage.piece = piece  # type: ignore[method-assign]
    assert world.client.get(published(world)).content == DATA
    assert (len(at_work), set(held)) == (11, {0})
    assert threading.main_thread() not in at_work


def test_hiding_cuts_a_transfer_that_runs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "RECHECK", -1.0)  # at every piece
    address, read = published(world), world.adapters.storage.piece

    def hide_after(n: int) -> Callable[[str, int, int], bytes]:
        def piece(key: str, start: int, end: int) -> bytes:
            if start >= n * sending.PIECE:
                with db.writing() as session:
                    set_state(session, session.exec(select(Contribution)).one(), State.HIDDEN)
            return read(key, start, end)

        return piece

    assert world.client.get(address).content == DATA  # negative control: not hidden, not cut
    world.adapters.storage.piece = hide_after(1)  # type: ignore[method-assign]
    received = cut(world, address)
    assert received == DATA[: 2 * sending.PIECE]
    assert world.client.get(address).status_code == 404


def test_a_store_that_fails_on_the_way_cuts_the_transfer(world: World) -> None:
    address, storage = published(world), world.adapters.storage
    assert isinstance(storage, MemoryStorage)
    read = storage.piece

    def piece(key: str, start: int, end: int) -> bytes:
        storage.down = start > 0
        return read(key, start, end)

    storage.piece = piece  # type: ignore[method-assign]
    assert cut(world, address) == DATA[: sending.PIECE]


def cut(world: World, address: str) -> bytes:
    """What arrives of a transfer that is cut; no end of it is ever said."""
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
        "path": address, "raw_path": address.encode(), "query_string": b"", "root_path": "", "scheme": "http",
        "headers": [(b"host", b"testserver")], "client": ("127.0.0.1", 1), "server": ("testserver", 80),
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        if sent and not sent[-1].get("more_body", True):
            return {"type": "http.disconnect"}
        await anyio.sleep(5)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def ask() -> None:
        await world.app(scope, receive, send)

    in_a_loop(ask())
    assert sent[0]["status"] == 200
    assert all(message["more_body"] for message in sent[1:])
    return b"".join(message["body"] for message in sent[1:])
