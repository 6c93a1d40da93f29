"""What the grid's page shows: the draft by day and room, what does not fit, one session taken in hand."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from app.assises import conflicts, differences, draft, grid, queries
from app.assises.carried import carry
from app.assises.grid_schemas import PlaceIn
from app.db import reading
from app.errors import Conflict, NotFound
from app.events import moments
from app.forms import Form
from app.web import page


def show(
    request: Request,
    *,
    held: UUID | None = None,
    placed: UUID | None = None,
    form: Form[PlaceIn] | None = None,
    conflict: Conflict | None = None,
    status: int = 200,
    now: datetime,
) -> Response:
    """`held`: the session about to be placed; `placed`: the one that just was, so that what it brings about is said."""
    with reading() as db:
        known = _known(db, now)
    found: grid.Grid = known["grid"]
    session = found.sessions.get(held) if held else None
    if session is None and form is not None:
        raise NotFound
    return page(
        request, "assises/grid.html", status=status, held=session, form=_form(found, session, form),
        placed=found.sessions.get(placed) if placed else None, conflict=conflict, typed_at=moments.shown,
        ends_at=grid.ends_at, rooms=[(str(room.id), room.name) for room in found.rooms], **known,
    )  # fmt: skip


def _known(db: Session, now: datetime) -> dict[str, Any]:
    shown, pieces, last = grid.read(db), draft.pieces(db), draft.last(db)
    then = carry(last, pieces.programme, now=now)
    found = conflicts.find(then, speakers=pieces.names)
    warnings: dict[UUID, list[str]] = {}
    for each in found:
        for one in each.sessions:
            warnings.setdefault(one, []).append(each.words)
    return {
        "grid": shown, "conflicts": found, "warnings": warnings, "places": queries.seats(db),
        "changes": {each.session: each.kind for each in differences.between(last, then)},
        "released": last.by_id if last else {},
    }  # fmt: skip


def _form(found: grid.Grid, session: Any, form: Form[PlaceIn] | None) -> Form[PlaceIn]:
    """As it stands in the draft, or as it was typed; the version is always that of now, for what is shown is now's."""
    if session is None:
        return Form()
    room = next((str(room.id) for room in found.rooms if room.seq == session.room_seq), "")
    values = form.values if form else {"starts_at": moments.shown(session.starts_at), "room": room}
    errors = (
        [replace(each, field="starts_at") if each.field == "minutes" else each for each in form.errors] if form else []
    )
    return Form(values=values | {"version": str(session.version)}, errors=errors)
