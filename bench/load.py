"""Requests: as many as possible (wrk, or a client of our own where it is missing), or one after the other."""

import asyncio
import contextlib
import http.client
import itertools
import json
import re
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench.serving import Server

CONNECTIONS = 16
BODY = {
    "question": "q1",
    "kind": "individual",
    "body": "Je mange seule depuis trois ans. Une grande table, le dimanche, ça suffirait. Les voisins viendraient.",
    "audiences": ["concerned"],
    "consents": {"publication": True, "age": True},
}
GUEST = {"name": "Éloïse", "email": "p%x.%d@exemple.fr", "people": 1, "needs": [], "consents": {"data": True}}
SUBMIT = """
math.randomseed(tonumber(tostring({{}}):sub(8), 16) + os.time())
local n = math.random(0, 0xffffff)
request = function()
  n = n + 1
  local key = string.format("%08x-%04x-4%03x-8%03x-%06x%06x", math.random(0, 0x7fffffff), math.random(0, 0xffff),
    math.random(0, 0xfff), math.random(0, 0xfff), math.random(0, 0xffffff), n % 0xffffff)
  return wrk.format("POST", "/api/v1/contributions",
    {{["Content-Type"] = "application/json", ["Idempotency-Key"] = key}}, [==[{body}]==])
end
"""
SIGN_UP = """
math.randomseed(tonumber(tostring({{}}):sub(8), 16) + os.time())
local n, one = 0, math.random(0, 0x7fffffff)
request = function()
  n = n + 1
  local body = string.format([==[{body}]==], one, n)
  return wrk.format("POST", "{path}", {{["Content-Type"] = "application/json"}}, body)
end
"""


@dataclass(frozen=True)
class Load:
    per_second: float
    refused: int  # answers that were neither 2xx nor 3xx


def reads(
    server: Server,
    path: str,
    *,
    seconds: float = 3,
    connections: int = CONNECTIONS,
    headers: dict[str, str] | None = None,
) -> Load:
    """GETs of one path over kept connections."""
    given = [f"-H{name}: {value}" for name, value in (headers or {}).items()]
    if shutil.which("wrk"):
        return _wrk(["-t1", f"-c{connections}", f"-d{seconds}s", *given, server.url + path])
    return asyncio.run(_own(server.url + path, seconds, connections, lambda: _get(path, headers or {})))


def submissions(server: Server, *, seconds: float = 5, clients: int = 8) -> Load:
    """Contributions by JSON, each under an Idempotency-Key of its own."""
    body = json.dumps(BODY, ensure_ascii=False)
    if not shutil.which("wrk"):
        return asyncio.run(_own(server.url, seconds, clients, lambda: _post(body.encode())))
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SUBMIT.format(body=body))
        script.flush()
        return _wrk(["-t1", f"-c{clients}", f"-d{seconds}s", "-s", script.name, server.url])


def sign_ups(server: Server, slug: str, *, seconds: float = 5, clients: int = 8) -> Load:
    """Places taken at one meeting by JSON, each by somebody else."""
    path, body = f"/api/v1/events/{slug}/registrations", json.dumps(GUEST, ensure_ascii=False)
    if not shutil.which("wrk"):
        numbers = itertools.count()
        return asyncio.run(
            _own(server.url, seconds, clients, lambda: _post((body % (0, next(numbers))).encode(), path))
        )
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SIGN_UP.format(body=body, path=path))
        script.flush()
        return _wrk(["-t1", f"-c{clients}", f"-d{seconds}s", "-s", script.name, server.url])


def _wrk(arguments: list[str]) -> Load:
    out = subprocess.run(["wrk", *arguments], capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return Load(float(rate[1]) if rate else 0.0, int(refused[1]) if refused else 0)


def _get(path: str, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode()


def _post(body: bytes, path: str = "/api/v1/contributions") -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: {uuid.uuid4()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _own(url: str, seconds: float, connections: int, make: Callable[[], bytes]) -> Load:
    """What wrk does, slower: the ratios stand, since the hello is measured the same way."""
    until = time.perf_counter() + seconds
    done = await asyncio.gather(*(_client(urlsplit(url).port or 80, until, make) for _ in range(connections)))
    return Load(sum(good for good, _bad in done) / seconds, sum(bad for _good, bad in done))


async def _client(port: int, until: float, make: Callable[[], bytes]) -> tuple[int, int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    good = bad = 0
    while time.perf_counter() < until:
        writer.write(make())
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if length:
            await reader.readexactly(int(length[1]))
        ok = head.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3"))
        good, bad = good + 1, bad + (not ok)
    writer.close()
    return good, bad


@contextlib.contextmanager
def in_background(work: Callable[[], Load]) -> Iterator[list[Load]]:
    """Runs `work` in a thread meanwhile; its result is in the list afterwards."""
    from threading import Thread

    results: list[Load] = []
    thread = Thread(target=lambda: results.append(work()))
    thread.start()
    yield results
    thread.join()


def latencies(
    server: Server, paths: list[str], *, rounds: int = 1, headers: dict[str, str] | None = None
) -> list[float]:
    """Milliseconds of each GET, one after the other on one connection. Anything but 200 is an error."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    found = []
    for _ in range(rounds):
        for path in paths:
            began = time.perf_counter()
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            answer.read()
            found.append((time.perf_counter() - began) * 1000)
            if answer.status != 200:
                raise SystemExit(f"{path} answered {answer.status}")
    connection.close()
    return found


def fetch(server: Server, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def folder(parent: Path) -> Path:
    """A new, empty data folder on the measured disk."""
    parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=parent, prefix="run-"))
