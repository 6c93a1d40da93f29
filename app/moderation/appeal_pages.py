"""/equipe/recours: decisions that somebody else must read again."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.contributions import appeals as asked
from app.db import reading, writing
from app.errors import AppError, Conflict, Unprocessable
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Contribution, Staff
from app.moderation import appeal_queries, appeals, desk, filters, queries
from app.moderation.access import Desk
from app.moderation.appeal_schemas import AppealDecisionIn
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/recours", include_in_schema=False)


@router.get("", name="appeals")
def show_appeals(request: Request, moderator: Desk) -> Response:
    with reading() as db:
        opened, answered = appeal_queries.listed(db)
        actors = {each for row in opened + answered for each in (row.Transition.actor, row.Appeal.decided_by)}
        names = queries.names(db, actors)
    return page(request, "moderation/appeals.html", opened=opened, answered=answered, names=names, me=moderator.actor)


@router.get("/{id}", name="staff_appeal")
def show_appeal(request: Request, id: str, moderator: Desk, adapters: AdaptersDep) -> Response:
    return _appeal_page(request, id, moderator, adapters, Form())


@router.post("/{id}/decision", name="appeal_decide")
@in_turn
def decide(request: Request, id: str, posted: PostedForm, moderator: Desk, adapters: AdaptersDep) -> Response:
    form = bind(AppealDecisionIn, posted)
    if form.data is None:
        return _appeal_page(request, id, moderator, adapters, form, status=422)
    try:
        with writing() as db:
            appeal = appeal_queries.appeal(db, id)
            appeals.decide(db, appeal, by=moderator, said=form.data, now=adapters.clock())
    except (Conflict, Unprocessable) as refusal:
        add_errors(form, refusal)
        return _appeal_page(request, id, moderator, adapters, form, refusal=refusal)
    return see_other(request, "appeals", notice=form.data.outcome.value)


def _appeal_page(
    request: Request, id: str, moderator: Staff, adapters: AdaptersDep, form: Form[AppealDecisionIn], *,
    status: int = 200, refusal: AppError | None = None,
) -> Response:  # fmt: skip
    with reading() as db:
        appeal = appeal_queries.appeal(db, id)
        contribution = db.get_one(Contribution, appeal.contribution_seq)
        row = queries.item(db, str(contribution.id), now=adapters.clock())
        decision = appeal_queries.decision(db, appeal)
        shown = desk.context(db, row, by=moderator)
        return page(
            request, "moderation/appeal.html", status=refusal.status if refusal else status, form=form,
            appeal=appeal, decision=decision, said=asked.words(appeal), until=asked.until(decision.at),
            took_part=moderator.actor in appeals.deciders(db, appeal), words=filters.words(),
            **shown | {"names": shown["names"] | queries.names(db, {decision.actor, appeal.decided_by})},
        )  # fmt: skip
