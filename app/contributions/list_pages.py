"""Pages: what people say, and one contribution."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from app import i18n
from app.contributions import cards, filters, gone, list_filters, queries
from app.db import reading
from app.errors import Gone, Unprocessable
from app.events import afterwards
from app.forms import say
from app.models import Channel
from app.outreach import told_queries, told_words
from app.web import page, url

router = APIRouter(include_in_schema=False)
SORTS = ("recent", "relevance")


@router.get("/paroles", name="voices")
def voices(request: Request) -> Response:
    """The list. A filter nobody can have meant is left out; a page that never was is the first one."""
    asked = request.query_params
    chosen, errors = filters.read(asked)
    sort = asked.get("sort", "") if asked.get("sort") in SORTS else SORTS[0]
    after = asked.get("after", "")
    with reading() as db:
        found, after = _page(db, chosen, after=after, sort=sort, literally=asked.get("exact") == "1")
    return page(
        request, "contributions/list.html", public=True, found=found, chosen=chosen, sort=sort, after=after,
        typed=chosen.q or asked.get("q", ""), cards=cards.cards(found.items),
        groups=list_filters.groups(chosen, sort), chips=list_filters.chips(chosen, sort),
        links=_links(chosen, sort, found), problems=[say(error) for error in errors if error.field == "q"],
    )  # fmt: skip


def _page(db: Session, chosen: filters.Filters, *, after: str, sort: str, literally: bool) -> tuple[queries.Page, str]:
    by_relevance = sort == "relevance"
    try:
        return queries.find(db, chosen, after=after, by_relevance=by_relevance, literally=literally), after
    except Unprocessable:  # an old or damaged address
        return queries.find(db, chosen, by_relevance=by_relevance, literally=literally), ""


def _links(chosen: filters.Filters, sort: str, found: queries.Page) -> dict[str, str]:
    return {
        "first": list_filters.address(chosen, sort),
        "next": list_filters.address(chosen, sort, after=found.next) if found.next else "",
        "recent": list_filters.address(chosen, "recent"),
        "relevance": list_filters.address(chosen, "relevance"),
        "insist": list_filters.address(chosen, sort, exact="1"),
        "feed": url("voices_feed", question=chosen.question),
    }


@router.get("/paroles/{reference}", name="voice")
def voice(request: Request, reference: str) -> Response:
    with reading() as db:
        found = queries.one(db, reference)
        if isinstance(found, queries.Gone):
            raise gone_page(found)
        event = afterwards.named(db, found["event_seq"]) if found["event_seq"] else None
        outing = told_queries.linked(db, UUID(found["id"])) if found["channel"] == Channel.STREET else None
    return page(
        request,
        "contributions/voice.html",
        public=True,
        c=found,
        event=event,
        outing=told_words.card(outing) if outing else None,
    )


def gone_page(found: queries.Gone) -> Gone:
    extra: dict[str, Any] = {"reason": gone.label(found), "date": i18n.format_date(found.since)}
    extra["appeal"] = found.state in gone.BY_THE_TEAM
    return Gone(gone.SENTENCES[found.state], **extra)
