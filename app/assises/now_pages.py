"""Page: what is on now and what comes next, for a display in the hall and for whoever stands in it."""

from datetime import date, datetime, time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import i18n
from app.assises import board, cards, queries
from app.assises.frozen import FrozenSession
from app.db import reading
from app.i18n import gettext as _
from app.web import AdaptersDep, page, url

router = APIRouter(include_in_schema=False)
EVERY = 30  # seconds


@router.get("/assises/maintenant", name="assises_now")
def now_and_next(request: Request, adapters: AdaptersDep, arret: str = "") -> Response:
    """Asked again by the browser itself every half minute, by a header; `arret=1`: stays as it is (WCAG 2.2.2)."""
    now = adapters.clock()
    with reading() as db:
        programme = queries.current(db).programme
        names, seats = queries.names(db), queries.seats(db)
    found = board.at(programme, now)

    def shown(session: FrozenSession | None) -> dict[str, Any] | None:
        return cards.card(session, programme, names, seats, now) if session else None

    rooms = [
        {"name": _name(programme, each.room), "now": shown(each.now), "next": shown(each.next)} for each in found.rooms
    ]
    return page(
        request, "assises/now.html", public=True, seats=True, programme=programme, rooms=rooms, pauses=found.pauses,
        day=_day(found.day, now), over=found.day is None, every=0 if arret else EVERY, at=now,
        other=url("assises_now", arret="" if arret else "1"), headers={} if arret else {"Refresh": str(EVERY)},
    )  # fmt: skip


def _name(programme: Any, room: Any) -> str:
    return programme.room_of[room].name if room else _("Salle à préciser")


def _day(day: date | None, now: datetime) -> str:
    """In words, unless it is today."""
    if day is None or day == i18n.local(now).date():
        return ""
    return i18n.format_day(datetime.combine(day, time(12), i18n.PARIS))
