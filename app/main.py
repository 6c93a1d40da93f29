"""Puts the web service together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
from fastapi import FastAPI
from starlette.types import ASGIApp

from app import db, observe, ops, switches, web
from app.adapters import Adapters
from app.cache import PageCache
from app.consultation.content import consultation
from app.media import tus_api
from app.problems import LargeInWords, handle_errors
from app.process import configure
from app.routes import add_routes
from app.security import Guard
from app.settings import Settings, read_settings

BODY_LIMIT = 110 * 1024 * 1024  # five photos of 20 MB and the words


def create_app(settings: Settings | None = None, adapters: Adapters | None = None) -> ASGIApp:
    """The whole ASGI service: page cache, guards, FastAPI."""
    settings = settings or read_settings()
    figures, adapters = observe.figures(), adapters or configure(settings)
    app = FastAPI(
        title=consultation().title.in_("fr"),
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(settings.threads),
        max_body_size=BODY_LIMIT,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False},
    )
    app.state.settings, app.state.adapters = settings, adapters
    add_routes(app)
    handle_errors(app)
    web.prepare(app, path_prefix=settings.path_prefix)
    app.add_middleware(observe.Observe, figures=figures)
    worded = LargeInWords(app)
    guarded = Guard(
        worded,
        base_url=settings.base_url,
        https=settings.https,
        path_prefix=settings.path_prefix,
        played_from=lambda: _origin(app.state.adapters.storage.link("any")),
    )
    cached = PageCache(
        tus_api.Resumable(guarded),
        read_versions=switches.read_versions,
        on=settings.page_cache == "on",
        on_hit=figures.hit,
        passes=lambda scope: tus_api.is_upload(scope) or scope["path"] in ops.WATCHED,
    )
    cached.fastapi = app  # type: ignore[attr-defined]  # for tests and the OpenAPI document
    return cached


def _origin(address: str) -> str:
    """Where links to a store lead, for the Content-Security-Policy; "" when it gives none."""
    found = urlsplit(address)
    return f"{found.scheme}://{found.netloc}" if found.netloc else ""


def _lifespan(threads: int) -> Any:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # The default of 40 threads costs twice the CPU (architecture.md).
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        yield
        db.dispose()

    return lifespan
