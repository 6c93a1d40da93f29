"""Tickets of an outing: sheets to print, shown once; lost ones cancelled."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.adapters import Adapters
from app.db import reading, writing
from app.errors import AppError, Conflict
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Staff
from app.outreach import outing_queries, outing_views, tickets
from app.outreach.drawing import drawn
from app.outreach.outing_schemas import LostIn, SheetsIn
from app.outreach.team import Street
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other, url

router = APIRouter(prefix="/equipe/sorties/{outing_id}/tickets", include_in_schema=False)


@router.get("", name="outing_tickets")
def show(request: Request, outing_id: UUID, staff: Street, adapters: AdaptersDep) -> Response:
    return _page(request, outing_id, staff, adapters)


@router.post("", name="outing_tickets_made")
@in_turn
def make(request: Request, outing_id: UUID, posted: PostedForm, staff: Street, adapters: AdaptersDep) -> Response:
    """The sheets, in this answer alone: nothing keeps the codes."""
    form = bind(SheetsIn, posted)
    try:
        if form.data:
            with writing() as db:
                outing = outing_queries.one(db, outing_id, staff)
                made = tickets.make(db, outing, form.data, by=staff, now=adapters.clock())
    except Conflict as conflict:
        return _page(request, outing_id, staff, adapters, status=409, conflict=conflict)
    except AppError as refusal:
        add_errors(form, refusal)
    if form.errors:
        return _page(request, outing_id, staff, adapters, form=form, status=422)
    return _sheets(request, outing_id, made, staff, adapters)


@router.post("/annulation", name="outing_tickets_cancel")
@in_turn
def cancel(request: Request, outing_id: UUID, posted: PostedForm, staff: Street, adapters: AdaptersDep) -> Response:
    form = bind(LostIn, posted)
    try:
        if form.data:
            with writing() as db:
                outing = outing_queries.one(db, outing_id, staff)
                tickets.cancel(db, outing, form.data, by=staff, now=adapters.clock())
    except AppError as refusal:
        add_errors(form, refusal)
    if form.errors:
        return _page(request, outing_id, staff, adapters, lost=form, status=422)
    return see_other(request, "outing_tickets", outing_id=outing_id, notice="lost")


def _page(
    request: Request, outing_id: UUID, staff: Staff, adapters: Adapters, *, form: Form[Any] | None = None,
    lost: Form[Any] | None = None, status: int = 200, conflict: Conflict | None = None,
) -> Response:  # fmt: skip
    with reading() as db:
        outing = outing_queries.one(db, outing_id, staff)
        standing = tickets.standing(db, outing)
    return page(
        request, "outreach/tickets.html", status=status, form=form or Form(), lost=lost or Form(), conflict=conflict,
        tickets=standing, a_sheet=tickets.ON_A_SHEET, **outing_views.said(outing, adapters.clock()),
    )  # fmt: skip


def _sheets(
    request: Request, outing_id: UUID, made: list[tickets.Ticket], staff: Staff, adapters: Adapters
) -> Response:
    with reading() as db:
        outing = outing_queries.one(db, outing_id, staff)
    size, parts = tickets.ON_A_SHEET, urlsplit(adapters.base_url)
    follow = url("follow")
    return page(
        request, "outreach/tickets_print.html", sheets=[made[n : n + size] for n in range(0, len(made), size)],
        address=parts.netloc + follow, code=drawn(f"{parts.scheme}://{parts.netloc}{follow}"),
        **outing_views.said(outing, adapters.clock()),
    )  # fmt: skip
