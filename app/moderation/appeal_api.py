"""Decisions read again, as JSON (docs/api.md)."""

from typing import Any

from fastapi.responses import JSONResponse, Response

from app.contributions import idempotency
from app.db import writing
from app.models import Appeal, Contribution
from app.moderation import appeal_queries, appeals
from app.moderation.access import Desk
from app.moderation.answers import AppealDecided
from app.moderation.appeal_schemas import AppealDecisionIn
from app.openapi import Key, answers, interface
from app.turns import in_turn
from app.web import AdaptersDep

router = interface("moderation")


@router.post(
    "/moderation/appeals/{id}/decisions",
    status_code=201,
    responses=answers(
        AppealDecided, 201, e401="unauthorized", e404="not_found",
        e409="stale claimed alert_open same_person publishing_paused idempotency_key_reused", e413="too_large",
        e422="missing too_long enum language_unread …", e507="storage_full",
    ),
)  # fmt: skip
@in_turn
def decide_appeal(
    id: str, said: AppealDecisionIn, moderator: Desk, adapters: AdaptersDep, idempotency_key: Key = None
) -> Response:
    """By another person than who decided: `upheld` changes nothing, `reversed` publishes."""
    now = adapters.clock()
    with writing() as db:

        def do() -> tuple[int, dict[str, Any]]:
            appeal = appeals.decide(db, appeal_queries.appeal(db, id), by=moderator, said=said, now=now)
            return 201, _shape(appeal, db.get_one(Contribution, appeal.contribution_seq))

        act, body = f"appeal {id} {moderator.id}", said.model_dump_json().encode()
        status, made = idempotency.once(db, idempotency_key, act=act, body=body, now=now, do=do)
    return JSONResponse(made, status, headers={"Cache-Control": "no-store"})


def _shape(appeal: Appeal, contribution: Contribution) -> dict[str, Any]:
    return {
        "id": str(appeal.id),
        "reference": contribution.reference,
        "outcome": appeal.state.value,
        "version": appeal.version,
        "state": contribution.state.value,
        "at": appeal.decided_at.isoformat() if appeal.decided_at else None,
    }
