"""/equipe/collecte: the shell of mediators in the street. It holds no data: anybody may open it, also offline."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from app import i18n, web
from app.consultation.content import consultation
from app.web import page

router = APIRouter(include_in_schema=False)


@router.get("/equipe/collecte", name="collect")
def show_shell(request: Request) -> Response:
    """The same for everybody: who collects, and where, is known to the device alone."""
    return page(
        request, "outreach/collect.html", public=True, limits=consultation().limits, pictogram=pictogram,
        tongues=i18n.LANGUAGES.values(),
    )  # fmt: skip


@router.get("/equipe/collecte/guide", name="collect_guide")
def show_guide(request: Request) -> Response:
    """What to do before, during and after; what to do when something goes wrong."""
    return page(request, "outreach/collect_guide.html", public=True)


def pictogram(kind: str, id: str) -> Markup:
    """The drawing of an answer; a content file with answers of its own gets the kind's."""
    known = (web.STATIC / "icons" / f"{kind}-{id}.svg").is_file()
    return web.icon(f"{kind}-{id}" if known else {"quartier": "place", "audience": "group", "age": "person"}[kind])
