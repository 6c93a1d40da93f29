"""What a meeting leaves behind: its page, the words said there, the form that names it, its report with photos."""

import re
from collections.abc import Iterator

from tests.browser.states import FORM, JPEG, Collector, State, collector
from tests.live import Live

SAID = "cartes-images-accueil-de-jour"  # of the demonstration: a report, a photo, two voices
COMING = "veilleurs-13-mai"


def public(live: Live) -> Iterator[State]:
    anyone = collector(live)
    yield anyone.get("meeting over", f"/rendez-vous/{SAID}")
    yield anyone.get("ar meeting over", f"/ar/rendez-vous/{SAID}")
    yield anyone.get("meeting words", f"/rendez-vous/{SAID}/paroles")
    yield anyone.get("ar meeting words", f"/ar/rendez-vous/{SAID}/paroles")
    yield anyone.get("meeting words empty", f"/rendez-vous/{COMING}/paroles")
    yield anyone.get("form after meeting", f"/participer?rendez-vous={SAID}")
    yield anyone.get("ar form after meeting", f"/ar/participer?rendez-vous={SAID}")
    yield anyone.post("form meeting refused", "/participer", {**FORM, "event": "nulle-part"})
    words = anyone.client.get(f"/rendez-vous/{SAID}/paroles").text
    voice = re.search(r'href="(/paroles/NS-[A-Z0-9]+)"', words)
    assert voice
    yield anyone.get("voice of meeting", voice[1])


def reports(person: Collector) -> Iterator[State]:
    """`person` is an organiser or an administrator."""
    path = f"{_desk_of(person, SAID, past=True)}/compte-rendu"
    seen = re.findall(r'name="seen" value="(\w+)"', person.client.get(path).text)[0]
    files = [("files", ("photo.jpg", JPEG, "image/jpeg")), ("files", ("notes.txt", b"rien", "text/plain"))]
    yield person.post("meeting report refused", path, {"seen": seen, "report": "Treize personnes."}, files=files)
    yield person.post("meeting report stale", path, {"seen": "0" * 16, "report": "Mon texte."}, 409)
    yield person.get("meeting report", path)
    yield person.get("ar meeting report", "/ar" + path)
    yield person.get("meeting report too early", f"{_desk_of(person, COMING)}/compte-rendu")


def _desk_of(person: Collector, slug: str, *, past: bool = False) -> str:
    """Where the team edits a meeting: its page knows its name in the address, the team's list its id."""
    title = re.findall(r"<h1[^>]*>([^<]+)", person.client.get(f"/rendez-vous/{slug}").text)[0]
    listed = person.client.get("/equipe/rendez-vous" + ("?quand=passes" if past else "")).text
    return re.findall(rf'href="(/equipe/rendez-vous/[0-9a-f-]{{36}})"[^>]*>[^<]*{re.escape(title)}', listed)[-1]
