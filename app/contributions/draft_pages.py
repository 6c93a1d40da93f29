"""A collective's draft, put aside under a code and taken up again elsewhere."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from app.adapters import Adapters
from app.consultation.content import consultation
from app.contributions import drafts
from app.contributions.form_state import FORM_BODY, PASSING, Received, form_page, read, words_alone
from app.contributions.paper_pages import TakenPaper, filled
from app.contributions.schemas import ContributionIn
from app.db import reading, writing
from app.errors import AppError, FieldError
from app.forms import Form, PostedForm, bind
from app.media import rules as media_rules
from app.turns import in_turn
from app.web import AdaptersDep, client_address, page

router = APIRouter(include_in_schema=False)


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
        if received.refusals:  # a file that did not come would be missed on the other device only
            form.errors = received.refusals
            return form_page(request, adapters, form, kept=kept, status=received.status)
        code = _put_aside(form, kept, posted, adapters)
    except AppError as refusal:
        return words_alone(request, posted, refusal, adapters)
    return page(request, "contributions/draft.html", code=code, days=consultation().limits.draft_days)


def _put_aside(form: Form[ContributionIn], kept: list[dict[str, Any]], posted: FormData, adapters: Adapters) -> str:
    values = {name: value for name, value in form.values.items() if name not in PASSING}
    values["upload"] = [medium["upload"] for medium in kept]
    with writing() as db:
        return drafts.put_aside(db, values, code=str(posted.get("draft_code", "")), now=adapters.clock())


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
