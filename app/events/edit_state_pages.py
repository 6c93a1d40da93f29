"""What becomes of an event: published, cancelled, postponed; copied, made a series."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.adapters import Adapters
from app.db import reading, writing
from app.errors import AppError, Conflict
from app.events import edit, edit_queries, edit_told, places
from app.events.access import Edit
from app.events.edit import Act
from app.events.edit_schemas import SavingIn, SeriesIn, typed
from app.events.edit_views import editor
from app.forms import Form, PostedForm, add_errors, bind
from app.models import EventKind, Staff
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/rendez-vous/{event_id}", include_in_schema=False)


@router.post("/publication", name="edit_event_publish")
@in_turn
def publish(request: Request, event_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    return _turn(request, event_id, edit.PUBLISH, posted, staff, adapters)


@router.get("/annulation", name="edit_event_cancel")
def ask_cancel(request: Request, event_id: UUID, _staff: Edit, adapters: AdaptersDep) -> Response:
    return _ask(request, event_id, edit.CANCEL, Form(), adapters)


@router.post("/annulation", name="edit_event_cancelled")
@in_turn
def cancel(request: Request, event_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    return _turn(request, event_id, edit.CANCEL, posted, staff, adapters)


@router.get("/report", name="edit_event_postpone")
def ask_postpone(request: Request, event_id: UUID, _staff: Edit, adapters: AdaptersDep) -> Response:
    return _ask(request, event_id, edit.POSTPONE, Form(), adapters)


@router.post("/report", name="edit_event_postponed")
@in_turn
def postpone(request: Request, event_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    return _turn(request, event_id, edit.POSTPONE, posted, staff, adapters)


@router.post("/copie", name="edit_event_copy")
@in_turn
def copy(request: Request, event_id: UUID, staff: Edit, adapters: AdaptersDep) -> Response:
    with writing() as db:
        made = edit.copy(db, edit_queries.one(db, event_id), by=staff, now=adapters.clock())
    return see_other(request, "edit_event", event_id=made.id, notice="copied")


@router.post("/suppression", name="edit_event_discard")
@in_turn
def discard(request: Request, event_id: UUID, staff: Edit, adapters: AdaptersDep) -> Response:
    now = adapters.clock()
    try:
        with writing() as db:
            edit.discard(db, edit_queries.one(db, event_id), by=staff, now=now)
    except Conflict as conflict:
        return editor(request, event_id, None, now=now, status=409, conflict=conflict)
    return see_other(request, "edit_events", notice="discarded")


@router.post("/serie", name="edit_event_series")
@in_turn
def series(request: Request, event_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    """So many more weeks, as drafts."""
    form, now = bind(SeriesIn, posted), adapters.clock()
    try:
        if form.data:
            with writing() as db:
                event = places.hold(db, edit_queries.one(db, event_id).seq or 0)
                edit.repeat(db, event, times=form.data.times, by=staff, now=now)
    except AppError as refusal:
        add_errors(form, refusal)
    if form.errors:
        return _refused(request, event_id, form, adapters)
    return see_other(request, "edit_event", event_id=event_id, notice="repeated")


@router.post("/serie/publication", name="edit_event_publish_series")
@in_turn
def publish_series(request: Request, event_id: UUID, staff: Edit, adapters: AdaptersDep) -> Response:
    form: Form[Any] = Form()
    try:
        with writing() as db:
            edit.publish_series(db, edit_queries.one(db, event_id), by=staff, now=adapters.clock())
    except AppError as refusal:
        add_errors(form, refusal)
        return _refused(request, event_id, form, adapters)
    return see_other(request, "edit_event", event_id=event_id, notice="saved")


def _turn(request: Request, event_id: UUID, act: Act, posted: PostedForm, staff: Staff, adapters: Adapters) -> Response:
    """The act, or first the message people will get, or how it stands where somebody was quicker."""
    form = bind(SavingIn, posted)
    if form.data is None:
        return _ask(request, event_id, act, form, adapters, status=422)
    try:
        with writing() as db:
            event = edit_queries.one(db, event_id)
            told = edit.turn(db, event, act, form.data, seen=bool(posted.get("seen")), by=staff, now=adapters.clock())
    except edit.MustTell:
        return _ask(request, event_id, act, form, adapters)
    except Conflict as conflict:
        return editor(request, event_id, None, now=adapters.clock(), status=409, conflict=conflict)
    except AppError as refusal:
        add_errors(form, refusal)
        return _refused(request, event_id, form, adapters)
    return see_other(request, "edit_event", event_id=event_id, notice="told" if told else "saved")


def _ask(
    request: Request, event_id: UUID, act: Act, form: Form[Any], adapters: Adapters, *, status: int = 200
) -> Response:
    """What people will be told. What can no longer be done says where it stands instead."""
    with reading() as db:
        event = edit_queries.one(db, event_id)
        shown = edit_told.of_act(db, event, act, words=form.value("words"))
    if event.state not in act.allowed or event.kind is EventKind.SESSION:
        gone = Conflict(edit.NOT_NOW, code="wrong_state")
        return editor(request, event_id, None, now=adapters.clock(), status=409, conflict=gone)
    carried = {"version": form.value("version") or str(event.version)}
    return page(
        request, "events/edit_told.html", status=status, event=event, shown=shown, carried=carried, form=form,
        act=act.kind,
    )  # fmt: skip


def _refused(request: Request, event_id: UUID, form: Form[Any], adapters: Adapters) -> Response:
    """The whole editor as it is saved, with what is missing said beside its field."""
    with reading() as db:
        event = edit_queries.one(db, event_id)
    form.values = typed(event) | {"version": str(event.version)} | form.values
    return editor(request, event_id, form, now=adapters.clock(), status=422)
