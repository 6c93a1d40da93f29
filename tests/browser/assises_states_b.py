"""The programme of the Assises as the public sees it."""

from collections.abc import Iterator

from tests.browser.states import State, collector
from tests.live import Live


def programme(live: Live, bare: Live) -> Iterator[State]:
    anyone, nobody = collector(live), collector(bare)
    yield nobody.get("assises, none yet", "/assises")
    yield anyone.get("no such session", "/assises/seances/rien", 404)
    yield nobody.get("assises now, none yet", "/assises/maintenant", 404)
