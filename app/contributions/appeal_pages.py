"""/suivre/contribution/relecture: asking that somebody else reads a decision again."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.contributions import appeals, follow_session, holder
from app.contributions.schemas import AppealIn
from app.db import reading, writing
from app.errors import AppError
from app.forms import Form, PostedForm, add_errors, bind
from app.turns import in_turn
from app.web import AdaptersDep, see_other

router = APIRouter(include_in_schema=False)


@router.get("/suivre/contribution/relecture", name="appeal")
def show_appeal(request: Request, adapters: AdaptersDep) -> Response:
    seq, now = follow_session.seq(request, adapters), adapters.clock()
    if seq is None:
        return see_other(request, "follow", notice="ended")
    with reading() as db:
        about = holder.page_view(db, holder.held(db, seq), now=now)
    if "appeal" not in about["can"]:
        return see_other(request, "followed", notice="not_now")
    return follow_session.appeal_page(request, Form(), about)


@router.post("/suivre/contribution/relecture", name="appeal_send")
@in_turn
def send_appeal(request: Request, posted: PostedForm, adapters: AdaptersDep) -> Response:
    """Whatever is refused, the words stay: also when the page has run out meanwhile."""
    seq, now, form = follow_session.seq(request, adapters), adapters.clock(), bind(AppealIn, posted)
    if seq is None:
        return follow_session.way_in_again(request, form)
    try:
        if form.data is not None:
            with writing() as db:
                appeals.ask(db, holder.held(db, seq), words=form.data.words, now=now)
            return see_other(request, "followed", notice="appealed")
        status = 422
    except AppError as refusal:
        add_errors(form, refusal)
        status = refusal.status
    with reading() as db:
        about = holder.page_view(db, holder.held(db, seq), now=now)
    return follow_session.appeal_page(request, form, about, status=status)
