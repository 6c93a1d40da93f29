"""Pages: a day of the programme on a sheet, and the sheets to print as PDF."""

from datetime import datetime
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from app import i18n
from app.adapters import Adapters
from app.assises import by_day, cards, printing, queries, sheets, walk, walk_words
from app.assises.addresses import address
from app.assises.queries import Released
from app.db import reading
from app.errors import N_, NotFound
from app.media import program
from app.web import AdaptersDep, page, url

router = APIRouter(include_in_schema=False)
NO_DAY = N_("Ce jour n’est pas dans le programme.")
log = structlog.get_logger("app.assises")


@router.get("/assises/jour/{date}.pdf", name="assises_pdf")
def assises_pdf(date: str, adapters: AdaptersDep) -> Response:
    with reading() as db:
        released = queries.current(db)
        sheet = _sheet(db, released, _day(released, date), adapters)
    return _pdf(f"assises-{date}", sheet, at=released.at, instead=url("assises_day", date=date))


@router.get("/assises/jour/{date}", name="assises_day")
def assises_day(request: Request, date: str, adapters: AdaptersDep) -> Response:
    """What the PDF says, to read here or to print from here."""
    with reading() as db:
        released = queries.current(db)
        sheet = _sheet(db, released, _day(released, date), adapters)
    days = [(sheets.heading(each), each.date.isoformat()) for each in by_day.days(released.programme)]
    return page(request, "assises/day.html", public=True, sheet=sheet, days=days, date=date)


@router.get("/assises/parcours.pdf", name="walk_sheet")
def walk_sheet(adapters: AdaptersDep) -> Response:
    now = adapters.clock()
    with reading() as db:
        found = walk.public(db)
    home = address("walk", base_url=adapters.base_url)
    sheet = sheets.walk(found.words, walk_words.shapes(found, now), now=now, home=home)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)  # made once a day, and when its words change
    return _pdf("parcours", sheet, at=day, instead=url("walk"))


def _day(released: Released, date: str) -> by_day.Day:
    found = next((each for each in by_day.days(released.programme) if each.date.isoformat() == date), None)
    if found is None:
        raise NotFound(NO_DAY)
    return found


def _sheet(db: Session, released: Released, on: by_day.Day, adapters: Adapters) -> dict[str, Any]:
    """Without the places left: on paper they would be wrong within the hour."""
    names = queries.names(db)
    shown = {str(one.id): cards.card(one, released.programme, names, {}, adapters.clock()) for one in on.sessions}
    return sheets.day(released, on, shown, home=address("assises", base_url=adapters.base_url))


def _pdf(name: str, sheet: dict[str, Any], *, at: datetime, instead: str) -> Response:
    """The PDF; where none can be made now, the page that says the same."""
    try:
        made = printing.pdf(f"{name}-{i18n.current().code}", sheet, at=at)
    except (program.Refused, program.Lost) as failure:
        log.warning("sheet.failed", sheet=name, detail=str(failure))
        return RedirectResponse(instead, 303, headers={"Cache-Control": "no-store"})
    headers = {"Cache-Control": "public, no-cache", "Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(made, media_type="application/pdf", headers=headers)
