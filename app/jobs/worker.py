"""The worker process: does the jobs, renews its leases, performs the duties, stops gracefully."""

import contextlib
import os
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from app import db as database
from app.adapters.clock import real_now
from app.jobs import duties, embedded, queue, registry
from app.jobs.execution import attempt, describe

if TYPE_CHECKING:
    from app.adapters import Adapters

log = structlog.get_logger("app.jobs")

QUICK = 0.05  # seconds between two looks at whether anything was written
NICE = 5  # not more: it holds the database's write lock at times


@dataclass(frozen=True)
class Timing:
    """In seconds."""

    poll: float = 0.5  # how often an idle worker looks for what has become due
    lease: float = 60.0  # after which the jobs of a vanished worker are taken up by another
    sweep: float = 30.0
    seen: float = 15.0
    grace: float = 15.0  # given to running jobs when the worker must stop
    pause: float = 5.0  # after the database could not be reached


def run(
    adapters: "Adapters",
    *,
    stop: threading.Event | None = None,
    concurrency: int = 1,
    timing: Timing | None = None,
) -> None:
    """Works until `stop`, SIGTERM or SIGINT (the signals only if called in the main thread).

    `concurrency` jobs at once, and one of the slow tasks beside them.
    Needs `db.configure()` and `jobs.configure()` before. Running jobs have `timing.grace` seconds to finish;
    then the embedded engine gives them back. On procrastinate they are finished, or taken up after a kill.
    """
    stop, timing = stop or threading.Event(), timing or Timing()
    registry.load()
    _stop_on_signals(stop)
    owner = duties.new_owner()
    helpers = [
        threading.Thread(target=_report, args=(owner, stop, timing), daemon=True),
        threading.Thread(target=duties.perform, args=(adapters, stop), kwargs={"sweep": timing.sweep}, daemon=True),
    ]
    for helper in helpers:
        helper.start()
    log.info("worker.started", owner=owner)
    if queue.uses_procrastinate(database.engine().dialect.name):
        _serve_procrastinate(adapters, stop, concurrency, timing)
    else:
        _serve_embedded(adapters, stop, concurrency, timing, owner)
    for helper in helpers:
        helper.join(timing.grace)
    with _surviving("worker.leave"):
        duties.leave(owner)
    log.info("worker.stopped", owner=owner)


def stand_back() -> None:
    """Somebody waits for every page, nobody for a job: this process and its children come after."""
    os.nice(NICE)


def _stop_on_signals(stop: threading.Event) -> None:
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())


def _report(owner: str, stop: threading.Event, timing: Timing) -> None:
    started = real_now()
    while not stop.is_set():
        with _surviving("worker.report"):
            duties.report(owner, started)
        stop.wait(timing.seen)


def _serve_procrastinate(adapters: "Adapters", stop: threading.Event, concurrency: int, timing: Timing) -> None:
    from app.jobs import deferred

    while not stop.is_set():
        with _surviving("worker.database"):
            deferred.serve(adapters, stop, concurrency=concurrency, timing=timing)
        if not stop.is_set():  # it ends early only when the database went away
            stop.wait(timing.pause)


def _serve_embedded(adapters: "Adapters", stop: threading.Event, concurrency: int, timing: Timing, owner: str) -> None:
    """Jobs run in daemon threads, so that a job that does not end cannot hold a worker that must stop."""
    lanes = [_Lane(f"{owner}:{number}") for number in range(concurrency)] + [_Lane(f"{owner}:slow", slow=True)]
    threads = [threading.Thread(target=_work, args=(lane, adapters, stop, timing), daemon=True) for lane in lanes]
    for thread in threads:
        thread.start()
    while not stop.wait(timing.lease / 3):
        for lane in lanes:
            if lane.busy:
                with _surviving("job.renew"):
                    embedded.renew(lane.owner, lease=timing.lease)
    deadline = time.monotonic() + timing.grace
    for thread, lane in zip(threads, lanes, strict=True):
        _finish(thread, lane, deadline, timing)


@dataclass
class _Lane:
    """One job at a time: of the slow tasks, or of the others."""

    owner: str
    slow: bool = False
    busy: bool = False


def _finish(thread: threading.Thread, lane: _Lane, deadline: float, timing: Timing) -> None:
    while thread.is_alive() and (left := deadline - time.monotonic()) > 0:
        thread.join(min(left, timing.lease / 3))
        if lane.busy:
            with _surviving("job.renew"):
                embedded.renew(lane.owner, lease=timing.lease)
    if thread.is_alive():
        with _surviving("job.give_back"):
            embedded.give_back(lane.owner)


def _work(lane: _Lane, adapters: "Adapters", stop: threading.Event, timing: Timing) -> None:
    news = _News(timing.poll, watches=not lane.slow)  # what takes minutes may begin at the next poll
    while not stop.is_set():
        try:
            job = embedded.claim(lane.owner, lease=timing.lease, slow=lane.slow)
        except Exception as error:  # noqa: BLE001 - a database that is away comes back
            log.error("job.claim", words=describe(error))
            stop.wait(timing.pause)
            continue
        if job is None:
            news.wait(stop)
            continue
        lane.busy, news.step = True, QUICK
        verdict = attempt(job.task, job.args, job.attempts, adapters)
        with _surviving("job.settle"):  # if it cannot be written, the lease runs out: the job is done again
            embedded.settle(job, lane.owner, verdict)
        lane.busy = False


class _News:
    """Waits until something may have been enqueued.

    Every commit on SQLite grows or restarts the write-ahead log: looking at that file's stamp costs next to
    nothing, so an idle worker answers at once and still queries only every `poll` seconds. A crowd writes much
    that is no job: news that brought none is looked at less and less often.
    """

    def __init__(self, poll: float, *, watches: bool) -> None:
        self.poll = poll
        url = database.engine().url
        self.log = Path(f"{url.database}-wal") if watches and url.get_backend_name() == "sqlite" else None
        self.last, self.step = self._stamp(), QUICK

    def _stamp(self) -> tuple[int, int] | None:
        if self.log is None:
            return None
        try:
            stat = self.log.stat()
        except FileNotFoundError:
            return None
        return stat.st_mtime_ns, stat.st_size

    def wait(self, stop: threading.Event) -> None:
        deadline = time.monotonic() + self.poll
        while (left := deadline - time.monotonic()) > 0 and not stop.is_set():
            stop.wait(min(left, self.step if self.log else left))
            if (stamp := self._stamp()) != self.last:
                self.last, self.step = stamp, min(2 * self.step, self.poll)
                return
        self.step = QUICK


@contextlib.contextmanager
def _surviving(event: str) -> Any:
    """Logs what fails and goes on: the next round, or the end of a lease, makes it good."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - see above
        log.error(event, words=describe(error))
