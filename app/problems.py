"""Refusals as answers: problem+json (RFC 9457) for the API and scripts, a page for everybody else."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import i18n, observe, web
from app.errors import N_, AppError, FieldError, NotFound, TooLarge, Unauthorized, Unprocessable
from app.forms import field_errors, say

FAILED = N_("Quelque chose s’est cassé chez nous. Ce n’est pas votre faute. Réessayez dans un moment.")
API = "/api/"
BY_RECEIPT = API + "v1/receipt"
BODY = ("body",)  # where FastAPI found what is wrong with a body as a whole
NO_OBJECT = {"model_attributes_type", "model_type"}  # a list, a text, what was sent under another type
NO_JSON: Mapping[str, Any] = {"type": "json_invalid", "loc": ()}


def handle_errors(app: FastAPI) -> None:
    @app.exception_handler(AppError)
    def expected(request: Request, error: AppError) -> Response:
        return answer_error(request, error)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        return answer_error(request, Unprocessable(field_errors([_of_the_whole(each) for each in error.errors()])))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 303:  # a dependency leads elsewhere (to the login page)
            return Response(status_code=303, headers=dict(error.headers or {}) | {"Cache-Control": "no-store"})
        if 300 <= error.status_code < 400:
            return Response(status_code=error.status_code, headers=error.headers)
        if error.status_code == 400 and _path(request).startswith(API):  # nested too deep, a number of 5,000 digits
            return answer_error(request, Unprocessable(field_errors([NO_JSON])))
        known = {404: NotFound, 413: TooLarge, 401: Unauthorized}.get(error.status_code, AppError)()
        known.status, headers = error.status_code, dict(error.headers or {})
        if error.status_code == 405:
            known.code = "method_not_allowed"
            headers["Allow"] = _allowed(request)
        return answer_error(request, known, headers=headers)

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> Response:
        observe.log.error("unforeseen", id=request.scope.get("request_id"), kind=type(error).__name__, exc_info=error)
        away = isinstance(error, OperationalError)  # the database, not this request: a proxy may try elsewhere
        failure = AppError(FAILED, code="database_down" if away else "internal")
        failure.status = 503 if away else 500
        return answer_error(request, failure)


def answer_error(request: Request, error: AppError, *, headers: Mapping[str, str] | None = None) -> Response:
    """problem+json for the API and scripts, else a page in the person's language."""
    said = {"Cache-Control": "no-store", **error.headers, **(headers or {})}
    if isinstance(error, Unauthorized):
        said["WWW-Authenticate"] = "Receipt" if _path(request).startswith(BY_RECEIPT) else "Bearer"
    if after := error.extra.get("retry_after"):
        said["Retry-After"] = str(after)
    if _path(request).startswith(API) or "application/json" in request.headers.get("accept", ""):
        return problem(error, said)
    template = "errors/gone.html" if error.status == 410 else "errors/error.html"
    return web.page(
        request,
        template,
        status=error.status,
        headers=said,
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
    headers = {"Content-Language": i18n.current().tag} | headers
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


def _path(request: Request) -> str:
    """Without the host's prefix and the language."""
    return str(request.scope.get("bare_path", request.url.path))


def _of_the_whole(error: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is wrong with a body as a whole names no field: contributions have one called `body`."""
    whole = tuple(error["loc"]) == BODY
    if error["type"] == "json_invalid" or (whole and error["type"] in NO_OBJECT):
        return NO_JSON
    return {**error, "loc": ()} if whole else error


def _allowed(request: Request) -> str:
    """Every method this address has (RFC 9110); the framework names those of the first route that fits."""
    path = _path(request)
    found = {method for pattern, methods in _methods(request.app) if pattern.match(path) for method in methods}
    return ", ".join(sorted(found | {"HEAD"} if "GET" in found else found))


@lru_cache(maxsize=4)
def _methods(app: FastAPI) -> tuple[tuple[re.Pattern[str], frozenset[str]], ...]:
    """Each route's path as a pattern, and its methods."""
    routes = [route for route in app.routes if isinstance(route, Route)]
    return tuple((route.path_regex, frozenset(route.methods or ())) for route in routes)


def _field(error: FieldError) -> dict[str, str]:
    return {"field": error.field, "code": error.code, "message": say(error)}
