"""The meetings as the public sees them: the list and its filters, months, places, one meeting in each state."""

from collections.abc import Iterator
from typing import Any

import httpx

from tests.browser.states import State, collector
from tests.live import Live

LISTS = ("/rendez-vous", "/rendez-vous/mois/2022-04", "/rendez-vous/carte")


def meetings(live: Live, bare: Live) -> Iterator[State]:
    anyone, nobody = collector(live), collector(bare)
    shown = _slugs(live)
    for prefix in ("", "/simple", "/en", "/ar"):
        for path in LISTS:
            yield anyone.get(f"{prefix} meetings {path}", prefix + path)
        yield anyone.get(f"{prefix} meeting open", f"{prefix}/rendez-vous/{shown['open']}")
    yield anyone.get("meetings filtered", "/rendez-vous?kind=workshop&places=1")
    yield anyone.get("meetings of a day", "/rendez-vous?date=2022-04-14")
    yield anyone.get("meetings past", "/rendez-vous?when=past")
    yield anyone.get("meetings, nothing found", "/rendez-vous?date=2022-12-25")
    yield anyone.get("month with nothing", "/rendez-vous/mois/2030-01")
    yield anyone.get("no such meeting", "/rendez-vous/rien", 404)
    for name, slug in shown.items():
        if name != "open":
            yield anyone.get(f"meeting {name}", f"/rendez-vous/{slug}")
    for path in LISTS:
        yield nobody.get(f"no meetings {path}", path)


def _slugs(live: Live) -> dict[str, str]:
    """One of each sort, of the demonstration."""

    def read(query: str) -> list[dict[str, Any]]:
        return list(httpx.get(f"{live.url}/api/v1/events?limit=100{query}").json()["items"])

    coming = read("")
    sorts = {
        "open": lambda one: one["seats_left"],
        "full": lambda one: one["seats_left"] == 0,
        "postponed": lambda one: one["state"] == "postponed",
        "by invitation": lambda one: one["access"] == "invited",
        "online": lambda one: one["mode"] == "online",
        "not yet open": lambda one: one["access"] == "open" and not one["registration"]["open"],
    }
    found = {name: next(one["slug"] for one in coming if wanted(one)) for name, wanted in sorts.items()}
    past = read("&when=past")
    found["past"] = past[0]["slug"]
    return found | {one["state"]: one["slug"] for one in past if one["state"] == "cancelled"}
