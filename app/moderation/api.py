"""The desk as JSON (docs/api.md)."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlmodel import Session

from app.accounts.access import AnyStaff
from app.contributions import idempotency
from app.db import reading, writing
from app.moderation import alert_queries, alerts, appeal_queries, claims, queries, queue_queries, rules, shapes
from app.moderation.access import Desk
from app.moderation.answers import AlertClosed, AlertOpened, Claim, Decided, Queue
from app.moderation.queue_schemas import QueueIn
from app.moderation.schemas import AlertIn, ClosureIn, DecisionIn
from app.openapi import Key, answers, interface
from app.turns import in_turn
from app.web import AdaptersDep

router = interface("moderation")
# How every call may be refused, and every call that writes.
KNOWN = {"e401": "unauthorized", "e404": "not_found"}
WRITES = KNOWN | {"e507": "storage_full"}
REUSED = "idempotency_key_reused"


@router.get("/moderation/queue", responses=answers(Queue, e422="enum unknown_question bad_cursor …", **KNOWN))
def show_queue(filters: Annotated[QueueIn, Query()], moderator: Desk, adapters: AdaptersDep) -> Response:
    """What waits: open alerts, signals of danger, reports, what is late, appeals, then the oldest."""
    now = adapters.clock()
    with reading() as db:
        found = queue_queries.queue(db, filters, mine=moderator.seq, now=now)
        named = shapes.named(alert_queries.open_among(db, found.rows), appeal_queries.open_among(db, found.rows))
        return _answer(shapes.queue_page(found, queue_queries.counts(db, now=now), named))


@router.post(
    "/moderation/{id}/claim",
    status_code=201,
    responses=answers(Claim, 201, 200, e409="claimed", **WRITES),
)
@in_turn
def claim(id: str, moderator: Desk, adapters: AdaptersDep) -> Response:
    """For fifteen minutes others leave it alone; 200 when it was held already and is renewed."""
    with writing() as db:
        held, new = claims.claim(db, queries.visible(db, id), by=moderator, now=adapters.clock())
    return _answer(held, 201 if new else 200)


@router.delete(
    "/moderation/{id}/claim",
    status_code=204,
    responses=answers(None, 204, e409="claimed", **WRITES),
)
@in_turn
def release(id: str, moderator: Desk, adapters: AdaptersDep) -> Response:
    """Gives the item back."""
    with writing() as db:
        claims.release(db, queries.visible(db, id), by=moderator, now=adapters.clock())
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


@router.post(
    "/moderation/{id}/decisions",
    status_code=201,
    responses=answers(
        Decided,
        201,
        e409=f"stale claimed not_allowed alert_open same_person publishing_paused {REUSED}",
        e413="too_large",
        e422="missing alt_missing transcript_missing choice_missing media_not_ready media_failed faces_shown "
        "zones_missing voice_text_only choice_unavailable language_unread second_needed "
        "redaction_beyond redaction_overlap redaction_ambiguous merge_into_itself …",
        **WRITES,
    ),
)
@in_turn
def decide(
    id: str, decision: DecisionIn, moderator: Desk, adapters: AdaptersDep, idempotency_key: Key = None
) -> Response:
    """One decision on one revision."""
    now = adapters.clock()

    def do(db: Session) -> dict[str, Any]:
        contribution = rules.decide(db, queries.visible(db, id), by=moderator, decision=decision, now=now)
        return shapes.decided(contribution, action=decision.action.value, by=moderator.name)

    return _created(do, said=decision, act=f"decide {id} {moderator.id}", key=idempotency_key, now=now)


@router.post(
    "/moderation/{id}/alerts",
    status_code=201,
    responses=answers(AlertOpened, 201, e409=REUSED, e413="too_large", e422="missing enum too_long", **WRITES),
)
@in_turn
def open_alert(id: str, said: AlertIn, staff: AnyStaff, adapters: AdaptersDep, idempotency_key: Key = None) -> Response:
    """Someone may be in danger: nothing of it is published or sent until the alert is closed."""
    now = adapters.clock()

    def do(db: Session) -> dict[str, Any]:
        return shapes.alert(alerts.open_alert(db, queries.visible(db, id), by=staff, said=said, now=now))

    return _created(do, said=said, act=f"alert {id} {staff.id}", key=idempotency_key, now=now)


@router.post(
    "/moderation/alerts/{id}/closure",
    status_code=201,
    responses=answers(
        AlertClosed, 201, e409=f"already_closed {REUSED}", e413="too_large", e422="missing too_long", **WRITES
    ),
)
@in_turn
def close_alert(
    id: str, said: ClosureIn, staff: AnyStaff, adapters: AdaptersDep, idempotency_key: Key = None
) -> Response:
    """With what was done."""
    now = adapters.clock()

    def do(db: Session) -> dict[str, Any]:
        return shapes.alert(alerts.close(db, alert_queries.alert(db, id), by=staff, done=said.done, now=now))

    return _created(do, said=said, act=f"close {id} {staff.id}", key=idempotency_key, now=now)


def _created(
    do: Callable[[Session], dict[str, Any]], *, said: BaseModel, act: str, key: str | None, now: datetime
) -> Response:
    """201 with what was made; a repeat under the same Idempotency-Key gets the first answer."""
    with writing() as db:
        body = said.model_dump_json().encode()
        status, made = idempotency.once(db, key, act=act, body=body, now=now, do=lambda: (201, do(db)))
    return _answer(made, status)


def _answer(body: dict[str, Any], status: int = 200) -> Response:
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})
