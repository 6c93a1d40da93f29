"""A day of the Assises on a sheet to print."""

from collections.abc import Iterator

from tests.browser.states import State, collector
from tests.live import Live

PAGE = "/assises/jour/2022-06-10"


def sheets(live: Live) -> Iterator[State]:
    anyone = collector(live)
    for prefix in ("", "/en", "/ar", "/simple"):
        yield anyone.get(f"{prefix} assises, a day", prefix + PAGE)
    yield anyone.get("assises, no such day", "/assises/jour/2022-06-12", 404)
