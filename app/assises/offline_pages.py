"""The service worker of the Assises: the programme once opened opens again without network, as it was released."""

import json

from fastapi import APIRouter
from fastapi.responses import Response

from app import i18n, web
from app.assises import queries
from app.db import reading
from app.i18n import gettext as _

router = APIRouter(include_in_schema=False)


@router.get("/assises/hors-ligne.js", name="assises_worker")
def show_worker() -> Response:
    """Another release or another build is another script: browsers fetch it anew, and it fetches its copies anew."""
    with reading() as db:
        released = queries.current(db)
    own = web.url("my_programme")
    note = _("Hors ligne : voici le programme tel qu’il était le %(when)s. Pour s’inscrire, il faut du réseau.")
    said = {
        "version": f"{released.seq}-{web.static('').strip('/').rpartition('/')[2]}", "mine": own,
        "note": note % {"when": i18n.format_moment(released.at)},
    }  # fmt: skip
    text = f"const COPY = {json.dumps(said)};\n{(web.STATIC / 'js/programme_worker.js').read_text()}"
    headers = {"Service-Worker-Allowed": own.rpartition("/")[0], "Cache-Control": "public, no-cache"}
    return Response(text, media_type="text/javascript", headers=headers)
