"""The door as its own page's script speaks it: what was noted without network, in one sending; who is there by now."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from sqlmodel import Session

from app import i18n
from app.db import reading, writing
from app.errors import NotFound
from app.events import door, guests, line
from app.events.access import Door
from app.events.door_schemas import ArrivalIn, ArrivalsIn
from app.forms import field_errors, say
from app.models import Arrival, Event
from app.turns import in_turn
from app.web import AdaptersDep

router = APIRouter(prefix="/equipe/rendez-vous/{event_id}/porte", include_in_schema=False)


@router.get("/etat", name="event_door_state")
def door_state(event_id: UUID, _staff: Door) -> Response:
    """Who came, through any door."""
    with reading() as db:
        return _answer(_standing(db, guests.at_door(db, event_id)))


@router.post("/arrivees", name="event_door_arrivals")
@in_turn
def note_arrivals(event_id: UUID, said: ArrivalsIn, staff: Door, adapters: AdaptersDep) -> Response:
    """An answer for each: what is refused keeps nothing else from being counted."""
    with writing() as db:
        event = line.hold(db, guests.at_door(db, event_id).seq or 0)
        results = [_note(db, event, one, by=staff.actor, adapters=adapters) for one in said.arrivals]
        return _answer({"results": results} | _standing(db, event))


def _note(db: Session, event: Event, one: dict[str, Any], *, by: str, adapters: AdaptersDep) -> dict[str, Any]:
    id = str(one.get("id", ""))
    try:
        outcome = door.say(db, event, ArrivalIn.model_validate(one), by=by, now=adapters.clock())
    except ValidationError as error:
        wrong = field_errors(error.errors())[0]
        return {"id": id, "result": "refused", "code": wrong.code, "detail": say(wrong)}
    except NotFound as error:
        return {"id": id, "result": "refused", "code": error.code, "detail": i18n.gettext(error.message)}
    about = outcome.registration
    return {"id": id, "result": outcome.result, "registration": str(about.id) if about else None}


def _standing(db: Session, event: Event) -> dict[str, Any]:
    """`arrivals` by the id they were noted under, and people counted."""
    came = guests.arrivals(db, event)
    ids = guests.ids(db, event)
    return {"arrivals": [_arrival(one, ids) for one in came], "counts": vars(guests.count(event, came))}


def _arrival(one: Arrival, ids: dict[int, UUID]) -> dict[str, Any]:
    about = ids.get(one.registration_seq or 0)
    said = {"id": str(one.id), "people": one.people, "at": i18n.format_hour(one.at)}
    return said | {"registration": str(about) if about else None}


def _answer(body: dict[str, Any]) -> Response:
    return JSONResponse(body, headers={"Cache-Control": "no-store"})
