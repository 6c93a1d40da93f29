"""What is told of outings: pages for everybody, the poster, and the team's page where it is written."""

import re
from collections.abc import Iterator

from tests.browser.states import Collector, State, collector
from tests.live import Live

TOLD = "/dans-la-rue/malakoff-2022-03-26"  # of the demonstration: six spoke
FEW = "/dans-la-rue/nantes-sud-2022-02-05"  # two
PAST = "/equipe/sorties?quand=passees"


def public(live: Live, bare: Live) -> Iterator[State]:
    anyone, nobody = collector(live), collector(bare)
    yield nobody.get("street, nothing yet", "/dans-la-rue")
    yield anyone.get("street", "/dans-la-rue")
    yield anyone.get("street told", TOLD)
    yield anyone.get("street told, few spoke", FEW)
    yield anyone.get("street poster", f"{TOLD}/affiche")
    for path in ("/dans-la-rue", TOLD, FEW, f"{TOLD}/affiche"):
        yield anyone.get(f"ar street {path}", f"/ar{path}")


def telling(person: Collector) -> Iterator[State]:
    """`person` is an administrator."""
    listed = person.client.get(PAST).text
    seqs = re.findall(r'href="(/equipe/sorties/[0-9a-f-]{36})"', listed)
    desks = list(dict.fromkeys(f"{path}/recit" for path in seqs))
    told, few = (next(desk for desk in desks if there in person.client.get(desk).text) for there in (TOLD, FEW))
    yield person.get("outing told, to edit", told)
    yield person.get("ar outing told, to edit", f"/ar{told}")
    yield person.get("outing told where few spoke, to edit", few)
    yield person.post("outing told refused", few, {"heard": "", "seen": "0"})
    yield person.post("outing told stale", told, {"heard": "Mon texte.", "seen": "0"}, 409)
    yield person.post(
        "outing told, preview", f"{told}/apercu", {"heard": "Le prix du pain.", "changes": "Un banc."}, 200
    )
