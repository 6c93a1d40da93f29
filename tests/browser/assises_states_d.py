"""How organisers write the Assises: a session, days and rooms, people; refused, two at once, what warns."""

import re
from collections.abc import Iterator

from tests.browser.states import ARABIC, LONG, Collector, State

PAGE = "/equipe/assises"
TYPED = {
    "title": "Une séance " + "très " * 12 + "longue",
    "kind": "round_table",
    "summary": LONG[:280],
    "body": LONG,
    "starts_at": "2022-06-10T12:15",
    "minutes": "200",
    "seats": "5000",
    "offers": ["lsf", "interpreter:ar"],
    "audiences": ["concerned"],
    "cancelled": "",
}
WRONG = {"title": "", "kind": "x", "starts_at": "2022-03-27T02:30", "minutes": "0", "room": "x", "speaker": "x"}


def editing(person: Collector) -> Iterator[State]:
    yield person.get("session, new", f"{PAGE}/seances/nouvelle")
    yield person.post("session refused", f"{PAGE}/seances", WRONG)
    chosen = _first(person, f"{PAGE}/seances/nouvelle")
    made = person.post("session, with warnings", f"{PAGE}/seances", TYPED | chosen, 200)
    yield made
    path = made.path.partition("?")[0]
    changed = TYPED | {"version": "1", "title": ARABIC}
    person.post("session changed", path, changed, 200)
    yield person.post("session, somebody else saved", path, changed | {"title": "Autre titre"}, 409)
    yield person.get("ar session", f"/ar{path}")
    yield from settings(person)
    yield from people(person)
    person.post("session dropped", f"{path}/suppression", {"version": "2"}, 200)


def settings(person: Collector) -> Iterator[State]:
    shown = person.get("assises, settings", f"{PAGE}/reglages")
    yield shown
    yield person.get("ar assises, settings", f"/ar{PAGE}/reglages")
    yield person.get("assises, the whole", f"{PAGE}/reglages/ensemble")
    room = re.findall(rf'href="({PAGE}/reglages/salles/[0-9a-f-]{{36}})"', shown.html)[0]
    yield person.get("room in use", room)
    yield person.post("room, somebody else saved", room, {"name": "Autre nom", "version": "99"}, 409)
    yield person.get("room, new", f"{PAGE}/reglages/salles/nouveau")
    yield person.post("day refused", f"{PAGE}/reglages/jours", {"starts_at": "demain"})


def people(person: Collector) -> Iterator[State]:
    yield person.get("people of the Assises", f"{PAGE}/intervenants")
    yield person.get("person of the Assises, new", f"{PAGE}/intervenants/nouveau")
    yield person.post("person of the Assises refused", f"{PAGE}/intervenants", {"email": "zoe@"})
    typed = {"name": "Une voix " + "très " * 12 + "longue", "about": LONG[:400], "email": "voix@exemple.fr"}
    path = person.post("person of the Assises", f"{PAGE}/intervenants", typed, 200).path.partition("?")[0]
    yield person.post("consent of a person of the Assises refused", f"{path}/accord", {"version": "1"})
    yield person.post(
        "consent of a person of the Assises", f"{path}/accord", {"version": "1", "how": "Au téléphone."}, 200
    )
    yield person.post(
        "person of the Assises, somebody else saved", path, typed | {"version": "1", "about": "Autre"}, 409
    )
    person.post("person dropped", f"{path}/suppression", {"version": "2"}, 200)


def _first(person: Collector, path: str) -> dict[str, str]:
    """The first room and the first person there are to choose."""
    html = person.get("session", path).html
    fields = {name: re.findall(rf'<select id="{name}".*?</select>', html, re.DOTALL)[0] for name in ("room", "speaker")}
    return {name: re.findall(r'<option value="([^"]+)"', field)[0] for name, field in fields.items()}
