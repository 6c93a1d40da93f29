"""Who signed up for a meeting and its door, as the team sees them: full, empty, refused, just done."""

import re
import uuid
from collections.abc import Iterator

from tests.browser.states import LONG, Collector, State
from tests.live import Live

FULL, OPEN = "repas-partage-avril", "en-ligne-le-soir"  # of the demonstration
CALLER = {"name": "Zoé " + "très " * 12, "people": "2", "needs": ["lsf", "childcare"], "note": LONG[:400]}
AGREED = {"consents.data": "true", "language": "ar"}


def guests(live: Live, person: Collector) -> Iterator[State]:
    full, open_ = (_address(live, person, slug) for slug in (FULL, OPEN))
    yield person.get("people", f"{full}/inscrits")
    yield person.get("ar people", f"/ar{full}/inscrits")
    yield person.get("people who wait", f"{full}/inscrits?etat=waiting")
    yield person.post("people, caller refused", f"{full}/inscrits", CALLER | {"phone": "06", "name": ""})
    signed = person.post("people, caller signed up", f"{open_}/inscrits", CALLER | AGREED, 200)
    yield signed
    one = re.findall(r'/inscrits/[0-9a-f-]{36}(?=")', signed.html)[0]
    yield person.get("one who signed up", open_ + one)
    yield person.post("one who signed up, refused", open_ + one, {"people": "zéro", "note": LONG[:900]})
    yield person.get("sheet", f"{full}/feuille")
    said = {"addressed": "all", "words": LONG[:900], "key": str(uuid.uuid4())}
    yield person.get("write", f"{full}/ecrire")
    yield person.post("write refused", f"{full}/ecrire", {"addressed": "rien", "words": "Bonjour.", "act": "preview"})
    yield person.post("write, seen first", f"{full}/ecrire", said, 200)
    yield person.post("written", f"{full}/ecrire", said | {"act": "send", "addressed": "waiting"}, 200)
    yield person.get("door", f"{full}/porte")
    yield person.get("door, nobody found", f"{full}/porte?q=zzz")
    yield person.get("ar door", f"/ar{full}/porte")
    yield person.post("door, code refused", f"{full}/porte", {"id": str(uuid.uuid4()), "kind": "code", "code": "zzz"})
    guest = re.findall(r'data-guest="([^"]+)"', person.get("door again", f"{full}/porte").html)[0]
    tap = {"kind": "registered", "registration": guest, "people": "2"}
    person.post("door, counted", f"{full}/porte", tap | {"id": str(uuid.uuid4())}, 200)
    person.post("door, walked in", f"{full}/porte", {"id": str(uuid.uuid4()), "kind": "walk_in", "people": "3"}, 200)
    yield person.post("door, already counted", f"{full}/porte", tap | {"id": str(uuid.uuid4())}, 200)


def _address(live: Live, person: Collector, slug: str) -> str:
    """Where the team finds it: a calendar entry is named by the event's id."""
    entry = person.client.get(f"/rendez-vous/{slug}.ics").text
    return "/equipe/rendez-vous/" + re.findall(r"UID:([0-9a-f-]{36})", entry)[0]
