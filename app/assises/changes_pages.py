"""What changed in the programme, release by release: a page, and an Atom feed (RFC 4287)."""

from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import i18n, web
from app.assises import queries
from app.assises.differences import Difference, words
from app.assises.frozen import FrozenProgramme
from app.consultation.content import consultation
from app.db import reading
from app.errors import NotFound
from app.web import AdaptersDep, page, url

router = APIRouter(include_in_schema=False)
ENTRIES = 50
HEADERS = {"Cache-Control": "public, no-cache"}


@router.get("/assises/changements", name="assises_changes")
def changes(request: Request) -> Response:
    """Every release, the newest first."""
    with reading() as db:
        programme, releases = queries.current(db).programme, queries.releases(db)
    return page(request, "assises/changes.html", public=True, releases=_said(releases, programme))


@router.get("/assises/changements.atom", name="assises_feed")
def feed(adapters: AdaptersDep) -> Response:
    """The last fifty; nothing in it before the first."""
    parts = urlsplit(adapters.base_url)
    with reading() as db:
        found = queries.releases(db)
        try:
            programme = queries.current(db).programme
        except NotFound:
            programme = FrozenProgramme()
    at = found[0].at if found else adapters.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    text = web.env.get_template("feed/assises.xml").render(
        releases=_said(found, programme)[:ENTRIES], updated=at.isoformat(), origin=f"{parts.scheme}://{parts.netloc}",
        lang=i18n.current().tag, consultation=consultation(), here=url("assises_feed"),
    )  # fmt: skip
    return Response(text, media_type="application/atom+xml", headers=HEADERS)


def _said(releases: Any, programme: FrozenProgramme) -> list[dict[str, Any]]:
    """`changes`: a sentence each, with the session's page. The first release has none: all of it was new."""
    return [
        {
            "id": each.id, "name": each.name, "words": each.words, "urgent": each.urgent, "at": each.at,
            "sessions": len(each.changes),
            "changes": [] if first else [_change(Difference.of_json(one), programme) for one in each.changes],
        }
        for each, first in zip(releases, [*[False] * (len(releases) - 1), True], strict=False)
    ]  # fmt: skip


def _change(difference: Difference, programme: FrozenProgramme) -> dict[str, str]:
    session = programme.by_id.get(difference.session)
    return {
        "words": words(difference, programme), "kind": difference.kind,
        "url": url("assises_session", slug=session.slug) if session else "",
    }  # fmt: skip
