"""How organisers write events, in every state: new, refused, previewed, the message first, two at once, cancelled."""

import re
from collections.abc import Iterator

import httpx

from tests import factories
from tests.browser.states import LONG, Collector, State
from tests.live import Live

PAGE = "/equipe/rendez-vous"
TYPED = {
    "title": "Une grande table " + "très " * 12 + "longue",
    "kind": "workshop",
    "mode": "both",
    "access": "open",
    "starts_at": "2022-05-03T18:00",
    "ends_at": "2022-05-03T20:00",
    "place_name": "Maison de quartier",
    "capacity": "1",
    "summary": LONG[:280],
    "body": LONG,
    "offers": ["lsf", "interpreter:ar"],
    "facilitators": "Ada\nLin",
}
WRONG = {"title": "", "kind": "x", "starts_at": "2022-03-27T02:30", "capacity": "0", "offers": "x", "opens_at": "x"}
MOVED = TYPED | {"version": "2", "starts_at": "2022-05-10T18:00", "ends_at": "2022-05-10T20:00", "mode": "online"}


def editing(live: Live, person: Collector) -> Iterator[State]:
    yield person.get("events", PAGE)
    yield person.get("ar events", f"/ar{PAGE}")
    yield person.get("events, none", f"{PAGE}?quand=passes&etat=postponed")
    yield person.get("event, new", f"{PAGE}/nouveau")
    yield person.post("event refused", PAGE, WRONG)
    yield person.post("event, preview refused", f"{PAGE}/apercu", WRONG)
    yield person.post("event, preview", f"{PAGE}/apercu", TYPED, 200)
    drafted = person.post("event, draft", PAGE, TYPED, 200)
    yield drafted
    person.post("the same again", PAGE, TYPED, 200)
    path = drafted.path.partition("?")[0]
    yield person.post("event published, double-booked", f"{path}/publication", {"version": 1}, 200)
    slug = re.findall(r'href="/rendez-vous/([a-z0-9-]+)"', person.get("event", path).html)[0]
    for number in range(2):
        signed = {
            "name": "Zoé",
            "email": f"zoe{number}@exemple.fr",
            "people": 1,
            "needs": [],
            "consents": {"data": True},
        }
        httpx.post(f"{live.url}/api/v1/events/{slug}/registrations", json=signed).raise_for_status()
    yield person.post("event moved, the message first", path, MOVED, 200)
    yield person.post("event, somebody else saved", path, MOVED | {"version": "1"}, 409)
    yield person.get("event, cancel", f"{path}/annulation")
    yield person.post("event, cancel refused", f"{path}/annulation", {"version": 2, "words": LONG, "seen": "1"})
    yield person.get("event, postpone", f"{path}/report")
    yield person.post("event, series refused", f"{path}/serie", {"times": "99"})
    yield person.post("event, series", f"{path}/serie", {"times": "2"}, 200)
    yield person.post(
        "event told", path, MOVED | {"version": "2", "seen": "1", "words": factories.NOW.isoformat()}, 200
    )
    yield person.post("event cancelled", f"{path}/annulation", {"version": "3", "seen": "1"}, 200)
    yield person.get("ar event", f"/ar{path}")
