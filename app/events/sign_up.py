"""What the form to sign up shows, and the personal link shown for a quarter of an hour after it."""

import base64
import binascii
import json
from datetime import datetime, timedelta
from typing import Any

from app import i18n, proof
from app.adapters import vault
from app.consultation.content import consultation
from app.events import queries, words
from app.forms import Form
from app.models import Access, Event, EventState

SHOWN = "registration-shown"


def situation(event: Any, now: datetime) -> str:
    """Whether one may sign up now (`open`, or `full`: to the waiting list), else why not."""
    if event.state is not EventState.PUBLISHED:
        return "cancelled" if event.state is EventState.CANCELLED else "postponed"
    if now >= max(event.starts_at, event.closes_at or event.starts_at):
        return "over"
    if event.access is Access.INVITED:
        return "invited"
    if event.opens_at and now < event.opens_at:
        return "not_open"
    if event.closes_at and now >= event.closes_at:
        return "closed"
    return "full" if queries.seats_left(event) == 0 else "open"


def context(
    event: Any, *, now: datetime, form: Form[Any] | None = None, key: str = "", challenge: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Everything `events/_sign_up.html` needs beside `event`. Without form and key it is the same for everybody."""
    shown = {
        "form": form or Form(), "state": situation(event, now), "left": queries.seats_left(event), "key": key,
        "challenge": challenge, "slow_mode": proof.SLOW_MODE,
    }  # fmt: skip
    return {"sign_up": shown} | needs()


def needs() -> dict[str, Any]:
    """What somebody may need: (code, name); and apart, for they are many, the languages of interpreters."""
    codes = words.offers()
    fixed = [(code, words.offer_name(code)) for code in codes if not code.startswith(words.INTERPRETER)]
    return {"offers": fixed, "interpreters": [each for each in map(_interpreter, codes) if each]}


def _interpreter(code: str) -> dict[str, str] | None:
    spoken = consultation().language(code.removeprefix(words.INTERPRETER))
    if spoken is None:
        return None
    return {"code": code, "name": spoken.endonym, "tag": spoken.tag, "direction": i18n.direction_of(spoken.tag)}


def shown_for(token: str, *, event: Event, now: datetime) -> str:
    """A page's own name for a personal link: the link itself stays out of the history of a shared phone."""
    until = now + timedelta(minutes=consultation().limits.receipt_minutes)
    sealed = vault.seal(SHOWN, json.dumps([token, event.slug, until.timestamp()]).encode())
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def shown(once: str, *, slug: str, now: datetime) -> str:
    """The personal link's token; "" when that page has run out, or never was."""
    try:
        sealed = base64.b64decode(once + "=" * (-len(once) % 4), altchars=b"-_", validate=True)
        token, about, until = json.loads(vault.unseal(SHOWN, sealed))
    except (ValueError, binascii.Error):
        return ""
    return str(token) if about == slug and now.timestamp() < until else ""
