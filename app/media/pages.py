"""Media addresses, authorised on every request: unpublished is 404 except for staff and the receipt's holder."""

import hashlib

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.access import maybe_staff
from app.contributions import receipts
from app.db import reading
from app.errors import NotFound
from app.media import queries
from app.models import Media
from app.web import AdaptersDep

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
    with reading() as db:
        found = queries.derivative(db, opaque, name)
    if found is None or not (found[1] or _may_see(request, found[0], adapters)):
        raise NotFound
    shown = f"{opaque}/{name}/{found[0].derivatives[name]['size']}"
    etag = f'"{hashlib.sha256(shown.encode()).hexdigest()[:20]}"'
    headers = HEADERS | {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    kind = TYPES[name.rpartition(".")[2]]
    return Response(adapters.storage.read(f"media/{opaque}/{name}"), media_type=kind, headers=headers)


def _may_see(request: Request, media: Media, adapters: AdaptersDep) -> bool:
    if maybe_staff(request) is not None:
        return True
    with reading() as db:
        seq = receipts.followed(db, request.cookies.get(receipts.COOKIE, ""), now=adapters.clock())
    return seq is not None and seq == media.contribution_seq
