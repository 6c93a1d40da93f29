"""The real service, its connections cut, its processes killed, two requests wanting one file, and a large one."""

import hashlib
import io
import json
import os
import random
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from tusclient.client import TusClient

from app.media import spool
from tests.live import Live
from tests.media.tus import BYTES, PATH, VERSION
from tests.processes import HOST, folder

MB = 1_000_000


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    """One service with two web workers for all tests but those that kill it."""
    with folder("tus") as home:
        made = Live(home, settings={"DIALOGUE_LOG_FORMAT": "json"})
        with made.serving(workers=2):
            yield made


def begun(live: Live, length: int) -> str:
    answer = httpx.post(live.url + PATH, headers=VERSION | {"Upload-Length": str(length)}, timeout=20)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def offset(live: Live, address: str) -> int:
    answer = httpx.head(live.url + address, headers=VERSION, timeout=20)
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"])


def patch(live: Live, address: str, at: int, content: bytes) -> httpx.Response:
    headers = VERSION | BYTES | {"Upload-Offset": str(at)}
    return httpx.patch(live.url + address, headers=headers, content=content, timeout=20)


def connected(live: Live, method: str, address: str, *lines: str) -> socket.socket:
    """The headers of a request are sent; what follows is the test's to send, or not."""
    opened = socket.create_connection((HOST, live.port), timeout=20)
    head = [f"{method} {address} HTTP/1.1", f"Host: {HOST}:{live.port}", "Tus-Resumable: 1.0.0", *lines]
    opened.sendall("\r\n".join([*head, "", ""]).encode())
    return opened


def patching(live: Live, address: str, at: int, length: int, *more: str) -> socket.socket:
    lines = (f"Content-Type: {BYTES['Content-Type']}", f"Upload-Offset: {at}", f"Content-Length: {length}", *more)
    return connected(live, "PATCH", address, *lines)


def answered(opened: socket.socket) -> str:
    """What comes until the connection ends, or nothing more comes."""
    said = b""
    with suppress(OSError):
        while piece := opened.recv(65536):
            said += piece
            if b"\r\n\r\n" in said and b"connection: close" not in said.lower():
                break
    return said.decode()


