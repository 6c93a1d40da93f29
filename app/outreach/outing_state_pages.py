"""What becomes of an outing: cancelled, closed with what was counted, opened again; and its sheet to print."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.adapters import Adapters
from app.db import reading, writing
from app.errors import Conflict
from app.events.edit_schemas import SavingIn
from app.forms import Form, PostedForm, bind
from app.models import OutingState, Staff
from app.outreach import outing_calendar as calendar
from app.outreach import outing_queries, outing_views, outings
from app.outreach.outing_schemas import LONGEST, ClosingIn
from app.outreach.team import Planner, Street
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/sorties/{outing_id}", include_in_schema=False)


@router.get("/annulation", name="outing_cancel")
def ask_cancel(request: Request, outing_id: UUID, staff: Planner, adapters: AdaptersDep) -> Response:
    return _ask(request, outing_id, Form(), staff, adapters)


@router.post("/annulation", name="outing_cancelled")
@in_turn
def cancel(request: Request, outing_id: UUID, posted: PostedForm, staff: Planner, adapters: AdaptersDep) -> Response:
    """The act; or the message once more, with the words that were typed."""
    form = bind(SavingIn, posted)
    if form.data is None or posted.get("act") == "look":
        return _ask(request, outing_id, form, staff, adapters, status=422 if form.errors else 200)
    try:
        with writing() as db:
            outing = outing_queries.one(db, outing_id, staff)
            told = outings.cancel(db, outing, form.data, by=staff, now=adapters.clock())
    except Conflict as conflict:
        return _ask(request, outing_id, form, staff, adapters, status=409, conflict=conflict)
    return see_other(request, "outing", outing_id=outing_id, notice="told" if told else "cancelled")


@router.get("/cloture", name="outing_close")
def ask_close(request: Request, outing_id: UUID, staff: Street, adapters: AdaptersDep) -> Response:
    return _closing(request, outing_id, None, staff, adapters)


@router.post("/cloture", name="outing_closed")
@in_turn
def close(request: Request, outing_id: UUID, posted: PostedForm, staff: Street, adapters: AdaptersDep) -> Response:
    form = bind(ClosingIn, posted)
    if form.data is None:
        return _closing(request, outing_id, form, staff, adapters, status=422)
    try:
        with writing() as db:
            outing = outing_queries.one(db, outing_id, staff)
            outings.close(db, outing, form.data, by=staff, now=adapters.clock())
    except Conflict as conflict:
        return _closing(request, outing_id, form, staff, adapters, status=409, conflict=conflict)
    return see_other(request, "outing", outing_id=outing_id, notice="shut")


@router.post("/reouverture", name="outing_reopen")
@in_turn
def reopen(request: Request, outing_id: UUID, posted: PostedForm, staff: Street, adapters: AdaptersDep) -> Response:
    form = bind(SavingIn, posted)
    if form.data is None:
        return _closing(request, outing_id, None, staff, adapters, status=422)
    try:
        with writing() as db:
            outing = outing_queries.one(db, outing_id, staff)
            outings.reopen(db, outing, form.data.version, by=staff, now=adapters.clock())
    except Conflict as conflict:
        return _closing(request, outing_id, None, staff, adapters, status=409, conflict=conflict)
    return see_other(request, "outing", outing_id=outing_id, notice="saved")


@router.get("/feuille", name="outing_sheet")
def sheet(request: Request, outing_id: UUID, staff: Street, adapters: AdaptersDep) -> Response:
    """On paper in a pocket: where, when, with whom, what to take, whom to call."""
    with reading() as db:
        outing = outing_queries.one(db, outing_id, staff)
        going = outing_queries.mediators(db, outing)
    said = outing_views.said(outing, adapters.clock())
    return page(request, "outreach/outing_sheet.html", going=going, **said)


def _ask(
    request: Request, outing_id: UUID, form: Form[Any], staff: Staff, adapters: Adapters, *, status: int = 200,
    conflict: Conflict | None = None,
) -> Response:  # fmt: skip
    """What people will be told. What can no longer be done says where it stands instead."""
    with reading() as db:
        outing = outing_queries.one(db, outing_id, staff)
        event = outing_views.event_of(db, outing)
        shown = calendar.of_cancelling(db, event, words=form.value("words")) if event else None
    if outing.state is not OutingState.PLANNED and conflict is None:
        conflict, status = Conflict(outings.NOT_NOW, code="wrong_state"), 409
    return page(
        request, "outreach/outing_cancel.html", status=status, form=form, shown=shown, conflict=conflict,
        **outing_views.said(outing, adapters.clock()),
    )  # fmt: skip


def _closing(
    request: Request, outing_id: UUID, form: Form[Any] | None, staff: Staff, adapters: Adapters, *, status: int = 200,
    conflict: Conflict | None = None,
) -> Response:  # fmt: skip
    with reading() as db:
        outing = outing_queries.one(db, outing_id, staff)
    if form is None:
        stopped = "" if outing.stopped is None else str(outing.stopped)
        form = Form(values={"stopped": stopped, "notes": outing.notes})
    form.values["version"] = str(outing.version)
    return page(
        request, "outreach/outing_close.html", status=status, form=form, conflict=conflict, limits=LONGEST,
        **outing_views.said(outing, adapters.clock()),
    )  # fmt: skip
