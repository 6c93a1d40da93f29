"""What can be done later, and what is done again and again: the tables of names a worker knows."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session

Sweep = Callable[[Session, datetime], None]
Handler = TypeVar("Handler", bound=Callable[..., None])
Sweeper = TypeVar("Sweeper", bound=Sweep)
Periodic = TypeVar("Periodic", bound=Callable[[Any], None])

# What may take minutes of a processor has a lane of its own in each worker: a mail does not wait for a film.
# Named here, for the web processes add such jobs without loading what does them.
SLOW = frozenset({"process_media", "blur_media", "draft_captions"})

# Seconds before the second, third … attempt; after the last of them the job has failed.
DELAYS = (5, 30, 120, 600, 3600)


class GiveUp(Exception):
    """Raised by a handler that knows another attempt would change nothing; `words` are kept and logged."""


@dataclass(frozen=True)
class Task:
    name: str
    handler: Callable[..., None]
    retry: tuple[float, ...]
    on_failed: Callable[..., None] | None


@dataclass(frozen=True)
class Every:
    name: str
    seconds: float
    work: Callable[[Any], None]


tasks: dict[str, Task] = {}
sweepers: dict[str, Sweep] = {}
periodic: dict[str, Every] = {}


def task(
    name: str, *, retry: tuple[float, ...] = DELAYS, on_failed: Callable[..., None] | None = None
) -> Callable[[Handler], Handler]:
    """Registers `def handler(*ids, adapters)` under a name that never changes once jobs wait under it.

    A handler loads by id, delegates to a rule and is idempotent: delivery is at least once. UUIDs arrive as
    text. `retry` holds the seconds between attempts. `on_failed(*ids, adapters, words)` is called when the
    job ends `failed`, so that the state can say so.
    """

    def register(handler: Handler) -> Handler:
        tasks[name] = Task(name, handler, tuple(retry), on_failed)
        return handler

    return register


def sweeper(sweep: Sweeper) -> Sweeper:
    """Registers `def sweep(db, now)`: calls `ensure()` for rows whose state waits, some hundreds at most.

    It runs in a write transaction every 30 s, over all workers once; `now` is the service's clock.
    """
    sweepers[f"{sweep.__module__}.{sweep.__qualname__}"] = sweep
    return sweep


def every(seconds: float) -> Callable[[Periodic], Periodic]:
    """Registers `def work(adapters)`, begun once per period over all workers, in no transaction."""

    def register(work: Periodic) -> Periodic:
        name = f"{work.__module__}.{work.__qualname__}"
        periodic[name] = Every(name, seconds, work)
        return work

    return register


def load() -> None:
    """Imports `app.<domain>.jobs` of every domain: tasks, sweepers and periodic work are defined there."""
    import app

    for domain in pkgutil.iter_modules(app.__path__):
        if domain.ispkg and importlib.util.find_spec(f"app.{domain.name}.jobs"):
            importlib.import_module(f"app.{domain.name}.jobs")
