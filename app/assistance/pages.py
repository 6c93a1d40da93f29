"""/equipe/moderation: answering a signal, reading a group of contributions that say nearly the same."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.assistance import desk, queries, rules
from app.assistance.found import DANGERS
from app.assistance.schemas import Answer, SettleIn
from app.db import reading, writing
from app.errors import Unprocessable
from app.forms import PostedForm, bind
from app.models import SignalState
from app.moderation.access import Desk
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/moderation", include_in_schema=False)


@router.post("/signaux/{signal_id}", name="signal_settle")
@in_turn
def settle(request: Request, signal_id: str, posted: PostedForm, moderator: Desk, adapters: AdaptersDep) -> Response:
    """A danger that is one leads to the alert, with its kind filled in."""
    form = bind(SettleIn, posted)
    if form.data is None:
        raise Unprocessable(form.errors)
    with writing() as db:
        signal, contribution = queries.signal(db, signal_id)
        answer = SignalState(form.data.state.value)
        rules.settle(db, signal, contribution, to=answer, by=moderator, now=adapters.clock())
        kind, id = signal.kind, contribution.id
    if kind in DANGERS and form.data.state is Answer.CONFIRMED:
        return see_other(request, "alert_new", id=id, kind=kind)
    return see_other(request, "moderation_item", id=id, notice="settled")


@router.get("/groupes/{id}", name="moderation_group")
def show_group(request: Request, id: str, moderator: Desk, after: int = 0) -> Response:
    """Read once: the first text, what differs, some of the others; decided together."""
    with reading() as db:
        group = queries.group(db, id, after=after)
    members, more = group.members[: queries.BULK], len(group.members) > queries.BULK
    return page(
        request, "moderation/cluster.html", id=id, group=group, members=members, sample=desk.sample(group),
        after=members[-1].seq if more else None,
    )  # fmt: skip
