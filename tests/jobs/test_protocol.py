"""What arrived before a connection broke reaches the service; uvicorn alone forgets it."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.jobs.protocol import WholeBodies
from tests.processes import HOST

SENT = 40_000
TIMES = 6


@contextmanager
def counting(protocol: type[asyncio.Protocol]) -> Iterator[tuple[int, list[int]]]:
    """A port, and for each request how many bytes its reader saw before it was told of the end."""
    seen: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        arrived, message = 0, await receive()
        await asyncio.sleep(0.2)  # busy elsewhere for an instant
        while message["type"] == "http.request":
            arrived += len(message["body"])
            message = await receive()
        seen.append(arrived)

    config = uvicorn.Config(app, http=protocol, loop="uvloop", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    with socket.create_server((HOST, 0)) as door:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield door.getsockname()[1], seen
        finally:
            server.should_exit = True
            thread.join()


def cut(port: int) -> None:
    opened = socket.create_connection((HOST, port))
    opened.sendall(b"PATCH / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + b"x" * (SENT // 2))
    threading.Event().wait(0.05)
    opened.sendall(b"x" * (SENT // 2))
    opened.close()


@pytest.mark.parametrize(("protocol", "forgets"), [(WholeBodies, False), (HttpToolsProtocol, True)])
def test_bytes_before_the_end_of_a_connection_are_handed_on(protocol: Any, forgets: bool) -> None:
    """The second is the control: should uvicorn one day keep them, ours may go."""
    with counting(protocol) as (port, seen):
        for _ in range(TIMES):
            cut(port)
        for _ in range(500):
            if len(seen) == TIMES:
                break
            threading.Event().wait(0.02)
    assert len(seen) == TIMES
    assert (min(seen) < SENT) is forgets
