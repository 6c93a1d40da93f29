"""JSON for devices: how a phone becomes one, and how it says that it is still there."""

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from app.accounts import access as team
from app.adapters.clock import real_now
from app.contributions import idempotency
from app.db import writing
from app.errors import NotFound, Unauthorized
from app.i18n import local
from app.models import Device, Outing, Role, Staff
from app.openapi import Key, answers, interface
from app.outreach import codes, device_queries, devices, pairing
from app.outreach.access import CollectorDep
from app.outreach.device_answers import Contact, PairedDevice
from app.outreach.device_schemas import ContactIn, PairIn
from app.turns import in_turn
from app.web import AdaptersDep, client_address

router = interface("collect", under="/collect")
NO_STORE = {"Cache-Control": "no-store"}


@router.post(
    "/devices",
    status_code=201,
    name="api:collect_pair",
    responses=answers(
        PairedDevice, 201, e401="unauthorized", e404="not_found", e409="idempotency_key_reused",
        e422="unknown_pairing_code missing bad_key …",
        e429="too_many", e507="storage_full",
    ),
)  # fmt: skip
@in_turn
def pair(request: Request, said: PairIn, adapters: AdaptersDep, idempotency_key: Key = None) -> JSONResponse:
    """Makes this phone a mediator's device: with a code made for it, or in the mediator's own browser without one."""
    at, now = real_now(), adapters.clock()
    mediator = None if said.code.strip() else _mediator_here(request)
    with writing() as db:

        def make() -> tuple[int, dict[str, Any]]:
            if mediator is None:
                done = pairing.by_code(db, said.code, name=said.name, who=client_address(request), at=at, now=now)
            else:
                done = pairing.by_session(db, mediator, name=said.name, at=at, now=now)
            return 201, {"token": done.token, "device": _named(done.device), "mediator": _named(done.mediator)}

        act, body = f"pair {mediator.id if mediator else ''}", said.model_dump_json().encode()
        status, told = idempotency.once(db, idempotency_key, act=act, body=body, now=now, do=make)
    return JSONResponse(told, status, headers=NO_STORE)


def _mediator_here(request: Request) -> Staff:
    """By the browser session alone: a program with a token needs no device."""
    login = team.find(request)
    if login is None or login.session is None or not login.complete:
        raise Unauthorized
    if not login.staff.holds(Role.MEDIATOR):
        raise NotFound
    return login.staff


@router.put(
    "/device",
    name="api:collect_contact",
    responses=answers(Contact, e401="unauthorized device_revoked", e404="not_found", e422="…", e507="storage_full"),
)
@in_turn
def contact(said: ContactIn, collector: CollectorDep, adapters: AdaptersDep) -> JSONResponse:
    """Says what waits in the device; learns whose it is, the time, and where its mediator goes these days."""
    now = adapters.clock()
    with writing() as db:
        devices.report(db, collector, waiting=said.waiting, clock=said.clock, at=real_now())
        told = {
            "device": _named(collector.device) if collector.device else None,
            "mediator": _named(collector.staff),
            "now": now.isoformat(),
            "codes": codes.unused(db, collector),
            "outings": [_outing(one) for one in device_queries.outings_near(db, collector.staff, now=now)],
        }
    return JSONResponse(told, headers=NO_STORE)


def _named(one: Device | Staff) -> dict[str, str]:
    return {"id": str(one.id), "name": one.name}


def _outing(one: Outing) -> dict[str, Any]:
    return {
        "id": str(one.id), "place": one.place_name, "quartier": one.quartier, "method": one.method,
        "question": one.question, "starts_at": local(one.starts_at).isoformat(),
        "ends_at": local(one.ends_at).isoformat(), "state": one.state, "prefix": one.prefix, "tickets": one.tickets,
    }  # fmt: skip
