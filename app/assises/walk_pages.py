"""Pages: the walk through the city, and the same for maps."""

import json

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.assises import queries, walk, walk_words
from app.db import reading
from app.security import pictures_from
from app.web import AdaptersDep, page

router = APIRouter(include_in_schema=False)
GEOJSON = "application/geo+json"


@router.get("/assises/parcours", name="walk")
def show(request: Request, adapters: AdaptersDep) -> Response:
    """The list says all of it; the map comes when one asks for it."""
    with reading() as db:
        found, released = walk.public(db), queries.has_release(db)
    settings = request.app.state.settings
    return page(
        request, "assises/walk.html", public=True, words=found.words, length=walk_words.whole(found),
        stops=walk_words.shapes(found, adapters.clock()), tiles=settings.map_tiles, credit=settings.map_credit,
        host=settings.map_origin.partition("://")[2], released=released,
        headers=pictures_from(settings.map_origin),
    )  # fmt: skip


@router.get("/assises/parcours.geojson", name="walk_geojson")
def as_geojson() -> Response:
    """For whoever puts it on a map of their own."""
    with reading() as db:
        found = walk.public(db)
    headers = {"Cache-Control": "public, no-cache", "Content-Disposition": 'inline; filename="parcours.geojson"'}
    text = json.dumps(walk_words.geojson(found), ensure_ascii=False)
    return Response(text.encode("utf-8", "replace"), media_type=GEOJSON, headers=headers)
