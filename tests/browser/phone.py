"""A phone on a bad network: slow, cut, back again; and what arrived of what it sent."""

import hashlib
import io
import random
import socket
import threading
import time
import wave
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx

from tests.browser.conftest import Visitor
from tests.browser.test_story import step
from tests.live import Live
from tests.processes import HOST

SLOW, CRAWLING, FAST = 500_000, 50_000, 100_000_000  # bytes a second
PIECE = 4096
WITHIN = 60  # seconds that anything may take before it counts as lost: a limit, never a measure


class Network:
    """Between a window and the service: as slow as wanted, cut in the middle of a byte stream, and back.

    A real connection in between, since Chromium's own throttle lets the service have everything at once.
    """

    def __init__(self, visitor: Visitor) -> None:
        self.context, self.target, self.rate, self.down = visitor.context, visitor.live.port, FAST, False
        self.open: set[socket.socket] = set()
        self.door = socket.create_server((HOST, 0))
        self.door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * PIECE)  # nothing hides in a buffer of the kernel
        visitor.live = replace(visitor.live, port=self.door.getsockname()[1])
        visitor.context.on("close", lambda _: self.close())
        threading.Thread(target=self._accept, daemon=True).start()

    def slow(self, rate: int = SLOW) -> None:
        self.rate, self.down = rate, False
        self.context.set_offline(False)

    def fast(self) -> None:
        self.slow(FAST)

    def cut(self) -> None:
        """Connections die half-way, none can be made, and the page is told."""
        self.down = True
        self._hang_up()
        self.context.set_offline(True)

    def close(self) -> None:
        self.door.close()
        self._hang_up()

    def _hang_up(self) -> None:
        for each in list(self.open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                phone, _ = self.door.accept()
                if self.down:
                    phone.close()
                    continue
                service = socket.create_connection((HOST, self.target))
            except ConnectionRefusedError:
                phone.close()  # the service is being restarted
                continue
            except OSError:
                return
            self.open |= {phone, service}
            for one, other, upwards in ((phone, service, True), (service, phone, False)):
                threading.Thread(target=self._carry, args=(one, other, upwards), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, upwards: bool) -> None:
        with suppress(OSError):
            while piece := one.recv(PIECE):
                other.sendall(piece)
                if upwards:
                    time.sleep(len(piece) / self.rate)
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self.open.discard(one)
        one.close()


def sound(seconds: float = 80) -> bytes:
    """A WAV of noise, 88 kB a second: different each time, so that its bytes can be found again.

    Kernels take some megabytes before any of it has left: what is to be cut half-way must be longer than that.
    """
    made = io.BytesIO()
    with wave.open(made, "wb") as out:
        out.setparams((1, 2, 44_100, 0, "NONE", ""))
        out.writeframes(random.randbytes(int(44_100 * seconds) * 2))
    return made.getvalue()


def to_media(visitor: Visitor, words: str = "") -> None:
    """The form, at the screen of voice and pictures, the question answered."""
    page = visitor.open_form()
    page.check("input[name=question][value=q1]")
    step(page)
    page.fill("#body", words)
    step(page)


def to_the_end(visitor: Visitor) -> None:
    """From any screen: on to the last, both boxes ticked."""
    page = visitor.page
    while page.get_by_role("button", name="Continuer", exact=True).is_visible():
        step(page)
    page.check("#consents-publication")
    page.check("#consents-age")


def until(true: Callable[[], bool], within: float = WITHIN) -> None:
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def says(visitor: Visitor, words: str, within: float = WITHIN) -> None:
    """Waits until the list of media says so."""
    visitor.page.locator("[data-media-list] [data-medium-state]", has_text=words).first.wait_for(timeout=within * 1000)


def sending(visitor: Visitor, at_least: int = 1) -> None:
    """Waits until some of it has left."""
    visitor.page.wait_for_function(
        "least => [...document.querySelectorAll('.medium progress')].some(bar => bar.value >= least && bar.value < 99)",
        arg=at_least,
    )


def arrived_whole(live: Live, content: bytes, within: float = WITHIN) -> bool:
    """Whether a file of the service's data folder holds exactly these bytes."""
    wanted, deadline = hashlib.sha256(content).digest(), time.monotonic() + within
    while time.monotonic() < deadline:
        with suppress(FileNotFoundError):  # it is being moved from the spool to the store
            if any(hashlib.sha256(file.read_bytes()).digest() == wanted for file in _files(live.data, len(content))):
                return True
        time.sleep(0.2)
    return False


def _files(folder: Path, size: int) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and file.stat().st_size == size]


def held(live: Live, code: str) -> list[dict[str, object]]:
    """The media of a receipt, as the API says them."""
    answer = httpx.get(f"{live.url}/api/v1/receipt", headers={"Authorization": f"Receipt {code}"})
    media: list[dict[str, object]] = answer.json()["media"]
    return media
