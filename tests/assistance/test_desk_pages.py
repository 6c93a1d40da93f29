"""Signals on an item's page: a sentence each, the words marked, answered once; a group is read once."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from app import db
from app.assistance import jobs, queries
from app.models import Contribution, Signal, State
from tests import factories
from tests.conftest import World

TEXT = (
    "J’ai <b>envie de mourir</b>. Écrire à lea@exemple.fr, 06 98 76 54 32. "
    "Il faudrait une grande table au marché avec les voisins, les enfants, du pain, de la soupe et un banc."
)


@pytest.fixture
def ada(world: World) -> Any:
    with db.writing() as session:
        token = factories.token(session, factories.staff(session, name="ada"))
    return world.as_staff(token)


def looked_at(world: World, *bodies: str, **fields: Any) -> Iterator[Contribution]:
    with db.writing() as session:
        made = [factories.contribution(session, body=body, **fields) for body in bodies]
    jobs.assist(world.adapters)
    with db.reading() as session:
        return iter([session.get_one(Contribution, one.seq) for one in made])


def of(one: Contribution) -> dict[str, Signal]:
    with db.reading() as session:
        return {each.kind: each for each in queries.signals(session, one.seq or 0, one.revision)}


def answer(client: Any, signal: Signal, state: str) -> Any:
    return client.post(f"/equipe/moderation/signaux/{signal.id}", data={"state": state})


def test_the_page_says_why_marks_the_words_and_takes_an_answer_once(world: World, ada: Any) -> None:
    (one,) = looked_at(world, TEXT, title="Rue, 06 98 76 54 32")
    address = f"/equipe/moderation/{one.id}"
    text = ada.get(address).text
    assert "On dirait un numéro de téléphone." in text
    assert "Ces mots peuvent dire qu’une vie est en danger." in text
    assert re.search(r'<mark id="mark-body-\d+">06 98 76 54 32</mark>', text)
    assert re.search(r'<h3[^>]*>Rue, <mark id="mark-title-5">06 98 76 54 32</mark></h3>', text)
    assert "J’ai &lt;b&gt;<mark" in text
    quoted = re.search(r'<blockquote class="words"[^>]*>(.*?)</blockquote>', text, re.DOTALL)
    assert quoted
    assert re.sub(r"</?mark[^>]*>", "", quoted[1]) == TEXT.replace("<", "&lt;").replace(">", "&gt;")
    (item,) = ada.get("/api/v1/moderation/queue").json()["items"]
    assert {each["kind"]: each["open"] for each in item["signals"]} == {"danger": 1, "email": 1, "phone": 2}
    assert "Remarqué : danger, e-mail, téléphone" in ada.get("/equipe/moderation").text
    kinds = of(one)
    assert answer(ada, kinds["danger"], "confirmed").headers["location"].endswith(f"{one.id}/alerte?kind=danger")
    assert re.search(r'value="danger"[^>]*checked', ada.get(f"{address}/alerte?kind=danger").text)
    assert answer(ada, kinds["email"], "dismissed").status_code == 303
    text = ada.get(address).text
    assert "C’est bien cela, selon ada" in text
    assert "Ouvrir une alerte" in text
    assert "Ce n’est rien, selon ada" in text
    assert not re.search(r"<mark[^>]*>lea@exemple.fr", text)
    late = answer(ada, kinds["danger"], "dismissed")
    assert (late.status_code, "Quelqu’un a déjà répondu à ce signal." in late.text) == (409, True)
    assert answer(ada, kinds["phone"], "perhaps").status_code == 422
    assert answer(ada, kinds["phone"], "open").status_code == 422
    assert of(one)["phone"].state.value == "open"


def test_what_is_gone_or_not_looked_at_says_so(world: World, ada: Any) -> None:
    (one,) = looked_at(world, TEXT)
    with db.writing() as session:
        factories.set_state(session, session.get_one(Contribution, one.seq), State.WITHDRAWN)
    assert answer(ada, of(one)["phone"], "confirmed").status_code == 404
    assert "On dirait" not in ada.get(f"/equipe/moderation/{one.id}").text
    with db.writing() as session:
        new = factories.contribution(session, body="Un banc.")
    address = f"/equipe/moderation/{new.id}"
    assert "aucun programme ne l’a encore lu" in ada.get(address).text
    jobs.assist(world.adapters)
    assert "Ce qu’un programme a remarqué" not in ada.get(address).text
    for path in ("rien", str(new.id)):
        assert ada.post(f"/equipe/moderation/signaux/{path}", data={"state": "confirmed"}).status_code == 404
        assert ada.get(f"/equipe/moderation/groupes/{path}").status_code == 404


def test_a_group_is_read_once_with_what_differs(world: World, ada: Any) -> None:
    first, second, third = looked_at(
        world,
        TEXT,
        TEXT.replace("une grande table", "un long banc vert"),
        TEXT.replace("marché", "jardin") + " Merci !",
    )
    assert (first.cluster, second.cluster, third.cluster) == (first.seq,) * 3
    item = ada.get(f"/equipe/moderation/{second.id}").text
    assert "2 autres disent presque la même chose" in item
    assert f"ressemblent beaucoup à ceux de {first.reference}" in item
    path = f"/equipe/moderation/groupes/{first.id}"
    assert path in item
    text = ada.get(path).text
    assert "3 paroles disent presque la même chose" in text
    assert f'value="{third.id}:{third.version}:1"' in text
    assert "checked" not in text  # each has words of danger
    assert "Il faudrait <mark>un long banc vert</mark> au" in text

    assert answer(ada, of(second)["duplicate"], "dismissed").status_code == 303
    assert "2 paroles disent" in ada.get(path).text
    assert "disent presque" not in ada.get(f"/equipe/moderation/{second.id}").text
