"""« Voir les mots d'origine »: what was hidden, read again with a motive; on that answer only, no address shows it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.db import reading, writing
from app.forms import PostedForm, bind
from app.moderation import desk, filters, queries, redactions
from app.moderation.access import Desk
from app.moderation.schemas import MotiveIn
from app.turns import in_turn
from app.web import AdaptersDep, page

router = APIRouter(prefix="/equipe/moderation", include_in_schema=False)


@router.post("/{id}/original", name="moderation_original")
@in_turn
def open_original(request: Request, id: str, posted: PostedForm, moderator: Desk, adapters: AdaptersDep) -> Response:
    """404 where nothing is hidden."""
    form, now, opened = bind(MotiveIn, posted), adapters.clock(), None
    if form.data is not None:
        with writing() as db:
            contribution = queries.visible(db, id)
            opened = redactions.open_original(db, contribution, by=moderator, motive=form.data.motive, now=now)
    with reading() as db:
        shown = desk.context(db, queries.item(db, id, now=now), by=moderator)
        status = 200 if opened else 422
        return page(
            request, "moderation/item.html", status=status, form=form, conflict=None, words=filters.words(),
            **shown | {"opened": opened},
        )  # fmt: skip
