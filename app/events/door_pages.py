"""The door of a meeting, on a helper's phone: a list with a search, a code, who came without having signed up.

All of it works without JavaScript; with it (static/js/door.js) also without network.
"""

from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import i18n, web
from app.db import reading, writing
from app.errors import AppError, FieldError
from app.events import door, guests, line, words
from app.events.access import Door
from app.events.door_schemas import ArrivalIn
from app.forms import Form, PostedForm, bind
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/rendez-vous/{event_id}/porte", include_in_schema=False)


@router.get("", name="event_door")
def show_door(request: Request, event_id: UUID, _staff: Door, q: str = "") -> Response:
    return _door(request, event_id, Form(), q=q)


@router.post("", name="event_door_say")
@in_turn
def note_arrival(
    request: Request, event_id: UUID, posted: PostedForm, staff: Door, adapters: AdaptersDep, q: str = ""
) -> Response:
    form = bind(ArrivalIn, posted)
    try:
        if form.data:
            with writing() as db:
                event = line.hold(db, guests.at_door(db, event_id).seq or 0)
                outcome = door.say(db, event, form.data, by=staff.actor, now=adapters.clock())
    except AppError as error:
        form.errors.append(FieldError("code", error.code, error.message))
    if form.errors:
        return _door(request, event_id, form, q=q, status=422)
    return see_other(request, "event_door", event_id=event_id, q=q, notice=outcome.result)


@router.get("/hors-ligne.js", name="event_door_worker")
def offline(event_id: UUID, _staff: Door) -> Response:
    """The page's service worker; its scope is this door and nothing else."""
    file = web.STATIC / "js/door_worker.js"
    scope = web.url("event_door", event_id=event_id)
    headers = {"Service-Worker-Allowed": scope, "Cache-Control": "no-store"}
    return Response(file.read_bytes(), media_type="text/javascript", headers=headers)


def _door(request: Request, event_id: UUID, form: Form[Any], *, q: str, status: int = 200) -> Response:
    with reading() as db:
        event = guests.at_door(db, event_id)
        everybody, came = guests.guests(db, event), guests.arrivals(db, event)
    wanted = guests.plain(q).split()
    shown = [one for one in everybody if all(word in guests.plain(one.name) for word in wanted)]
    return page(
        request, "events/door.html", status=status, event=event, guests=shown, all=len(everybody), q=q, form=form,
        walked_in=[one for one in came if one.registration_seq is None], came=guests.count(event, came),
        hour=i18n.format_hour, plain=guests.plain, new_id=uuid4,
        offer_name=words.offer_name,
    )  # fmt: skip
