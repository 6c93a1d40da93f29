"""What programs noticed, in the pages of the desk: signals open and answered, a group of nearly the same words."""

import time
from collections.abc import Iterator
from typing import Any

import httpx

from tests import factories
from tests.browser.states import Collector, State, client, waiting_item
from tests.live import Live

WORDS = (
    "J’ai envie de mourir certains soirs. Écrire à lea@exemple.fr ou au 06 98 76 54 32, 12 rue des Lilas. "
    "Il faudrait une grande table sur la place, un banc, du pain, de la soupe chaude et des voisins qui écoutent."
)
ARABIC = "تعبت كثيرا وأريد أن أموت. رقمي ٠٦٩٨٧٦٥٤٣٢. نريد طاولة كبيرة في الحي لنأكل معا كل يوم أحد مع الجيران والأطفال."


def sent(live: Live) -> list[dict[str, Any]]:
    """Three that say nearly the same, and one in Arabic. The worker looks at them within ten seconds."""
    bodies = [WORDS, WORDS.replace("une grande table", "un long banc vert"), "Bonjour ! " + WORDS]
    said = [factories.said(body, title="Au 06 98 76 54 32") for body in bodies]
    with client(live) as anyone:
        answers = [anyone.post("/api/v1/contributions", json=one) for one in said]
        answers.append(anyone.post("/api/v1/contributions", json=factories.said(ARABIC, language="ar")))
    return [answer.json() for answer in answers]


def read(person: Collector, desk: httpx.Client, made: list[dict[str, Any]]) -> Iterator[State]:
    first, second, _, arabic = made
    _looked_at(desk, made)
    path = f"/equipe/moderation/{second['id']}"
    page = person.get("item with signals", path)
    yield page
    yield person.get("item with signals, Arabic words", f"/equipe/moderation/{arabic['id']}")
    yield person.get("words nearly the same", f"/equipe/moderation/groupes/{first['id']}")
    answer = page.html.partition('action="/equipe/moderation/signaux/')[2].partition('"')[0]
    signal = f"/equipe/moderation/signaux/{answer}"
    yield person.post("signal answered", signal, {"state": "dismissed"}, 200)
    yield person.post("signal answered twice", signal, {"state": "confirmed"}, 409)


def _looked_at(desk: httpx.Client, made: list[dict[str, Any]]) -> None:
    until = time.monotonic() + 60
    for one in made:
        while not any(each["kind"] == "danger" for each in waiting_item(desk, one["reference"])["signals"]):
            assert time.monotonic() < until, "the worker does not look at what arrived"
            time.sleep(0.2)
