"""The demonstration of the Assises fits the consultation; a mistake in it is named."""

from pathlib import Path

import pytest

from app.consultation.content import ContentError
from app.consultation.demo_assises import DEMO, load_assises
from app.events.words import offers


@pytest.fixture(scope="module")
def content(nantes):
    return load_assises(DEMO, nantes)


def test_two_days_forty_sessions_three_rooms_and_axes_eight_stops(content, nantes):
    counted = len(content.days), len(content.sessions), len(content.rooms), len(content.tracks), len(content.stops)
    assert counted == (2, 40, 3, 3, 8)
    assert {track.axis for track in content.tracks} == {axis.id for axis in nantes.axes}
    fact = next(meeting for meeting in nantes.meetings if meeting.id == "assises")
    assert {day.starts_at.date() for day in content.days} == {fact.starts, fact.last_day}
    assert content.place_name == fact.place.in_("fr")
    offered = {offer for part in (*content.rooms, *content.sessions, *content.stops) for offer in part.offers}
    assert offered <= set(offers())
    assert [bool(stop.photo) for stop in content.stops].count(True) == 1
    full = [session.slug for session in content.sessions if session.waiting]
    assert full == ["monter-un-repas-de-rue", "fabriquer-un-banc"]


@pytest.mark.parametrize(
    ("old", "new", "key", "sentence"),
    [
        ('axis = "dignity"', 'axis = "joy"', "axis", "choisissez parmi"),
        ('track = "agir-mieux"', 'track = "agir"', "track", "aucun thème"),
        ('room = "halle"', 'room = "cave"', "room", "aucune salle"),
        ('speakers = ["etienne", "nadia"]', 'speakers = ["x"]', "speakers[1]", "personne ne s’appelle"),
        ("taken = 11", "taken = 17", "taken", "16 au plus"),
        ("taken = 24", "taken = 23", "waiting", "tant qu’il reste des places"),
        ('session = "se-loger-d-abord"', 'session = "se-loger"', "session", "aucune séance"),
        ('release = "Programme du 9 avril"', 'release = "Premier programme"', "release", "aucune version"),
        ('slug = "se-loger-d-abord"', 'slug = "ouverture"', "slug", "déjà pris"),
    ],
)
def test_a_mistake_in_it_is_named(tmp_path: Path, nantes, old, new, key, sentence):
    path = tmp_path / "demo.toml"
    path.write_text(DEMO.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_assises(path, nantes)
    named = {where.rsplit(".", 1)[1]: said for _, where, said in caught.value.problems}
    assert sentence in named[key]
