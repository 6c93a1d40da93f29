"""Servers to measure, each a process of its own on a free port of the loopback."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KEY = "a key for measures only, of forty letters or more"
NOW = "2022-04-12T10:00:00+02:00"
PATIENCE = 60.0


@dataclass(frozen=True)
class Server:
    port: int
    pid: int
    started: float  # seconds until the first answer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def hello(workers: int = 1) -> Iterator[Server]:
    port = free_port()
    with _running([sys.executable, "-m", "bench.hello", str(port), str(workers)], port, os.environ.copy()) as server:
        yield server


@contextlib.contextmanager
def service(folder: Path, database: Path | None = None, *, workers: int = 1, **settings: str) -> Iterator[Server]:
    """`dialogue serve` on `folder` (and the database, if it lies elsewhere), with its job worker."""
    port = free_port()
    env = environment(folder, database) | {"DIALOGUE_BASE_URL": f"http://127.0.0.1:{port}", **settings}
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--workers", str(workers)]
    with _running(command, port, env) as server:
        yield server


def environment(folder: Path, database: Path | None = None) -> dict[str, str]:
    """What a command of the operator needs to find that instance."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DIALOGUE_")} | {
        "DIALOGUE_DATA_DIR": str(folder.resolve()),
        "DIALOGUE_SECRET_KEY": KEY,
        "DIALOGUE_BASE_URL": "http://127.0.0.1:8000",
        "DIALOGUE_NOW": NOW,
        "DIALOGUE_RATE_LIMITS": "off",
        "DIALOGUE_LOG_FORMAT": "json",
        **({"DIALOGUE_DATABASE_URL": f"sqlite:///{database.resolve()}"} if database else {}),
    }


@contextlib.contextmanager
def _running(command: list[str], port: int, env: dict[str, str]) -> Iterator[Server]:
    """What it logs goes to a file, shown if it ends too early: a pipe nobody reads would stop it."""
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=log, text=True)
        try:
            if not _answers(process, port, began):
                log.seek(0)
                raise SystemExit(f"{' '.join(command)} does not answer:\n{log.read()[-3000:]}")
            yield Server(port, process.pid, time.perf_counter() - began)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(process: "subprocess.Popen[str]", port: int, began: float) -> bool:
    """Waits until `/` answers 200; False when the process ended or takes too long."""
    while time.perf_counter() - began < PATIENCE and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/")
            if connection.getresponse().status == 200:
                return True
        time.sleep(0.02)
    return False


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
