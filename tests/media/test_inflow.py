"""From a connection to a file: how it ends, what is kept, how much is held."""

import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from app.errors import DiskFull
from app.media import inflow, spool
from app.media.inflow import Ending
from tests.loops import in_a_loop

Receive = Callable[[], Awaitable[dict[str, Any]]]


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[spool.Hold]:
    with spool.Hold(tmp_path / "file") as made:
        assert made.take()
        yield made


def sending(*pieces: bytes, then: str = "end") -> Receive:
    """A body in these pieces; then its end, a broken connection, or nothing at all."""
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left) or then != "end"}
        if then == "nothing":
            await anyio.sleep_forever()
        return {"type": "http.disconnect"} if then == "cut" else {"type": "http.request", "body": b""}

    return receive


def poured(receive: Receive, hold: spool.Hold, most: int = 100) -> tuple[Ending, bytes]:
    async def pour() -> Ending:
        return await inflow.pour(receive, hold, most=most)

    return in_a_loop(pour()), hold.file.read_bytes()


def test_each_ending_keeps_what_came_before(hold: spool.Hold, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflow, "PATIENCE", 0.2)
    assert poured(sending(b"a", b"", b"b"), hold) == (Ending.WHOLE, b"ab")
    assert poured(sending(b"c", then="cut"), hold) == (Ending.CUT, b"abc")
    assert poured(sending(b"defg", b"h"), hold, most=2) == (Ending.OVER, b"abcde")
    assert poured(sending(b"f", b"g"), hold, most=1) == (Ending.OVER, b"abcdef")
    assert poured(sending(b"g", then="nothing"), hold) == (Ending.STALLED, b"abcdefg")
    spool.ask_to_stop(hold.file)
    monkeypatch.setattr(inflow, "PATIENCE", 20.0)
    assert poured(sending(b"h", then="nothing"), hold) == (Ending.WANTED, b"abcdefgh")


def test_no_room_and_a_broken_disk_are_told_apart(hold: spool.Hold, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(fault: Exception) -> Callable[[spool.Hold, list[bytes]], bool]:
        def append(_hold: spool.Hold, _pieces: list[bytes]) -> bool:
            raise fault

        return append

    monkeypatch.setattr(spool.Hold, "append", failing(DiskFull()))
    assert poured(sending(b"a", then="nothing"), hold) == (Ending.FULL, b"")
    monkeypatch.setattr(spool.Hold, "append", failing(OSError(5, "Input/output error")))
    with pytest.raises(OSError, match="Input/output"):
        poured(sending(b"a", then="nothing"), hold)


def test_a_service_that_stops_keeps_what_has_come(hold: spool.Hold, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflow, "TICK", 60.0)  # nothing is written before the end

    async def stopped() -> None:
        with anyio.move_on_after(0.2):
            await inflow.pour(sending(b"hello", then="nothing"), hold, most=100)

    in_a_loop(stopped())
    assert hold.file.read_bytes() == b"hello"


def test_a_slow_disk_slows_the_sender_down(hold: spool.Hold, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has been taken from the connection and is not written yet is two pieces here and two on their way."""
    taken, written, most, append = [0], [0], [0], spool.Hold.append

    async def receive() -> dict[str, Any]:
        taken[0] += 100_000
        most[0] = max(most[0], taken[0] - written[0])
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": taken[0] < 10_000_000}

    def slow(mine: spool.Hold, pieces: list[bytes]) -> bool:
        threading.Event().wait(0.02)
        wanted = append(mine, pieces)
        written[0] += sum(len(piece) for piece in pieces)
        return wanted

    monkeypatch.setattr(spool.Hold, "append", slow)
    ending, kept = poured(receive, hold, most=10_000_000)
    assert (ending, len(kept)) == (Ending.WHOLE, 10_000_000)
    assert most[0] <= 4 * inflow.PIECE + 200_000
