"""The walk: as the public sees it, and as organisers write its stops, put them in order and lose a race."""

import re
from collections.abc import Iterator

from tests.browser.states import JPEG, LONG, Collector, State, collector
from tests.live import Live

PAGE = "/assises/parcours"
DESK = "/equipe/assises/parcours"
NEW = f"{DESK}/nouvelle-etape"
TYPED = {
    "name": "Une étape " + "très " * 12 + "longue",
    "words": LONG[:2000],
    "point": "47.2184, -1.5536",
    "offers": ["step_free", "interpreter:ar"],
    "hours.0.opens": "2022-06-10T10:00",
    "hours.0.closes": "2022-06-10T18:00",
}
WRONG = {"name": "", "point": "là-bas", "hours.0.opens": "2022-03-27T02:30", "hours.1.opens": "2022-06-10T10:00"}


def walk(live: Live, bare: Live, person: Collector) -> Iterator[State]:
    """`person` is an organiser or an administrator."""
    anyone, nobody = collector(live), collector(bare)
    yield nobody.get("walk, none yet", PAGE)
    yield from stops(person)
    yield anyone.get("walk", PAGE)
    for prefix in ("/en", "/ar", "/simple"):
        yield anyone.get(f"{prefix[1:]} walk", prefix + PAGE)


def stops(person: Collector) -> Iterator[State]:
    yield person.get("walk, its stops", DESK)
    yield person.get("ar walk, its stops", f"/ar{DESK}")
    yield person.post("walk words, somebody else saved", DESK, {"seen": "0", "walk_words": "Mes mots."}, 409)
    yield person.get("stop, new", NEW)
    yield person.post("stop refused", NEW, WRONG)
    made = person.post("stop", NEW, TYPED, 200)
    path = made.path.partition("?")[0]
    files = [("files", ("photo.jpg", JPEG, "image/jpeg")), ("files", ("notes.txt", b"rien", "text/plain"))]
    yield person.post("stop, photo refused", path, TYPED | {"version": "1"}, files=files)
    yield person.post("stop, somebody else saved", path, TYPED | {"version": "1", "name": "Autre nom"}, 409)
    yield person.get("stop, with a photo", path)
    yield person.post("stop moved elsewhere", f"{path}/ordre", {"way": "up", "place": "1"}, 409)
    last = len(re.findall(r'class="stops-place"', person.get("stops", DESK).html))
    yield person.post("stop moved", f"{path}/ordre", {"way": "up", "place": str(last)}, 200)
