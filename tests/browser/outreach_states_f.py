"""The collecting page as it is sent, and the guide; its screens are in test_collect_page.py."""

from collections.abc import Iterator

from tests.browser.states import State, collector
from tests.live import Live


def shell(live: Live) -> Iterator[State]:
    anyone = collector(live)
    for name, path in (("collecting page", "/equipe/collecte"), ("collecting guide", "/equipe/collecte/guide")):
        yield anyone.get(name, path)
        yield anyone.get(f"ar {name}", f"/ar{path}")