def until(what: Any, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def whole(live: Live, content: bytes) -> bool:
    """Whether the bytes are there, in the spool or already in the store."""
    wanted = hashlib.sha256(content).digest()
    with suppress(FileNotFoundError):  # moved while we look
        for part in ("uploads", "media/originals"):
            for file in (live.data / part).rglob("*"):
                if file.is_file() and file.stat().st_size == len(content):
                    return hashlib.sha256(file.read_bytes()).digest() == wanted
    return False


# A connection that breaks


def test_what_arrived_before_the_connection_broke_is_kept(live: Live) -> None:
    """Bytes and the end of the connection in one go, by FIN and by RST, with all kinds of amounts."""
    for sent in (1, 400, 70_000, 500_000, 3_000_000):
        address = begun(live, 4_000_000)
        opened = patching(live, address, 0, 4_000_000)
        opened.sendall(b"x" * sent)
        opened.close()
        until(lambda address=address, sent=sent: offset(live, address) == sent)
        assert patch(live, address, sent, b"y" * 10).headers["upload-offset"] == str(sent + 10)


def test_all_of_it_may_be_there_although_nobody_hears_that_it_is(live: Live) -> None:
    content = os.urandom(300_000)
    address = begun(live, len(content))
    opened = patching(live, address, 0, len(content))
    opened.sendall(content)
    opened.close()
    until(lambda: offset(live, address) == len(content))
    answer = patch(live, address, len(content), b"")
    assert answer.status_code == 204
    assert "upload-expires" not in answer.headers  # complete, not merely long enough
    until(lambda: whole(live, content))


@contextmanager
def unreliable(live: Live, *, after: int) -> Iterator[str]:
    """A way to the service that ends each connection once so many bytes have passed."""
    with closing(socket.create_server((HOST, 0))) as door:
        port = door.getsockname()[1]

        def carry() -> None:
            with suppress(OSError):
                while True:
                    client, _ = door.accept()
                    threading.Thread(target=_carried, args=(client, live.port, after), daemon=True).start()

        threading.Thread(target=carry, daemon=True).start()
        yield f"http://{HOST}:{port}"


def _carried(client: socket.socket, port: int, after: int) -> None:
    service = socket.create_connection((HOST, port))

    def back() -> None:
        with suppress(OSError):
            while piece := service.recv(65536):
                client.sendall(piece)
            client.close()

    threading.Thread(target=back, daemon=True).start()
    with suppress(OSError):
        passed = 0
        while passed < after and (piece := client.recv(min(65536, after - passed))):
            service.sendall(piece)
            passed += len(piece)
    client.close()
    service.close()


def test_tuspy_ends_what_an_unreliable_network_keeps_cutting(live: Live) -> None:
    content = os.urandom(2 * MB)
    with unreliable(live, after=300_000) as url:
        client = TusClient(url + PATH)
        sender = client.uploader(
            file_stream=io.BytesIO(content), metadata={"filename": "a.mp4"}, retries=200, retry_delay=0
        )
        sender.upload()
    assert sender.offset == len(content)
    assert offset(live, sender.url.removeprefix(url)) == len(content)
    until(lambda: whole(live, content))


def test_tuspy_sends_in_pieces_over_two_workers(live: Live) -> None:
    content = os.urandom(MB)
    client = TusClient(live.url + PATH)
    sender = client.uploader(file_stream=io.BytesIO(content), chunk_size=50_000, metadata={})
    sender.upload()
    assert offset(live, sender.url.removeprefix(live.url)) == len(content)
    until(lambda: whole(live, content))


# Two requests for one upload


def test_a_second_patch_takes_over_from_one_that_hangs(live: Live) -> None:
    """Six times, so that the two requests meet in one worker as well as in two."""
    for _ in range(6):
        address = begun(live, 1000)
        first = patching(live, address, 0, 1000)
        first.sendall(b"a" * 100)
        until(lambda address=address: offset(live, address) == 100)
        began = time.monotonic()
        second = patch(live, address, 100, b"b" * 900)
        assert (second.status_code, second.headers["upload-offset"]) == (204, "1000")
        assert time.monotonic() - began < 4
        said = answered(first)
        first.close()
        assert said.startswith("HTTP/1.1 409 ")
        assert "upload_taken_over" in said
        assert offset(live, address) == 1000


def test_without_the_lock_two_would_write_into_one_file(live: Live, tmp_path: Path) -> None:
    """Negative control: the same two writers, nobody asking."""
    file = tmp_path / "file"
    first, second = spool.Hold(file), spool.Hold(file)
    assert first.take()
    assert not second.take()
    second.handle = os.open(file, os.O_RDWR | os.O_APPEND)
    first.append([b"a" * 3])
    second.append([b"b" * 3])
    first.append([b"a" * 3])
    assert file.read_bytes() == b"aaabbbaaa"
    first.release()
    second.release()


def test_many_at_once_for_one_upload_leave_its_bytes_in_order(live: Live) -> None:
    content = random.Random(7).randbytes(400_000)
    address = begun(live, len(content))

    def send() -> None:
        while (at := offset(live, address)) < len(content):
            patch(live, address, at, content[at : at + 100_000])

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: whole(live, content))


# Before the body


def test_a_wrong_request_is_refused_before_its_body_is_asked_for(live: Live) -> None:
    address = begun(live, 100 * MB)
    lines = ("Expect: 100-continue",)
    for where, at, status in ((address + "x", 0, "404"), (address, 7, "409")):
        with closing(patching(live, where, at, 50 * MB, *lines)) as opened:
            said = answered(opened)
        assert said.startswith(f"HTTP/1.1 {status} ")
        assert "100 Continue" not in said
    with closing(patching(live, address, 0, 5, *lines)) as opened:
        assert opened.recv(100).startswith(b"HTTP/1.1 100 ")
        opened.sendall(b"hello")
        assert answered(opened).startswith("HTTP/1.1 204 ")
    with closing(connected(live, "POST", PATH, "Upload-Length: x", "Content-Length: 50000000", *lines)) as opened:
        assert answered(opened).startswith("HTTP/1.1 400 ")


