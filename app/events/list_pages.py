"""Pages: what happens and when, as a list, by month, and by place."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from app import i18n
from app.assises import cards as assises
from app.consultation.asked import YEARS
from app.consultation.content import consultation
from app.db import reading
from app.errors import N_, NotFound, Unprocessable
from app.events import cards, filters, list_filters, queries
from app.security import pictures_from
from app.web import AdaptersDep, page, url

router = APIRouter(include_in_schema=False)
MONTH = re.compile(r"^(\d{4})-(\d\d)$", re.ASCII)
NO_MONTH = N_("Ce mois n’existe pas.")
DECEMBER, WEEK = 12, 7
MONDAY = date(2022, 4, 11)


@router.get("/rendez-vous", name="events")
def events(request: Request, adapters: AdaptersDep) -> Response:
    """The list. A filter nobody can have meant is left out; a page that never was is the first one."""
    now, (chosen, _errors) = adapters.clock(), filters.read(request.query_params)
    with reading() as db:
        found, after = _page(db, chosen, now=now, after=request.query_params.get("after", ""))
        whole = None if after or chosen.given() else assises.whole(db, now)
    following = list_filters.address(chosen, after=found.next) if found.next else ""
    return page(
        request, "events/list.html", public=True, seats=True, chosen=chosen, after=after,
        months=_months(cards.cards(found.items, now)), groups=list_filters.groups(chosen),
        chips=list_filters.chips(chosen), first=list_filters.address(chosen), following=following,
        month=_this_month(now), assises=whole,
    )  # fmt: skip


@router.get("/rendez-vous/mois/{month}", name="events_month")
def events_month(request: Request, month: str, adapters: AdaptersDep) -> Response:
    """One month, day after day; NotFound for what is none."""
    first = _read_month(month)
    start, after = consultation().midnight(first), consultation().midnight(_later(first))
    with reading() as db:
        found = queries.between(db, start, after)
        earlier, later = queries.any_before(db, start), queries.any_from(db, after)
    shown = cards.cards(found, adapters.clock())
    return page(
        request, "events/month.html", public=True, seats=True, cards=shown, weeks=_weeks(first, found, shown),
        name=i18n.format_month(first), weekdays=_weekdays(), this=_this_month(adapters.clock()),
        earlier=_month_link(first - timedelta(days=1)) if earlier else None,
        later=_month_link(_later(first)) if later else None,
    )  # fmt: skip


@router.get("/rendez-vous/carte", name="events_map")
def events_map(request: Request, adapters: AdaptersDep) -> Response:
    """What is to come, by place. The list says what the map says; the map comes when one asks for it."""
    now = adapters.clock()
    with reading() as db:
        found = queries.public(db, filters.Filters(), now=now, limit=queries.ALL).items
    settings = request.app.state.settings
    return page(
        request, "events/map.html", public=True, seats=True, places=_by_place(cards.cards(found, now)),
        tiles=settings.map_tiles, credit=settings.map_credit, host=settings.map_origin.partition("://")[2],
        month=_this_month(now), headers=pictures_from(settings.map_origin),
    )  # fmt: skip


def _page(db: Session, chosen: filters.Filters, *, now: datetime, after: str) -> tuple[queries.Page, str]:
    try:
        return queries.public(db, chosen, now=now, after=after), after
    except Unprocessable:  # an old or damaged address
        return queries.public(db, chosen, now=now), ""


def _months(shown: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Under the name of its month each, in the order they come."""
    return [(name, list(inside)) for name, inside in groupby(shown, key=lambda card: card["under"])]


def _read_month(text: str) -> date:
    found = MONTH.match(text)
    if not found or int(found[1]) not in YEARS or not 1 <= int(found[2]) <= DECEMBER:
        raise NotFound(NO_MONTH)
    return date(int(found[1]), int(found[2]), 1)


def _later(first: date) -> date:
    """The first day of the next month."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def _weeks(first: date, events: Sequence[Any], shown: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The month as weeks of seven days; what lasts several days is in each of them."""
    last, monday = _later(first) - timedelta(days=1), first - timedelta(days=first.weekday())
    days: dict[date, list[dict[str, Any]]] = {}
    for event, card in zip(events, shown, strict=True):
        day, end = max(first, i18n.local(event.starts_at).date()), i18n.local(event.ends_at).date()
        while day <= min(end, last):
            days.setdefault(day, []).append(card)
            day += timedelta(days=1)
    weeks = []
    while monday <= last:
        week = [monday + timedelta(days=n) for n in range(WEEK)]
        weeks.append([{"day": day, "inside": day.month == first.month, "cards": days.get(day, [])} for day in week])
        monday += timedelta(days=WEEK)
    return weeks


def _weekdays() -> list[str]:
    return [i18n.format_weekday(MONDAY + timedelta(days=n)) for n in range(WEEK)]


def _this_month(now: datetime) -> str:
    return url("events_month", month=f"{i18n.local(now):%Y-%m}")


def _month_link(day: date) -> dict[str, str]:
    return {"url": url("events_month", month=f"{day:%Y-%m}"), "name": i18n.format_month(day)}


def _by_place(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry for each place, the soonest first; what happens online alone comes last."""
    places: dict[tuple[Any, ...], dict[str, Any]] = {}
    for card in shown:
        key = (card["where"], card["lat"], card["lon"])
        place = {"where": card["where"], "address": card["address"], "lat": card["lat"], "lon": card["lon"]}
        places.setdefault(key, place | {"cards": []})["cards"].append(card)
    return sorted(places.values(), key=lambda place: place["lat"] is None)
