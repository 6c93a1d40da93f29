"""All that people said at one meeting."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.contributions import cards
from app.db import reading
from app.events import afterwards, queries
from app.web import AdaptersDep, page

router = APIRouter(include_in_schema=False)
PAGE = 24


@router.get("/rendez-vous/{slug}/paroles", name="event_voices")
def event_voices(request: Request, slug: str, adapters: AdaptersDep) -> Response:
    """Newest first; a page that never was is the first one."""
    asked = request.query_params.get("after", "")
    before = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None
    with reading() as db:
        event = queries.by_slug(db, slug)
        voices, older = afterwards.said(db, event, before=before, limit=PAGE)
    return page(
        request, "events/voices.html", public=True, event=event, cards=cards.cards(voices), older=older, after=before
    )
