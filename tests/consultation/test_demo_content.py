"""The demonstration content is invented or a fact, whole, and fits the consultation."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from app.consultation.content import ContentError
from app.consultation.demo_content import DEMO, load_demo
from app.events.words import offers


@pytest.fixture(scope="module")
def demo(nantes):
    return load_demo(DEMO, nantes).contributions


@pytest.fixture(scope="module")
def events(nantes):
    return load_demo(DEMO, nantes).events


def test_every_contribution_is_marked_as_invented(demo):
    assert len(demo) == 68
    assert {contribution.invented for contribution in demo} == {True}


def test_every_state_can_be_seen(demo):
    assert Counter(contribution.state for contribution in demo) == {
        "published": 48,
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


def test_the_facts_of_the_season_are_meetings_and_the_rest_says_it_is_invented(events, nantes):
    facts = {event.starts_at.date(): event for event in events if not event.invented}
    meetings = [meeting for meeting in nantes.meetings if meeting.id != "assises"]  # a programme: test_demo_assises.py
    assert sorted(facts) == [meeting.starts for meeting in meetings]
    for meeting in meetings:
        event = facts[meeting.starts]
        assert (event.kind, event.access) == (meeting.kind, meeting.access)
        assert event.ends_at.date() == meeting.last_day
        if meeting.place:
            assert event.place_name == meeting.place.in_("fr")
        assert "inventé" in event.body  # hours and seats are made up even there
    assert [event.slug for event in events if event.slug.startswith("atelier-engagement-")] == [
        f"atelier-engagement-{number}" for number in (1, 2, 3, 4)
    ]


def test_some_meetings_have_places_left_at_the_simulated_date_and_one_is_full(events):
    now = datetime.fromisoformat("2022-04-12T10:00:00+02:00")
    coming = [event for event in events if event.starts_at > now and event.capacity and event.access == "open"]
    left = {event.slug: event.capacity - event.seats for event in coming if event.state == "published"}
    assert {slug: left[slug] for slug in ("veilleurs-14-avril", "prevenir-l-isolement-des-seniors")} == {
        "veilleurs-14-avril": 17,
        "prevenir-l-isolement-des-seniors": 34,
    }
    assert 0 in left.values()
    assert {event.state for event in events} == {"draft", "published", "cancelled", "postponed"}


def test_what_meetings_offer_is_on_the_closed_list(events):
    assert {offer for event in events for offer in event.offers} <= set(offers())


@pytest.mark.parametrize(
    ("old", "new", "key", "sentence"),
    [
        ("ends_at = 2022-01-26T21:00", "ends_at = 2022-01-26T18:00", "ends_at", "finit avant de commencer"),
        ("seats = 132", "seats = 151", "seats", "150 au plus"),
        ('slug = "veilleurs-14-avril"', 'slug = "lancement-du-dialogue"', "slug", "déjà pris"),
        ("seats = 20\nwaiting = 4", "seats = 19\nwaiting = 4", "waiting", "tant qu’il reste des places"),
        ('event = "atelier-engagement-1"', 'event = "atelier-engagement-9"', "event", "aucun rendez-vous"),
        ('event = "atelier-engagement-1"', 'event = "veilleurs-13-mai"', "event", "n’avait pas commencé"),
        ('outing = "MAR"', 'outing = "NON"', "outing", "aucune sortie"),
        ('outing = "MAR"', 'outing = "ROS"', "outing", "à ces heures"),
        ('prefix = "ROS"', 'prefix = "TAL"', "prefix", "déjà pris"),
        ("planned = 2022-04-05", "planned = 2022-05-05", "planned", "après son début"),
        ("ends_at = 2022-04-23", "ends_at = 2022-04-22", "ends_at", "finit avant de commencer"),
        ("told_at = 2022-02-09", "told_at = 2022-02-01", "told_at", "après sa fin"),
        ('quartier = "nantes-sud"\nquestion', 'quartier = "paris"\nquestion', "quartier", "n’est pas connu"),
    ],
)
def test_a_mistake_in_a_meeting_is_named(tmp_path: Path, nantes, old, new, key, sentence):
    path = tmp_path / "demo.toml"
    path.write_text(DEMO.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_demo(path, nantes)
    _, where, said = caught.value.problems[0]
    assert where.rsplit(".", 1)[1] == key
    assert sentence in said


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
