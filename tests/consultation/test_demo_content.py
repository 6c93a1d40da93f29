"""The demonstration content is invented, whole, and fits the consultation."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from app.consultation.content import ContentError
from app.consultation.demo_content import DEMO, load_demo


@pytest.fixture(scope="module")
def demo(nantes):
    return load_demo(DEMO, nantes).contributions


def test_every_contribution_is_marked_as_invented(demo):
    assert len(demo) == 62
    assert {contribution.invented for contribution in demo} == {True}


def test_every_state_can_be_seen(demo):
    assert Counter(contribution.state for contribution in demo) == {
        "published": 42,
        "pending": 12,
        "returned": 3,
        "refused": 3,
        "hidden": 1,
        "second_review": 1,
    }


def test_the_voices_come_by_every_channel_on_every_question_in_several_languages(demo, nantes):
    assert {part.channel for part in demo} == {"online", "street", "paper", "phone", "workshop", "email"}
    assert {part.question for part in demo} == {"q1", "q2", "q3", "other"}
    assert {part.language for part in demo} == {"fr", "ar", "en", "uk", "fa-AF"}
    assert {audience for part in demo for audience in part.audiences} == {audience.id for audience in nantes.audiences}
    assert {part.quartier for part in demo} - {None} == {quartier.id for quartier in nantes.quartiers}


def test_collectives_say_that_their_name_is_invented(demo):
    collectives = [part for part in demo if part.kind == "collective"]
    assert len(collectives) == 6
    assert [part.organisation for part in collectives if not part.organisation.endswith("(inventé)")] == []


def test_six_photos_are_described(demo):
    assert len([part for part in demo if part.photo and part.alt]) == 6


def test_they_arrive_in_order_inside_the_collection(demo):
    received = [part.received for part in demo]
    assert received == sorted(received)
    assert received[0] == datetime.fromisoformat("2022-01-27T09:12:00+01:00")
    assert received[-1] == datetime.fromisoformat("2022-04-11T10:30:00+02:00")


@pytest.mark.parametrize(
    ("old", "new", "key", "sentence"),
    [
        (
            "invented = true",
            "invented = false",
            "invented",
            "« false » n’est pas connu ; choisissez parmi true",
        ),
        (
            'question = "q1"',
            'question = "q9"',
            "question",
            "« q9 » n’est pas connu ; choisissez parmi q1, q2, q3, other",
        ),
        ('reason = "offence"', 'reason = "rude"', "reason", None),
        ('audiences = ["concerned"]', 'audiences = ["poor"]', "audiences[1]", None),
        ('quartier = "nantes-nord"', 'quartier = "paris"', "quartier", None),
        ('language = "ar"', 'language = "it"', "language", None),
        (
            "received = 2022-01-27T09:12:00+01:00",
            "received = 2022-01-27T09:12:00",
            "received",
            "il manque le fuseau horaire ; écrivez par exemple 2022-02-03T18:20:00+01:00",
        ),
        (
            "received = 2022-01-27T09:12:00+01:00",
            "received = 2022-01-20T09:12:00+01:00",
            "received",
            "aucune phase ne recueille les avis ce jour-là ; changez la date",
        ),
        (
            'state = "hidden"',
            'state = "published"',
            "reason",
            "l’état published n’a pas de motif ; retirez-le",
        ),
        ("photo = true", "photo = 1.5", "photo", "écrivez true (oui) ou false (non), sans guillemets"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, nantes, old, new, key, sentence):
    text = DEMO.read_text(encoding="utf-8")
    path = tmp_path / "demo.toml"
    start = text.index(old, text.index("[[contributions]]"))  # not in the heading comment
    path.write_text(text[:start] + new + text[start + len(old) :], encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_demo(path, nantes)
    line, where, said = caught.value.problems[0]
    wanted = text[:start].count("\n") + 1
    if old.startswith("state"):
        wanted += 1  # the reason that is one too many stands on the next line
    assert (line, where.split(".", 1)[1]) == (wanted, key)
    assert sentence in (said, None)


def test_a_photo_without_words_is_named(tmp_path: Path, nantes):
    lines = DEMO.read_text(encoding="utf-8").split("\n")
    described = next(number for number, line in enumerate(lines) if line.startswith("alt = "))
    table = max(number for number in range(described) if lines[number] == "[[contributions]]")
    path = tmp_path / "demo.toml"
    path.write_text("\n".join(lines[:described] + lines[described + 1 :]), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_demo(path, nantes)
    assert [(line, said) for line, _, said in caught.value.problems] == [
        (table + 1, "il manque « alt » : une photo a un texte qui la décrit ; ajoutez-le")
    ]
