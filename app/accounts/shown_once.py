"""Secrets a person sees once, on the page after the POST: recovery codes, a token, a link.

Nothing is stored here: the words travel sealed in a cookie that lasts two minutes, that only the session it
was made for can open, and that the page showing it takes away.
"""

import base64
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from fastapi import Request
from fastapi.responses import Response

from app.adapters import vault

LASTS = timedelta(minutes=2)
COOKIE = "equipe-une-fois"


def hand_over(
    request: Request, response: Response, kind: str, words: Sequence[str], *, session_mac: str, at: datetime
) -> None:
    """The next page may show `words` with `take(…, kind)`, in the session whose HMAC is given."""
    content = json.dumps([kind, session_mac, (at + LASTS).timestamp(), list(words)]).encode()
    sealed = base64.urlsafe_b64encode(vault.seal("shown-once", content)).decode()
    response.set_cookie(
        COOKIE, sealed, max_age=int(LASTS.total_seconds()), path="/",
        secure=request.app.state.settings.https, httponly=True, samesite="strict",
    )  # fmt: skip


def take(request: Request, kind: str, *, session_mac: str, at: datetime) -> list[str]:
    """The words, or nothing: not handed over, too late, or someone else's."""
    try:
        sealed = base64.urlsafe_b64decode(request.cookies.get(COOKIE, "").encode("ascii"))
        opened = vault.unseal("shown-once", sealed)
    except ValueError:
        return []
    what, mac, until, words = json.loads(opened)
    fits = what == kind and mac == session_mac and at.timestamp() < until
    return [str(word) for word in words] if fits else []


def forget(request: Request, response: Response) -> None:
    secure = request.app.state.settings.https
    response.delete_cookie(COOKIE, path="/", secure=secure, httponly=True, samesite="strict")
