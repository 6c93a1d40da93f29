"""The poster of an outing: to read, and to print as PDF. There is one once something changes."""

from datetime import datetime, time
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app import i18n
from app.adapters import Adapters
from app.assises import printing
from app.assises.addresses import address
from app.consultation.content import consultation
from app.db import reading
from app.errors import NotFound
from app.media import program
from app.outreach import poster, told_queries, told_words
from app.web import AdaptersDep, page, url

router = APIRouter(include_in_schema=False)
log = structlog.get_logger("app.outreach")


@router.get("/dans-la-rue/{slug}/affiche.pdf", name="street_poster_pdf")
def street_poster_pdf(slug: str, adapters: AdaptersDep) -> Response:
    """Where none can be made now, the page that says the same."""
    sheet, at = _sheet(slug, adapters)
    try:
        made = printing.pdf(f"affiche-{slug}-{i18n.current().code}", sheet, at=at, sheet=poster.SHEET)
    except (program.Refused, program.Lost) as failure:
        log.warning("sheet.failed", sheet="affiche", detail=str(failure))
        return RedirectResponse(url("street_poster", slug=slug), 303, headers={"Cache-Control": "no-store"})
    headers = {"Cache-Control": "public, no-cache", "Content-Disposition": f'inline; filename="affiche-{slug}.pdf"'}
    return Response(made, media_type="application/pdf", headers=headers)


@router.get("/dans-la-rue/{slug}/affiche", name="street_poster")
def street_poster(request: Request, slug: str, adapters: AdaptersDep) -> Response:
    sheet, _at = _sheet(slug, adapters)
    return page(request, "outreach/poster.html", public=True, sheet=sheet, slug=slug)


def _sheet(slug: str, adapters: Adapters) -> tuple[dict[str, Any], datetime]:
    """What it says, and the day this was decided."""
    with reading() as db:
        told = told_queries.one(db, slug)
    if not told.shown.changes:
        raise NotFound(told_queries.UNKNOWN)
    home = address("street_outing", base_url=adapters.base_url, slug=slug)
    follow = address("follow", base_url=adapters.base_url)
    at = datetime.combine(told.shown.changed_on, time.min, consultation().zone)
    return poster.poster(told_words.card(told.shown), told.words, home=home, follow=follow), at
