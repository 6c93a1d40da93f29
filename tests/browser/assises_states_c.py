"""What somebody keeps of the Assises: nothing, a few sessions, what is at once and has changed, a calendar link."""

import re
from collections.abc import Iterator

import httpx

from tests.browser.states import State, collector
from tests.live import Live

PAGE = "/assises/mon-programme"
# Two at once; one that was moved, and one that was called off, after the first release.
KEPT = (
    "ouverture", "manger-bien-quand-on-a-peu", "une-lettre-qui-marche", "le-travail-qui-abime",
    "vieillir-dans-son-quartier",
)  # fmt: skip


def mine(live: Live, bare: Live) -> Iterator[State]:
    anyone, nobody = collector(live), collector(bare)
    yield nobody.get("my programme, none yet", PAGE, 404)
    yield anyone.get("my programme, empty", PAGE)
    yield anyone.post("my programme, refused", PAGE, {"session": "rien"})
    for slug in KEPT:
        kept = anyone.post("my programme, kept", PAGE, {"session": _session(live, slug)}, 200)
    yield kept
    yield anyone.post("my programme, with a link", f"{PAGE}/agenda", {"act": "make"}, 200)
    # As kept under the first release.
    earlier = re.sub(r"-\d+", "-1", anyone.client.cookies.pop("programme"))
    anyone.client.cookies.set("programme", earlier)
    for prefix in ("", "/en", "/ar", "/simple"):
        yield anyone.get(f"{prefix} my programme, changed", prefix + PAGE)


def _session(live: Live, slug: str) -> str:
    page = httpx.get(f"{live.url}/assises/seances/{slug}").text
    return re.findall(r'data-session="([^"]+)"', page)[0]
