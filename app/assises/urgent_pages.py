"""One session moved or cancelled now, from a phone: what changes, what people will be told, then it leaves by itself,
whatever else is in the draft."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session, col, select

from app.assises import differences, queries, releases
from app.assises.frozen import FrozenSession
from app.assises.release_schemas import UrgentIn
from app.db import reading, writing
from app.errors import AppError, Conflict, NotFound, Unprocessable
from app.events import moments
from app.events.access import Edit
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Room, Staff
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/assises/seances/{session_id}/urgence", include_in_schema=False)
FIELDS = ("starts_at", "minutes", "room", "said")


@router.get("", name="urgent_change")
def show(request: Request, session_id: UUID, _staff: Edit) -> Response:
    return _form(request, session_id, None)


@router.post("", name="urgent_send")
@in_turn
def send(request: Request, session_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    """First what people will be told; once that was seen, it leaves."""
    form, now = bind(UrgentIn, posted), adapters.clock()
    if form.data is None or posted.get("back"):
        form.errors = form.errors if form.data is None else []
        return _form(request, session_id, form, status=422 if form.errors else 200)
    if not form.data.seen:
        return _ask(request, session_id, form, form.data, now=now)
    try:
        _send(session_id, form.data, staff, now)
    except Conflict as conflict:
        return _ask(request, session_id, form, form.data, conflict=conflict, now=now)
    except Unprocessable as refusal:
        return _refused(request, session_id, form, refusal)
    return see_other(request, "door_sign", session_id=session_id, notice="released")


def _send(session_id: UUID, said: UrgentIn, by: Staff, now: datetime) -> None:
    with writing() as db:
        releases.urgent(db, session_id, **said.change(), seen=True, mark=said.mark, by=by, now=now)


def _ask(
    request: Request, session_id: UUID, form: Form[UrgentIn], said: UrgentIn, *, conflict: Conflict | None = None,
    now: datetime,
) -> Response:  # fmt: skip
    """What changes, in words, whom it reaches, and each message."""
    try:
        with reading() as db:
            shown = releases.urgent_preview(db, session_id, **said.change(), now=now)
    except (Unprocessable, Conflict) as refusal:
        return _refused(request, session_id, form, refusal)
    changes = [differences.words(each, shown.programme) for each in shown.differences]
    return page(
        request, "assises/urgent_told.html", status=409 if conflict else 200, conflict=conflict, form=form,
        session=shown.programme.by_id[session_id], shown=shown, changes=changes, cancels=said.act == "cancel",
    )  # fmt: skip


def _refused(request: Request, session_id: UUID, form: Form[UrgentIn], refusal: AppError) -> Response:
    """What the rule says of no field of this page stands above it."""
    add_errors(form, refusal)
    form.errors = [each if each.field in FIELDS else replace(each, field="") for each in form.errors]
    return _form(request, session_id, form, status=refusal.status)


def _form(request: Request, session_id: UUID, form: Form[UrgentIn] | None, *, status: int = 200) -> Response:
    with reading() as db:
        session, where = _public(db, session_id)
        rooms = [(str(row.id), row.name) for row in db.exec(select(Room).order_by(col(Room.position))).all()]
        people = queries.seats(db).get(session_id)
    typed = {
        "starts_at": moments.shown(session.starts_at), "minutes": str(session.minutes), "room": str(session.room or ""),
    }  # fmt: skip
    return page(
        request, "assises/urgent.html", status=status, form=form or Form(values=typed), session=session, where=where,
        rooms=rooms, people=people,
    )  # fmt: skip


def _public(db: Session, session_id: UUID) -> tuple[FrozenSession, str]:
    """As everybody sees it; NotFound before it was released."""
    programme = queries.current(db).programme
    session = programme.by_id.get(session_id)
    if session is None:
        raise NotFound
    return session, programme.where(session)
