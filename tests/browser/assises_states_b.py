"""The programme as the public sees it: whole and filtered, sessions of each sort, the hall, what changed."""

from collections.abc import Iterator
from typing import Any

import httpx

from tests.browser.states import State, collector
from tests.live import Live

HALL, CHANGES = "/assises/maintenant", "/assises/changements"


def programme(live: Live, bare: Live) -> Iterator[State]:
    anyone, nobody = collector(live), collector(bare)
    shown = _slugs(live)
    for prefix in ("", "/ar"):
        for path in ("/assises", HALL, CHANGES, f"/assises/seances/{shown['open']}"):
            yield anyone.get(f"{prefix} programme {path}", prefix + path)
    yield anyone.get("programme filtered, an unknown track", "/assises?day=2022-06-11&track=rien")
    yield anyone.get("programme, the hall at rest", HALL + "?arret=1")
    for name, slug in shown.items():
        if name != "open":
            yield anyone.get(f"session {name}", f"/assises/seances/{slug}")
    yield anyone.get("no such session", "/assises/seances/rien", 404)
    for path in (HALL, CHANGES):
        yield nobody.get(f"assises, none yet {path}", path, 404)
    yield nobody.get("assises, none yet", "/assises")


def _slugs(live: Live) -> dict[str, str]:
    """One of each sort, of the demonstration."""
    sessions: list[dict[str, Any]] = httpx.get(f"{live.url}/api/v1/programme").json()["sessions"]
    sorts = {
        "open": lambda one: one["seats_left"],
        "full": lambda one: one["seats_left"] == 0,
        "free": lambda one: one["capacity"] is None,
        "cancelled": lambda one: one["cancelled"],
    }
    return {name: next(one["slug"] for one in sessions if wanted(one)) for name, wanted in sorts.items()}
