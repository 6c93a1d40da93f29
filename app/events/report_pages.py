"""/equipe/rendez-vous/…/compte-rendu: what happened there, in words and photos."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from app.adapters import Adapters
from app.consultation.content import consultation
from app.db import reading, writing
from app.errors import AppError
from app.events import guests, report
from app.events.access import Edit
from app.events.report_schemas import MOST_LETTERS, ReportIn
from app.forms import Form, PostedForm, add_errors, bind
from app.media import attached
from app.media import rules as media_rules
from app.media.attached_files import BODY, FIELD, Arrived, arrive
from app.media.attached_views import listed
from app.models import Event, Face, Staff
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/rendez-vous/{event_id}/compte-rendu", include_in_schema=False)


async def _arrived(posted: PostedForm, _staff: Edit, adapters: AdaptersDep) -> Arrived:
    return await arrive([each for each in posted.getlist(FIELD) if isinstance(each, UploadFile)], adapters)


@router.get("", name="event_report")
def show(request: Request, event_id: UUID, _staff: Edit, adapters: AdaptersDep) -> Response:
    return _editor(request, event_id, Form(), adapters)


@router.post("", name="event_report_save", max_body_size=BODY)
@in_turn
def save(
    request: Request,
    event_id: UUID,
    posted: PostedForm,
    arrived: Annotated[Arrived, Depends(_arrived)],
    staff: Edit,
    adapters: AdaptersDep,
) -> Response:
    """Photos first, on their own: whatever is refused of the words, they have arrived."""
    form = bind(ReportIn, posted)
    form.errors += arrived.refusals
    status = 422
    try:
        _take(event_id, arrived.stored, staff, adapters)
        if form.data:
            _write(event_id, form.data, staff, adapters)
    except AppError as refusal:
        add_errors(form, refusal)
        status = refusal.status
    if form.errors:
        return _editor(request, event_id, form, adapters, status=status)
    return see_other(request, "event_report", event_id=event_id, notice="saved")


def _take(event_id: UUID, stored: list[media_rules.Stored], staff: Staff, adapters: Adapters) -> None:
    for each in stored:
        with writing() as db:
            event = guests.event(db, event_id)
            report.add_photo(db, event, each, alt="", face=Face.HIDE, by=staff.actor, now=adapters.clock())


def _write(event_id: UUID, said: ReportIn, staff: Staff, adapters: Adapters) -> None:
    now, by = adapters.clock(), staff.actor
    with writing() as db:
        event = guests.event(db, event_id)
        report.revise_photos(db, event, said.photos, by=by, now=now)
        report.write(db, event, words=said.report, seen=said.seen, by=by, now=now)


def _editor(request: Request, event_id: UUID, form: Form[Any], adapters: Adapters, *, status: int = 200) -> Response:
    with reading() as db:
        event: Event = guests.event(db, event_id)
        photos = listed(attached.listed(db, report.home(event)))
    return page(
        request, "events/report.html", status=status, event=event, form=form, photos=photos,
        may_tell=report.may_tell(event, now=adapters.clock()), seen=report.mark(event.report),
        limits=consultation().limits, letters=MOST_LETTERS, most=attached.MOST,
    )  # fmt: skip
