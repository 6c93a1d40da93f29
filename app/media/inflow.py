"""From a connection to a file: read ahead a little here, written in threads of their own, in constant memory."""

from collections.abc import Awaitable, Callable, MutableMapping
from enum import Enum
from functools import partial
from time import monotonic
from typing import Any, TypeVar

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

from app.errors import DiskFull
from app.media.spool import Hold

THREADS = 8  # slow disks must not keep pages waiting: these are not the threads that answer them
PIECE = 1024 * 1024  # bytes gathered before a thread is asked to write them
TICK = 0.05  # seconds after which less is written too
LOOK = 5  # ticks between two looks for who else wants the file
PATIENCE = 120.0  # seconds without a byte

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Result = TypeVar("Result")
_threads: RunVar[anyio.CapacityLimiter] = RunVar("upload_threads")


class Ending(Enum):
    """Why nothing more is read. Whatever the reason, all that arrived before is in the file."""

    WHOLE = "the body has ended"
    OVER = "all that was declared is here, and the body may go on"
    CUT = "the connection broke"
    WANTED = "another request asked for the file"
    STALLED = "nothing came for too long"
    FULL = "no room on the disk"


async def in_thread(work: Callable[..., Result], *arguments: object) -> Result:
    """Work on files, in the threads of uploads."""
    try:
        threads = _threads.get()
    except LookupError:
        threads = anyio.CapacityLimiter(THREADS)
        _threads.set(threads)
    return await anyio.to_thread.run_sync(partial(work, *arguments), limiter=threads)


async def pour(receive: Receive, hold: Hold, *, most: int) -> Ending:
    """Appends the body to the held file, `most` bytes of it; says why it ended."""
    flow = _Flow(receive, hold, most)
    async with anyio.create_task_group() as group:
        group.start_soon(flow.read)
        group.start_soon(flow.watch)
        await flow.write()
        group.cancel_scope.cancel()
    if flow.fault is not None:
        raise flow.fault
    return flow.ending or Ending.CUT


class _Flow:
    """One body on its way: `read` fills, `write` empties, `watch` sees to it that neither waits for ever."""

    def __init__(self, receive: Receive, hold: Hold, most: int) -> None:
        self.receive, self.hold, self.most = receive, hold, most
        self.pieces: list[bytes] = []
        self.held = 0
        self.ending: Ending | None = None
        self.fault: OSError | None = None
        self.due, self.emptied = anyio.Event(), anyio.Event()
        self.last = monotonic()

    async def read(self) -> None:
        while self.ending is None:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                self.end(Ending.CUT)
                return
            self.last = monotonic()
            self.take(message.get("body", b""), more=message.get("more_body", False))
            while self.held >= 2 * PIECE and self.ending is None:
                await self.emptied.wait()

    def take(self, piece: bytes, *, more: bool) -> None:
        fits = piece[: self.most] if len(piece) > self.most else piece
        self.most -= len(fits)
        if fits:
            self.pieces.append(fits)
            self.held += len(fits)
        if len(piece) > len(fits) or (more and self.most == 0):
            self.end(Ending.OVER)
        elif not more:
            self.end(Ending.WHOLE)
        elif self.held >= PIECE:
            self.due.set()

    async def write(self) -> None:
        try:
            while self.ending is None or self.pieces:
                await self.due.wait()
                if self.ending is None:
                    self.due = anyio.Event()
                await self.append()
        finally:
            await self.append()  # what has arrived is kept, even when the service stops

    async def append(self) -> None:
        taken, self.pieces, self.held = self.pieces, [], 0
        self.emptied.set()
        self.emptied = anyio.Event()
        if not taken:
            return
        try:
            with anyio.CancelScope(shield=True):
                wanted = await in_thread(self.hold.append, taken)
        except DiskFull:
            self.pieces = []
            self.end(Ending.FULL)
        except OSError as fault:
            self.pieces, self.fault = [], fault
            self.end(Ending.FULL)
        else:
            if wanted:
                self.end(Ending.WANTED)

    async def watch(self) -> None:
        ticks = 0
        while self.ending is None:
            await anyio.sleep(TICK)
            ticks += 1
            if self.pieces:
                self.due.set()
            if monotonic() - self.last > PATIENCE:
                self.end(Ending.STALLED)
            elif ticks % LOOK == 0 and await in_thread(self.hold.wanted):
                self.end(Ending.WANTED)

    def end(self, why: Ending) -> None:
        """The first reason stands; a full disk is one even for what was on its way already."""
        if self.ending is None or why is Ending.FULL:
            self.ending = why
        self.due.set()
        self.emptied.set()
