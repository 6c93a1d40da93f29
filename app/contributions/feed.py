"""The Atom feed of what is published (RFC 4287)."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import i18n, web
from app.adapters import Adapters
from app.adapters.clock import Clock
from app.consultation.content import consultation
from app.contributions import filters, queries
from app.db import reading
from app.web import AdaptersDep, url

router = APIRouter(include_in_schema=False)
ENTRIES = 50
HEADERS = {"Cache-Control": "public, no-cache"}


@router.get("/paroles.atom", name="voices_feed")
def feed(request: Request, adapters: AdaptersDep, question: str = "") -> Response:
    """The newest 50, of one question if `question` says which; an unknown question is none."""
    chosen, _errors = filters.read({"question": question})
    with reading() as db:
        items = queries.find(db, chosen, limit=ENTRIES).items
    text = web.env.get_template("feed/voices.xml").render(
        items=items, chosen=chosen, origin=_origin(adapters), updated=_updated(items, adapters.clock),
        lang=i18n.current().tag, consultation=consultation(), here=url("voices_feed", question=chosen.question),
    )  # fmt: skip
    return Response(text, media_type="application/atom+xml", headers=HEADERS)


def _origin(adapters: Adapters) -> str:
    """Scheme and host alone: a host site's path prefix is in every address already."""
    parts = urlsplit(adapters.base_url)
    return f"{parts.scheme}://{parts.netloc}"


def _updated(items: list[dict[str, object]], clock: Clock) -> str:
    newest = max((str(item["published_at"].isoformat()) for item in items), default="")  # type: ignore[attr-defined]
    return newest or clock().replace(hour=0, minute=0, second=0, microsecond=0).isoformat()
