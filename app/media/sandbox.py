"""Runs a decoder on a file nobody vouches for: limits, an empty environment, its own process group, and bubblewrap.

With bubblewrap (where it is installed and the system lets it work) the command sees no network, no process, and of
the disk only the system's libraries, the files it reads and the folder it writes. Without it, the limits remain,
and what each caller forbids ffmpeg and PyAV: every protocol but `file`, every format and codec but those we name.
"""

import functools
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

log = structlog.get_logger("app.media")

LIMITED = Path(__file__).with_name("limited.py")
ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
LIBRARIES = [Path(name) for name in ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache")]
WORDS = 16_000  # characters of what it complains about that are kept: the last ones


@dataclass(frozen=True)
class Limits:
    """For one command. `seconds` of wall time, `cpu` seconds, `memory` of address space, `file_size` of each file."""

    seconds: float
    cpu: int
    memory: int = 3_000_000_000
    file_size: int = 100_000_000
    files: int = 64


@dataclass(frozen=True)
class Ended:
    """How a command ended: its status (negative: the signal that killed it), what it said, whether time was up."""

    status: int
    out: bytes
    words: str
    late: bool = False

    @property
    def killed(self) -> int:
        """The signal that ended it, 0 if none; bubblewrap says it as 128 and more."""
        if self.status < 0:
            return -self.status
        return self.status - 128 if 128 < self.status <= 128 + signal.SIGSYS else 0


def run(
    command: Sequence[str],
    *,
    limits: Limits,
    reads: Sequence[Path] = (),
    writes: Path | None = None,
    hear: Callable[[bytes], None] | None = None,
) -> Ended:
    """Does `command` (absolute) and waits. `hear` gets what it writes, as it comes, and may raise to end it.

    Without `hear`, what it writes is kept, 1 MB of it at most.
    """
    process = subprocess.Popen(  # noqa: S603 - our own command
        prepared(command, limits=limits, reads=reads, writes=writes),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    )
    try:
        return _follow(process, time.monotonic() + limits.seconds, hear)
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def prepared(
    command: Sequence[str], *, limits: Limits, reads: Sequence[Path] = (), writes: Path | None = None
) -> list[str]:
    """The command in its limits and its sandbox, for those who drive the process themselves."""
    told = json.dumps({name: value for name, value in asdict(limits).items() if name != "seconds"})
    inside = _wrapped(command, reads, writes) if usable() else list(command)
    return [sys.executable, "-I", "-S", str(LIMITED), told, *inside]


@functools.cache
def usable() -> bool:
    """Whether bubblewrap is here and allowed to work (many containers forbid it). Tried once."""
    true = shutil.which("true")
    if shutil.which("bwrap") is None or true is None:
        log.info("sandbox.absent")
        return False
    with suppress(OSError, subprocess.TimeoutExpired):
        command = _wrapped([true], [Path(true)], None)
        tried = subprocess.run(command, capture_output=True, env=ENVIRONMENT, timeout=10, check=False)  # noqa: S603
        if tried.returncode == 0:
            return True
    log.warning("sandbox.refused")
    return False


@functools.cache
def python() -> list[Path]:
    """What a program of ours in Python must see: the interpreter and its packages, nothing of the service's data."""
    return [Path(name) for name in dict.fromkeys((sys.base_prefix, sys.prefix, os.path.realpath(sys.executable)))]


def _wrapped(command: Sequence[str], reads: Sequence[Path], writes: Path | None) -> list[str]:
    """Every path keeps its name inside, so that the command is the same with and without."""
    wrapped = [str(shutil.which("bwrap")), "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    wrapped += ["--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - inside, and empty
    for library in LIBRARIES:
        wrapped += ["--ro-bind-try", str(library), str(library)]
    for path in (Path(command[0]), *reads):
        wrapped += ["--ro-bind", str(path), str(path)]
    if writes is not None:
        wrapped += ["--bind", str(writes), str(writes)]
    return [*wrapped, "--chdir", "/", "--", *command]


def _follow(process: "subprocess.Popen[bytes]", until: float, hear: Callable[[bytes], None] | None) -> Ended:
    out, words = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            if stream:
                selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(max(0.0, until - time.monotonic())):
                piece = os.read(key.fd, 65536)
                if not piece:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    words = (words + piece)[-WORDS:]
                elif hear:
                    hear(piece)
                elif len(out) < 1_000_000:
                    out += piece
            if time.monotonic() >= until:
                return Ended(-signal.SIGKILL, bytes(out), words.decode(errors="replace"), late=True)
    try:
        status = process.wait(max(0.1, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        return Ended(-signal.SIGKILL, bytes(out), words.decode(errors="replace"), late=True)
    return Ended(status, bytes(out), words.decode(errors="replace"))
