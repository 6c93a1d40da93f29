"""/equipe/assises/seances: one session of the draft in plain fields, with what warns beside them."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.assises import edit_sessions, edit_views
from app.assises.edit_schemas import SessionIn, VersionIn
from app.db import writing
from app.errors import AppError, Conflict
from app.events.access import Edit
from app.forms import Form, PostedForm, add_errors, bind
from app.turns import in_turn
from app.web import AdaptersDep, see_other

router = APIRouter(prefix="/equipe/assises/seances", include_in_schema=False)
NEW = {"kind": "talk", "minutes": "60", "language": "fr"}


@router.get("/nouvelle", name="edit_session_new")
def show_new(request: Request, _staff: Edit) -> Response:
    return edit_views.blank(request, Form(values=dict(NEW)))


@router.post("", name="edit_session_create")
@in_turn
def create(request: Request, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    form = bind(SessionIn, posted)
    try:
        if form.data:
            with writing() as db:
                made = edit_sessions.create_session(db, form.data, by=staff, now=adapters.clock())
            return see_other(request, "edit_session", session_id=made.id, notice="saved")
    except AppError as refusal:
        add_errors(form, refusal)
    return edit_views.blank(request, form, status=422)


@router.get("/{session_id}", name="edit_session")
def show(request: Request, session_id: UUID, _staff: Edit, adapters: AdaptersDep) -> Response:
    return edit_views.editor(request, session_id, None, now=adapters.clock())


@router.post("/{session_id}", name="edit_session_save")
@in_turn
def save(request: Request, session_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    """Saves, or shows what somebody else saved meanwhile beside what was typed."""
    form, read, now = bind(SessionIn, posted), bind(VersionIn, posted), adapters.clock()
    form.errors += read.errors
    try:
        if form.data and read.data:
            with writing() as db:
                edit_sessions.change_session(db, session_id, form.data, version=read.data.version, by=staff, now=now)
            return see_other(request, "edit_session", session_id=session_id, notice="saved")
    except Conflict as conflict:
        return edit_views.editor(request, session_id, form, now=now, status=409, conflict=conflict)
    except AppError as refusal:
        add_errors(form, refusal)
    return edit_views.editor(request, session_id, form, now=now, status=422)


@router.post("/{session_id}/suppression", name="edit_session_drop")
@in_turn
def drop(request: Request, session_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    read, now = bind(VersionIn, posted), adapters.clock()
    if read.data is None:
        return edit_views.editor(request, session_id, None, now=now, status=422)
    try:
        with writing() as db:
            edit_sessions.drop_session(db, session_id, version=read.data.version, by=staff, now=now)
    except Conflict as conflict:
        return edit_views.editor(request, session_id, None, now=now, status=409, conflict=conflict)
    return see_other(request, "edit_programme", notice="dropped")
