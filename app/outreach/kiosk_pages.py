"""The card a person fills in alone, on a device handed over: one piece of a page in each language of the site."""

import re

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app import i18n, web
from app.consultation.content import consultation
from app.errors import NotFound

INDENTED = re.compile(r"\s*\n\s*")  # each device keeps ten of them
router = APIRouter(include_in_schema=False)


@router.get("/equipe/collecte/carte/{language}", name="collect_card")
def card(language: str) -> HTMLResponse:
    """Open to all and the same for all: it holds nobody's words. The collecting page keeps every one of them."""
    known = i18n.LANGUAGES.get(language)
    if known is None:
        raise NotFound
    content = consultation()
    with i18n.speaking(language):
        html = web.env.get_template("outreach/card.html").render(
            language=known, consultation=content, limits=content.limits
        )
    return HTMLResponse(
        INDENTED.sub("\n", html), headers={"Cache-Control": "public, no-cache", "Content-Language": known.tag}
    )
