"""The parent of `dialogue serve`: real forks, real kills."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from app.jobs.supervisor import bind

ROOT = Path(__file__).parents[2]


@contextmanager
def serving(*children: str, grace: int = 2) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    command = [sys.executable, "-m", "tests.jobs.supervised", *children]
    env = os.environ | {"GRACE": str(grace)}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as parent:
        try:
            assert parent.stdout is not None
            yield parent, f"http://127.0.0.1:{parent.stdout.readline().strip()}/"
        finally:
            family = psutil.Process(parent.pid).children() if parent.poll() is None else []
            parent.kill()
            for child in family:
                child.kill()


def family(parent: "subprocess.Popen[str]") -> list[int]:
    return [child.pid for child in psutil.Process(parent.pid).children()]


def answering(url: str) -> int | None:
    try:
        return int(httpx.get(url, timeout=2).text)
    except httpx.TransportError:
        return None


def test_all_web_workers_answer_on_one_socket(until):
    with serving("web", "web") as (parent, url):
        seen = set()

        def both():
            seen.add(answering(url))
            return seen >= set(family(parent)) and len(family(parent)) == 2

        until(both)


def test_a_killed_child_is_started_again(until):
    with serving("web", "patient") as (parent, url):
        first = until(lambda: answering(url))
        os.kill(first, signal.SIGKILL)
        second = until(lambda: answering(url))
        assert second != first
        assert len(family(parent)) == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_in_order(until, number):
    with serving("web", "web", "patient") as (parent, url):
        until(lambda: answering(url))
        children = family(parent)
        began = time.monotonic()
        parent.send_signal(number)
        assert parent.wait(10) == 0
        assert time.monotonic() - began < 2
        assert not any(psutil.pid_exists(pid) for pid in children)


def test_what_does_not_stop_is_killed(until):
    with serving("web", "stubborn") as (parent, url):
        until(lambda: answering(url))
        children = family(parent)
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(10) == 1
        assert not any(psutil.pid_exists(pid) for pid in children)


def test_a_second_signal_does_not_wait(until):
    with serving("web", "stubborn", grace=60) as (parent, url):
        until(lambda: answering(url))
        parent.send_signal(signal.SIGINT)
        time.sleep(0.3)
        parent.send_signal(signal.SIGINT)
        assert parent.wait(20) == 1


def test_children_do_not_outlive_a_killed_parent(until):
    with serving("web", "patient") as (parent, url):
        until(lambda: answering(url))
        children = family(parent)
        parent.kill()
        parent.wait()
        until(lambda: not any(psutil.pid_exists(pid) for pid in children))


def test_a_child_that_cannot_start_does_not_spin(until):
    with serving("web", "broken") as (parent, url):
        until(lambda: answering(url))
        before = psutil.Process(parent.pid).cpu_times()
        time.sleep(2)
        after = psutil.Process(parent.pid).cpu_times()
        assert after.user + after.children_user - before.user - before.children_user < 0.5
        assert answering(url)
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(10) == 0


def test_an_address_that_is_taken_is_refused():
    with bind("127.0.0.1", 0) as first, pytest.raises(OSError, match="in use"):
        bind("127.0.0.1", first.getsockname()[1])
