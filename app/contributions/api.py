"""JSON: saying something, and following it with its receipt. Reading is in public_api.py."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse
from sqlmodel import Session

from app import i18n, proof
from app.contributions import erasure, holder, idempotency, receipts, rules
from app.contributions.schemas import ContributionIn, ErasureIn, RevisionIn
from app.db import in_turn, reading, writing
from app.errors import Unauthorized
from app.models import Channel, Contribution
from app.web import AdaptersDep, client_address

router = APIRouter(tags=["contributions"])
WORDS = 1024 * 1024  # bytes of a JSON body: many times the longest text
NO_STORE = {"Cache-Control": "no-store"}


@router.post("/contributions", status_code=201, name="api:contribute", max_body_size=WORDS)
@in_turn
def create(
    request: Request,
    said: ContributionIn,
    adapters: AdaptersDep,
    idempotency_key: Annotated[str | None, Header()] = None,
    proof_of_work: Annotated[str, Header(max_length=300)] = "",
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
            body=said.model_dump_json().encode(),
            now=now,
            do=lambda: (
                201,
                _receipt(rules.submit(db, said, channel=Channel.ONLINE, now=now, page=_page_language(request))),
            ),
        )
    return JSONResponse(body, status, headers={**NO_STORE, "Location": f"/api/v1/contributions/{body['reference']}"})


def _page_language(request: Request) -> str:
    """The language of the words when the sender does not say: what the client accepts first, if we know it."""
    accepted = request.headers.get("accept-language", "").split(",")[0].split(";")[0].split("-")[0].strip().lower()
    return accepted if accepted in i18n.LANGUAGES and accepted != "simple" else "fr"


def _receipt(done: rules.Submitted) -> dict[str, Any]:
    contribution = done.contribution
    return {
        "id": str(contribution.id),
        "reference": contribution.reference,
        "receipt_code": done.code.words,
        "receipt_digits": done.code.digits,
        "state": contribution.state.value,
        "url": f"/paroles/{contribution.reference}",
    }


@router.get("/receipt", name="api:receipt")
def receipt(request: Request, adapters: AdaptersDep) -> JSONResponse:
    with reading() as db:
        contribution = _held(db, request)
        return JSONResponse(holder.view(db, contribution, now=adapters.clock()), headers=NO_STORE)


@router.put("/receipt/revision", status_code=201, name="api:revise", max_body_size=WORDS)
@in_turn
def revise(request: Request, words: RevisionIn, adapters: AdaptersDep) -> JSONResponse:
    with writing() as db:
        contribution = _held(db, request)
        rules.revise(db, contribution, words, now=adapters.clock())
        return JSONResponse(holder.view(db, contribution, now=adapters.clock()), 201, headers=NO_STORE)


@router.post("/receipt/withdrawal", name="api:withdraw")
@in_turn
def withdraw(request: Request, adapters: AdaptersDep) -> JSONResponse:
    with writing() as db:
        contribution = _held(db, request)
        rules.withdraw(db, contribution, now=adapters.clock())
        return JSONResponse(holder.view(db, contribution, now=adapters.clock()), headers=NO_STORE)


@router.delete("/receipt/withdrawal", name="api:undo_withdrawal")
@in_turn
def undo_withdrawal(request: Request, adapters: AdaptersDep) -> JSONResponse:
    """Within 14 days."""
    with writing() as db:
        contribution = _held(db, request)
        rules.undo_withdrawal(db, contribution, now=adapters.clock())
        return JSONResponse(holder.view(db, contribution, now=adapters.clock()), headers=NO_STORE)


@router.post("/receipt/erasure", name="api:erase")
@in_turn
def erase(request: Request, asked: ErasureIn, adapters: AdaptersDep) -> JSONResponse:
    now = adapters.clock()
    with writing() as db:
        contribution = _held(db, request)
        erasure.erase(db, contribution, scope=asked.scope, actor="author", now=now)
        return JSONResponse(holder.view(db, contribution, now=now), headers=NO_STORE)


@router.post("/receipt/code", status_code=201, name="api:replace_code")
@in_turn
def replace_code(request: Request, adapters: AdaptersDep) -> JSONResponse:
    """A new code; the old one stops working."""
    with writing() as db:
        contribution = _held(db, request)
        code = receipts.replace(db, contribution.seq or 0, now=adapters.clock())
    return JSONResponse({"receipt_code": code.words, "receipt_digits": code.digits}, 201, headers=NO_STORE)


def _held(db: Session, request: Request) -> Contribution:
    """The contribution of `Authorization: Receipt <code>`; 401 else, slowed after a few wrong ones."""
    scheme, _, typed = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "receipt" or not typed.strip():
        raise Unauthorized
    return holder.held(db, receipts.opened_by(db, typed, who=client_address(request)))
