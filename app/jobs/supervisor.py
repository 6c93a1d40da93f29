"""`dialogue serve`: one parent forks the web workers and the job worker, and keeps them alive.

The parent has imported and loaded everything before it forks, so that the children share its memory pages;
it holds no thread and no connection. Linux only (prctl), as the service is.
"""

import contextlib
import ctypes
import gc
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import structlog

log = structlog.get_logger("app.supervisor")

STOPS = (signal.SIGTERM, signal.SIGINT)
FIRST_DELAY, LONGEST_DELAY = 0.2, 10.0
STABLE = 30.0  # a child that lived so long is restarted without more delay than the first time
_PR_SET_PDEATHSIG = 1


@dataclass
class _Child:
    body: Callable[[], object]
    name: str
    pid: int = 0
    started: float = 0.0
    delay: float = FIRST_DELAY
    due: float = 0.0


def supervise(children: Sequence[Callable[[], object]], *, grace: float = 20.0) -> int:
    """Forks each callable into a process and restarts whichever ends, until SIGTERM or SIGINT.

    The parent must have no threads and no open database connection (`db.dispose()`). Returns the exit
    status: 0 if every child stopped by itself within `grace` seconds, 1 if one had to be killed. A second
    signal kills at once. Should the parent be killed, the kernel sends each child SIGTERM.
    """
    watched = {*STOPS, signal.SIGCHLD}
    family = [_Child(body, getattr(body, "__name__", "child")) for body in children]
    # Blocked and fetched by sigtimedwait: no handler runs at a bad moment, and nothing is polled.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    gc.freeze()  # else the first collection in a child writes to, and so copies, every shared page
    gc.enable()  # `serve` loads without
    try:
        while True:
            wait = _start_due(family, before)
            received = signal.sigtimedwait(watched, wait)
            if received is not None and received.si_signo in STOPS:
                return _stop(family, watched, grace)
            _reap(family)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        gc.unfreeze()


def _start_due(family: list[_Child], mask: set[Any]) -> float:
    """Forks every child whose time has come; returns the seconds until the next."""
    wait = 3600.0
    for child in family:
        if child.pid:
            continue
        left = child.due - time.monotonic()
        if left <= 0:
            _fork(child, mask)
        else:
            wait = min(wait, left)
    return wait


def _fork(child: _Child, mask: set[Any]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    child.started = time.monotonic()
    child.pid = os.fork()
    if child.pid == 0:
        _be(child, parent, mask)
    log.info("child.started", child=child.name, pid=child.pid)


def _be(child: _Child, parent: int, mask: set[Any]) -> NoReturn:
    """The child's whole life. os._exit: the parent's own exit work is not the child's to do."""
    status = 1
    try:
        for number in STOPS:
            signal.signal(number, _leave)
        _die_with(parent)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        child.body()
        status = 0
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:  # noqa: BLE001 - the process ends here, and says why
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _leave(*_: object) -> None:
    """Until the child has handlers of its own."""
    sys.exit(0)


def _die_with(parent: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)


def _reap(family: list[_Child]) -> None:
    """Takes note of the children that ended, and when to start them again."""
    for child in family:
        if not child.pid:
            continue
        pid, status = os.waitpid(child.pid, os.WNOHANG)
        if not pid:
            continue
        if time.monotonic() - child.started > STABLE:
            child.delay = FIRST_DELAY
        code = os.waitstatus_to_exitcode(status)
        log.warning("child.ended", child=child.name, pid=pid, code=code, restart_in=child.delay)
        child.pid, child.due = 0, time.monotonic() + child.delay
        child.delay = min(child.delay * 2, LONGEST_DELAY)


def _stop(family: list[_Child], watched: set[Any], grace: float) -> int:
    _send(family, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while any(child.pid for child in family):
        received = signal.sigtimedwait(watched, max(0.0, deadline - time.monotonic()))
        _collect(family)
        if received is None or received.si_signo in STOPS:  # too late, or asked a second time
            break
    survivors = [child.pid for child in family if child.pid]
    _send(family, signal.SIGKILL)
    for pid in survivors:
        os.waitpid(pid, 0)
    if survivors:
        log.error("child.killed", pids=survivors)
    return 1 if survivors else 0


def _collect(family: list[_Child]) -> None:
    for child in family:
        if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
            child.pid = 0


def _send(family: list[_Child], number: signal.Signals) -> None:
    for child in family:
        if child.pid:
            os.kill(child.pid, number)


def bind(host: str, port: int, *, backlog: int = 2048) -> socket.socket:
    """The listening socket all web workers share. OSError if the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    shared = socket.socket(family, socket.SOCK_STREAM)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        shared.bind((host, port))
        shared.listen(backlog)
    except OSError:
        shared.close()
        raise
    shared.setblocking(False)
    return shared


def web_child(app_factory: Callable[[], Any], sock: socket.socket, **config: Any) -> None:
    """Serves the application on the shared socket until SIGTERM; `config` is added to uvicorn's.

    The factory may return what the parent has already built. Connections that are still being answered
    have ten seconds to end, less than the supervisor's grace.
    """
    gc.set_threshold(50_000, 20, 50)  # a request leaves little in cycles
    import uvicorn

    from app.jobs.protocol import WholeBodies

    settings: dict[str, Any] = {
        "http": WholeBodies,
        "loop": "uvloop",
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "timeout_graceful_shutdown": 10,
    }
    uvicorn.Server(uvicorn.Config(app_factory(), **(settings | config))).run(sockets=[sock])
