"""kill -9 at a random instant under fifty submissions: whatever was acknowledged is there, whole, and once.

With a control: a service that answers before it commits is caught by the same check.
"""

import random
import re
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import factories
from tests.live import Live
from tests.processes import folder

SENDERS = 50
ROUNDS = 2  # kills per test, each at another instant


@pytest.fixture
def home() -> Iterator[Path]:
    with folder("kill") as made:
        yield made


@dataclass
class Sender:
    """One person sending under one key, who tries again until there is an answer."""

    client: httpx.Client
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def words(self) -> str:
        return f"Une table. {self.key}"

    def send(self) -> httpx.Response | None:
        """None where the network cut: nothing was acknowledged."""
        try:
            answer = self.client.post(
                "/api/v1/contributions", json=factories.said(self.words), headers={"Idempotency-Key": self.key}
            )
        except httpx.TransportError:
            return None
        if answer.status_code == 201:
            self.answers.append(answer.json())
        return answer


@pytest.fixture
def live(home: Path) -> Live:
    return Live(home, settings={"DIALOGUE_RATE_LIMITS": "off"})


@pytest.fixture
def client(live: Live) -> Iterator[httpx.Client]:
    """One for all threads, no connection kept: each request meets the service as it is then."""
    no_connections = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    with httpx.Client(base_url=live.url, limits=no_connections, timeout=30) as made:
        yield made


def test_everything_acknowledged_is_there_after_the_web_was_killed(live: Live, client: httpx.Client) -> None:
    senders: list[Sender] = []
    with live.serving(workers=2):
        for _ in range(ROUNDS):
            senders += storm(client, live.kill_web)
            live.wait()
        check(live, senders)


def test_everything_acknowledged_is_there_after_all_was_killed(live: Live, client: httpx.Client) -> None:
    senders: list[Sender] = []
    for _ in range(ROUNDS):
        with live.serving(workers=2):
            senders += storm(client, live.kill_all)
    with live.serving(workers=2):
        check(live, senders)


def storm(client: httpx.Client, kill: Callable[[], object]) -> list[Sender]:
    """Fifty at once, and the kill somewhere among them: after a random number of answers."""
    senders = [Sender(client) for _ in range(SENDERS)]
    answered, enough = threading.Semaphore(0), random.randrange(1, SENDERS * 3 // 4)

    def send(sender: Sender) -> None:
        if sender.send() is not None:
            answered.release()

    with ThreadPoolExecutor(SENDERS) as pool:
        done = [pool.submit(send, sender) for sender in senders]
        for _ in range(enough):
            answered.acquire(timeout=20)
        kill()
        for one in done:
            one.result()
    assert sum(1 for sender in senders if sender.answers) >= enough
    return senders


def check(live: Live, senders: list[Sender]) -> None:
    """Acknowledged: there, whole. Tried again under the same key: the same one, or the first and only one."""
    assert lost(senders) == []
    for sender in senders:
        answer = again(sender)
        assert {said["reference"] for said in sender.answers} == {answer["reference"]}
    assert lost(senders) == []
    assert count(live, senders) == len(senders)
    assert live.dialogue("audit", "verify").startswith("ok")


def again(sender: Sender) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = sender.send()
        if answer is not None and answer.status_code == 201:
            return dict(answer.json())
        time.sleep(0.1)
    raise AssertionError("never acknowledged")


def lost(senders: list[Sender]) -> list[str]:
    """Of what was acknowledged: what its receipt does not open, with its words whole."""
    missing = []
    for sender in senders:
        for said in sender.answers:
            holder = {"Authorization": f"Receipt {said['receipt_code']}"}
            answer = sender.client.get("/api/v1/receipt", headers=holder)
            whole = answer.status_code == 200 and answer.json()["revision"]["body"] == sender.words
            if not whole or answer.json()["reference"] != said["reference"]:
                missing.append(said["reference"])
    return missing


def count(live: Live, senders: list[Sender]) -> int:
    """How many contributions there are with one of these keys in their words."""
    keys = {sender.key for sender in senders}
    with sqlite3.connect(live.data / "dialogue.sqlite") as connection:
        bodies = [row[0] for row in connection.execute("SELECT body FROM revision")]
    connection.close()
    return sum(1 for body in bodies if body.rpartition(" ")[2] in keys)


def test_the_check_sees_an_answer_given_before_the_commit(home: Path, live: Live, client: httpx.Client) -> None:
    """The control: the same service made to answer first and commit a little later (tests/quality/hasty.py)."""
    hasty = Live(home, live.port, live.settings, module="tests.quality.hasty")
    senders: list[Sender] = []
    for _ in range(ROUNDS):
        with hasty.serving():
            senders += storm(client, hasty.kill_all)
    with live.serving():
        assert lost(senders) != []


def test_the_disk_has_the_words_before_the_sender_has_the_answer(home: Path, live: Live, client: httpx.Client) -> None:
    """strace: before a 201 is written to the socket, the WAL is flushed after its last write."""
    trace = home / "trace"
    calls = "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg"
    with live.serving(before=["strace", "-f", "-yy", "-s", "32", "-e", calls, "-o", str(trace)]):
        for _ in range(5):
            sent = Sender(client).send()
            assert sent is not None
            assert sent.status_code == 201
        # The job worker writes to the same journal, for itself.
        web = {str(thread.id) for process in live.listeners() for thread in process.threads()}
    lines = [line for line in trace.read_text(errors="replace").splitlines() if line.split(" ", 1)[0] in web]
    answers = [n for n, line in enumerate(lines) if "HTTP/1.1 201" in line]
    assert len(answers) == 5
    before = 0
    for answer in answers:
        between = lines[before:answer]
        written = last(between, r"pwrite64\(\d+<[^>]*dialogue\.sqlite-wal")
        flushed = last(between, r"(fsync|fdatasync)\(\d+<[^>]*dialogue\.sqlite-wal")
        assert 0 <= written < flushed, "answered before the WAL was flushed"
        before = answer


def last(lines: list[str], pattern: str) -> int:
    return max((n for n, line in enumerate(lines) if re.search(pattern, line)), default=-1)
