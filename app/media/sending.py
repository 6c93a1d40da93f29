"""Sends a stored file in pieces: constant memory, at the pace of who receives it, and only while they still may.

Each piece is a short job of a few threads that do nothing else: a slow phone holds none of them, nor a database
session, nor a connection to the store, while it receives.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TypeVar

import anyio
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync
from fastapi.responses import Response, StreamingResponse
from starlette.requests import ClientDisconnect

from app import observe
from app.adapters.storage import Storage
from app.errors import AppError
from app.media import ranges

PIECE = 256 * 1024
THREADS = 4
RECHECK = 2.0  # seconds: what is hidden is gone everywhere within these, a running transfer too
Found = TypeVar("Found")
_limiter: RunVar[anyio.CapacityLimiter] = RunVar("media_sending")


async def send_file(
    storage: Storage,
    key: str,
    *,
    tag: str,
    asked: Mapping[str, str],
    head: bool,
    headers: dict[str, str],
    still: Callable[[], bool],
) -> Response:
    """Answers with the file or the part of it `asked` for. NotFound, StorageDown before anything is sent."""
    size = await apart(lambda: storage.size(key))
    part = ranges.part({} if head else asked, size=size, tag=tag)
    headers = headers | part.headers()
    if head or part.start == part.end:
        return Response(status_code=part.status, headers=headers)
    first = await apart(lambda: storage.piece(key, part.start, min(part.start + PIECE, part.end)))
    pieces = _pieces(storage, key, part, first, still)
    return StreamingResponse(pieces, part.status, headers=headers)


async def _pieces(
    storage: Storage, key: str, part: ranges.Part, first: bytes, still: Callable[[], bool]
) -> AsyncIterator[bytes]:
    checked, at, piece = time.monotonic(), part.start, first

    def following() -> bytes:
        nonlocal checked
        if time.monotonic() - checked > RECHECK:
            if not still():
                raise ClientDisconnect
            checked = time.monotonic()
        return storage.piece(key, at, min(at + PIECE, part.end))

    while True:
        yield piece
        at += len(piece)
        if at >= part.end:
            return
        if not piece:
            raise ClientDisconnect
        try:
            piece = await apart(following)
        except AppError as fault:
            # The beginning is sent: all one can do is to cut the connection, so that nobody takes it for the whole.
            observe.log.warning("transfer cut", code=fault.code)
            raise ClientDisconnect from fault


async def apart(work: Callable[[], Found]) -> Found:
    """In one of the threads kept for this."""
    limiter = _limiter.get(None)
    if limiter is None:
        limiter = anyio.CapacityLimiter(THREADS)
        _limiter.set(limiter)
    return await run_sync(work, limiter=limiter)
