"""JSON: saying something, and following it with its receipt. Reading is in public_api.py."""

from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from sqlmodel import Session

from app import i18n, proof
from app.addresses import rooted
from app.contributions import appeals, erasure, holder, idempotency, receipts, rules
from app.contributions.answers import NewCode, ReceiptView, Submitted
from app.contributions.schemas import AppealIn, ContributionIn, ErasureIn, RevisionIn
from app.db import reading, writing
from app.errors import Unauthorized
from app.models import Channel, Contribution, State
from app.openapi import API, LOCATED, Key, answers, interface
from app.reading import ReadByHand
from app.turns import in_shared_turn, in_turn
from app.web import AdaptersDep, client_address

router = interface("contributions")
sending = interface("contributions", route_class=ReadByHand)  # the one that is asked in crowds
WORDS = 1024 * 1024  # bytes of a JSON body: many times the longest text
NO_STORE = {"Cache-Control": "no-store"}
# How every call of a receipt's holder may be refused; 507: wrong codes are counted.
HOLDER = {"e401": "unauthorized unknown_receipt", "e429": "too_many", "e507": "storage_full"}
NOT_NOW = "not_allowed stale"
REUSED = "idempotency_key_reused"
Proof = Annotated[str, Header(alias="Proof-Of-Work", description="`token:n`, the answer to a 428's challenge.")]


async def _with_code(request: Request) -> None:
    """Before the body is judged: who shows no code gets 401, whatever was sent. Async: no thread for so little."""
    _typed(request)


@sending.post(
    "/contributions",
    status_code=201,
    name="api:contribute",
    max_body_size=WORDS,
    responses=answers(
        Submitted,
        201,
        e409=f"collection_closed {REUSED}",
        e413="too_large",
        e422="empty too_long unknown_question consent_missing unknown_upload …",
        e428="proof_required",
        e507="storage_full",
    ),
    openapi_extra=LOCATED,
)
@in_shared_turn
def create(
    request: Request,
    said: ContributionIn,
    adapters: AdaptersDep,
    idempotency_key: Key = None,
    proof_of_work: Proof = "",
) -> JSONResponse:
    """Takes a contribution. A repeat under the same Idempotency-Key gets the first answer."""
    token, _, answer = proof_of_work.rpartition(":")
    proof.ask_if_many(client_address(request), token=token, answer=answer)
    now = adapters.clock()
    with writing() as db:
        status, body = idempotency.once(
            db,
            idempotency_key,
            act="contribute",
            body=said,
            now=now,
            do=lambda: (
                201,
                _receipt(rules.submit(db, said, channel=Channel.ONLINE, now=now, page=_page_language(request))),
            ),
        )
    where = rooted(f"{API}/contributions/{body['reference']}")
    return JSONResponse(body, status, headers={**NO_STORE, "Location": where})


def _page_language(request: Request) -> str:
    """The language of the words when the sender does not say: what the client accepts first, if we know it."""
    return i18n.accepted(request.headers.get("accept-language", "")).code


def _receipt(done: rules.Submitted) -> dict[str, Any]:
    return {
        "id": str(done.id),
        "reference": done.reference,
        "receipt_code": done.code.words,
        "receipt_digits": done.code.digits,
        "state": State.PENDING.value,
        "url": rooted(f"/paroles/{done.reference}"),
    }


@router.get("/receipt", name="api:receipt", responses=answers(ReceiptView, **HOLDER))
def receipt(request: Request, adapters: AdaptersDep) -> JSONResponse:
    """Where it is, why, and what its holder may do now."""
    with reading() as db:
        contribution = _held(db, request)
        return JSONResponse(holder.view(db, contribution, now=adapters.clock()), headers=NO_STORE)


@router.put(
    "/receipt/revision",
    status_code=201,
    name="api:revise",
    max_body_size=WORDS,
    dependencies=[Depends(_with_code)],
    responses=answers(
        ReceiptView, 201, e409=NOT_NOW, e413="too_large", e422="empty too_long unknown_language …", **HOLDER
    ),
)
@in_turn
def revise(request: Request, words: RevisionIn, adapters: AdaptersDep) -> JSONResponse:
    """Corrected words; they wait for a person again."""
    with writing() as db:
        contribution = _held(db, request)
        rules.revise(db, contribution, words, now=adapters.clock())
        return JSONResponse(holder.view(db, contribution, now=adapters.clock()), 201, headers=NO_STORE)


