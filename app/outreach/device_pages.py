"""Devices, as mediators and organisers see them: pair one, give it a name, send it home."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import qr, web
from app.accounts import shown_once
from app.accounts.access import PresentSession
from app.adapters import Adapters
from app.adapters.clock import real_now
from app.db import reading, writing
from app.errors import AppError
from app.forms import Form, PostedForm, add_errors, bind
from app.models import Staff
from app.outreach import codes, device_queries, device_words, devices, outing_queries, pairing
from app.outreach.credentials import Collector
from app.outreach.device_schemas import DeviceIn, PairingIn
from app.outreach.team import Street
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/appareils", include_in_schema=False)


@router.get("", name="devices")
def list_devices(request: Request, staff: Street, session: PresentSession, adapters: AdaptersDep) -> Response:
    fresh = shown_once.take(request, "pairing", session_mac=session.token_mac, at=real_now())
    response = _list(request, staff, adapters, Form(), fresh=fresh)
    shown_once.forget(request, response)
    return response


def _list(
    request: Request, staff: Staff, adapters: Adapters, form: Form[Any], *, fresh: list[str], status: int = 200
) -> Response:
    said = device_words.shown(staff, at=real_now())
    with reading() as db:
        here: dict[str, Any] = {
            # First what somebody should look for.
            "devices": sorted(
                device_queries.listed(db, staff, revoked=False), key=lambda one: not said["forgotten"](one[0])
            ),
            "revoked": device_queries.listed(db, staff, revoked=True),
            "people": [(str(one.id), one.name) for one in outing_queries.who_may_go(db)],
        }
    if fresh:
        address = _collecting(adapters)
        # What stands behind the # is sent to nobody, and so stands in no log.
        drawing = qr.inline(f"{address}#code={fresh[0]}")
        here |= {"code": fresh[0], "whose": fresh[1], "address": address, "drawing": drawing}
    return page(request, "outreach/devices.html", status=status, form=form, **said, **here)


@router.post("/codes", name="device_pair")
@in_turn
def make_code(
    request: Request, staff: Street, session: PresentSession, posted: PostedForm, adapters: AdaptersDep
) -> Response:
    form, at = bind(PairingIn, posted), real_now()
    try:
        shown = _code(form.data, staff, adapters) if form.data else []
    except AppError as error:
        add_errors(form, error)
    if form.data is None or form.errors:
        return _list(request, staff, adapters, form, fresh=[], status=422)
    response = see_other(request, "devices")
    shown_once.hand_over(request, response, "pairing", shown, session_mac=session.token_mac, at=at)
    return response


def _code(said: PairingIn, by: Staff, adapters: Adapters) -> list[str]:
    with writing() as db:
        mediator = device_queries.mediator_for(db, said.mediator, by)
        return [pairing.make_code(db, mediator, by=by, at=real_now(), now=adapters.clock()), mediator.name]


@router.get("/{device_id}", name="device")
def show_device(request: Request, device_id: UUID, staff: Street, _session: PresentSession) -> Response:
    with reading() as db:
        device, _ = device_queries.one(db, device_id, staff)
    return _device(request, device_id, staff, Form(values={"name": device.name}))


def _device(request: Request, device_id: UUID, staff: Staff, form: Form[DeviceIn], *, status: int = 200) -> Response:
    with reading() as db:
        device, mediator = device_queries.one(db, device_id, staff)
        left, by = codes.unused(db, Collector(mediator, device)), device_queries.revoked_by(db, device)
    return page(
        request, "outreach/device.html", status=status, device=device, mediator=mediator, form=form, codes=left, by=by,
        **device_words.shown(staff, at=real_now()),
    )  # fmt: skip


@router.post("/{device_id}", name="device_rename")
@in_turn
def rename(
    request: Request, device_id: UUID, staff: Street, _session: PresentSession, posted: PostedForm,
    adapters: AdaptersDep,
) -> Response:  # fmt: skip
    form = bind(DeviceIn, posted)
    if form.data is None:
        return _device(request, device_id, staff, form, status=422)
    with writing() as db:
        device, _ = device_queries.one(db, device_id, staff)
        devices.rename(db, device, name=form.data.name, by=staff.actor, now=adapters.clock())
    return see_other(request, "device", device_id=device_id, notice="saved")


@router.post("/{device_id}/coupure", name="device_revoke")
@in_turn
def revoke(
    request: Request, device_id: UUID, staff: Street, _session: PresentSession, adapters: AdaptersDep
) -> Response:
    """Again: nothing changes."""
    with writing() as db:
        device, _ = device_queries.one(db, device_id, staff)
        devices.revoke(db, device, by=staff.actor, now=adapters.clock())
    return see_other(request, "device", device_id=device_id)


def _collecting(adapters: Adapters) -> str:
    """The collecting page's whole address; `web.url` has a host site's path prefix in it already."""
    base = urlsplit(adapters.base_url)
    return f"{base.scheme}://{base.netloc}{web.url('collect')}"
