"""JSON for whoever collects in the street: the key to seal to, codes in advance, records, their receipts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from app import web
from app.adapters import Adapters
from app.contributions import idempotency, receipts
from app.db import reading, writing
from app.errors import FieldError, Unprocessable
from app.forms import field_errors
from app.openapi import Key, answers, interface, whole_schema
from app.outreach import codes, records, rules, sealed
from app.outreach.access import CollectorDep
from app.outreach.answers import AdvanceCodes, CollectAnswer, CollectReceipt, PublicKey
from app.outreach.drawing import drawn
from app.outreach.schemas import CodesIn, CollectedIn
from app.outreach.times import device_clock
from app.turns import in_turn
from app.web import AdaptersDep

router = interface("collect")
NO_STORE = {"Cache-Control": "no-store"}
WORDS = 1024 * 1024  # bytes of a body: many times the longest text
REFUSED = {"e401": "unauthorized device_revoked", "e404": "not_found"}
JOSE = "application/jose"
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": whole_schema(CollectedIn)},
            JOSE: {"schema": {"type": "string", "description": "The same, sealed: JWE compact, ECDH-ES, A256GCM."}},
        },
    }
}
Clock = Annotated[str, Header(alias="Collect-Clock", max_length=60, description="The device's time now, ISO 8601.")]


async def _body(request: Request, _by: CollectorDep) -> bytes:
    """Not read before the credential is known to be good."""
    return await request.body()


def _opened(request: Request, body: Annotated[bytes, Depends(_body)]) -> sealed.Opened:
    """In a thread of its own: opening takes a moment, and nobody's turn."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind not in (JOSE, "application/json"):
        raise Unprocessable([FieldError("", "json_invalid", sealed.NOT_JSON)])
    return sealed.opened(body, sealed=kind == JOSE)


OpenedDep = Annotated[sealed.Opened, Depends(_opened)]


@router.get("/collect/key", name="api:collect_key", responses=answers(PublicKey, **REFUSED))
def key(_by: CollectorDep) -> JSONResponse:
    """What devices seal to. The same for all of them, for as long as the service keeps its instance key."""
    return JSONResponse(sealed.public_jwk(), headers=NO_STORE)


def _made(asked: CodesIn, adapters: AdaptersDep, _by: CollectorDep) -> dict[receipts.Code, dict[str, Any]]:
    """Before the turn: drawing takes longer than writing."""
    return {code: _drawn(code, adapters) for code in (receipts.new_code() for _ in range(asked.count))}


def _drawn(code: receipts.Code, adapters: Adapters) -> dict[str, Any]:
    parts = urlsplit(adapters.base_url)
    return drawn(f"{code.words}\n{parts.scheme}://{parts.netloc}{web.url('follow')}")


@router.post(
    "/collect/receipt-codes",
    status_code=201,
    name="api:collect_codes",
    responses=answers(
        AdvanceCodes,
        201,
        e409="codes_enough idempotency_key_reused",
        e422="less_than_equal bad_key …",
        e507="storage_full",
        **REFUSED,
    ),
)
@in_turn
def allot(
    by: CollectorDep,
    made: Annotated[dict[receipts.Code, dict[str, Any]], Depends(_made)],
    adapters: AdaptersDep,
    idempotency_key: Key = None,
) -> JSONResponse:
    """Codes to give to people before there is a network; said this once, or again under the same Idempotency-Key."""
    now, act = adapters.clock(), f"codes:{by.device.id if by.device else by.staff.id}"
    with writing() as db:

        def give() -> tuple[int, dict[str, Any]]:
            codes.allot(db, list(made), to=by, now=now)
            return 201, {"codes": [[code.words, code.digits] for code in made]}

        _, given = idempotency.once(db, idempotency_key, act=act, body=b"%d" % len(made), now=now, do=give)
    told = [receipts.Code(*each) for each in given["codes"]]
    shown = [{"words": c.words, "digits": c.digits, "qr": made.get(c) or _drawn(c, adapters)} for c in told]
    return JSONResponse({"codes": shown}, 201, headers=NO_STORE)


@router.put(
    "/collect/{uuid}",
    status_code=201,
    name="api:collect",
    max_body_size=WORDS,
    responses=answers(
        CollectAnswer, 201,
        e409="other_content other_medium collection_closed receipt_code_used receipt_code_cancelled",
        e413="too_large file_too_large",
        e422="cannot_open json_invalid unknown_outing unknown_receipt_code minor_words_only consent_missing empty …",
        e507="storage_full", **REFUSED,
    )
    | answers(CollectAnswer),
    openapi_extra=BODY,
)  # fmt: skip
@in_turn
def collect(
    uuid: UUID,
    by: CollectorDep,
    opened: OpenedDep,
    adapters: AdaptersDep,
    collect_clock: Clock = "",
    receipt: Literal["", "new"] = "",
) -> JSONResponse:
    """Takes a record, once. The same again: 200. `receipt=new` sets its own code aside and makes one."""
    now, told = adapters.clock(), device_clock(collect_clock)
    with _worded(), writing() as db:
        taken = rules.take(db, uuid, opened, by=by, now=now, device_now=told, new_code=receipt == "new")
        said = records.answer(db, taken, opened, now=now)
    return JSONResponse(said, 201 if taken.new else 200, headers=NO_STORE)


@router.get(
    "/collect/{uuid}", name="api:collect_receipt", responses=answers(CollectReceipt, e422="uuid_parsing", **REFUSED)
)
def see(uuid: UUID, by: CollectorDep, adapters: AdaptersDep) -> JSONResponse:
    """What is held of a record: its words, each of its media. 404 also for what another mediator brought."""
    with reading() as db:
        said = records.receipt(db, rules.get(db, uuid, by=by), now=adapters.clock())
    return JSONResponse(said, headers=NO_STORE)


@contextmanager
def _worded() -> Iterator[None]:
    """pydantic's refusals in our words, as of any body; this one was opened by hand."""
    try:
        yield
    except ValidationError as error:
        raise Unprocessable(field_errors(error.errors(include_url=False, include_input=False))) from error