@router.post("/receipt/withdrawal", name="api:withdraw", responses=answers(ReceiptView, e409=NOT_NOW, **HOLDER))
@in_turn
def withdraw(request: Request, adapters: AdaptersDep) -> JSONResponse:
    """Takes the words back; they are no more public."""
    with writing() as db:
        contribution = _held(db, request)
        rules.withdraw(db, contribution, now=adapters.clock())
        return JSONResponse(holder.view(db, contribution, now=adapters.clock()), headers=NO_STORE)


@router.delete(
    "/receipt/withdrawal", name="api:undo_withdrawal", responses=answers(ReceiptView, e409=NOT_NOW, **HOLDER)
)
@in_turn
def undo_withdrawal(request: Request, adapters: AdaptersDep) -> JSONResponse:
    """Within 14 days, back to where it was."""
    with writing() as db:
        contribution = _held(db, request)
        rules.undo_withdrawal(db, contribution, now=adapters.clock())
        return JSONResponse(holder.view(db, contribution, now=adapters.clock()), headers=NO_STORE)


@router.post(
    "/receipt/erasure",
    name="api:erase",
    dependencies=[Depends(_with_code)],
    responses=answers(ReceiptView, e409=NOT_NOW, e413="too_large", e422="missing string_pattern_mismatch", **HOLDER),
)
@in_turn
def erase(request: Request, asked: ErasureIn, adapters: AdaptersDep) -> JSONResponse:
    """For good: `everything`, or the `identity` alone."""
    now = adapters.clock()
    with writing() as db:
        contribution = _held(db, request)
        erasure.erase(db, contribution, scope=asked.scope, actor="author", now=now)
        return JSONResponse(holder.view(db, contribution, now=now), headers=NO_STORE)


@router.post(
    "/receipt/appeal",
    status_code=201,
    name="api:appeal",
    dependencies=[Depends(_with_code)],
    responses=answers(
        ReceiptView, 201, e409=f"not_allowed already_appealed appeal_expired {REUSED}", e413="too_large",
        e422="too_long bad_key …", **HOLDER,
    ),
)  # fmt: skip
@in_turn
def appeal(
    request: Request, adapters: AdaptersDep, said: AppealIn | None = None, idempotency_key: Key = None
) -> JSONResponse:
    """Somebody else reads the decision again: once for each, within six months. It needs no body."""
    now, said = adapters.clock(), said or AppealIn()
    with writing() as db:
        contribution = _held(db, request)

        def ask() -> tuple[int, dict[str, Any]]:
            appeals.ask(db, contribution, words=said.words, now=now)
            return 201, {}  # the answer says the person's words: they are kept in one place, where erasing finds them

        act, body = f"appeal {contribution.id}", said.model_dump_json().encode()
        status, _ = idempotency.once(db, idempotency_key, act=act, body=body, now=now, do=ask)
        return JSONResponse(holder.view(db, contribution, now=now), status, headers=NO_STORE)


@router.post(
    "/receipt/code",
    status_code=201,
    name="api:replace_code",
    responses=answers(NewCode, 201, e409=REUSED, e422="bad_key", **HOLDER),
)
@in_turn
def replace_code(request: Request, adapters: AdaptersDep, idempotency_key: Key = None) -> JSONResponse:
    """A new code; the old one stops working, but for asking again under the same Idempotency-Key."""
    now, typed = adapters.clock(), _typed(request)
    with writing() as db:

        def replace() -> tuple[int, dict[str, Any]]:
            code = rules.replace_code(db, _held(db, request), now=now)
            return 201, {"receipt_code": code.words, "receipt_digits": code.digits}

        # Who never got the answer has the old code only: that one and the key are the right to read it.
        act, body = "replace_code", receipts.mac(typed).encode()
        status, made = idempotency.once(db, idempotency_key, act=act, body=body, now=now, do=replace)
    return JSONResponse(made, status, headers=NO_STORE)


def _held(db: Session, request: Request) -> Contribution:
    """The contribution of `Authorization: Receipt <code>`; 401 else, slowed after a few wrong ones."""
    return holder.held(db, receipts.opened_by(db, _typed(request), who=client_address(request)))


def _typed(request: Request) -> str:
    scheme, _, typed = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "receipt" or not typed.strip():
        raise Unauthorized
    return typed