def test_a_body_without_a_length_is_taken_too(live: Live) -> None:
    address = begun(live, 10)

    def pieces() -> Iterator[bytes]:
        yield b"hello"
        time.sleep(0.2)
        yield b"world and more"

    headers = VERSION | BYTES | {"Upload-Offset": "0"}
    answer = httpx.patch(live.url + address, headers=headers, content=pieces(), timeout=20)
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, "10")


# Bad input


def malformed(dice: random.Random, address: str) -> bytes:
    """A request with one thing or several wrong: never all right, often hardly one."""
    odd = ["", "-1", "0", "99999999999999999999", "1e9", "\x00", "é", "a" * 9000, "../../x", "%00", "{}", "0, 0", "\t"]
    where = dice.choice(
        [PATH, address, address + "/", PATH + "//", PATH + "/../../x", address + "%00", PATH + "/" + "a" * 5000]
    )
    method = dice.choice(["POST", "PATCH", "HEAD", "DELETE", "OPTIONS", "GET", "PUT"])
    names = [
        "Upload-Offset", "Upload-Length", "Upload-Metadata", "Upload-Concat", "Upload-Checksum", "Tus-Resumable",
        "X-HTTP-Method-Override", "Content-Type", "Expect", "Upload-Defer-Length", "X-Forwarded-For", "Range",
    ]  # fmt: skip
    right = {"Tus-Resumable": "1.0.0", "Upload-Length": "7", "Upload-Offset": "0", **BYTES}
    lines = [(name, value) for name, value in right.items() if dice.random() < 0.85]
    lines += [(dice.choice(names), dice.choice(odd)) for _ in range(dice.randint(1, 4))]
    body = dice.randbytes(dice.choice([0, 1, 7, 300]))
    length = dice.choice(
        [f"Content-Length: {len(body)}", "Transfer-Encoding: chunked", "Content-Length: x", "Content-Length: 900"]
    )
    head = [f"{method} {where} HTTP/1.1", f"Host: {HOST}", *(f"{name}: {value}" for name, value in lines), length]
    return "\r\n".join([*head, "", ""]).encode("utf-8", "surrogateescape") + body


def everything(live: Live) -> set[Path]:
    """All files of the service, those on their way aside."""
    found = (file.relative_to(live.home) for file in live.home.rglob("*") if file.is_file())
    return {path for path in found if not {"uploads", "work"} & set(path.parts)}


def test_four_hundred_malformed_requests_break_nothing_and_leave_nothing(live: Live) -> None:
    dice = random.Random(2022)
    address = begun(live, 10)
    patch(live, address, 0, b"hel")
    files = everything(live)
    answers: dict[str, int] = {}
    for _ in range(400):
        with closing(socket.create_connection((HOST, live.port), timeout=1)) as opened, suppress(OSError):
            opened.sendall(malformed(dice, address))  # where it says that more comes, nothing comes
            said = answered(opened)[9:12]
            answers[said] = answers.get(said, 0) + 1
    assert {status for status in answers if status >= "5"} == set()
    assert {"204", "400", "404", "412"} <= set(answers)
    # Figures, and what the worker makes of an upload that some of them ended.
    assert {path.parts[:2] for path in everything(live) - files} <= {("data", "metrics"), ("data", "media")}
    assert all(spool.NAME.fullmatch(file.name) for file in (live.data / "uploads").iterdir())
    assert offset(live, begun(live, 3)) == 0  # and all goes on


# Memory


