"""The programme for other programs: calendars, and the XML of conference apps."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import Response

from app.assises import calendars, queries, schedule_xml
from app.assises.addresses import address, page_of
from app.db import reading
from app.errors import NotFound
from app.i18n import gettext as _
from app.web import AdaptersDep

router = APIRouter(include_in_schema=False)
CALENDAR = "text/calendar; charset=utf-8"


@router.get("/assises/schedule.ics", name="assises_ics")
def assises_ics(adapters: AdaptersDep) -> Response:
    with reading() as db:
        released = queries.current(db)
    programme, page = released.programme, partial(page_of, base_url=adapters.base_url)
    text = calendars.everything(
        released, base_url=adapters.base_url, page=page, name=programme.title or _("Les Assises")
    )
    return _file(text, CALENDAR, "assises.ics")


@router.get("/assises/seances/{slug}.ics", name="assises_session_ics")
def assises_session_ics(slug: str, adapters: AdaptersDep) -> Response:
    with reading() as db:
        released = queries.current(db)
    session = released.programme.by_slug.get(slug)
    if session is None:
        raise NotFound()
    page = partial(page_of, base_url=adapters.base_url)
    text = calendars.one(released, session, base_url=adapters.base_url, page=page)
    return _file(text, CALENDAR, f"{session.slug}.ics")


@router.get("/assises/schedule.xml", name="assises_xml")
def assises_xml(adapters: AdaptersDep) -> Response:
    with reading() as db:
        released, names = queries.current(db), queries.names(db)
    page, home = partial(page_of, base_url=adapters.base_url), address("assises", base_url=adapters.base_url)
    text = schedule_xml.schedule(released, names, page=page, home=home)
    return _file(text, "application/xml", "schedule.xml")


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"Cache-Control": "public, no-cache", "Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)
