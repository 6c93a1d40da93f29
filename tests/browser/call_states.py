"""The call list with somebody who signed up for a meeting on it."""

import re
import uuid
from collections.abc import Iterator

from tests.browser.states import LONG, Collector, State

OPEN = "en-ligne-le-soir"  # of the demonstration
CALLER = {"name": "Zoé " + "très " * 12, "phone": "06 98 76 54 32", "people": "2", "consents.data": "true"}


def meetings(person: Collector) -> Iterator[State]:
    entry = person.client.get(f"/rendez-vous/{OPEN}.ics").text
    meeting = "/equipe/rendez-vous/" + re.findall(r"UID:([0-9a-f-]{36})", entry)[0]
    person.post("caller", f"{meeting}/inscrits", CALLER | {"language": "fr"}, 200)
    said = {"addressed": "all", "words": LONG[:300], "key": str(uuid.uuid4()), "act": "send"}
    person.post("told", f"{meeting}/ecrire", said, 200)
    yield person.get("calls about a meeting", "/equipe/appels")
    yield person.get("ar calls about a meeting", "/ar/equipe/appels")
