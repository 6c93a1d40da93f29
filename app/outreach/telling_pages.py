"""/equipe/sorties/…/recit: what was heard on an outing, and its public page."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.db import reading, writing
from app.errors import AppError
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Outing, Staff
from app.outreach import discretion, outing_queries, telling, told_queries, told_words
from app.outreach.team import Street
from app.outreach.telling_schemas import LONGEST, MOST_CHOSEN, ToldIn
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/sorties/{outing_id}/recit", include_in_schema=False)
EXCERPT = 160


@router.get("", name="outing_told")
def show(request: Request, outing_id: UUID, staff: Street, adapters: AdaptersDep) -> Response:
    return _editor(request, outing_id, Form(), staff, now=adapters.clock())


@router.post("", name="outing_told_save")
@in_turn
def save(request: Request, outing_id: UUID, posted: PostedForm, staff: Street, adapters: AdaptersDep) -> Response:
    form, status = bind(ToldIn, posted), 422
    try:
        if form.data:
            with writing() as db:
                outing = outing_queries.one(db, outing_id, staff)
                telling.tell(db, outing, form.data, by=staff, now=adapters.clock())
            return see_other(request, "outing_told", outing_id=outing_id, notice="saved")
    except AppError as refusal:
        add_errors(form, refusal)
        status = refusal.status
    return _editor(request, outing_id, form, staff, now=adapters.clock(), status=status)


@router.post("/apercu", name="outing_told_preview")
def preview(request: Request, outing_id: UUID, posted: PostedForm, staff: Street, adapters: AdaptersDep) -> Response:
    """What the public would read; nothing is kept."""
    form = bind(ToldIn, posted)
    with reading() as db:
        outing = outing_queries.one(db, outing_id, staff)
        chosen = [words for _chosen, words in told_queries.to_choose(db, outing)]
    status, card = 422, None
    try:
        if form.data:
            telling.refuse(outing, form.data, public=True, now=adapters.clock())
            card, status = _as_told(outing, form.data, now=adapters.clock()), 200
    except AppError as refusal:
        add_errors(form, refusal)
        status = refusal.status
    quotes = [each for each in chosen if form.data and each["reference"] in form.data.chosen]
    return page(request, "outreach/told_preview.html", status=status, form=form, card=card, quotes=quotes)


@router.post("/retrait", name="outing_untell")
@in_turn
def untell(request: Request, outing_id: UUID, staff: Street, adapters: AdaptersDep) -> Response:
    with writing() as db:
        telling.untell(db, outing_queries.one(db, outing_id, staff), by=staff, now=adapters.clock())
    return see_other(request, "outing_told", outing_id=outing_id, notice="saved")


def _as_told(outing: Outing, said: ToldIn, *, now: datetime) -> dict[str, Any]:
    like = Outing(**outing.model_dump() | {"heard": said.heard, "changes": said.changes, "told_at": now})
    return told_words.card(told_queries.as_shown(like))


def _editor(
    request: Request, outing_id: UUID, form: Form[Any], staff: Staff, *, now: datetime, status: int = 200
) -> Response:
    with reading() as db:
        outing = outing_queries.one(db, outing_id, staff)
        known, marked = told_queries.to_choose(db, outing), telling.chosen(db, outing)
    chosen = [words["reference"] for first, words in known if first]
    form.values = form.values or {"heard": outing.heard, "changes": outing.changes, "chosen": chosen}
    return page(
        request, "outreach/told_edit.html", status=status, outing=outing, form=form,
        options=[(words["reference"], _beginning(words)) for _first, words in known],
        seen=telling.seen(outing, marked), few=discretion.few(outing.collected), limits=LONGEST, most=MOST_CHOSEN,
        begun=now >= outing.starts_at, told=discretion.told(outing), may_publish=telling.may_publish(staff),
    )  # fmt: skip


def _beginning(words: dict[str, Any]) -> str:
    said = words["body"] or next((each["transcript"] for each in words["media"] if each["transcript"]), "")
    text = words["title"] or said or words["reference"]
    return text if len(text) <= EXCERPT else text[:EXCERPT].rsplit(maxsplit=1)[0] + " …"
