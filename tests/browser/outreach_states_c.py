"""Phones that collect, as organisers see them: none, paired, waiting with a wrong clock, revoked."""

import re
from collections.abc import Iterator
from datetime import timedelta

from app.adapters.clock import real_now
from tests.browser.states import LONG, Collector, State

PAGE = "/equipe/appareils"
MEDIATOR = {"email": "rue@ville.example", "name": "Zoé " + "très " * 12, "roles": "mediator", "reads": "fr"}


def none_yet(person: Collector) -> Iterator[State]:
    yield person.get("devices, none", PAGE)


def devices(person: Collector) -> Iterator[State]:
    person.post("a mediator", "/equipe/personnes", MEDIATOR, 200)
    yield person.post("devices, for whom?", f"{PAGE}/codes", {})
    options = person.get("devices", PAGE).html
    [mediator] = re.findall(r'value="([0-9a-f-]{36})"[^>]*>Zoé', options)
    shown = person.post("devices, a code", f"{PAGE}/codes", {"mediator": mediator}, 200)
    yield shown
    for name in ("Téléphone bleu", LONG[:80]):
        code = re.findall(r'id="pairing-code"><code>([^<]+)', shown.html)[0]
        paired = person.client.post("/api/v1/collect/devices", json={"code": code, "name": name}).json()
        shown = person.post("another code", f"{PAGE}/codes", {"mediator": mediator}, 200)
    said = {"waiting": 12, "clock": (real_now() + timedelta(days=365)).isoformat()}
    headers = {"Authorization": f"Bearer {paired['token']}"}
    assert person.client.put("/api/v1/collect/device", json=said, headers=headers).status_code == 200
    yield person.get("devices", PAGE)
    yield person.get("ar devices", f"/ar{PAGE}")
    path = f"{PAGE}/{paired['device']['id']}"
    yield person.get("device", path)
    yield person.post("device refused", path, {"name": ""})
    yield person.post("device revoked", f"{path}/coupure", {}, 200)
