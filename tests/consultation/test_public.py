"""What `GET /api/v1/consultation` answers."""

import json
from datetime import datetime

from app.consultation.public import public

NOW = datetime.fromisoformat("2022-03-15T10:00:00+01:00")


def test_it_holds_what_a_client_needs(nantes):
    answer = public(nantes, now=NOW, language="fr")
    assert {"title", "phases", "questions", "audiences", "quartiers", "reasons", "limits"} <= set(answer)
    assert answer["title"] == "Nouvelles solidarités"
    assert answer["collecting"] is True
    assert (answer["phase"], answer["next_phase"]) == ("collection", "assises")
    assert [question["id"] for question in answer["questions"]] == ["q1", "q2", "q3", "other"]
    assert (len(answer["audiences"]), len(answer["quartiers"]), len(answer["reasons"])) == (7, 12, 9)
    assert answer["limits"]["body_individual"] == 5000
    assert answer["limits"]["body_collective"] == 10000
    assert (answer["limits"]["media"], answer["limits"]["photo_mb"]) == (5, 20)


def test_it_says_which_phase_is_current_with_instants(nantes):
    phases = public(nantes, now=NOW, language="en")["phases"]
    assert [phase["id"] for phase in phases if phase["current"]] == ["collection"]
    assert phases[2] == {
        "id": "collection",
        "kind": "collection",
        "name": "Everyone has a say",
        "when": "January to May 2022",
        "starts": "2022-01-27",
        "ends": "2022-05-31",
        "starts_at": "2022-01-27T00:00:00+01:00",
        "ends_at": "2022-06-01T00:00:00+02:00",
        "indicative": False,
        "current": True,
        "collects": True,
        "sentence": "Everyone can have their say: online, in the street, by phone, on paper, alone or together.",
        "next": "On 10 and 11 June 2022, the Assises: two days to talk about it together.",
    }


def test_between_phases_none_is_current(nantes):
    answer = public(nantes, now=datetime.fromisoformat("2022-06-03T10:00:00+02:00"), language="fr")
    assert (answer["phase"], answer["next_phase"], answer["collecting"]) == (None, "assises", False)
    assert [phase["id"] for phase in answer["phases"] if phase["current"]] == []


def test_it_speaks_the_language_asked_for_and_french_otherwise(nantes):
    answer = public(nantes, now=NOW, language="uk")
    assert answer["questions"][1]["plain"] == "Хто може допомогти і як?"
    assert answer["phases"][0]["name"] == "L’enquête"


def test_the_private_quartier_may_be_sent_and_is_marked(nantes):
    quartiers = public(nantes, now=NOW, language="fr")["quartiers"]
    assert [quartier["id"] for quartier in quartiers if quartier["private"]] == ["no-home"]


def test_it_is_plain_json(nantes):
    answer = public(nantes, now=NOW, language="ar")
    assert json.loads(json.dumps(answer)) == answer
