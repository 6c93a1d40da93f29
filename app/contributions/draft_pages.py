"""A collective's draft, put aside under a code and taken up again elsewhere."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import limits
from app.adapters import Adapters
from app.consultation.content import consultation
from app.contributions import drafts
from app.contributions.form_state import FORM_BODY, PASSING, Received, ReceivedMedia, form_page, read, words_alone
from app.contributions.paper_pages import TakenPaper, filled
from app.contributions.schemas import ContributionIn
from app.db import reading, writing
from app.errors import AppError, FieldError
from app.forms import Form, PostedForm, add_errors, bind
from app.media import rules as media_rules
from app.turns import in_turn
from app.web import AdaptersDep, client_address, page

router = APIRouter(include_in_schema=False)
AN_HOUR, MOST = 3600, 300  # drafts from one address: a whole hall at work


@router.post("/participer/brouillon", name="draft", max_body_size=FORM_BODY)
@in_turn
def put_aside(
    request: Request, posted: PostedForm, received: Received, taken: TakenPaper, adapters: AdaptersDep
) -> Response:
    """A collective puts its draft aside: a code resumes it elsewhere, for 30 days."""
    if taken:  # a document chosen but not yet read would be lost: its words are shown first
        return filled(request, posted, received, taken, adapters)
    if not consultation().collecting(adapters.clock()):  # nothing could ever be sent of it
        return form_page(request, adapters, bind(ContributionIn, posted))
    try:
        form, kept = read(posted, received, adapters)
    except AppError as refusal:
        return words_alone(request, posted, refusal, adapters)
    form.errors = received.refusals  # what is missing is not said yet; a file that did not come is
    code = "" if form.errors else _put_aside(request, form, kept, received, adapters)
    if not code:
        return form_page(request, adapters, form, kept=kept, status=received.status)
    return page(request, "contributions/draft.html", code=code, days=consultation().limits.draft_days)


def _put_aside(
    request: Request,
    form: Form[ContributionIn],
    kept: list[dict[str, Any]],
    received: ReceivedMedia,
    adapters: Adapters,
) -> str:
    """Its code; "" when it cannot be kept, and the form says why."""
    values = {name: value for name, value in form.values.items() if name not in PASSING}
    values["upload"] = [medium["upload"] for medium in kept]
    try:
        limits.allow("draft", client_address(request), most=MOST, window=AN_HOUR)
        with writing() as db:
            return drafts.put_aside(db, values, code=form.value("draft_code"), now=adapters.clock())
    except AppError as refusal:
        add_errors(form, refusal)
        received.status = refusal.status
        return ""


@router.post("/participer/reprendre", name="resume")
@in_turn
def resume(request: Request, posted: PostedForm, adapters: AdaptersDep) -> Response:
    typed = str(posted.get("draft_code", ""))
    try:
        with reading() as db:
            values = drafts.resume(db, typed, who=client_address(request), now=adapters.clock())
            kept = media_rules.uploads(db, values.pop("upload", []))
    except AppError as refusal:
        form: Form[ContributionIn] = Form(values={"draft_code": typed})
        form.errors.append(FieldError("draft_code", refusal.code, refusal.message))
        return form_page(request, adapters, form, status=refusal.status)
    return form_page(request, adapters, Form(values={**values, "draft_code": typed}), kept=kept)
