"""The turn a write waits for, without holding a thread; and turns that several writes share.

FastAPI has read the body by then, so a slow sender never holds a turn. One worker lets one write at a time
begin on SQLite, as many as it has connections on PostgreSQL.
"""

import functools
from asyncio import Semaphore, get_running_loop
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import copy_context
from typing import Any
from weakref import WeakKeyDictionary

import anyio.to_thread

from app import db

MOST = 16  # writes in one transaction: what the last of them waits for


class _Loop:
    """The turn of one event loop, and who waits to share it."""

    def __init__(self) -> None:
        self.turn = Semaphore(db.turns())
        self.waiting: deque[_Act] = deque()


class _Act:
    """One handler's call, in its request's own context, and what came of it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call
        self.context = copy_context()
        self.done = False
        self.answer: Any = None
        self.fault: Exception | None = None

    def run(self) -> None:
        self.fault = None
        try:
            self.answer = self.context.run(self.call)
        except Exception as fault:  # noqa: BLE001 - its own request raises it again
            self.fault = fault

    def outcome(self) -> Any:
        if self.fault is not None:
            raise self.fault
        return self.answer


_loops: "WeakKeyDictionary[Any, _Loop]" = WeakKeyDictionary()


def in_turn(handler: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Makes a sync write handler wait for its turn."""

    @functools.wraps(handler)
    async def waiting(**arguments: Any) -> Any:
        async with _loop().turn:
            return await anyio.to_thread.run_sync(functools.partial(handler, **arguments))

    return waiting


def in_shared_turn(handler: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """As `in_turn`; on SQLite, whoever waits for the same turn shares its transaction and its fsync.

    Each `writing()` is a savepoint: one that is refused takes nothing with it. If the shared transaction fails,
    each is done again alone. So: only for handlers whose effects are all in the database.
    """

    @functools.wraps(handler)
    async def waiting(**arguments: Any) -> Any:
        if not db.is_sqlite():
            return await alone(**arguments)
        here, mine = _loop(), _Act(functools.partial(handler, **arguments))
        here.waiting.append(mine)
        try:
            async with here.turn:
                if not mine.done:
                    together = [here.waiting.popleft() for _ in range(min(MOST, len(here.waiting)))]
                    await anyio.to_thread.run_sync(_run, together)
        finally:
            with suppress(ValueError):  # its client went away before the turn came
                here.waiting.remove(mine)
        return mine.outcome()

    alone = in_turn(handler)
    return waiting


def _run(acts: list[_Act]) -> None:
    try:
        with db.sharing():
            for act in acts:
                act.run()
    except Exception:  # noqa: BLE001 - nothing was kept; each hears of its own fault, or none
        for act in acts:
            act.run()
    for act in acts:
        act.done = True


def _loop() -> _Loop:
    loop = get_running_loop()
    if loop not in _loops:
        _loops[loop] = _Loop()
    return _loops[loop]
