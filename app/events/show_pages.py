"""Pages: one meeting, its calendar entry, and all of them for a calendar."""

import json
from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from app import web
from app.adapters import Adapters
from app.db import reading
from app.events import calendars, cards, public, queries, sign_up, telling
from app.events.public import address, as_schema
from app.models import Event, EventKind
from app.outreach import told_queries
from app.outreach.discretion import Shown
from app.web import AdaptersDep, page

router = APIRouter(include_in_schema=False)
CALENDAR = "text/calendar; charset=utf-8"
KEPT = timedelta(days=90)  # how long a subscribed calendar still has what is over


@router.get("/rendez-vous.ics", name="events_ics")
def events_ics(adapters: AdaptersDep) -> Response:
    now = adapters.clock()
    with reading() as db:
        found = queries.everything(db, since=now - KEPT)
    page_of = partial(address, base_url=adapters.base_url)
    return _calendar(calendars.whole(found, base_url=adapters.base_url, now=now, url=page_of), "rendez-vous")


@router.get("/rendez-vous/{slug}.ics", name="event_ics")
def event_ics(slug: str, adapters: AdaptersDep) -> Response:
    with reading() as db:
        found = queries.by_slug(db, slug)
    here = address(found, base_url=adapters.base_url)
    return _calendar(calendars.entry(found, base_url=adapters.base_url, now=adapters.clock(), url=here), found.slug)


@router.get("/rendez-vous/{slug}", name="event")
def event(request: Request, slug: str, adapters: AdaptersDep) -> Response:
    with reading() as db:
        found = queries.by_slug(db, slug)
    if found.kind is EventKind.SESSION:
        return RedirectResponse(public.page(found), 308)
    return event_page(request, found, adapters)


def event_page(request: Request, found: Event, adapters: Adapters) -> Response:
    now = adapters.clock()
    return page(
        request, "events/show.html", public=True, seats=True, event=found, card=cards.card(found, now),
        data=_as_script(as_schema(found, base_url=adapters.base_url)), json_url=web.url("api:event", slug=found.slug),
        **sign_up.context(found, now=now), **telling.context(found, now=now), street=_street(found),
    )  # fmt: skip


def _street(found: Event) -> Shown | None:
    """What mediators heard there, where its page may be named."""
    if found.kind is not EventKind.MEDIATION:
        return None
    with reading() as db:
        return told_queries.of_event(db, found.seq or 0)


def _calendar(text: bytes, name: str) -> Response:
    headers = {"Cache-Control": "public, no-cache", "Content-Disposition": f'inline; filename="{name}.ics"'}
    return Response(text, media_type=CALENDAR, headers=headers)


def _as_script(data: dict[str, Any]) -> Markup:
    """JSON inside a page: what is typed cannot end the element."""
    text = json.dumps(data, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704
