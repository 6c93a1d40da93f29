"""Words from the street as moderators see them, while a photo is still in a phone; as the person who spoke does."""

import re
import uuid
from collections.abc import Iterator

import httpx

from tests import factories
from tests.browser.outreach_states_d import TYPED
from tests.browser.states import LONG, Collector, State, collector
from tests.live import Live

SAID = {
    "outing": "", "read_back": True, "collected_at": "2022-04-14T09:40:00+02:00", "sheet": "MAL-F-12",
    "media": [{"client_id": "m1", "sha256": "0" * 64, "size": 5000, "type": "image/jpeg"}],
}  # fmt: skip


def gaps(live: Live, person: Collector, desk: httpx.Client) -> Iterator[State]:
    options = person.get("devices", "/equipe/appareils").html
    mediator = re.findall(r'value="([0-9a-f-]{36})"', options)[0]
    code = person.post("a code", "/equipe/appareils/codes", {"mediator": mediator}, 200).html
    code = re.findall(r'id="pairing-code"><code>([^<]+)', code)[0]
    paired = httpx.post(f"{live.url}/api/v1/collect/devices", json={"code": code, "name": "Téléphone " + LONG[:60]})
    planned = person.post("an outing", "/equipe/sorties", TYPED | {"mediators": mediator, "public": ""}, 200)
    outing = planned.path.partition("?")[0].rpartition("/")[2]
    record = factories.said("Un banc devant l’école.", **SAID | {"outing": outing})
    headers = {"Authorization": f"Bearer {paired.json()['token']}"}
    held = httpx.put(f"{live.url}/api/v1/collect/{uuid.uuid4()}", json=record, headers=headers)
    assert held.status_code == 201, held.text
    [found] = desk.get("/api/v1/moderation/queue", params={"outing": outing}).json()["items"]
    yield person.get("queue of one outing", f"/equipe/moderation?outing={outing}")
    yield person.get("item from the street", f"/equipe/moderation/{found['id']}?outing={outing}")
    yield person.get("ar item from the street", f"/ar/equipe/moderation/{found['id']}")
    yield collector(live).post("what was said in the street", "/suivre", {"code": held.json()["receipt_code"]}, 200)
