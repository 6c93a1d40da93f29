"""Media addresses, authorised on every request: unpublished is 404 except for staff and the receipt's holder."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from app.accounts.access import maybe_staff
from app.adapters import Adapters
from app.adapters.s3 import content_type
from app.contributions import receipts
from app.db import reading
from app.errors import NotFound, TooMany, Unauthorized
from app.media import queries, ranges
from app.media.sending import apart, send_file
from app.web import AdaptersDep, client_address

router = APIRouter(include_in_schema=False)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": "inline",
    "Cache-Control": "private, no-cache",
    "Accept-Ranges": "bytes",
}
LINKED = ("video/", "audio/")  # pictures go through the service: a link is new each time, no browser could keep them
Look = Callable[[], queries.Served | None]


@router.get("/media/{opaque}/{name}", name="media")
async def serve(request: Request, opaque: str, name: str, adapters: AdaptersDep) -> Response:
    """A derivative made here or accepted captions, with a fixed type. Revalidated each time: hiding acts at once.

    Asynchronous, unlike other handlers: the few threads only find out who may see it, and never wait for a phone.
    """
    look, found = await run_in_threadpool(_look, request, opaque, name, adapters)
    if found is None:
        raise NotFound
    headers = HEADERS | {"ETag": found.tag, "Content-Type": content_type(name)}
    if ranges.is_other(request.headers, found.tag):
        return Response(status_code=412, headers=headers)
    if ranges.is_known(request.headers, found.tag):
        return Response(status_code=304, headers=headers)
    if found.text:
        return Response(found.text, headers=headers)
    return await _file(request, found, look, adapters, headers)


def _look(request: Request, opaque: str, name: str, adapters: Adapters) -> tuple[Look, queries.Served | None]:
    """What who asks may have, and how to ask again while it is being sent."""
    # Who asks is found out first: what one may not see costs the same questions as what is not there.
    team, held = maybe_staff(request) is not None, _held(request, adapters)

    def look() -> queries.Served | None:
        with reading() as db:
            return queries.served(db, opaque, name, team=team, held=held)

    return look, look()


def _held(request: Request, adapters: Adapters) -> int | None:
    """The contribution (its seq) of the open follow page, or of `Authorization: Receipt <code>`."""
    token = request.cookies.get(receipts.COOKIE, "")
    scheme, _, code = request.headers.get("authorization", "").partition(" ")
    with reading() as db:
        if scheme.lower() == "receipt":
            with suppress(Unauthorized, TooMany):
                return receipts.opened_by(db, code, who=client_address(request))
        return receipts.followed(db, token, now=adapters.clock()) if token else None


async def _file(
    request: Request, found: queries.Served, look: Look, adapters: Adapters, headers: dict[str, str]
) -> Response:
    head = bool(request.scope.get("head"))
    if headers["Content-Type"].startswith(LINKED) and not head:
        link = await apart(partial(adapters.storage.link, found.key))
        if link:
            return RedirectResponse(link, 307, headers={"Cache-Control": "no-store"})
    return await send_file(
        adapters.storage,
        found.key,
        tag=found.tag,
        asked=request.headers,
        head=head,
        headers=headers,
        still=lambda: look() == found,
    )
