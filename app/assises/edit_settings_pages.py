"""/equipe/assises/reglages: what holds for the whole, days, pauses, rooms and tracks."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.assises import edit_settings, edit_settings_views
from app.assises.edit_schemas import VersionIn
from app.assises.edit_settings import THINGS
from app.assises.edit_settings_schemas import ProgrammeIn
from app.db import writing
from app.errors import AppError, Conflict, NotFound
from app.events.access import Edit
from app.forms import Form, PostedForm, add_errors, bind
from app.turns import in_turn
from app.web import AdaptersDep, see_other

router = APIRouter(prefix="/equipe/assises/reglages", include_in_schema=False)


def _known(what: str) -> str:
    """What there are several of, as addresses name it."""
    if what not in THINGS:
        raise NotFound
    return what


What = Annotated[str, Depends(_known)]


@router.get("", name="edit_programme_settings")
def show(request: Request, _staff: Edit) -> Response:
    return edit_settings_views.overview(request)


@router.get("/ensemble", name="edit_programme_whole")
def show_whole(request: Request, _staff: Edit) -> Response:
    return edit_settings_views.whole(request, None)


@router.post("/ensemble", name="edit_programme_whole_save")
@in_turn
def save_whole(request: Request, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    form, read = bind(ProgrammeIn, posted), bind(VersionIn, posted)
    form.errors += read.errors
    if form.data is None or read.data is None:
        return edit_settings_views.whole(request, form, status=422)
    try:
        with writing() as db:
            edit_settings.change_programme(db, form.data, version=read.data.version, by=staff, now=adapters.clock())
    except Conflict as conflict:
        return edit_settings_views.whole(request, form, status=409, conflict=conflict)
    return see_other(request, "edit_programme_settings", notice="saved")


@router.get("/{what}/nouveau", name="edit_setting_new")
def show_new(request: Request, what: What, _staff: Edit) -> Response:
    return edit_settings_views.blank(request, what, Form())


@router.post("/{what}", name="edit_setting_create")
@in_turn
def create(request: Request, what: What, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    thing, form = THINGS[what], bind(THINGS[what].schema, posted)
    try:
        if form.data:
            with writing() as db:
                edit_settings.add(db, thing, form.data, by=staff, now=adapters.clock())
            return see_other(request, "edit_programme_settings", notice="saved")
    except AppError as refusal:
        add_errors(form, refusal)
    return edit_settings_views.blank(request, what, form, status=422)


@router.get("/{what}/{row_id}", name="edit_setting")
def show_one(request: Request, what: What, row_id: UUID, _staff: Edit) -> Response:
    return edit_settings_views.one(request, what, row_id, None)


@router.post("/{what}/{row_id}", name="edit_setting_save")
@in_turn
def save(
    request: Request, what: What, row_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep
) -> Response:
    thing, form, read = THINGS[what], bind(THINGS[what].schema, posted), bind(VersionIn, posted)
    form.errors += read.errors
    try:
        if form.data and read.data:
            version, now = read.data.version, adapters.clock()
            with writing() as db:
                edit_settings.change(db, thing, row_id, form.data, version=version, by=staff, now=now)
            return see_other(request, "edit_programme_settings", notice="saved")
    except Conflict as conflict:
        return edit_settings_views.one(request, what, row_id, form, status=409, conflict=conflict)
    except AppError as refusal:
        add_errors(form, refusal)
    return edit_settings_views.one(request, what, row_id, form, status=422)


@router.post("/{what}/{row_id}/suppression", name="edit_setting_drop")
@in_turn
def drop(
    request: Request, what: What, row_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep
) -> Response:
    read, now = bind(VersionIn, posted), adapters.clock()
    if read.data is None:
        return edit_settings_views.one(request, what, row_id, None, status=422)
    try:
        with writing() as db:
            edit_settings.drop(db, THINGS[what], row_id, version=read.data.version, by=staff, now=now)
    except Conflict as conflict:
        return edit_settings_views.one(request, what, row_id, None, status=409, conflict=conflict)
    return see_other(request, "edit_programme_settings", notice="dropped")


@router.post("/{what}/{row_id}/avant", name="edit_setting_up")
@in_turn
def move_up(request: Request, what: What, row_id: UUID, staff: Edit, adapters: AdaptersDep) -> Response:
    with writing() as db:
        edit_settings.move_up(db, THINGS[what], row_id, by=staff, now=adapters.clock())
    return see_other(request, "edit_programme_settings", notice="saved")
