"""Media addresses, authorised on every request: unpublished is 404 except for staff and the receipt's holder."""

from contextlib import suppress

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.access import maybe_staff
from app.adapters import Adapters
from app.contributions import receipts
from app.db import reading
from app.errors import NotFound, TooMany, Unauthorized
from app.media import queries
from app.web import AdaptersDep, client_address

router = APIRouter(include_in_schema=False)
TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": "inline",
}


@router.get("/media/{opaque}/{name}", name="media")
def serve(request: Request, opaque: str, name: str, adapters: AdaptersDep) -> Response:
    """A derivative made here, with a fixed type. Revalidated each time, so that hiding takes effect at once."""
    # Who asks is found out first: a photo one may not see costs the same questions as one that is not there.
    team, held = maybe_staff(request) is not None, _held(request, adapters)
    with reading() as db:
        found = queries.served(db, opaque, name, team=team, held=held)
    if found is None:
        raise NotFound
    etag = found.tag
    headers = HEADERS | {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    kind = TYPES[name.rpartition(".")[2]]
    return Response(adapters.storage.read(f"media/{opaque}/{name}"), media_type=kind, headers=headers)


def _held(request: Request, adapters: Adapters) -> int | None:
    """The contribution (its seq) of the open follow page, or of `Authorization: Receipt <code>`."""
    token = request.cookies.get(receipts.COOKIE, "")
    scheme, _, code = request.headers.get("authorization", "").partition(" ")
    with reading() as db:
        if scheme.lower() == "receipt":
            with suppress(Unauthorized, TooMany):
                return receipts.opened_by(db, code, who=client_address(request))
        return receipts.followed(db, token, now=adapters.clock()) if token else None
