"""Pages of decisions beyond one person's yes or no: hidden words, a second reader, several at once."""

from collections.abc import Iterator
from typing import Any

import httpx

from tests import factories
from tests.browser.states import Collector, State, client, collector, decide
from tests.live import Live

WORDS = "Je suis Zoé Tamarisque, j’habite 3 impasse des Lilas. Zoé aime les tables rondes."


def decisions(live: Live, person: Collector, desk: httpx.Client) -> Iterator[State]:
    """`person` and `desk` are the same moderator: whoever asked for a second reading may not be the second."""
    one = _said(live, WORDS, title="Chez Zoé Tamarisque")
    path = f"/equipe/moderation/{one['id']}"
    said = {"version": 1, "revision": 1, "action": "publish"}
    rows = {"redactions.0.words": "Zoé", "redactions.0.label": "pré[nom", "redactions.1.words": "rien de tel"}
    yield person.post("words to hide refused", f"{path}/decisions", said | rows)
    spans = [{"words": "Zoé Tamarisque", "label": "prénom"}, {"words": "3 impasse des Lilas", "label": "adresse"}]
    decide(desk, one["id"], "publish", 1, redactions=spans, statement="Votre nom et votre adresse.")
    yield person.get("item with hidden words", path)
    yield person.post("original, no motive", f"{path}/original", {"motive": ""})
    yield person.post("original opened", f"{path}/original", {"motive": "L’autrice conteste."}, 200)
    yield collector(live).get("words hidden by the team", f"/paroles/{one['reference']}")
    yield collector(live).get("ar words hidden by the team", f"/ar/paroles/{one['reference']}")
    yield _followed(live, "follow, words hidden", one)
    second = _said(live, "Quelqu’un a eu peur.")
    decide(desk, second["id"], "publish", 1, sensitive=True)
    yield person.get("item for a second reader", f"/equipe/moderation/{second['id']}")
    other = _said(live, "Une table ronde, encore.")
    decide(desk, other["id"], "merge", 1, into=one["reference"])
    yield _followed(live, "follow, merged", other)
    several = [_said(live, f"Achetez chez nous, offre {n}.") for n in range(2)]
    ticked = [f"{each['id']}:1:1" for each in several]
    bulk = "/equipe/moderation/decisions"
    yield person.post("several to decide", bulk, {"item": ticked}, 200)
    yield person.post("several, refused", bulk, {"item": ticked, "action": "rien"})
    decide(desk, several[0]["id"], "refuse", 1, reason="advertising", statement="C’est une publicité.")
    yield person.post("several, not all decided", bulk, {"item": ticked, "action": "publish"}, 409)
    yield person.post("several, none chosen", bulk, {})


def _said(live: Live, body: str, **more: Any) -> dict[str, Any]:
    with client(live) as anyone:
        answer = anyone.post("/api/v1/contributions", json=factories.said(body, **more))
    made: dict[str, Any] = answer.json()
    return made


def _followed(live: Live, name: str, one: dict[str, Any]) -> State:
    return collector(live).post(name, "/suivre", {"code": one["receipt_code"]}, 200)
