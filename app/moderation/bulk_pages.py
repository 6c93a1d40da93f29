"""/equipe/moderation/decisions: one decision for several ticked items, after the queue or a cluster."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.db import reading, writing
from app.errors import AppError, Unprocessable
from app.forms import Form, PostedForm, bind, say
from app.moderation import bulk, desk, filters, queries
from app.moderation.access import Desk
from app.moderation.bulk_schemas import MOST, BulkForm
from app.moderation.schemas import Action
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/moderation", include_in_schema=False)
OFFERED = (Action.PUBLISH, Action.SEND_TO_SECOND, Action.RETURN, Action.REFUSE, Action.MERGE)


@router.post("/decisions", name="moderation_bulk")
@in_turn
def decide_all(request: Request, posted: PostedForm, moderator: Desk, adapters: AdaptersDep) -> Response:
    """Items alone: what should become of them? With an action: what became of each, where not all was taken."""
    form, now = bind(BulkForm, posted), adapters.clock()
    asking = bool(form.values.get("item")) and "action" not in form.values
    if asking:
        form.errors = [error for error in form.errors if error.field != "action"]
    if form.data is None:
        return _page(request, form, now, status=422 if form.errors else 200)
    with writing() as db:
        outcomes = bulk.decide(db, form.data.decisions(), by=moderator, now=now, words=desk.default_statement)
        refused = [_refused(one, one.refusal) for one in outcomes if one.refusal]
    if not refused:
        return see_other(request, "moderation_queue", notice="bulk")
    return page(
        request, "moderation/bulk_done.html", status=409, done=len(outcomes) - len(refused), refused=refused,
        action=form.data.action.value,
    )  # fmt: skip


def _refused(one: bulk.Outcome, refusal: AppError) -> dict[str, Any]:
    found = one.contribution
    wrong = refusal.errors if isinstance(refusal, Unprocessable) else []
    return {
        "id": str(found.id) if found else "",
        "reference": found.reference if found else "",
        "state": found.state.value if found else "",
        "why": [say(error) for error in wrong] or [refusal.message],
    }


def _page(request: Request, form: Form[BulkForm], now: Any, *, status: int) -> Response:
    items = form.values.get("item", [])
    with reading() as db:
        rows = queries.these(db, [item.partition(":")[0] for item in items[: MOST * 2]], now=now)
        media = queries.media_of(db, [row.seq for row in rows])
        return page(
            request, "moderation/bulk.html", status=status, form=form, rows=rows, media=media, ticked=set(items),
            offered=[action.value for action in OFFERED], words=filters.words(), most=MOST,
        )  # fmt: skip
