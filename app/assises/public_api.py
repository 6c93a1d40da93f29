"""JSON: reading the programme. Signing up is in app/events/api.py."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import JSONResponse

from app.assises import filters, queries
from app.assises.answers import PublicProgramme
from app.assises.public import as_json
from app.cache import SEATS
from app.db import reading
from app.errors import Unprocessable
from app.openapi import answers, interface
from app.web import AdaptersDep

router = interface("programme")
PUBLIC = {"Cache-Control": "public, no-cache", SEATS: "yes"}
Text = Annotated[str, Query(max_length=400)]
KNOWN_FILTERS = " ".join(f"unknown_{name}" for name in filters.NAMES)


@router.get(
    "/programme", name="api:programme", responses=answers(PublicProgramme, e404="not_found", e422=KNOWN_FILTERS)
)
def programme(
    request: Request, adapters: AdaptersDep, day: Text = "", track: Text = "", audience: Text = "", offer: Text = ""
) -> JSONResponse:
    """The last release of the Assises; 404 before the first. Filters leave out sessions, nothing else."""
    with reading() as db:
        released = queries.current(db)
        names, seats = queries.names(db), queries.seats(db)
    chosen, errors = filters.read(request.query_params, released.programme)
    if errors:
        raise Unprocessable(errors)
    found = chosen.of(released.programme)
    return JSONResponse(as_json(released, found, names, seats, adapters.clock()), headers=PUBLIC)
