"""Page: the whole programme, by day, hour and room."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import i18n
from app.assises import cards, filters, list_filters, queries, timetable
from app.assises.queries import Released
from app.db import reading
from app.errors import NotFound
from app.forms import say
from app.i18n import gettext as _
from app.web import AdaptersDep, page, url

router = APIRouter(include_in_schema=False)
Card = dict[str, Any]


@router.get("/assises", name="assises")
def programme(request: Request, adapters: AdaptersDep) -> Response:
    """The last release. What nobody can have meant by a filter is said, and left out."""
    with reading() as db:
        try:
            released = queries.current(db)
        except NotFound:
            return page(request, "assises/none_yet.html", public=True)
        names, seats = queries.names(db), queries.seats(db)
    whole = released.programme
    chosen, errors = filters.read(request.query_params, whole)
    shown = {UUID(each["id"]): each for each in cards.cards(released, names, seats, adapters.clock())}
    return page(
        request, "assises/programme.html", public=True, seats=True, released=released, programme=whole, chosen=chosen,
        groups=list_filters.groups(chosen, whole), chips=list_filters.chips(chosen, whole),
        unknown=[say(error) for error in errors], first=url("assises"), days=_days(released, chosen, shown),
    )  # fmt: skip


def _days(released: Released, chosen: filters.Filters, shown: Mapping[UUID, Card]) -> list[dict[str, Any]]:
    whole = released.programme
    found: list[dict[str, Any]] = [
        {
            "date": day.date.isoformat(), "name": i18n.format_day(datetime.combine(day.date, time(12), i18n.PARIS)),
            "rooms": [whole.room_of[room].name if room else _("Salle à préciser") for room in day.columns],
            "rows": [_row(row, len(day.columns), shown) for row in day.rows],
        }
        for day in timetable.days(whole, chosen.of(whole))
    ]  # fmt: skip
    on = next((row for day in found for row in day["rows"] if row["on"]), None)
    if on:
        on["here"] = True  # the first moment of what goes on: a link leads there
    return found


def _row(row: timetable.Row, rooms: int, shown: Mapping[UUID, Card]) -> dict[str, Any]:
    """`pause`: what everybody does then; `alone`: nothing else goes on, so that it takes the whole width."""
    cells: list[dict[str, Any]] = [
        {"span": cell.span, "cards": [shown[each.id] for each in cell.sessions]} for cell in row.cells
    ]
    pause = " · ".join(each.title for each in row.pauses)
    alone = bool(pause) and len(cells) == rooms and not any(cell["cards"] for cell in cells)
    return {
        "hour": i18n.format_hour(row.at), "at": i18n.local(row.at).isoformat(), "pause": pause, "alone": alone,
        "cells": cells, "empty": not pause and not any(cell["cards"] for cell in cells),
        "on": any(card["code"] == "now" for cell in cells for card in cell["cards"]), "here": False,
    }  # fmt: skip