def test_a_large_upload_does_not_grow_the_process(live: Live) -> None:
    content = os.urandom(MB) * 120
    workers = live.listeners()
    address = begun(live, len(content))
    patch(live, address, 0, content[: 5 * MB])
    before = {one.pid: one.memory_info().rss for one in workers}
    highest, done = dict(before), threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            for one in workers:
                with suppress(psutil.NoSuchProcess):
                    highest[one.pid] = max(highest[one.pid], one.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    answer = patch(live, address, 5 * MB, content[5 * MB :])
    done.set()
    watcher.join()
    assert answer.headers["upload-offset"] == str(len(content))
    assert max(highest[pid] - before[pid] for pid in before) < 30 * MB
    assert httpx.delete(live.url + address, headers=VERSION, timeout=20).status_code == 204


# What is told


def test_no_token_is_in_a_log_or_a_figure(live: Live) -> None:
    address = begun(live, 10)
    token = address.removeprefix(PATH + "/")
    patch(live, address, 0, b"hello")
    patch(live, address, 3, b"hello")
    httpx.put(live.url + address, timeout=20)
    httpx.post(live.url + address, headers={"X-HTTP-Method-Override": "PATCH"}, timeout=20)
    patching(live, address, 5, 5).close()
    httpx.delete(live.url + address, headers=VERSION, timeout=20)
    until(lambda: "api:terminate_upload" in (live.home / "log").read_text())
    lines = (live.home / "log").read_text()
    assert "api:append_to_upload" in lines
    assert token not in lines
    kept = [file for file in live.data.rglob("*") if file.is_file()]
    assert [file.name for file in kept if token.encode() in file.read_bytes()] == []
    assert [json.loads(line) for line in lines.splitlines() if '"error"' in line] == []


# Processes that die


def test_an_upload_goes_on_after_the_service_was_killed() -> None:
    """kill -9 of the web workers, then of everything at once, each time while bytes arrive."""
    content = os.urandom(6 * MB)
    with folder("tus-kill") as home:
        live = Live(home)
        with live.serving(workers=2):
            sender = TusClient(live.url + PATH).uploader(file_stream=io.BytesIO(content), chunk_size=200_000)
            for kill in (live.kill_web, live.kill_all):
                for _ in range(5):
                    sender.upload_chunk()
                address, told = sender.url.removeprefix(live.url), sender.offset
                opened = patching(live, address, told, len(content) - told)
                opened.sendall(content[told : told + 700_000])
                time.sleep(random.uniform(0, 0.1))
                kill()
                opened.close()
                if kill == live.kill_web:
                    live.wait()
                    sender.offset = offset(live, address)
                    assert told <= sender.offset < len(content)
        with live.serving(workers=2):
            assert told <= offset(live, address) < len(content)
            again = TusClient(live.url + PATH).uploader(file_stream=io.BytesIO(content), url=live.url + address)
            again.upload()  # as a device does that knows the address
            assert offset(live, address) == len(content)
            until(lambda: whole(live, content))


def test_the_disk_has_the_file_before_the_sender_hears_that_it_is_complete() -> None:
    """strace: file, folder and journal are flushed, in this order, between the last write and the last answer."""
    with folder("tus-trace") as home:
        live, trace = Live(home), home / "trace"
        calls = "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg"
        with live.serving(before=["strace", "-f", "-yy", "-s", "32", "-e", calls, "-o", str(trace)]):
            address = begun(live, 10)
            patch(live, address, 0, b"hello")
            patch(live, address, 5, b"world")
            web = {str(thread.id) for process in live.listeners() for thread in process.threads()}
        lines = [line for line in trace.read_text(errors="replace").splitlines() if line.split(" ", 1)[0] in web]
    first, second = (n for n, line in enumerate(lines) if "HTTP/1.1 204" in line)
    file, journal = r"uploads/[0-9a-f]{32}>", r"dialogue\.sqlite-wal>"
    written = last(lines[:first], r"writev?\(\d+<[^>]*" + file)
    assert written >= 0
    assert last(lines[:first], r"fsync\(\d+<[^>]*" + file) == -1  # the control: an answer that promises nothing
    steps = [
        last(lines[:second], pattern)
        for pattern in (
            r"writev?\(\d+<[^>]*" + file,
            r"fsync\(\d+<[^>]*" + file,
            r"fsync\(\d+<[^>]*/uploads>",
            r"(fsync|fdatasync)\(\d+<[^>]*" + journal,
        )
    ]
    assert written < steps[0]
    assert steps == sorted(steps)
    assert last(lines[:second], r"pwrite64\(\d+<[^>]*" + journal) < steps[-1]


def last(lines: list[str], pattern: str) -> int:
    return max((n for n, line in enumerate(lines) if re.search(pattern, line)), default=-1)
