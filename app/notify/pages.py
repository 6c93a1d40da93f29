"""/equipe/appels: who left only a phone number and must be told something. The one page that shows a number."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.accounts.access import require
from app.accounts.menu import CALLERS
from app.db import reading, writing
from app.errors import NotFound
from app.forms import PostedForm
from app.models import MessageState, Staff
from app.moderation.queries import names
from app.notify import outbox
from app.notify.calls import call, calls
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(include_in_schema=False)
Caller = Annotated[Staff, Depends(require(*CALLERS))]
OUTCOMES = {
    "done": MessageState.DONE,
    "message_left": MessageState.MESSAGE_LEFT,
    "unreachable": MessageState.UNREACHABLE,
}


@router.get("/equipe/appels", name="calls")
def to_call(request: Request, _staff: Caller, adapters: AdaptersDep) -> Response:
    with reading() as db:
        waiting = calls(db, base_url=adapters.base_url, now=adapters.clock())
        callers = names(db, {one.message.told_by for one in waiting if one.message.told_by})
        return page(request, "notify/calls.html", calls=waiting, callers=callers)


@router.post("/equipe/appels/{message_id}", name="call_outcome")
@in_turn
def outcome(request: Request, message_id: UUID, posted: PostedForm, staff: Caller, adapters: AdaptersDep) -> Response:
    """Done, message left, unreachable: by whom and when."""
    said = OUTCOMES.get(str(posted.get("outcome", "")))
    with writing() as db:
        message = call(db, message_id)
        if message is None or said is None:
            raise NotFound
        outbox.settle(db, message, to=said, by=staff.actor, now=adapters.clock())
    return see_other(request, "calls", notice="saved")
