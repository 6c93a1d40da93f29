"""One attempt at a job, the same on both engines: what happened, in words that hold no content."""

import random
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

import structlog

from app.errors import AppError
from app.jobs import registry
from app.models import JobState

if TYPE_CHECKING:
    from app.adapters import Adapters

log = structlog.get_logger("app.jobs")

UNKNOWN_DELAY = 300.0  # an older or newer worker may know the name: the job waits for one
CRASHES = 5  # a job that ends its worker each time is given up after this many attempts at least
_HERE = Path(__file__).parent.parent


@dataclass(frozen=True)
class Verdict:
    """How an attempt ended: DONE, FAILED, or WAITING for another one in `delay` seconds."""

    state: JobState
    words: str = ""
    delay: float = 0.0
    counted: bool = True


def attempt(name: str, args: list[Any], number: int, adapters: "Adapters") -> Verdict:
    """Runs the handler; `number` is 1 for the first attempt. Never raises but for what ends the process."""
    task = registry.tasks.get(name)
    if task is None:
        log.warning("job.unknown", task=name)
        return Verdict(JobState.WAITING, f"this code has no task {name}", _jitter(UNKNOWN_DELAY), counted=False)
    if number > max(len(task.retry) + 1, CRASHES):
        return _fail(task, args, adapters, f"interrupted {number - 1} times without an answer")
    try:
        task.handler(*args, adapters=adapters)
    except registry.GiveUp as decision:
        return _fail(task, args, adapters, str(decision)[:300])
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is a failed attempt, never a dead worker
        words = describe(error)
        if number > len(task.retry):
            return _fail(task, args, adapters, words)
        delay = _jitter(task.retry[number - 1])
        log.warning("job.retry", task=name, attempt=number, words=words, delay=round(delay, 1))
        return Verdict(JobState.WAITING, words, delay)
    log.info("job.done", task=name, attempt=number)
    return Verdict(JobState.DONE)


def _fail(task: registry.Task, args: list[Any], adapters: "Adapters", words: str) -> Verdict:
    log.error("job.failed", task=task.name, words=words)
    if task.on_failed is not None:
        try:
            task.on_failed(*args, adapters=adapters, words=words)
        except Exception as error:  # noqa: BLE001 - the job has failed all the same; the sweep comes back to the row
            log.error("job.on_failed", task=task.name, words=describe(error))
    return Verdict(JobState.FAILED, words)


def describe(error: BaseException) -> str:
    """A short sentence about an exception.

    The text of an arbitrary exception may hold what people wrote (a database error prints its parameters),
    so only ours and the system's are quoted; of the others, the kind and the place.
    """
    kind = type(error).__name__
    if isinstance(error, AppError):
        return f"{kind}: {error.code}"
    if isinstance(error, OSError) and error.strerror:
        return f"{kind}: {error.strerror}{_place(error)}"[:300]
    return f"{kind}{_place(error)}"[:300]


def _place(error: BaseException) -> str:
    frames = [
        frame for frame in extract_tb(error.__traceback__) if frame.filename != __file__
    ]  # that we called it says nothing
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_HERE)] or frames
    if not ours:
        return ""
    return f" in {Path(ours[-1].filename).name}:{ours[-1].lineno}"


def _jitter(seconds: float) -> float:
    """Spreads what failed together, so that it does not come back together."""
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
