"""What was heard in the street: a page for each outing that is told, all of them, their Atom feed (RFC 4287)."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import i18n, web
from app.consultation.content import consultation
from app.contributions import cards
from app.db import reading
from app.outreach import told_queries, told_words
from app.web import AdaptersDep, page, url

router = APIRouter(include_in_schema=False)
ENTRIES = 50
HEADERS = {"Cache-Control": "public, no-cache"}


@router.get("/dans-la-rue", name="street")
def street(request: Request) -> Response:
    """Those told last first; a page that never was is the first one."""
    after = request.query_params.get("after", "")
    with reading() as db:
        found, older = told_queries.listed(db, after=after[:80])
        figures = told_queries.figures(db)
    return page(
        request, "outreach/street.html", public=True, cards=[told_words.card(each) for each in found], older=older,
        after=after, street=told_words.counted(figures),
    )  # fmt: skip


@router.get("/dans-la-rue.atom", name="street_feed")
def feed(adapters: AdaptersDep) -> Response:
    """The fifty told last."""
    parts, zone = urlsplit(adapters.base_url), consultation().zone
    with reading() as db:
        found, _older = told_queries.listed(db, limit=ENTRIES)
    updated = max((each.changed_on for each in found), default=adapters.clock().astimezone(zone).date())
    text = web.env.get_template("feed/street.xml").render(
        cards=[told_words.card(each) for each in found], updated=updated, origin=f"{parts.scheme}://{parts.netloc}",
        lang=i18n.current().tag, consultation=consultation(), here=url("street_feed"),
    )  # fmt: skip
    return Response(text, media_type="application/atom+xml", headers=HEADERS)


@router.get("/dans-la-rue/{slug}", name="street_outing")
def outing(request: Request, slug: str) -> Response:
    """With the words said there; a page of them that never was is the first one."""
    asked = request.query_params.get("after", "")
    before = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None
    with reading() as db:
        told = told_queries.one(db, slug, before=before)
    return page(
        request, "outreach/told.html", public=True, card=told_words.card(told.shown),
        words=cards.cards(list(told.words)), older=told.older, after=before, event=told.event,
    )  # fmt: skip
