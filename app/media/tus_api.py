"""Resumable uploads: tus 1.0.0 under /uploads (docs/decisions/resumable-uploads.md).

Handlers here are async and read no body before the headers and the upload's secret, the last part of its path, are
known to be right. No log line and no figure names a path (app/observe.py), and so no token.
"""

from typing import Any

import anyio
import anyio.to_thread
from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import limits
from app.adapters import Adapters
from app.adapters.clock import real_now
from app.db import reading, writing
from app.errors import N_, AppError, DiskFull
from app.media import inflow, spool, tus, uploads
from app.media.inflow import Ending, in_thread
from app.media.upload_docs import APPEND, CAPABILITIES, CREATE, OFFSET, TERMINATE
from app.media.uploads import Arriving
from app.models import Staff
from app.openapi import API, interface
from app.outreach import access, arrivals, collect_uploads
from app.turns import in_turn
from app.web import AdaptersDep, client_address

router = interface("uploads")
PATH = f"{API}/uploads"
NO_LIMIT = 1 << 62  # of the framework's: a body is read up to the declared length, however long it is
SHORT = 1024 * 1024  # bytes left of a body that are read to its end rather than cut off with the connection
METHODS = {"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"}
NOT_THEN = N_("L’envoi a avancé entre-temps. Reprenez là où il en est.")
TAKEN_OVER = N_("Cet envoi continue par une autre connexion.")
STALLED = N_("Plus rien n’arrive. L’envoi reprendra là où il en est.")


class WrongOffset(AppError):
    status, code, message = 409, "wrong_offset", NOT_THEN


class TakenOver(AppError):
    status, code, message = 409, "upload_taken_over", TAKEN_OVER


class Stalled(AppError):
    status, code, message = 408, "upload_stalled", STALLED


REFUSALS: dict[Ending, type[AppError]] = {
    Ending.WANTED: TakenOver,
    Ending.STALLED: Stalled,
    Ending.FULL: DiskFull,
}


@router.options("/uploads", name="api:uploads", **CAPABILITIES)
async def capabilities() -> Response:
    """What this server speaks: tus 1.0.0, its extensions, the largest file it takes."""
    said = {"Tus-Version": tus.VERSION, "Tus-Extension": tus.EXTENSIONS, "Tus-Max-Size": str(uploads.most())}
    return Response(status_code=204, headers=tus.PROTOCOL | said)


@router.options("/uploads/{token}", name="api:upload_capabilities", **CAPABILITIES)
async def capabilities_of_one(token: str) -> Response:
    """The same, whichever upload is asked."""
    return await capabilities()


@router.post("/uploads", name="api:create_upload", max_body_size=NO_LIMIT, response_class=Response, **CREATE)
async def create(request: Request, adapters: AdaptersDep) -> Response:
    """Begins an upload, with its first bytes or without. `Location` is its address and its secret at once."""
    asked = tus.creation(request.headers)
    mediator = await _mediator(request) if asked.collect else None
    token, arriving = await _begin(asked=asked, mediator=mediator, adapters=adapters, address=client_address(request))
    headers = {"Location": f"{request.scope.get('root_path', '')}{PATH}/{token}"}
    with spool.Hold(spool.path(adapters.data_dir, arriving.media_id)) as hold:
        offset = await in_thread(spool.size, hold.file)  # begun before: what a record from the street declared
        if (offset >= asked.length or (asked.with_bytes and offset == 0)) and await in_thread(hold.take):
            ending = await _pour(request, hold, arriving, adapters)
            offset = await in_thread(hold.size)
            headers |= _farewell(request, ending, offset)
    return _answer(arriving, adapters, offset=offset, status=201, headers=headers)


