"""What the operator sees: structured logs and metrics. Never content, contact, receipt or query."""

import logging
import os
import secrets
import sys
import time
import traceback
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from pydantic_core import to_json
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()


def configure(log_format: str) -> None:
    """Logs go to stderr: JSON, or for people when it is a terminal."""
    console = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    renderer: Any = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(_as_json)
    plain, whole = structlog.PrintLoggerFactory, structlog.BytesLoggerFactory
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _place_only,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=plain(sys.stderr) if console else whole(sys.stderr.buffer),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_PlaceOnly("%(levelname)s %(name)s %(message)s"))
    logging.root.setLevel(logging.WARNING)
    logging.root.handlers[:] = [handler]


def _as_json(event: Any, **_: Any) -> bytes:
    return to_json(event, fallback=repr)


def where(error: BaseException | None) -> str:
    """What broke and where, innermost first; never an exception's own text, which may quote people's words."""
    told: list[str] = []
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        told.append(type(error).__name__)
        told += [f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)]
        error = error.__cause__
    return "\n".join(told)


def _place_only(_logger: Any, _method: str, event: Any) -> Any:
    """structlog: `exc_info` becomes `where`."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["where"] = where(error)
    return event


class _PlaceOnly(logging.Formatter):
    """The same for what libraries log (uvicorn repeats every unforeseen error)."""

    def formatException(self, ei: Any) -> str:
        return where(ei[1])


def metrics_folder(data_dir: Path) -> None:
    """Several processes, one set of figures: must be called before prometheus_client is imported."""
    folder = data_dir / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


@lru_cache(maxsize=1)
def figures() -> "Figures":
    """This process's figures."""
    return Figures()


class Figures:
    """Counters by route name (never by path: a path may name a reference)."""

    def __init__(self) -> None:
        from prometheus_client import Counter, Histogram

        self.requests = Counter("dialogue_requests", "Answers", ["route", "method", "status"])
        self.seconds = Histogram(
            "dialogue_request_seconds",
            "Time to answer",
            ["route"],
            buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )
        self.cached = Counter("dialogue_cached_answers", "Answers from the page cache")

        # Finding a labelled figure costs more than counting in it.
        self._of_route = lru_cache(maxsize=1000)(self._labelled)

    def hit(self) -> None:
        self.cached.inc()

    def answered(self, route: str, method: str, status: int, *, took: float) -> None:
        """One more answer; `took` in seconds."""
        requests, seconds = self._of_route(route, method, status)
        requests.inc()
        seconds.observe(took)

    def _labelled(self, route: str, method: str, status: int) -> tuple[Any, Any]:
        return self.requests.labels(route, method, str(status)), self.seconds.labels(route)


class Observe:
    """One log line and two figures per request; an unforeseen error is logged with its request id."""

    def __init__(self, app: ASGIApp, *, figures: Figures) -> None:
        self.app, self.figures = app, figures
        self.log = log.bind()  # put together once, not for each line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, status = time.perf_counter(), 0
        request_id = secrets.token_hex(6)
        scope["request_id"] = request_id

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except ClientDisconnect:
            status = 499  # the sender went away: no error of ours
        finally:
            route = getattr(scope.get("route"), "name", "-")
            took = time.perf_counter() - began
            self.figures.answered(route, scope["method"], status, took=took)
            if route != "health":
                self.log.info(
                    "request",
                    id=request_id,
                    route=route,
                    method=scope["method"],
                    status=status,
                    ms=round(took * 1000, 1),
                )
