"""What makes the collecting page an app: its service worker, its manifest, its icons."""

import hashlib
import json
import posixpath
import re
from functools import lru_cache
from io import BytesIO

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import i18n, web
from app.errors import NotFound
from app.i18n import gettext as _
from app.outreach import collect_pages, kiosk_pages

router = APIRouter(include_in_schema=False)
ENTRY = "js/collect/app.js"
IMPORTED = re.compile(r"""(?:from|import)\s*\(?\s*(?:new URL\()?["'`](\.{1,2}/[^"'`$?]+\.js)""")
SIZES = (192, 512)
GREEN, PEACH = "#0a5a4a", "#ffb199"
# The thread of icons/favicon.svg: cubic curves on a square of 32.
THREAD = (
    ((5, 24), (12, 25.5), (14, 20), (13, 14)),
    ((13, 14), (12, 8), (18, 4.5), (21, 8.5)),
    ((21, 8.5), (24, 12.5), (18.5, 18.5), (13.5, 18.5)),
    ((13.5, 18.5), (8.5, 18.5), (17, 27), (27, 22)),
)
PUBLIC = {"Cache-Control": "public, no-cache"}


@router.get("/equipe/collecte/hors-ligne.js", name="collect_worker")
def show_worker(request: Request) -> Response:
    """Another build, other words or another content file is another script: browsers fetch it, and it fetches anew."""
    here = web.url("collect")
    nobody = Request({**request.scope, "headers": []})
    shown = {here: collect_pages.show_shell(nobody), web.url("collect_guide"): collect_pages.show_guide(nobody)}
    shown |= {web.url("collect_card", language=code): kiosk_pages.card(code) for code in i18n.LANGUAGES}
    parts = [web.static(name) for name in parts_of(ENTRY)]
    digest = hashlib.sha256(b"".join(bytes(page.body) for page in shown.values()))
    said = {"version": digest.hexdigest()[:12], "build": web.static(""), "pages": list(shown), "parts": parts}
    text = f"const COPY = {json.dumps(said)};\n{(web.STATIC / 'js/collect_worker.js').read_text()}"
    return Response(text, media_type="text/javascript", headers=PUBLIC | {"Service-Worker-Allowed": here})


@router.get("/equipe/collecte/manifest.webmanifest", name="collect_manifest")
def show_manifest() -> Response:
    """In the language of the page that names it."""
    here, language = web.url("collect"), i18n.current()
    icons = [
        {"src": web.url("collect_icon", size=size), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in SIZES
        for purpose in ("any", "maskable")
    ]
    said = {
        "id": here, "start_url": here, "scope": here, "name": _("Recueillir des paroles"), "short_name": _("Collecte"),
        "lang": language.tag, "dir": language.direction, "display": "standalone", "orientation": "portrait",
        "background_color": "#fbf7ef", "theme_color": GREEN, "icons": icons,
    }  # fmt: skip
    return Response(json.dumps(said), media_type="application/manifest+json", headers=PUBLIC)


@router.get("/equipe/collecte/icone-{size}.png", name="collect_icon")
def show_icon(size: int) -> Response:
    """To its edges: phones cut the shape they like out of it."""
    if size not in SIZES:
        raise NotFound
    return Response(drawn(size), media_type="image/png", headers=PUBLIC)


@lru_cache(maxsize=len(SIZES))
def drawn(size: int) -> bytes:
    """The thread on green, drawn four times as large and made small again."""
    from PIL import Image, ImageDraw  # here, since few ever ask

    wide = size * 4
    picture = Image.new("RGB", (wide, wide), GREEN)
    pen, unit = ImageDraw.Draw(picture), wide * 0.7 / 32
    radius = 1.7 * unit
    for x, y in _points():
        at_x, at_y = x * unit + wide * 0.15, y * unit + wide * 0.15
        pen.ellipse((at_x - radius, at_y - radius, at_x + radius, at_y + radius), fill=PEACH)
    kept = BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _points(steps: int = 160) -> list[tuple[float, float]]:
    return [_on(curve, number / steps) for curve in THREAD for number in range(steps + 1)]


def _on(curve: tuple[tuple[float, float], ...], t: float) -> tuple[float, float]:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    x, y = (sum(weight * point[axis] for weight, point in zip(weights, curve, strict=True)) for axis in (0, 1))
    return x, y


def parts_of(entry: str) -> list[str]:
    """A module and all that it imports, now or later; the page works without network only with every one of them."""
    found: list[str] = []
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        file = web.static_file(name)
        if name in found or file is None:
            continue
        found.append(name)
        folder = posixpath.dirname(name)
        waiting += [posixpath.normpath(posixpath.join(folder, to)) for to in IMPORTED.findall(file.read_text())]
    return sorted(found)