@router.head("/uploads/{token}", name="api:upload_offset", response_class=Response, **OFFSET)
async def offset(token: str, request: Request, adapters: AdaptersDep) -> Response:
    """How much has arrived; still told when all has."""
    tus.check_version(request.headers)
    arriving = await _find(token, adapters)
    arrived = arriving.length
    if not arriving.completed:
        with spool.Hold(spool.path(adapters.data_dir, arriving.media_id)) as hold:
            arrived = await in_thread(spool.size, hold.file)
            if arrived >= arriving.length and await in_thread(hold.take):  # a crash came just before the last step
                arrived = await _settle_late(hold, arriving, adapters)
    headers = {"Upload-Length": str(arriving.length)} | (
        {"Upload-Metadata": arriving.metadata} if arriving.metadata else {}
    )
    return _answer(arriving, adapters, offset=arrived, status=200, headers=headers)


@router.patch("/uploads/{token}", name="api:append_to_upload", max_body_size=NO_LIMIT, **APPEND)
async def append(token: str, request: Request, adapters: AdaptersDep) -> Response:
    """Adds bytes at the offset where the upload stands. What arrives before a connection breaks is kept."""
    at = tus.position(request.headers)
    arriving = await _find(token, adapters)
    if arriving.collected:
        await _mediator(request)  # a device that was sent home may send nothing more
    if arriving.completed:
        return _nothing_more(request, arriving, adapters, at)
    with spool.Hold(spool.path(adapters.data_dir, arriving.media_id)) as hold:
        await _take(hold)
        arriving = await _find_again(token, hold, adapters)
        if arriving.completed:
            return _nothing_more(request, arriving, adapters, at)
        stands = hold.size()
        if at != stands:
            raise WrongOffset(headers={"Upload-Offset": str(stands)} | _farewell(request, None, 0))
        spool.refuse_when_full(adapters.data_dir, 0)
        ending = await _pour(request, hold, arriving, adapters)
        arrived = hold.size()
    headers = _farewell(request, ending, arrived - stands)
    if arrived < arriving.length and ending in REFUSALS:
        raise REFUSALS[ending](headers=headers | {"Upload-Offset": str(arrived)})
    return _answer(arriving, adapters, offset=arrived, status=204, headers=headers)


@router.delete("/uploads/{token}", name="api:terminate_upload", **TERMINATE)
async def terminate(token: str, request: Request, adapters: AdaptersDep) -> Response:
    """The sender takes it back: row and files go. Not once a contribution holds it."""
    tus.check_version(request.headers)
    arriving = await _find(token, adapters)
    with spool.Hold(spool.path(adapters.data_dir, arriving.media_id)) as hold:
        if not arriving.completed:
            await _take(hold)
        await _terminate(arriving=arriving)
        await in_thread(hold.remove)
    return Response(status_code=204, headers=tus.PROTOCOL)


@in_turn
def _begin(*, asked: tus.Creation, mediator: Staff | None, adapters: Adapters, address: str) -> tuple[str, Arriving]:
    if mediator is None:
        limits.allow("upload", address, most=uploads.MOST_AN_HOUR, window=uploads.AN_HOUR)
    spool.refuse_when_full(adapters.data_dir, min(asked.length, uploads.most()))  # beyond that it is too large anyway
    with writing() as db:
        if mediator is not None:
            return collect_uploads.begin(db, mediator, asked, now=adapters.clock())
        return uploads.begin(db, asked, address=address, now=adapters.clock())


@in_turn
def _complete(*, arriving: Arriving, adapters: Adapters) -> None:
    with writing() as db:
        uploads.complete(db, arriving, now=adapters.clock())


@in_turn
def _keep(*, hold: spool.Hold, arriving: Arriving, checked: arrivals.Checked, adapters: Adapters) -> None:
    arrivals.keep(hold, arriving, checked, adapters)


@in_turn
def _terminate(*, arriving: Arriving) -> None:
    with writing() as db:
        uploads.terminate(db, arriving)


async def _find(token: str, adapters: Adapters) -> Arriving:
    def look() -> Arriving:
        with reading() as db:
            return uploads.find(db, token, now=adapters.clock())

    return await anyio.to_thread.run_sync(look)


async def _mediator(request: Request) -> Staff:
    return (await anyio.to_thread.run_sync(access.collector, request)).staff


