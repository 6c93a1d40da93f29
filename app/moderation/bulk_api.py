"""Up to fifty decisions at once, as JSON (docs/api.md)."""

from typing import Any
from uuid import UUID

from fastapi.responses import JSONResponse, Response
from sqlmodel import Session

from app import i18n
from app.contributions import idempotency
from app.db import writing
from app.errors import Unprocessable
from app.forms import say
from app.moderation import bulk
from app.moderation.access import Desk
from app.moderation.answers import BulkResults
from app.moderation.bulk_schemas import BulkIn
from app.openapi import Key, answers, interface
from app.turns import in_turn
from app.web import AdaptersDep

router = interface("moderation")


@router.post(
    "/moderation/decisions",
    status_code=201,
    responses=answers(
        BulkResults, 201, e401="unauthorized", e404="not_found", e409="idempotency_key_reused", e413="too_large",
        e422="missing too_many enum …", e507="storage_full",
    ),
)  # fmt: skip
@in_turn
def decide_all(said: BulkIn, moderator: Desk, adapters: AdaptersDep, idempotency_key: Key = None) -> Response:
    """At most fifty, each taken or refused by itself; nothing with media is published this way (`media_alone`)."""
    now = adapters.clock()

    def do(db: Session) -> tuple[int, dict[str, Any]]:
        results = [_result(one) for one in bulk.decide(db, said.decisions, by=moderator, now=now)]
        return 201, {"decided": sum(one["status"] == 201 for one in results), "results": results}

    with writing() as db:
        body, act = said.model_dump_json().encode(), f"decide many {moderator.id}"
        status, made = idempotency.once(db, idempotency_key, act=act, body=body, now=now, do=lambda: do(db))
    return JSONResponse(made, status, headers={"Cache-Control": "no-store"})


def _result(one: bulk.Outcome) -> dict[str, Any]:
    found, refusal = one.contribution, one.refusal
    wrong = refusal.errors if isinstance(refusal, Unprocessable) else []
    code = wrong[0].code if len(wrong) == 1 else refusal.code if refusal else None
    return {
        "id": str(UUID(one.decision.id)) if found else one.decision.id,
        "status": refusal.status if refusal else 201,
        "reference": found.reference if found else None,
        "state": found.state.value if found else None,
        "version": found.version if found else None,
        "code": code,
        "detail": i18n.gettext(refusal.message) if refusal else None,
        "errors": [{"field": each.field, "code": each.code, "message": say(each)} for each in wrong],
    }
