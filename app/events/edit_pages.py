"""/equipe/rendez-vous: every event, drafts too; writing one, changing one, with what it will look like beside it."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.adapters import Adapters
from app.db import reading, writing
from app.errors import AppError, Conflict
from app.events import edit, edit_queries, edit_told, warnings
from app.events.access import Door, Edit
from app.events.edit_schemas import EventIn, SavingIn
from app.events.edit_views import blank, editor, list_filters, preview
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Role, Staff
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/rendez-vous", include_in_schema=False)
NEW = {"kind": "workshop", "mode": "in_person", "access": "open"}


@router.get("", name="edit_events")
def show_list(
    request: Request, staff: Door, adapters: AdaptersDep, quand: str = "", etat: str = "", apres: str = ""
) -> Response:
    """Whoever holds a door finds it here; drafts are the organisers' own affair."""
    edits, past, now = staff.holds(Role.ORGANISER, Role.ADMINISTRATOR), quand == "passes", adapters.clock()
    with reading() as db:
        found = edit_queries.listed(db, past=past, state=etat, drafts=edits, after=apres, now=now)
        clashes = warnings.among(db, found.rows) if edits else {}
    return page(
        request, "events/edit_list.html", found=found, clashes=clashes, edits=edits, past=past, state=etat,
        paged=bool(apres), under_taken=warnings.under_taken, **list_filters(past=past, state=etat, edits=edits),
    )  # fmt: skip


@router.get("/nouveau", name="edit_event_new")
def show_new(request: Request, _staff: Edit) -> Response:
    return blank(request, Form(values=dict(NEW)))


@router.post("", name="edit_event_create")
@in_turn
def create(request: Request, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    form = bind(EventIn, posted)
    if form.data is None:
        return blank(request, form, status=422)
    with writing() as db:
        made = edit.create(db, form.data, by=staff, now=adapters.clock())
    return see_other(request, "edit_event", event_id=made.id, notice="drafted")


@router.post("/apercu", name="edit_event_preview")
def show_preview(
    request: Request, posted: PostedForm, _staff: Edit, adapters: AdaptersDep, de: UUID | None = None
) -> Response:
    """What the public would see (`de`: of which event); nothing is kept. Beside the form, or in another tab."""
    return preview(request, bind(EventIn, posted), de, now=adapters.clock())


@router.get("/{event_id}", name="edit_event")
def show(request: Request, event_id: UUID, _staff: Edit, adapters: AdaptersDep) -> Response:
    return editor(request, event_id, None, now=adapters.clock())


@router.post("/{event_id}", name="edit_event_save")
@in_turn
def save(request: Request, event_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    """Saves, or first shows the message people will get, or what somebody else saved meanwhile."""
    form, saving = bind(EventIn, posted), bind(SavingIn, posted)
    form.errors += saving.errors
    if form.data is None or saving.data is None or form.value("act") == "back":
        return _not_yet(request, event_id, form, adapters)
    try:
        told = _save(event_id, form.data, saving.data, bool(posted.get("seen")), staff, adapters)
    except edit.MustTell:
        return _ask(request, event_id, form, form.data, adapters)
    except Conflict as conflict:
        return editor(request, event_id, form, now=adapters.clock(), status=409, conflict=conflict)
    except AppError as refusal:
        add_errors(form, refusal)
        return editor(request, event_id, form, now=adapters.clock(), status=refusal.status)
    return see_other(request, "edit_event", event_id=event_id, notice="told" if told else "saved")


def _not_yet(request: Request, event_id: UUID, form: Form[EventIn], adapters: Adapters) -> Response:
    """Back to what was being written; or what is wrong, on the page that has its field."""
    if form.value("act") == "back":
        form.errors = []
        return editor(request, event_id, form, now=adapters.clock())
    if form.data and any(error.field == "words" for error in form.errors):
        return _ask(request, event_id, form, form.data, adapters, status=422)
    return editor(request, event_id, form, now=adapters.clock(), status=422)


def _save(event_id: UUID, said: EventIn, saving: SavingIn, seen: bool, by: Staff, adapters: Adapters) -> bool:
    """Whether people are told."""
    with writing() as db:
        event = edit_queries.one(db, event_id)
        return edit.change(db, event, said, saving, seen=seen, by=by, now=adapters.clock())


def _ask(
    request: Request, event_id: UUID, form: Form[EventIn], said: EventIn, adapters: Adapters, *, status: int = 200
) -> Response:
    """Old and new side by side, and the message; the form goes along, word for word."""
    with reading() as db:
        event = edit_queries.one(db, event_id)
        shown = edit_told.of_change(
            db, event, said, words=form.value("words"), first=form.values.keys().isdisjoint({"act", "seen"})
        )
    carried = {name: value for name, value in form.values.items() if name not in ("words", "act", "seen")}
    return page(
        request, "events/edit_told.html", status=status, event=event, shown=shown, carried=carried, form=form,
        act="change",
    )  # fmt: skip