async def _find_again(token: str, hold: spool.Hold, adapters: Adapters) -> Arriving:
    """As it is now that nobody else may change it; taking hold may have made a file for what is no more."""
    try:
        return await _find(token, adapters)
    except AppError:
        await in_thread(hold.remove)
        raise


async def _take(hold: spool.Hold) -> None:
    """Asks whoever has it to stop, in this process or another; Locked when nobody does."""
    deadline = anyio.current_time() + spool.PATIENCE
    while not await in_thread(hold.take):
        if anyio.current_time() > deadline:
            raise spool.Locked()
        await in_thread(spool.ask_to_stop, hold.file)
        await anyio.sleep(0.05)


async def _pour(request: Request, hold: spool.Hold, arriving: Arriving, adapters: Adapters) -> Ending:
    """Body to file; with its last byte the upload is complete, whatever became of the connection."""
    missing = arriving.length - hold.size()
    ending = await inflow.pour(request.receive, hold, most=missing) if missing > 0 else Ending.OVER
    if hold.size() >= arriving.length:
        await _settle(hold, arriving, adapters)
    elif ending is Ending.CUT:
        raise ClientDisconnect()
    return ending


async def _settle(hold: spool.Hold, arriving: Arriving, adapters: Adapters) -> None:
    """On disk first, then said to be complete."""
    await in_thread(hold.cut, arriving.length)
    await in_thread(hold.sync)
    if not arriving.collected:
        await _complete(arriving=arriving, adapters=adapters)
    elif checked := await in_thread(arrivals.check, hold, arriving, adapters):
        await _keep(hold=hold, arriving=arriving, checked=checked, adapters=adapters)


async def _settle_late(hold: spool.Hold, arriving: Arriving, adapters: Adapters) -> int:
    """The last step, asked for by whoever looks how far it is; the offset then. What was altered begins anew."""
    try:
        await _settle(hold, arriving, adapters)
    except collect_uploads.MediumAltered:
        return 0
    return arriving.length


def _nothing_more(request: Request, arriving: Arriving, adapters: Adapters, at: int) -> Response:
    """A PATCH to what is complete: at its end it changes nothing, elsewhere it is wrong."""
    headers = {"Upload-Offset": str(arriving.length)} | _farewell(request, None, 0)
    if at != arriving.length:
        raise WrongOffset(headers=headers)
    return _answer(arriving, adapters, offset=arriving.length, status=204, headers=headers)


def _farewell(request: Request, ending: Ending | None, taken: int) -> dict[str, str]:
    """A long rest of a body that nobody wants ends with the connection; a short one is read past."""
    if ending is Ending.WHOLE:
        return {}
    length = tus.body_length(request.headers)
    rest = SHORT + 1 if length is None else length - taken
    return {"Connection": "close"} if rest > SHORT else {}


def _answer(arriving: Arriving, adapters: Adapters, *, offset: int, status: int, headers: dict[str, str]) -> Response:
    said = tus.PROTOCOL | {"Upload-Offset": str(offset)} | headers
    if offset < arriving.length:
        # The service's clock may be shifted (DIALOGUE_NOW), the sender's is not.
        said["Upload-Expires"] = tus.expires(real_now() + (arriving.expires_at - adapters.clock()))
    return Response(status_code=status, headers=said)


class Resumable:
    """Around the guards: each answer under /uploads names the protocol, and X-HTTP-Method-Override is obeyed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_upload(scope):
            await self.app(scope, receive, send)
            return

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in tus.PROTOCOL.items():
                    headers.setdefault(name, value)
            await send(message)

        method = Headers(scope=scope).get("x-http-method-override", scope["method"])
        # An unknown one is a method this service does not have: 405, under a name that cannot fill the figures.
        await self.app({**scope, "method": method if method in METHODS else "TRACE"}, receive, said)


def is_upload(scope: Any) -> bool:
    """Whether a request is ours to answer as it is: HEAD here is no GET without its body."""
    path: str = scope["path"]
    _, found, rest = path.partition(PATH)
    return bool(found) and (not rest or rest.startswith("/"))
