"""A large file sent to the service, beside the plainest way to put as many bytes on the same disk."""

import http.client
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psutil

from bench import load, serving
from bench.generate import FOLDER
from bench.report import Result, at_least, at_most, told

SIZE = 1_000_000_000
ROUNDS = 5
PIECE = 1024 * 1024
VERSION = {"Tus-Resumable": "1.0.0"}


def uploads() -> list[Result]:
    """1 GB over the loopback, in turn with `cat >file; sync`, and what the web process grows by meanwhile."""
    folder = load.folder(FOLDER)
    try:
        source = _made(folder / "source")
        with serving.service(folder / "data") as server:
            web = _web(server)
            _sent(server, source, most=50_000_000)  # what is only done once is not the upload's to pay
            bare, ours, grown = [], [], []
            for _ in range(ROUNDS):
                bare.append(_copied(source, folder / "copy"))
                with _growth(web) as grew:
                    ours.append(_sent(server, source))
                grown += grew
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    by_hand, through = SIZE / median(bare) / 1e6, SIZE / median(ours) / 1e6
    ratio = median(one / other for one, other in zip(bare, ours, strict=True))
    return [
        told("uploads", "1 GB by `cat >file; sync`: 1.00", f"{by_hand:,.0f} MB/s"),
        at_least("uploads", "1 GB over the loopback, ratio to that", 0.25, ratio, told=f" ({through:,.0f} MB/s)"),
        at_most("uploads", "the web process grows meanwhile by", 30, max(grown), " MB"),
    ]


def _made(file: Path) -> Path:
    """Bytes that neither a disk nor a file system can make smaller."""
    with file.open("wb") as out:
        for _ in range(SIZE // PIECE):
            out.write(os.urandom(PIECE))
        out.write(os.urandom(SIZE % PIECE))
    return file


def _copied(source: Path, target: Path) -> float:
    began = time.perf_counter()
    subprocess.run(["sh", "-c", 'cat "$0" >"$1"; sync "$1"', source, target], check=True)
    took = time.perf_counter() - began
    target.unlink()
    return took


def _sent(server: serving.Server, source: Path, most: int = SIZE) -> float:
    """Seconds from the creation to the answer to the last byte; what was sent is taken back."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120, blocksize=PIECE)
    headers = VERSION | {"Upload-Length": str(most)}
    connection.request("POST", "/api/v1/uploads", headers=headers)
    address = _answer(connection, 201).headers["Location"]
    connection.putrequest("PATCH", address)
    sent = VERSION | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    for name, value in (sent | {"Content-Length": str(most)}).items():
        connection.putheader(name, value)
    connection.endheaders()
    with source.open("rb") as file:
        assert connection.sock
        connection.sock.sendfile(file, count=most)
    assert _answer(connection, 204).headers["Upload-Offset"] == str(most)
    took = time.perf_counter() - began
    connection.request("DELETE", address, headers=VERSION)
    _answer(connection, 204)
    connection.close()
    return took


def _answer(connection: http.client.HTTPConnection, status: int) -> http.client.HTTPResponse:
    answer = connection.getresponse()
    answer.read()
    if answer.status != status:
        raise SystemExit(f"an upload was answered {answer.status}")
    return answer


def _web(server: serving.Server) -> psutil.Process:
    """The process that holds the port and is not the parent."""
    for child in psutil.Process(server.pid).children(recursive=True):
        if any(held.laddr.port == server.port for held in child.net_connections(kind="tcp")):
            return child
    raise SystemExit("no web process found")


@contextmanager
def _growth(process: psutil.Process) -> Iterator[list[float]]:
    """Afterwards: by how many MB its memory was above what it was, at most."""
    before, highest, ended = process.memory_info().rss, [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.01):
            highest[0] = max(highest[0], process.memory_info().rss)

    thread = threading.Thread(target=watch)
    thread.start()
    found: list[float] = []
    try:
        yield found
    finally:
        ended.set()
        thread.join()
        found.append(max(0, highest[0] - before) / 1e6)
