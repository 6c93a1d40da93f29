"""/equipe/assises/parcours/…: one stop of the walk, its hours and its photos."""

import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from app.adapters import Adapters
from app.assises import edit_queries, edit_rows, edit_walk, edit_walk_words
from app.assises.edit_schemas import VersionIn
from app.assises.edit_walk_schemas import LONGEST, MOST_OPENINGS, StopIn, typed
from app.consultation.content import consultation
from app.db import reading, writing
from app.errors import AppError, Conflict
from app.events import words as events
from app.events.access import Edit
from app.forms import Form, PostedForm, add_errors, bind
from app.media import attached
from app.media.attached_files import BODY, FIELD, Arrived, arrive
from app.media.attached_views import listed
from app.models import Staff, Stop
from app.moderation.queries import names
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/assises/parcours", include_in_schema=False)
OPENING = re.compile(r"^hours\.(\d{1,3})\.(?:opens|closes)$", re.ASCII)
BLANKS = 2  # lines for more hours


async def _arrived(posted: PostedForm, _staff: Edit, adapters: AdaptersDep) -> Arrived:
    return await arrive([each for each in posted.getlist(FIELD) if isinstance(each, UploadFile)], adapters)


@router.get("/nouvelle-etape", name="edit_stop_new")
def show_new(request: Request, _staff: Edit) -> Response:
    return _blank(request, Form())


@router.post("/nouvelle-etape", name="edit_stop_create")
@in_turn
def create(request: Request, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    form = bind(StopIn, posted)
    if form.data is None:
        return _blank(request, form, status=422)
    with writing() as db:
        made = edit_walk.create_stop(db, form.data, by=staff, now=adapters.clock())
    return see_other(request, "edit_stop", stop_id=made.id, notice="saved")


@router.get("/{stop_id}", name="edit_stop")
def show(request: Request, stop_id: UUID, _staff: Edit) -> Response:
    return _editor(request, stop_id, None)


@router.post("/{stop_id}", name="edit_stop_save", max_body_size=BODY)
@in_turn
def save(
    request: Request,
    stop_id: UUID,
    posted: PostedForm,
    arrived: Annotated[Arrived, Depends(_arrived)],
    staff: Edit,
    adapters: AdaptersDep,
) -> Response:
    """Photos first, on their own: whatever is refused of the rest, they have arrived."""
    form, read = bind(StopIn, posted), bind(VersionIn, posted)
    form.errors += read.errors + arrived.refusals
    try:
        _take(stop_id, arrived, staff, adapters)
        if form.data and read.data:
            _write(stop_id, form.data, read.data.version, staff, adapters)
    except Conflict as conflict:
        return _editor(request, stop_id, form, status=409, conflict=conflict)
    except AppError as refusal:
        add_errors(form, refusal)
    if form.errors:
        return _editor(request, stop_id, form, status=422)
    return see_other(request, "edit_stop", stop_id=stop_id, notice="saved")


@router.post("/{stop_id}/suppression", name="drop_stop")
@in_turn
def drop(request: Request, stop_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    read = bind(VersionIn, posted)
    if read.data is None:
        return _editor(request, stop_id, None, status=422)
    try:
        with writing() as db:
            edit_walk.drop_stop(db, stop_id, version=read.data.version, by=staff, now=adapters.clock())
    except Conflict as conflict:
        return _editor(request, stop_id, None, status=409, conflict=conflict)
    return see_other(request, "edit_walk", notice="saved")


def _take(stop_id: UUID, arrived: Arrived, staff: Staff, adapters: Adapters) -> None:
    for each in arrived.stored:
        with writing() as db:
            edit_walk.add_photo(db, stop_id, each, by=staff, now=adapters.clock())


def _write(stop_id: UUID, said: StopIn, version: int, staff: Staff, adapters: Adapters) -> None:
    with writing() as db:
        edit_walk.change_stop(db, stop_id, said, version=version, by=staff, now=adapters.clock())


def _blank(request: Request, form: Form[Any], *, status: int = 200, conflict: Conflict | None = None) -> Response:
    """A stop that is not there yet, or no more."""
    return _form(request, form, status=status, conflict=conflict, stop=None, photos=[])


def _editor(
    request: Request, stop_id: UUID, form: Form[Any] | None, *, status: int = 200, conflict: Conflict | None = None
) -> Response:
    """As it is saved where no form was posted. Conflict `gone`: of a new one."""
    if conflict is not None and conflict.code == "gone" and form is not None:
        return _blank(request, form, status=status, conflict=conflict)
    with reading() as db:
        stop = edit_rows.one(db, Stop, stop_id)
        photos, hand = listed(attached.listed(db, edit_walk.home(stop))), edit_queries.last_hand(db, stop.id)
        who = names(db, {hand.actor})[hand.actor] if hand else ""
    different: list[Any] = []
    if form is None:
        form = Form(values=typed(stop) | _said(photos) | {"version": str(stop.version)})
    elif conflict is not None:  # saved again, it replaces what somebody else wrote: they see what
        different = edit_walk_words.compared(typed(stop), form.values)
        form.values["version"] = str(stop.version)
    return _form(
        request, form, status=status, conflict=conflict, stop=stop, photos=photos, different=different,
        hand=hand, hand_name=who,
    )  # fmt: skip


def _form(request: Request, form: Form[Any], *, status: int, **known: Any) -> Response:
    return page(
        request, "assises/edit_stop.html", status=status, form=form, limits=LONGEST, lines=_lines(form),
        offers=[(code, events.offer_name(code)) for code in events.offers()], most=attached.MOST,
        photo_limits=consultation().limits, **{"conflict": None, "different": [], "hand": None} | known,
    )  # fmt: skip


def _said(photos: list[dict[str, Any]]) -> dict[str, str]:
    """What is said of each photo, as the fields show it."""
    return {f"photos.{photo['id']}.{name}": photo[name] or "" for photo in photos for name in ("alt", "face")}


def _lines(form: Form[Any]) -> range:
    """Lines for hours: those typed, and some more."""
    used = [int(found[1]) for name in form.values if (found := OPENING.match(name))]
    return range(min(max(used, default=-1) + 1 + BLANKS, MOST_OPENINGS))
