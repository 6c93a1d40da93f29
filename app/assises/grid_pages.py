"""/equipe/assises: the draft by day and room. A session is taken in hand (`seance`), then placed; the answer says at
once what that brings about. The same addresses serve plain fields, dragging and the keyboard (static/js/grid.js)."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.assises import edit_rows, edit_sessions, grid_views
from app.assises.grid_schemas import PlaceIn
from app.db import writing
from app.errors import Conflict, Unprocessable
from app.events.access import Edit
from app.forms import PostedForm, add_errors, bind
from app.models import ProgrammeSession, Staff
from app.turns import in_turn
from app.web import AdaptersDep, see_other

router = APIRouter(prefix="/equipe/assises", include_in_schema=False)


@router.get("", name="edit_programme")
def show(
    request: Request, _staff: Edit, adapters: AdaptersDep, seance: UUID | None = None, posee: UUID | None = None
) -> Response:
    return grid_views.show(request, held=seance, placed=posee, now=adapters.clock())


@router.post("/seances/{session_id}/place", name="place_session")
@in_turn
def place(request: Request, session_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    """Refused, or somebody else was quicker: the session stays in hand, with what was typed."""
    form, now, conflict = bind(PlaceIn, posted), adapters.clock(), None
    try:
        if form.data:
            _place(session_id, form.data, staff, now)
            return see_other(request, "edit_programme", posee=session_id)
    except Conflict as quicker:
        conflict = quicker
    except Unprocessable as refusal:
        add_errors(form, refusal)
    status = 409 if conflict else 422
    return grid_views.show(request, held=session_id, form=form, conflict=conflict, status=status, now=now)


def _place(session_id: UUID, said: PlaceIn, by: Staff, now: datetime) -> None:
    with writing() as db:
        session = edit_rows.one(db, ProgrammeSession, session_id)
        edit_sessions.place_session(
            db, session, starts_at=said.at, room=said.room, version=said.version, by=by, now=now
        )
