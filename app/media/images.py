"""Photos: what the public gets of one, made by `child.py` in a limited process of its own.

`process` may be called from any thread; the program behind it starts at the first photo (or at `warm()`) and
ends by itself when idle. Derivatives are `400`, `1024` and `2048` (pixels on the longest side: a bound on
bytes and memory whatever the shape), `.webp` and `.jpg`, always all six: a smaller photo keeps its size under
each name, so that an address never depends on the photo; a `srcset` takes each real width once.
"""

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.errors import N_, AppError, DiskFull
from app.media.sniff import HEAD, PHOTOS, Kind, sniff

MEGAPIXELS = 50
PROGRAM = Path(__file__).with_name("child.py")
GRACE = 5.0  # seconds after which a decoding process that should have ended is given up, and the program with it

MESSAGES = {
    "image_kind": N_(
        "Ce fichier n’est pas une photo que nous savons lire. Choisissez une photo JPEG, PNG, WebP, AVIF ou HEIC."
    ),
    "image_too_large": N_("Cette photo est trop grande. Choisissez une photo de moins de 50 millions de points."),
    "image_broken": N_("Cette photo est abîmée ou incomplète. Envoyez-la de nouveau."),
    "image_timeout": N_("Cette photo met trop de temps à s’ouvrir. Choisissez une autre photo."),
}


class ImageRefused(AppError):
    """The photo itself cannot be used: trying again changes nothing. `code` is a key of MESSAGES."""

    status, code = 422, "image_broken"

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(MESSAGES[code], code=code, **extra)


class DecoderLost(RuntimeError):
    """The decoding process was killed from outside (a full machine, a stop): try the photo again later."""


@dataclass(frozen=True)
class Limits:
    """For one photo. 50 megapixels with transparency need about 0.7 GB while they are made smaller."""

    seconds: float = 30.0
    cpu: int = 30
    memory: int = 1_500_000_000
    file_size: int = 30_000_000


@dataclass(frozen=True)
class Derivative:
    name: str
    type: str
    width: int
    height: int
    bytes: int


@dataclass(frozen=True)
class ImageResult:
    """Width and height are the original's, upright. `colour` is #rrggbb, `likeness` as in `child.likeness`."""

    kind: Kind
    width: int
    height: int
    colour: str
    likeness: str
    derivatives: tuple[Derivative, ...]


def process(
    source: Path,
    out_dir: Path,
    *,
    limits: Limits | None = None,
    hidden: Iterable[tuple[float, float, float, float]] = (),
    prefix: str = "",
) -> ImageResult:
    """Writes the six derivatives into `out_dir`, over those of an earlier run, their names after `prefix`.

    The `hidden` rectangles (x, y, width, height, fractions of the upright picture) are painted over for good.
    Raises ImageRefused (final), DiskFull, DecoderLost (both: try again).
    """
    kind = _kind(source)
    also = {"zones": list(hidden), "prefix": prefix}
    made = _decoder.ask(source, kind, out_dir, limits or Limits(), also)
    derivatives = tuple(Derivative(**each) for each in made["made"])
    return ImageResult(kind, made["width"], made["height"], made["colour"], made["likeness"], derivatives)


def measure(source: Path) -> tuple[Kind, int, int]:
    """Kind, width, height, not turned upright; refuses at once what `process` would refuse later."""
    kind = _kind(source)
    found = _decoder.ask(source, kind, None, Limits())
    return kind, found["width"], found["height"]


def warm() -> None:
    """Starts the program now (a fifth of a second) instead of at the first photo."""
    _decoder.start()


def shutdown() -> None:
    """Ends the program and what it decodes. The next photo starts it again."""
    _decoder.stop()


def _kind(source: Path) -> Kind:
    with source.open("rb") as opened:
        kind = sniff(opened.read(HEAD))
    if kind not in PHOTOS:
        raise ImageRefused("image_kind", kind=kind)
    return kind


class Decoder:
    """The program `child.py` and the socket to it.

    Not multiprocessing's own fork server: that one hands the whole environment (secrets too) to its children,
    and imports the caller's main module again in each of them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._program: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def ask(
        self, source: Path, kind: Kind, out_dir: Path | None, limits: Limits, also: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        asked = (also or {}) | {
            "source": str(source.resolve()),
            "kind": kind,
            "out_dir": out_dir and str(out_dir.resolve()),
            "pixels": MEGAPIXELS * 1_000_000,
            "limits": asdict(limits),
        }
        # Twice: the program may have ended, idle, just as it was asked. Doing it again changes nothing.
        words = self._answer(asked, limits) or self._answer(asked, limits)
        return _judge(words)

    def start(self) -> None:
        with self._lock:
            self._started()

    def stop(self) -> None:
        with self._lock:
            self._ended()

    def _answer(self, asked: dict[str, Any], limits: Limits) -> dict[str, Any]:
        mine, theirs = socket.socketpair()
        with mine:
            with theirs:
                self._send(json.dumps(asked).encode(), theirs)
            said = _hear(mine, until=time.monotonic() + limits.seconds + GRACE)
        if said is None:
            self.stop()
            raise DecoderLost("no answer in time")
        return said

    def _send(self, message: bytes, answer: socket.socket) -> None:
        with self._lock:
            try:
                socket.send_fds(self._started(), [message], [answer.fileno()])
            except OSError:  # it ended since it was last asked
                self._ended()
                socket.send_fds(self._started(), [message], [answer.fileno()])

    def _started(self) -> socket.socket:
        if self._control and self._program and self._program.poll() is None:
            return self._control
        self._ended()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._program = subprocess.Popen(  # noqa: S603 - our own file
                [sys.executable, "-I", str(PROGRAM), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
                cwd="/",
                start_new_session=True,
            )
        self._control.settimeout(30)
        try:
            ready = self._control.recv(16)
        except OSError:
            ready = b""
        if ready != b"ready":
            self._ended()
            raise DecoderLost("the decoding program does not start")
        return self._control

    def _ended(self) -> None:
        if self._control:
            self._control.close()
        if self._program:
            with suppress(ProcessLookupError):
                os.killpg(self._program.pid, 9)  # its own group: the decoding processes end with it
            self._program.wait()
        self._control = self._program = None


def _hear(answer: socket.socket, *, until: float) -> dict[str, Any] | None:
    """All that was said until both processes closed, {} for nothing; None when the time was up."""
    heard = b""
    try:
        while True:
            answer.settimeout(max(until - time.monotonic(), 0.001))
            piece = answer.recv(65536)
            if not piece:
                break
            heard += piece
    except TimeoutError:
        return None
    except ConnectionResetError:
        return {}
    words: dict[str, Any] = {}
    for line in heard.splitlines():
        words |= json.loads(line)
    return words


def _judge(words: dict[str, Any]) -> dict[str, Any]:
    if "ok" in words:
        found: dict[str, Any] = words["ok"]
        return found
    if words.get("code") == "disk_full":
        raise DiskFull()
    if "code" in words:
        raise ImageRefused(words["code"], detail=words.get("detail", ""))
    ended = words.get("exit")
    if ended in {-14, -24}:  # SIGALRM, SIGXCPU: the limits of time
        raise ImageRefused("image_timeout")
    if ended in {None, -9, -15, -2}:
        raise DecoderLost(f"ended by {ended}")
    raise ImageRefused("image_broken", detail=f"decoder ended with {ended}")


_decoder = Decoder()
atexit.register(shutdown)
