"""Outings as the team sees them: none, refused, planned, two at once, the message first, closed, cancelled; tickets."""

import re
from collections.abc import Iterator

import httpx

from tests.browser.states import LONG, Collector, State
from tests.live import Live

PAGE = "/equipe/sorties"
TYPED: dict[str, object] = {
    "place_name": "Marché de Malakoff, " + "très " * 12 + "long",
    "place_address": "Boulevard de Sarrebruck",
    "quartier": "malakoff",
    "method": "porteur_de_paroles",
    "question": "q1",
    "starts_at": "2022-04-12T09:00",
    "ends_at": "2022-04-12T18:30",
    "material": "Tickets à détacher\nPanneau, feutres",
    "notes": LONG[:600],
    "public": "true",
}
WRONG: dict[str, object] = {
    "method": "x",
    "starts_at": "2022-03-27T02:30",
    "point": "ici",
    "question": "q9",
    "notes": LONG,
}


def outings(live: Live, person: Collector) -> Iterator[State]:
    yield person.get("outings, none", f"{PAGE}?quand=passees&apres=1.1")
    yield person.get("outing, new", f"{PAGE}/nouvelle")
    yield person.post("outing refused", PAGE, WRONG)
    planned = person.post("outing planned", PAGE, TYPED, 200)
    yield planned
    path = planned.path.partition("?")[0]
    yield person.get("ar outings", f"/ar{PAGE}")
    signed = {"name": "Zoé", "email": "zoe-rue@exemple.fr", "people": 1, "needs": [], "consents": {"data": True}}
    yield person.get("ar outing, sheet", f"/ar{path}/feuille")
    yield person.post("outing, tickets to print", f"{path}/tickets", {"sheets": "1", "after": "0"}, 200)
    yield person.post("outing, tickets twice", f"{path}/tickets", {"sheets": "1", "after": "0"}, 409)
    later = TYPED | {"starts_at": "2022-05-03T18:00", "ends_at": "2022-05-03T20:00"}
    coming = person.post("outing coming", PAGE, later, 200)
    there = coming.path.partition("?")[0]
    slug = re.findall(r'href="/rendez-vous/([a-z0-9-]+)"', coming.html)[0]
    httpx.post(f"{live.url}/api/v1/events/{slug}/registrations", json=signed).raise_for_status()
    moved = later | {"version": "1", "place_name": "Place Royale"}
    yield person.post("outing moved, the message first", f"{there}/modifier", moved, 200)
    yield person.post("outing, somebody else saved", f"{there}/modifier", moved | {"version": "9"}, 409)
    yield person.get("outing, cancel", f"{there}/annulation")
    yield person.post("outing, closing refused", f"{path}/cloture", {"version": "1", "stopped": "beaucoup"})
    yield person.post("outing closed", f"{path}/cloture", {"version": "1", "stopped": "46"}, 200)
