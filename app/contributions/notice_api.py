"""JSON: reporting something published."""

from typing import Annotated, Any

from fastapi import Header, Request
from fastapi.responses import JSONResponse

from app import i18n
from app.addresses import rooted
from app.contributions import idempotency, notice_limits, notices
from app.contributions.answers import NoticeMade
from app.contributions.notice_schemas import NoticeIn
from app.db import writing
from app.openapi import Key, answers, interface
from app.turns import in_turn
from app.web import AdaptersDep, client_address

router = interface("notices")
Proof = Annotated[
    str, Header(alias="Proof-Of-Work", max_length=300, description="`token:n`, the answer to a 428's challenge.")
]


@router.post(
    "/notices",
    status_code=201,
    name="api:notices",
    responses=answers(
        NoticeMade, 201, e404="not_found", e409="idempotency_key_reused", e413="too_large",
        e422="missing unknown_reason unknown_media good_faith_missing bad_email too_long …", e428="proof_required",
        e429="too_many", e507="storage_full",
    ),
)  # fmt: skip
@in_turn
def report(
    request: Request, said: NoticeIn, adapters: AdaptersDep, idempotency_key: Key = None, proof_of_work: Proof = ""
) -> JSONResponse:
    """Reports something published. `image_rights` with a `media`: its sender is seen there, it is hidden at once."""
    token, _, answer = proof_of_work.rpartition(":")
    who, now = client_address(request), adapters.clock()
    notice_limits.ask(who, token=token, answer=answer)
    with writing() as db:

        def receive() -> tuple[int, dict[str, Any]]:
            made = notices.receive(db, said, who=who, language=i18n.current().code, now=now)
            return 201, {"number": made.number, "hid_at_once": made.hid_at_once, "url": rooted("/signalement")}

        body = said.model_dump_json().encode()
        status, made = idempotency.once(db, idempotency_key, act="notice", body=body, now=now, do=receive)
    return JSONResponse(made, status, headers={"Cache-Control": "no-store"})
