"""/equipe/appels: who left only a phone number and must be told something."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.access import AnyStaff
from app.db import in_turn, reading, writing
from app.errors import NotFound
from app.models import MessageState
from app.notify import outbox
from app.web import AdaptersDep, PostedForm, page, see_other

router = APIRouter(include_in_schema=False)
OUTCOMES = {
    "done": MessageState.DONE,
    "message_left": MessageState.MESSAGE_LEFT,
    "unreachable": MessageState.UNREACHABLE,
}


@router.get("/equipe/appels", name="calls")
def calls(request: Request, _staff: AnyStaff) -> Response:
    with reading() as db:
        waiting = outbox.calls(db)
        return page(request, "notify/calls.html", calls=waiting)


@router.post("/equipe/appels/{message_id}", name="call_outcome")
@in_turn
def outcome(request: Request, message_id: str, posted: PostedForm, staff: AnyStaff, adapters: AdaptersDep) -> Response:
    """Done, message left, unreachable: by whom and when."""
    said = OUTCOMES.get(str(posted.get("outcome", "")))
    with writing() as db:
        found = next((row for row in outbox.calls(db) if str(row[0].id) == message_id), None)
        if found is None or said is None:
            raise NotFound
        outbox.settle(db, found[0], to=said, by=staff.actor, now=adapters.clock())
    return see_other(request, "calls", notice="saved")
