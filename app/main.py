"""Puts the web service together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import db, i18n, observe, switches, web
from app.adapters import Adapters
from app.cache import PageCache
from app.errors import N_, AppError, FieldError, NotFound, TooLarge, Unauthorized, Unprocessable
from app.forms import field_errors, say
from app.media import tus_api
from app.process import configure
from app.routes import add_routes
from app.security import Guard
from app.settings import Settings, read_settings

BODY_LIMIT = 110 * 1024 * 1024  # five photos of 20 MB and the words


def create_app(settings: Settings | None = None, adapters: Adapters | None = None) -> ASGIApp:
    """The whole ASGI service: page cache, guards, FastAPI."""
    settings = settings or read_settings()
    figures = observe.figures()
    app = FastAPI(
        title="Nouvelles solidarités",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(settings.threads),
        max_body_size=BODY_LIMIT,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False},
    )
    app.state.settings, app.state.adapters = settings, adapters or configure(settings)
    add_routes(app)
    _handle_errors(app)
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
        passes=tus_api.is_upload,
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


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(AppError)
    def expected(request: Request, error: AppError) -> Response:
        return answer_error(request, error)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        return answer_error(request, Unprocessable(field_errors(error.errors())))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 303:  # a dependency leads elsewhere (to the login page)
            return Response(status_code=303, headers=dict(error.headers or {}) | {"Cache-Control": "no-store"})
        if 300 <= error.status_code < 400:
            return Response(status_code=error.status_code, headers=error.headers)
        known = {404: NotFound, 413: TooLarge, 401: Unauthorized}.get(error.status_code, AppError)()
        known.status = error.status_code
        if error.status_code == 405:
            known.code = "method_not_allowed"
        return answer_error(request, known, headers=error.headers)

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> Response:
        observe.log.error("unforeseen", id=request.scope.get("request_id"), kind=type(error).__name__, exc_info=error)
        failure = AppError(FAILED, code="internal")
        failure.status = 500
        return answer_error(request, failure)


FAILED = N_("Quelque chose s’est cassé chez nous. Ce n’est pas votre faute. Réessayez dans un moment.")


def answer_error(request: Request, error: AppError, *, headers: Any = None) -> Response:
    """problem+json for the API and scripts, else a page in the person's language."""
    headers = {"Cache-Control": "no-store", **error.headers, **(headers or {})}
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if after := error.extra.get("retry_after"):
        headers["Retry-After"] = str(after)
    bare = request.scope.get("bare_path", request.url.path)
    if bare.startswith("/api/") or "application/json" in request.headers.get("accept", ""):
        return problem(error, headers)
    template = "errors/gone.html" if error.status == 410 else "errors/error.html"
    return web.page(
        request,
        template,
        status=error.status,
        headers=headers,
        error=error,
        sentence=i18n.gettext(error.message),
    )


def problem(error: AppError, headers: dict[str, str]) -> JSONResponse:
    """RFC 9457, with a stable `code`, and `errors` for a 422."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": error.code.replace("_", " "),
        "status": error.status,
        "code": error.code,
        "detail": i18n.gettext(error.message),
        **error.extra,
    }
    if isinstance(error, Unprocessable):
        body["errors"] = [_field(e) for e in error.errors]
        if len(error.errors) == 1 and error.code == "invalid":
            body["code"] = error.errors[0].code
    return JSONResponse(body, error.status, headers=headers, media_type="application/problem+json")


class LargeInWords:
    """Inside the guards: the framework's body limit answers in plain English; here its 413 becomes ours."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        said = False

        async def worded(message: Message) -> None:
            nonlocal said
            starts = message["type"] == "http.response.start" and message["status"] == 413
            if starts and dict(message["headers"]).get(b"content-type", b"").startswith(b"text/plain"):
                said = True
                await answer_error(Request(scope), TooLarge())(scope, receive, send)
            elif not said:
                await send(message)

        await self.app(scope, receive, worded)


def _field(error: FieldError) -> dict[str, str]:
    return {"field": error.field, "code": error.code, "message": say(error)}
