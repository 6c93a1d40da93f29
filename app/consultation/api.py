"""`GET /api/v1/consultation`, and the OpenAPI document of the whole API."""

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from app.consultation.answers import ConsultationShown
from app.consultation.content import consultation
from app.consultation.public import public
from app.i18n import LANGUAGES
from app.openapi import answers, document, interface
from app.web import AdaptersDep

router = interface("consultation")
PUBLIC = {"Cache-Control": "public, no-cache"}


@router.get("/consultation", name="api:consultation", responses=answers(ConsultationShown))
def show(adapters: AdaptersDep, language: str = "fr") -> JSONResponse:
    """What one can contribute to now; `?language=` among the interface's languages."""
    language = language if language in LANGUAGES else "fr"
    return JSONResponse(public(consultation(), now=adapters.clock(), language=language), headers=PUBLIC)


@router.get("/openapi.json", name="api:openapi", responses=answers(dict[str, Any]))
def openapi(request: Request) -> JSONResponse:
    """This document."""
    app = request.app
    if not hasattr(app.state, "openapi"):
        app.state.openapi = document(app)
    return JSONResponse(app.state.openapi, headers=PUBLIC)
