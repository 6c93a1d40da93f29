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
from app.accounts import pages as accounts_pages
from app.adapters import Adapters
from app.assises import changes_pages as assises_changes_pages
from app.assises import edit_session_pages as assises_edit_session_pages
from app.assises import edit_settings_pages as assises_edit_settings_pages
from app.assises import edit_speakers_pages as assises_edit_speakers_pages
from app.assises import edit_stop_pages as assises_edit_stop_pages
from app.assises import edit_walk_pages as assises_edit_walk_pages
from app.assises import export_pages as assises_export_pages
from app.assises import grid_pages as assises_grid_pages
from app.assises import mine_pages as assises_mine_pages
from app.assises import now_pages as assises_now_pages
from app.assises import offline_pages as assises_offline_pages
from app.assises import programme_pages as assises_programme_pages
from app.assises import public_api as assises_public_api
from app.assises import release_pages as assises_release_pages
from app.assises import session_pages as assises_session_pages
from app.assises import sheet_pages as assises_sheet_pages
from app.assises import sign_pages as assises_sign_pages
from app.assises import urgent_pages as assises_urgent_pages
from app.assises import walk_pages as assises_walk_pages
from app.assistance import pages as assistance_pages
from app.cache import PageCache
from app.consultation import api as consultation_api
from app.consultation import pages as consultation_pages
from app.contributions import api as contributions_api
from app.contributions import (
    appeal_pages,
    draft_pages,
    follow_pages,
    form_pages,
    list_pages,
    notice_api,
    notice_pages,
    paper_pages,
)
from app.contributions import feed as contributions_feed
from app.contributions import public_api as contributions_public_api
from app.errors import N_, AppError, FieldError, NotFound, TooLarge, Unauthorized, Unprocessable
from app.events import api as events_api
from app.events import desk_pages, desk_write_pages, door_api, door_pages, edit_pages, edit_state_pages
from app.events import feed as events_feed
from app.events import list_pages as events_list_pages
from app.events import own_pages as events_own_pages
from app.events import public_api as events_public_api
from app.events import report_pages as events_report_pages
from app.events import show_pages as events_show_pages
from app.events import sign_up_pages as events_sign_up_pages
from app.events import voices_pages as events_voices_pages
from app.forms import field_errors, say
from app.media import caption_pages, tus_api
from app.media import pages as media_pages
from app.moderation import alert_pages as moderation_alert_pages
from app.moderation import api as moderation_api
from app.moderation import appeal_api as moderation_appeal_api
from app.moderation import appeal_pages as moderation_appeal_pages
from app.moderation import bulk_api as moderation_bulk_api
from app.moderation import bulk_pages as moderation_bulk_pages
from app.moderation import claim_pages as moderation_claim_pages
from app.moderation import notice_pages as moderation_notice_pages
from app.moderation import original_pages as moderation_original_pages
from app.moderation import pages as moderation_pages
from app.moderation import queue_pages as moderation_queue_pages
from app.moderation import switch_pages as moderation_switch_pages
from app.notify import pages as notify_pages
from app.openapi import API
from app.ops import router as ops_router
from app.outreach import collect_api, device_api
from app.outreach import collect_pages as outreach_collect_pages
from app.outreach import device_pages as outreach_device_pages
from app.outreach import kiosk_pages as outreach_kiosk_pages
from app.outreach import offline_pages as outreach_offline_pages
from app.outreach import outing_pages as outreach_outing_pages
from app.outreach import outing_state_pages as outreach_outing_state_pages
from app.outreach import poster_pages as outreach_poster_pages
from app.outreach import street_pages as outreach_street_pages
from app.outreach import telling_pages as outreach_telling_pages
from app.outreach import ticket_pages as outreach_ticket_pages
from app.process import configure
from app.security import Guard
from app.settings import Settings, read_settings
from app.transparency import journal_pages, own_pages
from app.transparency import pages as transparency_pages

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
    # Not included: that costs a search for each request.
    app.router.routes[:0] = [*contributions_api.sending.routes, *events_api.sending.routes]
    # In the order they are asked most: each is tried in turn.
    for router in (
        contributions_public_api.router,
        contributions_api.router,
        events_api.router,
        consultation_api.router,
        events_public_api.router,
        assises_public_api.router,
        tus_api.router,
        moderation_api.router,
        moderation_bulk_api.router,
        moderation_appeal_api.router,
        notice_api.router,
        device_api.router,  # before one record: its id may be any
        collect_api.router,
    ):
        app.include_router(router, prefix=API)
    for router in (
        list_pages.router,
        media_pages.router,
        consultation_pages.router,
        form_pages.router,
        draft_pages.router,
        paper_pages.router,
        follow_pages.router,
        appeal_pages.router,
        notice_pages.router,
        events_sign_up_pages.router,
        events_own_pages.router,
        contributions_feed.router,
        events_list_pages.router,
        events_feed.router,  # before one meeting: its name may be any
        events_show_pages.router,
        events_voices_pages.router,
        events_report_pages.router,
        assises_programme_pages.router,
        assises_now_pages.router,
        assises_changes_pages.router,
        assises_export_pages.router,  # before one session: its name may be any
        assises_session_pages.router,
        assises_sheet_pages.router,
        assises_mine_pages.router,
        assises_offline_pages.router,
        assises_walk_pages.router,
        outreach_street_pages.router,
        outreach_poster_pages.router,
        transparency_pages.router,
        ops_router,
        moderation_queue_pages.router,
        moderation_claim_pages.router,
        moderation_bulk_pages.router,
        moderation_pages.router,
        assistance_pages.router,
        moderation_original_pages.router,
        caption_pages.router,
        moderation_alert_pages.router,
        moderation_switch_pages.router,
        moderation_appeal_pages.router,
        moderation_notice_pages.router,
        notify_pages.router,
        door_api.router,
        door_pages.router,
        desk_pages.router,
        desk_write_pages.router,
        edit_pages.router,
        edit_state_pages.router,
        assises_edit_speakers_pages.router,
        assises_edit_settings_pages.router,
        assises_edit_session_pages.router,
        assises_grid_pages.router,
        assises_sign_pages.router,
        assises_urgent_pages.router,
        assises_release_pages.router,
        assises_edit_walk_pages.router,
        assises_edit_stop_pages.router,
        outreach_collect_pages.router,
        outreach_kiosk_pages.router,
        outreach_offline_pages.router,
        outreach_outing_pages.router,
        outreach_outing_state_pages.router,
        outreach_ticket_pages.router,
        outreach_telling_pages.router,
        accounts_pages.router,
        outreach_device_pages.router,
        journal_pages.router,
        own_pages.router,
    ):
        app.include_router(router)
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
