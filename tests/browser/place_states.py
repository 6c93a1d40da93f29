"""Signing up for a meeting and one's own place there, in every state the demonstration's season allows."""

import re
import secrets
from collections.abc import Iterator
from typing import Any

import httpx

from tests.browser.states import Collector, State, collector
from tests.live import Live

FORM = {"name": "Zoé", "people": "2", "consents.data": "true", "reminders": "true"}
WRONG = {"email": "zoe@exemple", "people": "beaucoup", "needs": "lsf", "note": "Une phrase de trop. " * 40}


def places(live: Live) -> Iterator[State]:
    meetings = httpx.get(f"{live.url}/api/v1/events", params={"limit": 100}).json()["items"]
    free = next(one for one in meetings if one["registration"]["open"] and (one["seats_left"] or 0) > 4)["slug"]
    full = next(one for one in meetings if one["registration"]["open"] and one["seats_left"] == 0)["slug"]
    closed = next(one for one in meetings if not one["registration"]["open"])["slug"]
    person = collector(live)
    yield person.get("sign up full", _form(full))
    yield person.get("sign up closed", _form(closed))
    yield person.get("sign up link over", _form(free) + "/rien", 410)
    for prefix in ("", "/en", "/ar", "/simple"):
        yield person.get(f"{prefix} sign up", prefix + _form(free))
        yield from _place(person, prefix, free)
    yield from _ends(person, full)


def _form(slug: str) -> str:
    return f"/rendez-vous/{slug}/inscription"


def _place(person: Collector, prefix: str, slug: str) -> Iterator[State]:
    """From the form to one's own page."""
    mine: dict[str, Any] = FORM | {"email": f"{secrets.token_hex(4)}@exemple.fr"}
    yield person.post(f"{prefix} sign up refused", prefix + _form(slug), WRONG)
    shown = person.post(f"{prefix} signed up", prefix + _form(slug), mine, 200)
    yield shown
    yield person.post(f"{prefix} signed up already", prefix + _form(slug), mine | {"people": "1"}, 200)
    own = f"{prefix}/ma-place/{_token(shown)}"
    yield person.get(f"{prefix} own place", own)
    yield person.post(f"{prefix} own place, change refused", f"{own}/changer", WRONG)


def _ends(person: Collector, slug: str) -> Iterator[State]:
    """On the waiting list with a telephone, then not at all."""
    mine: dict[str, Any] = FORM | {"phone": "06 39 98 00 01", "people": "1", "needs": ["lsf", "interpreter:ar"]}
    shown = person.post("signed up, waiting", _form(slug), mine, 200)
    yield shown
    own = f"/ma-place/{_token(shown)}"
    yield person.get("own place, waiting", own)
    yield person.post("own place, nothing to accept", f"{own}/accepter", {}, 409)
    yield person.post("own place given up", f"{own}/annuler", {}, 200)
    yield person.post("own place erased", f"{own}/effacer", {}, 200)
    yield person.get("own place unknown", own, 404)


def _token(shown: State) -> str:
    return str(re.findall(r"/ma-place/([\w-]+)", shown.html)[0])
