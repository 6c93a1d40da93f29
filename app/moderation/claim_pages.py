"""« Reprendre »: an item somebody else holds."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.db import writing
from app.moderation import claims, queries
from app.moderation.access import Desk
from app.turns import in_turn
from app.web import AdaptersDep, see_other

router = APIRouter(prefix="/equipe/moderation", include_in_schema=False)


@router.post("/{id}/reprise", name="moderation_take_over")
@in_turn
def take_over(request: Request, id: str, moderator: Desk, adapters: AdaptersDep) -> Response:
    """Journalled; whoever held it sees so."""
    with writing() as db:
        claims.take_over(db, queries.visible(db, id), by=moderator, now=adapters.clock())
    return see_other(request, "moderation_item", id=id, notice="claimed")
