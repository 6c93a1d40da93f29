"""`GET /api/v1/consultation`, and the OpenAPI document of the whole API."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from app.consultation.content import consultation
from app.consultation.public import public
from app.i18n import LANGUAGES
from app.web import AdaptersDep

router = APIRouter(tags=["consultation"])
PUBLIC = {"Cache-Control": "public, no-cache"}


@router.get("/consultation", name="api:consultation")
def show(adapters: AdaptersDep, language: str = "fr") -> JSONResponse:
    """What one can contribute to now; `?language=` among the interface's languages."""
    language = language if language in LANGUAGES else "fr"
    return JSONResponse(public(consultation(), now=adapters.clock(), language=language), headers=PUBLIC)


@router.get("/openapi.json", include_in_schema=False, name="api:openapi")
def openapi(request: Request) -> JSONResponse:
    """Describes exactly the routes of /api/v1."""
    app = request.app
    if not hasattr(app.state, "openapi"):
        app.state.openapi = _document(app)
    return JSONResponse(app.state.openapi, headers=PUBLIC)


def _document(app: Any) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, routes=app.routes, description=DESCRIPTION)
    document["servers"] = [{"url": "/"}]
    document["components"].setdefault("securitySchemes", {}).update(
        {
            "staff": {
                "type": "http",
                "scheme": "bearer",
                "description": "A personal token (dialogue token add).",
            },
            "receipt": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`Receipt <code>`",
            },
        }
    )
    return document


DESCRIPTION = """Contributions, receipts and moderation of a city's dialogue on solidarity.

Errors are `application/problem+json` (RFC 9457) with a stable `code`, and for 422 `errors[{field, code, message}]`.
Lists are `{"items": […], "next": cursor|null}`; the next page is `?after=<next>`. A POST that creates takes an optional
`Idempotency-Key` (UUID)."""
