"""Days are the city's days, the last day of a phase is inside it."""

from datetime import UTC, datetime

import pytest

from app.consultation import content


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("now", "phase", "collecting"),
    [
        ("2021-10-31T23:59:59+01:00", None, False),
        ("2021-11-15T12:00:00+01:00", "survey", False),
        ("2022-01-26T23:59:59+01:00", "launch", False),
        ("2022-01-26T22:59:59+00:00", "launch", False),
        ("2022-01-26T23:00:00+00:00", "collection", True),
        ("2022-05-31T23:59:59+02:00", "collection", True),
        ("2022-05-31T21:59:59+00:00", "collection", True),
        ("2022-05-31T22:00:00+00:00", None, False),
        ("2022-06-11T23:59:59+02:00", "assises", False),
        ("2022-07-14T12:00:00+02:00", None, False),
        ("2022-12-01T12:00:00+01:00", "answer", False),
        ("2031-01-01T12:00:00+01:00", None, False),
    ],
)
def test_the_phase_is_that_of_the_day_in_nantes(nantes, now, phase, collecting):
    found = nantes.phase_at(at(now))
    assert (found.id if found else None) == phase
    assert nantes.collecting(at(now)) is collecting


def test_between_two_phases_one_knows_what_was_and_what_comes(nantes):
    now = at("2022-06-03T12:00:00+02:00")
    assert nantes.phase_at(now) is None
    assert nantes.previous_phase(now).id == "collection"
    assert nantes.next_phase(now).id == "assises"


def test_before_the_first_and_after_the_last_there_is_nothing(nantes):
    assert nantes.previous_phase(at("2021-01-01T12:00:00+01:00")) is None
    assert nantes.next_phase(at("2021-01-01T12:00:00+01:00")).id == "survey"
    assert nantes.next_phase(at("2031-01-01T12:00:00+01:00")) is None


def test_collection_stops_at_midnight_in_nantes(nantes):
    assert nantes.collects_until.isoformat() == "2022-06-01T00:00:00+02:00"


def test_a_time_without_a_zone_is_refused(nantes):
    with pytest.raises(ValueError, match="aware"):
        nantes.phase_at(datetime(2022, 3, 1))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(
    ("now", "knot"),
    [
        ("2021-01-01T12:00:00+01:00", None),
        ("2022-01-26T12:00:00+01:00", 0),
        ("2022-03-15T12:00:00+01:00", 1),
        ("2022-06-03T12:00:00+02:00", 1),
        ("2022-06-10T12:00:00+02:00", 2),
        ("2022-07-14T12:00:00+02:00", 2),
        ("2023-01-01T12:00:00+01:00", 3),
    ],
)
def test_the_thread_shows_where_we_are(nantes, now, knot):
    assert nantes.knot_at(at(now)) == knot


def test_the_next_meetings_are_those_not_yet_over(nantes):
    def ids(now: str, limit: int = 3) -> list[str]:
        return [meeting.id for meeting in nantes.meetings_from(at(now), limit=limit)]

    assert ids("2022-03-15T10:00:00+01:00") == ["veilleurs-april", "seniors", "engagement-3"]
    assert ids("2022-06-10T23:00:00+02:00") == ["open-places", "assises"]
    assert ids("2022-06-11T23:00:00+02:00", limit=1) == ["assises"]
    assert ids("2022-06-12T00:00:00+02:00") == []


def test_parts_are_found_by_their_id(nantes):
    assert nantes.question("q2") is nantes.questions[1]
    assert nantes.audience("concerned") is nantes.audiences[0]
    assert nantes.quartier("no-home") is nantes.quartiers[11]
    assert nantes.reason("protection") is nantes.reasons[8]
    assert nantes.age_band("75-plus") is nantes.age_bands[5]
    assert nantes.organisation_kind("residents") is nantes.organisation_kinds[1]
    assert nantes.contact("team") is nantes.contacts[0]
    assert nantes.language("prs") is nantes.languages[4]
    assert nantes.question("q9") is None
    assert nantes.language("it") is None


def test_another_city_replaces_the_file_and_a_broken_one_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(content, "_current", None)
    assert content.consultation().id == "nantes-2022"
    other = tmp_path / "rezia.toml"
    other.write_text(content.NANTES.read_text("utf-8").replace('"nantes-2022"', '"rezia-2023"', 1), "utf-8")
    assert content.configure(other).id == "rezia-2023"
    other.write_text("format = 2\n", "utf-8")
    with pytest.raises(content.ContentError):
        content.configure(other)
    assert content.consultation().id == "rezia-2023"


def test_now_may_be_in_any_zone(nantes):
    assert nantes.today(datetime(2022, 3, 26, 23, 30, tzinfo=UTC)).isoformat() == "2022-03-27"
