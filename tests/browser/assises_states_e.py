"""The draft as a grid, releases, an urgent change, a door's sheet: in every state."""

import re
from collections.abc import Iterator

from tests.browser.states import LONG, Collector, State

PAGE = "/equipe/assises"
NEW = f"{PAGE}/versions/nouvelle"


def none_yet(person: Collector) -> Iterator[State]:
    """Where there is no programme."""
    yield person.get("assises grid, empty", PAGE)
    yield person.get("assises versions, none", f"{PAGE}/versions")
    yield person.get("assises version, nothing", NEW)


def grid(person: Collector) -> Iterator[State]:
    shown = person.get("assises grid", PAGE)
    yield shown
    first = re.findall(r'data-card="([0-9a-f-]+)"[^>]*data-title="Ouverture', shown.html)[0]
    yield person.get("assises grid, in hand", f"{PAGE}?seance={first}")
    yield person.get("ar assises grid, in hand", f"/ar{PAGE}?seance={first}")
    place = f"{PAGE}/seances/{first}/place"
    yield person.post("assises grid, refused", place, {"version": 1, "starts_at": "2022-03-27T02:30"})
    yield person.post("assises grid, somebody else", place, {"version": 99, "starts_at": "2022-06-10T11:00"}, 409)
    yield from urgent(person, f"{PAGE}/seances/{first}")
    yield person.get("assises version", NEW)
    yield person.post("assises version refused", NEW, {"name": LONG[:200], "words": LONG, "seen": "1"})
    yield person.get("assises versions", f"{PAGE}/versions")


def urgent(person: Collector, path: str) -> Iterator[State]:
    yield person.get("assises urgent", f"{path}/urgence")
    yield person.post("assises urgent refused", f"{path}/urgence", {"act": "move", "minutes": "0", "said": LONG})
    told = person.post(
        "assises urgent, the message", f"{path}/urgence", {"act": "move", "starts_at": "2022-06-10T12:40"}, 200
    )
    yield told
    carried = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', told.html))
    yield person.post("assises sign, moved", f"{path}/urgence", carried | {"seen": "1"}, 200)
    told = person.post("assises urgent, cancelling", f"{path}/urgence", {"act": "cancel", "said": "Une panne."}, 200)
    carried = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', told.html))
    yield person.post("assises sign, cancelled", f"{path}/urgence", carried | {"seen": "1"}, 200)
