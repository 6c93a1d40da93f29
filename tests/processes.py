"""Programs that a test runs beside itself: in a folder of their own, on free ports, ended with it."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

HOST = "127.0.0.1"
START_SECONDS = 90  # on a busy machine
STOP_SECONDS = 10


@contextmanager
def running(
    command: Sequence[str | Path],
    home: Path,
    *,
    ready: Callable[[], bool],
    owner: str | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """The program, from when `ready` says so until the block ends. What it prints is in `home/log`.

    Raises RuntimeError with the end of that log if it ends before, or is not ready in time.
    """
    log = home / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*acting_as(owner, stop), *command],
            cwd=home,
            env=os.environ | {"TMPDIR": str(home)},  # what it forgets there goes with the folder
            stdout=output,
            stderr=output,
        )
    try:
        wait_until(ready, lambda: process.poll() is not None, log)
        yield process
    finally:
        process.send_signal(stop)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(ready: Callable[[], bool], ended: Callable[[], bool], log: Path) -> None:
    """Returns once ready; RuntimeError with the log's last lines otherwise."""
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if ended() or time.monotonic() > deadline:
            raise RuntimeError("The server did not start:\n" + log.read_text(errors="replace")[-2000:])
        time.sleep(0.05)


def acting_as(owner: str | None, on_parent_death: signal.Signals | None = None) -> list[str]:
    """The words before a command that runs it as `owner`, ended with this process."""
    words = ["setpriv"]
    if owner:
        words += [f"--reuid={owner}", f"--regid={owner}", "--init-groups"]
    if on_parent_death:
        words += ["--pdeathsig", on_parent_death.name.removeprefix("SIG")]
    return words if len(words) > 1 else []


@contextmanager
def folder(name: str, owner: str | None = None) -> Iterator[Path]:
    """A private folder of its own, with a path short enough for sockets, gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix=f"dialogue-{name}-", dir="/tmp"))
    if owner:
        shutil.chown(home, owner)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """That many different ones."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]
