"""Appeals and reports, as whoever asks sees them and as the team does."""

import re
from collections.abc import Iterator
from typing import Any

import httpx

from tests import factories
from tests.browser.conftest import recruit
from tests.browser.states import LONG, Collector, State, client, collector
from tests.live import Live

APPEAL = "/suivre/contribution/relecture"


def cases(live: Live, person: Collector) -> Iterator[State]:
    """`person` moderates; somebody else decided before."""
    other = recruit(live, "moderator")
    token = live.dialogue("token", "add", other.email, "--name", "essai")
    decider = client(live, headers={"Authorization": f"Bearer {token}"})
    yield from appealed(live, person, decider)
    yield from reported(live, person)


def appealed(live: Live, person: Collector, decider: httpx.Client) -> Iterator[State]:
    author = collector(live)
    refused = said(live)
    decision = {"version": 1, "revision": 1, "action": "refuse", "reason": "personal", "statement": "Un nom."}
    assert decider.post(f"/api/v1/moderation/{refused['id']}/decisions", json=decision).status_code == 201
    yield author.post("followed, refused", "/suivre", {"code": refused["receipt_code"]}, 200)
    yield author.get("appeal", APPEAL)
    yield author.post("appeal refused", APPEAL, {"words": LONG * 2})
    yield collector(live).post("appeal, page over", APPEAL, {"words": "Ce n’est pas un nom."}, 401)
    yield author.post("followed, appealed", APPEAL, {"words": "Ce n’est pas un nom, c’est une rue."}, 200)
    listed = person.get("appeals", "/equipe/recours")
    yield listed
    where = re.findall(r"/equipe/recours/[0-9a-f-]{36}", listed.html)[0]
    yield person.get("appeal at the desk", where)
    yield person.post("appeal answer refused", f"{where}/decision", {"version": "1", "outcome": "upheld"})
    answer = {"version": "1", "outcome": "upheld", "statement": "J’ai relu : on reconnaît une personne."}
    yield person.post("appeals, one answered", f"{where}/decision", answer, 200)
    yield person.get("appeal, answered", where)
    yield author.get("followed, appeal answered", "/suivre/contribution")


def reported(live: Live, person: Collector) -> Iterator[State]:
    anyone = collector(live)
    pictured = httpx.get(f"{live.url}/api/v1/contributions?has=photo").json()["items"][0]
    where = f"/paroles/{pictured['reference']}/signaler"
    yield anyone.get("report", where)
    yield anyone.get("ar report", f"/ar{where}")
    yield anyone.post("report refused", where, {"reason": "image_rights", "email": "zoe"})
    yield anyone.post("report, proof asked", where, {**REPORT, "website": "x"}, 428)
    sent = anyone.post("report sent", where, {**REPORT, "email": "zoe@exemple.fr"}, 201)
    yield sent
    number = "-".join(re.findall(r"<span>(\w{4})</span>", sent.html))
    yield anyone.get("report to follow", "/signalement")
    yield anyone.get("ar report to follow", "/ar/signalement")
    yield anyone.post("report unknown", "/signalement", {"number": "AAAA"}, 404)
    yield anyone.post("report followed", "/signalement", {"number": number}, 200)
    photo = pictured["media"][0]["id"]
    yield anyone.post("report, hidden at once", where, {"reason": "image_rights", "media": photo, **GOOD}, 201)
    listed = person.get("reports", "/equipe/signalements")
    yield listed
    first, held = re.findall(r'<h3><a class="next" href="(/equipe/signalements/[0-9a-f-]{36})"', listed.html)[:2]
    yield person.get("report at the desk", first)
    yield person.get("report at the desk, hidden at once", held)
    yield person.post("report decision refused", f"{first}/decision", {"version": "1", "act": "keep"})
    answers: Any = {"version": "1", "act": "keep", "statement": "Ce nom est celui d’une rue."}
    yield person.post("reports, one decided", f"{first}/decision", answers, 200)
    yield person.get("report, decided", first)
    person.client.post(f"{held}/decision", data=answers)  # the photo is shown again
    yield anyone.post("report answered", "/signalement", {"number": number}, 200)


GOOD = {"good_faith": "true"}
REPORT = {"reason": "personal", "explanation": "Un nom est écrit.", **GOOD}


def said(live: Live) -> dict[str, Any]:
    with client(live) as anyone:
        return dict(anyone.post("/api/v1/contributions", json=factories.said("Rue Anne, il manque un banc.")).json())
