"""/equipe/moderation: one item, a decision (the queue: queue_pages.py). All of it works without JavaScript."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.adapters import Adapters
from app.db import reading, writing
from app.errors import N_, AppError, Conflict, FieldError, Unprocessable
from app.forms import Form, PostedForm, add_errors, bind
from app.media import states as media_states
from app.models import MediaChoice, Staff
from app.moderation import checks, claims, desk, filters, queries, queue_queries, rules
from app.moderation.access import Desk
from app.moderation.schemas import Action, DecisionIn
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

UNCONFIRMED = N_("Confirmez que rien d’autre ne permet de reconnaître la personne.")
router = APIRouter(prefix="/equipe/moderation", include_in_schema=False)


@router.get("/{id}", name="moderation_item")
def show_item(request: Request, id: str, moderator: Desk, adapters: AdaptersDep) -> Response:
    return _item_page(request, id, moderator, adapters)


@router.post("/{id}/prise", name="moderation_claim")
@in_turn
def claim(request: Request, id: str, moderator: Desk, adapters: AdaptersDep) -> Response:
    """« Je m’en occupe »: fifteen minutes."""
    try:
        with writing() as db:
            claims.claim(db, queries.visible(db, id), by=moderator, now=adapters.clock())
    except Conflict as taken:
        return _item_page(request, id, moderator, adapters, refusal=taken)
    return see_other(request, "moderation_item", id=id, notice="claimed")


@router.post("/{id}/rendre", name="moderation_release")
@in_turn
def release(request: Request, id: str, moderator: Desk, adapters: AdaptersDep) -> Response:
    try:
        with writing() as db:
            claims.release(db, queries.visible(db, id), by=moderator, now=adapters.clock())
    except Conflict as taken:
        return _item_page(request, id, moderator, adapters, refusal=taken)
    return see_other(request, "moderation_queue", notice="released")


@router.post("/{id}/decisions", name="moderation_decide")
@in_turn
def decide(request: Request, id: str, posted: PostedForm, moderator: Desk, adapters: AdaptersDep) -> Response:
    """Then the next item; a refused decision comes back whole, a conflict with the item as it is now."""
    form = bind(DecisionIn, posted)
    form.errors += _unconfirmed(form)
    if form.data is None or form.errors:
        return _item_page(request, id, moderator, adapters, form=form)
    try:
        notice, following = _decide(id, form.data, moderator, adapters)
    except (Unprocessable, Conflict) as refusal:
        return _item_page(request, id, moderator, adapters, form=form, refusal=refusal)
    if following is None:
        return see_other(request, "moderation_queue", notice=notice)
    return see_other(request, "moderation_item", id=following, notice=notice)


def _unconfirmed(form: Form[DecisionIn]) -> list[FieldError]:
    """Whoever blurs says to have looked for what else tells who it is; programs answer for their own looking."""
    if form.data is None or form.data.action not in (Action.PUBLISH, Action.RESTORE):
        return []
    return [
        FieldError(f"media.{id}.confirmed", "unconfirmed", UNCONFIRMED)
        for id, wish in form.data.media.items()
        if wish.choice is MediaChoice.BLUR and not form.value(f"media.{id}.confirmed")
    ]


@router.post("/medias/{media_id}/relance", name="media_retry")
@in_turn
def retry(request: Request, media_id: str, moderator: Desk, adapters: AdaptersDep) -> Response:
    """« Relancer »: what failed is prepared once more."""
    try:
        with writing() as db:
            media, contribution = queries.medium(db, media_id)
            of = str(contribution.id)
            media_states.retry(db, media)
    except Conflict as refusal:
        return _item_page(request, of, moderator, adapters, refusal=refusal)
    return see_other(request, "moderation_item", id=of, notice="retried")


def _decide(id: str, decision: DecisionIn, moderator: Staff, adapters: Adapters) -> tuple[str, object]:
    """Takes the decision; (what became of it, the id of what waits next). A reason alone says the charter's words."""
    now = adapters.clock()
    with writing() as db:
        contribution = queries.visible(db, id)
        if decision.action in checks.REASONED and decision.reason and not decision.statement:
            decision.statement = desk.default_statement(decision.reason, contribution.language)
        rules.decide(db, contribution, by=moderator, decision=decision, now=now)
        step = queries.last_step(db, contribution)
        return step.action if step else "", queue_queries.next_item(db, by=moderator, now=now)


def _item_page(
    request: Request, id: str, moderator: Staff, adapters: Adapters,
    form: Form[DecisionIn] | None = None, refusal: AppError | None = None,
) -> Response:  # fmt: skip
    """The item as it is now, with what was typed and why it was not taken."""
    conflict = refusal if isinstance(refusal, Conflict) else None
    if form is not None and isinstance(refusal, Unprocessable):
        add_errors(form, refusal)
    now = adapters.clock()
    with reading() as db:
        shown = desk.context(db, queries.item(db, id, now=now), by=moderator, form=form)
        status = conflict.status if conflict else 422 if form else 200
        return page(
            request,
            "moderation/item.html",
            status=status,
            form=form,
            conflict=conflict,
            words=filters.words(),
            **shown,
        )
