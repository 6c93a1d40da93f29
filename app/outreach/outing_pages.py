"""/equipe/sorties: where mediators go; planning an outing, changing it."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.db import reading, writing
from app.errors import AppError, Conflict
from app.events.edit_schemas import SavingIn
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Staff
from app.outreach import outing_queries, outing_views, outings
from app.outreach.outing_schemas import OutingIn
from app.outreach.team import Planner, Street
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/sorties", include_in_schema=False)


@router.get("", name="outings")
def show_list(
    request: Request, staff: Street, adapters: AdaptersDep, quand: str = "", miennes: str = "", apres: str = ""
) -> Response:
    past, mine, now = quand == "passees", miennes == "oui", adapters.clock()
    with reading() as db:
        found = outing_queries.listed(db, staff, past=past, mine=mine, after=apres, now=now)
    filters = outing_views.list_filters(past=past, mine=mine, staff=staff, now=now)
    return page(request, "outreach/outings.html", found=found, paged=bool(apres), **filters)


@router.get("/nouvelle", name="outing_new")
def show_new(request: Request, _staff: Planner) -> Response:
    return outing_views.blank(request)


@router.post("", name="outing_create")
@in_turn
def create(request: Request, posted: PostedForm, staff: Planner, adapters: AdaptersDep) -> Response:
    form = bind(OutingIn, posted)
    try:
        if form.data:
            with writing() as db:
                made = outings.plan(db, form.data, by=staff, now=adapters.clock())
    except AppError as refusal:
        add_errors(form, refusal)
    if form.errors:
        return outing_views.blank(request, form, status=422)
    return see_other(request, "outing", outing_id=made.id, notice="planned")


@router.get("/{outing_id}", name="outing")
def show(request: Request, outing_id: UUID, staff: Street, adapters: AdaptersDep) -> Response:
    return outing_views.shown(request, outing_id, staff, now=adapters.clock())


@router.get("/{outing_id}/modifier", name="outing_edit")
def show_editor(request: Request, outing_id: UUID, staff: Planner) -> Response:
    return outing_views.editor(request, outing_id, staff)


@router.post("/{outing_id}/modifier", name="outing_save")
@in_turn
def save(request: Request, outing_id: UUID, posted: PostedForm, staff: Planner, adapters: AdaptersDep) -> Response:
    """Saves, or first shows the message people will get, or what somebody else saved meanwhile."""
    form, saving = bind(OutingIn, posted), bind(SavingIn, posted)
    form.errors += saving.errors
    if form.data is None or saving.data is None:
        asks = form.data is not None and bool(form.error("words"))
        return outing_views.editor(request, outing_id, staff, form, status=422, asks=asks)
    seen = posted.get("seen") == outing_views.seen_token(form.data)
    try:
        with writing() as db:
            outing = outing_queries.one(db, outing_id, staff)
            told = outings.change(db, outing, form.data, saving.data, seen=seen, by=staff, now=adapters.clock())
    except AppError as refusal:
        return _not_saved(request, outing_id, form, refusal, staff)
    return see_other(request, "outing", outing_id=outing_id, notice="told" if told else "saved")


def _not_saved(request: Request, outing_id: UUID, form: Form[OutingIn], why: AppError, staff: Staff) -> Response:
    if isinstance(why, outings.MustTell):
        return outing_views.editor(request, outing_id, staff, form, asks=True)
    if isinstance(why, Conflict):
        return outing_views.editor(request, outing_id, staff, form, status=409, conflict=why)
    add_errors(form, why)
    return outing_views.editor(request, outing_id, staff, form, status=why.status)
