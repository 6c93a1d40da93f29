"""For the operator: is it alive, is it ready, what are its figures; and the static files."""

import mimetypes
import os
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from app import db, web
from app.adapters import vault
from app.adapters.clock import real_now
from app.errors import NotFound
from app.jobs import status, worker_seen
from app.media.spool import room, room_left
from app.web import AdaptersDep

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

router = APIRouter(include_in_schema=False)
mimetypes.add_type("text/javascript", ".js")
NO_WORKER_AFTER = 120  # seconds
WATCHED = {"/healthz", "/readyz"}  # asked of nobody else: they must answer while the database does not


@router.get("/healthz", name="health")
async def health() -> PlainTextResponse:
    """In no thread: all of them may be waiting for a database that says nothing."""
    return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})


@router.get("/readyz", name="ready")
def ready(adapters: AdaptersDep) -> JSONResponse:
    """200 when database, storage and jobs all work; 503 with which does not.

    `disk` only warns: `low`, then `full` when uploads are refused. Words still find room, and reading needs none.
    """
    parts = {"database": "ok", "storage": "ok", "jobs": "ok"}
    try:
        with db.reading() as session:
            seen = worker_seen(session)
        if seen is None or (real_now() - seen).total_seconds() > NO_WORKER_AFTER:
            parts["jobs"] = "no worker"
    except SQLAlchemyError:
        parts["database"] = parts["jobs"] = "down"
    if adapters.storage.check():
        parts["storage"] = "down"
    good = set(parts.values()) == {"ok"}
    parts["disk"] = room_left(adapters.data_dir)
    return JSONResponse(parts, 200 if good else 503, headers={"Cache-Control": "no-store"})


@router.get("/metrics", name="metrics")
def metrics(request: Request) -> Response:
    """Prometheus text; 404 without the right token (DIALOGUE_METRICS_TOKEN)."""
    from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess

    token = request.app.state.settings.metrics_token.get_secret_value()
    given = request.headers.get("authorization", "")
    if not token or not vault.verify("metrics", given.encode(), vault.sign("metrics", f"Bearer {token}".encode())):
        raise NotFound
    answered: CollectorRegistry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        answered = CollectorRegistry()
        multiprocess.MultiProcessCollector(answered)  # type: ignore[no-untyped-call]
    return Response(generate_latest(answered) + _of_the_moment(request), media_type=CONTENT_TYPE_LATEST)


def _of_the_moment(request: Request) -> bytes:
    """Asked now, of the database and the disk. No `Gauge`: with several processes each would leave a file behind,
    and its last figures with it, long after they were true."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import GaugeMetricFamily

    with db.reading() as session:
        queue = status(session)
    free, reserve = room(request.app.state.settings.data_dir)
    jobs = GaugeMetricFamily("dialogue_jobs", "Jobs by state", labels=["state"])
    for state in ("waiting", "running", "done", "failed"):
        jobs.add_metric([state], getattr(queue, state))
    told = [
        jobs,
        GaugeMetricFamily("dialogue_oldest_job_seconds", "How long the oldest due job waits", queue.oldest),
        GaugeMetricFamily("dialogue_disk_free_bytes", "Room left where the data are", free),
        GaugeMetricFamily("dialogue_disk_reserve_bytes", "Below this uploads are refused", reserve),
    ]
    registry = CollectorRegistry()
    registry.register(_Told(told))
    return generate_latest(registry)


class _Told:
    """What prometheus_client asks for figures that are known already."""

    def __init__(self, told: "list[GaugeMetricFamily]") -> None:
        self.told = told

    def collect(self) -> "list[GaugeMetricFamily]":
        return self.told


@router.get("/static/{build}/{path:path}", name="static")
def static_answer(build: str, path: str) -> Response:
    """Our CSS, JavaScript and pictures; kept for good, since their address changes with them."""
    file = web.static_file(path)
    if file is None:
        raise NotFound
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return FileResponse(file, media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"})
