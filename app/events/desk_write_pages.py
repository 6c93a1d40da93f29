"""/equipe/rendez-vous/…/ecrire: to everybody, to those who wait, to those with a need; seen before it goes."""

from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.db import reading, writing
from app.errors import AppError
from app.events import desk, guests, messages, reached
from app.events.access import Edit
from app.events.desk_schemas import LetterIn
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Event
from app.moderation.queries import names
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/rendez-vous/{event_id}/ecrire", include_in_schema=False)


@router.get("", name="event_write")
def show_write(request: Request, event_id: UUID, _staff: Edit) -> Response:
    with reading() as db:
        return _write(request, db, guests.event(db, event_id), Form(values={"addressed": "all"}))


@router.post("", name="event_write_send")
@in_turn
def write(request: Request, event_id: UUID, posted: PostedForm, staff: Edit, adapters: AdaptersDep) -> Response:
    """`act=preview` shows what people would get; `act=send` sends it, once for one key."""
    form = bind(LetterIn, posted)
    with writing() as db:
        event = guests.event(db, event_id)
        among = desk.audiences(db, event, guests.guests(db, event))
        if form.data is None:
            return _write(request, db, event, form, status=422)
        try:
            if form.data.act == "send":
                desk.write(db, event, form.data, among=among, by=staff, now=adapters.clock())
                return see_other(request, "event_write", event_id=event_id, notice="sent")
            return _preview(request, db, event, form)
        except AppError as error:
            add_errors(form, error)
            return _write(request, db, event, form, status=422)


def _preview(request: Request, db: Session, event: Event, form: Form[LetterIn]) -> Response:
    said = form.data or LetterIn(words="")
    among = {one.code: one for one in desk.audiences(db, event, guests.guests(db, event))}
    if said.addressed not in among:
        raise desk.nobody()
    subject, text = messages.preview(event, kind="written", words=said.words, language="fr")
    return _write(request, db, event, form, preview={"subject": subject, "text": text, "to": among[said.addressed]})


def _write(
    request: Request, db: Session, event: Event, form: Form[Any], *, preview: Any = None, status: int = 200
) -> Response:
    everybody = guests.guests(db, event)
    told = desk.written(db, event)
    return page(
        request, "events/write.html", status=status, event=event, form=form, preview=preview, key=uuid4(),
        audiences=desk.audiences(db, event, everybody), told=told, names=names(db, {one.by for one in told}),
        audience_names=desk.audience_name, progress=reached.progress(db, event),
    )  # fmt: skip
