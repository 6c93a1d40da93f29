"""The Atom feed of the meetings to come (RFC 4287)."""

from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import Response

from app import i18n, web
from app.consultation.content import consultation
from app.db import reading
from app.events import cards, public, queries
from app.events.filters import Filters
from app.web import AdaptersDep, url

router = APIRouter(include_in_schema=False)
ENTRIES = 100
HEADERS = {"Cache-Control": "public, no-cache"}


@router.get("/rendez-vous/flux", name="events_feed")
def feed(adapters: AdaptersDep) -> Response:
    """The next hundred; what changed last was updated last."""
    now, parts = adapters.clock(), urlsplit(adapters.base_url)
    with reading() as db:
        found = queries.public(db, Filters(), now=now, limit=ENTRIES).items
    newest = max((each.changed_at for each in found), default=now.replace(hour=0, minute=0, second=0, microsecond=0))
    text = web.env.get_template("feed/events.xml").render(
        items=[(each, cards.card(each, now)) for each in found], updated=newest.isoformat(),
        address=lambda each: public.address(each, base_url=adapters.base_url),
        origin=f"{parts.scheme}://{parts.netloc}", lang=i18n.current().tag, consultation=consultation(),
        here=url("events_feed"),
    )  # fmt: skip
    return Response(text, media_type="application/atom+xml", headers=HEADERS)
