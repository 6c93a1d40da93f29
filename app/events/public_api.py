"""JSON: reading the meetings. Signing up is in api.py."""

from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import JSONResponse

from app.cache import SEATS
from app.db import reading
from app.errors import Unprocessable
from app.events import filters, queries
from app.events.answers import EventList, PublicEvent
from app.events.public import as_json
from app.models import EventKind
from app.openapi import answers, interface
from app.web import AdaptersDep

router = interface("events")
PUBLIC = {"Cache-Control": "public, no-cache", SEATS: "yes"}
Text = Annotated[str, Query(max_length=400)]
KNOWN_FILTERS = " ".join(f"unknown_{name}" for name in filters.NAMES)


def _one_of(values: Any) -> Any:
    """For the document alone: filters.read says which value is wrong, and "" is none."""
    return Query(max_length=400, json_schema_extra={"enum": ["", *values]})


@router.get("/events", name="api:events", responses=answers(EventList, e422=f"{KNOWN_FILTERS} bad_cursor"))
def find(
    request: Request, adapters: AdaptersDep, when: Annotated[str, _one_of(filters.WHEN)] = "", date: Text = "",
    kind: Annotated[str, _one_of(EventKind)] = "", mode: Annotated[str, _one_of(["in_person", "online"])] = "",
    quartier: Text = "", offer: Text = "", places: Annotated[str, _one_of(["1"])] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20, after: Text = "",
) -> JSONResponse:  # fmt: skip
    """Meetings to come, soonest first; with `when=past` those that are over. `places=1`: one can have a seat now."""
    asked, errors = filters.read(request.query_params)
    if errors:
        raise Unprocessable(errors)
    now = adapters.clock()
    with reading() as db:
        found = queries.public(db, asked, now=now, limit=limit, after=after)
    return JSONResponse({"items": [as_json(each, now) for each in found.items], "next": found.next}, headers=PUBLIC)


@router.get("/events/{slug}", name="api:event", responses=answers(PublicEvent, e404="not_found"))
def show(slug: str, adapters: AdaptersDep) -> JSONResponse:
    """One meeting; cancelled and postponed ones too."""
    with reading() as db:
        found = queries.by_slug(db, slug)
    return JSONResponse(as_json(found, adapters.clock()), headers=PUBLIC)
