"""Calendar entries, read back by a parser: hours on both sides of a change of clocks, what a change says, folding."""

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest

from app.events import calendars
from app.models import Event, EventKind, EventState

BASE = "https://dialogue.example"
HERE = f"{BASE}/rendez-vous/atelier"
NOW = datetime(2022, 3, 1, 8, tzinfo=UTC)


def made(**fields: Any) -> Event:
    start = fields.pop("starts_at", datetime(2022, 3, 26, 17, tzinfo=UTC))
    return Event(
        **{"slug": "atelier", "kind": EventKind.WORKSHOP, "state": EventState.PUBLISHED, "title": "Manger ensemble",
           "starts_at": start, "ends_at": start + timedelta(hours=2), "created_at": NOW, "changed_at": NOW} | fields
    )  # fmt: skip


def read(event: Event) -> Any:
    [entry] = icalendar.Calendar.from_ical(calendars.entry(event, base_url=BASE, now=NOW, url=HERE)).walk("VEVENT")
    return entry


def test_an_hour_that_comes_twice_is_said_in_universal_time() -> None:
    assert read(made(starts_at=datetime(2022, 10, 30, 1, 30, tzinfo=UTC)))["dtstart"].to_ical() == b"20221030T013000Z"


@pytest.mark.parametrize(
    ("utc", "paris", "offset"),
    [
        (datetime(2022, 3, 26, 17, tzinfo=UTC), "20220326T180000", 1),
        (datetime(2022, 3, 27, 0, 59, tzinfo=UTC), "20220327T015900", 1),
        (datetime(2022, 3, 27, 1, tzinfo=UTC), "20220327T030000", 2),
        (datetime(2022, 3, 27, 1, 30, tzinfo=UTC), "20220327T033000", 2),
        (datetime(2022, 10, 30, 0, 59, tzinfo=UTC), "20221030T025900", 2),
        (datetime(2022, 10, 30, 2, tzinfo=UTC), "20221030T030000", 1),
        (datetime(2022, 11, 25, 13, tzinfo=UTC), "20221125T140000", 1),
    ],
)
def test_hours_are_right_on_both_sides_of_a_change_of_clocks(utc: datetime, paris: str, offset: int) -> None:
    text = calendars.entry(made(starts_at=utc), base_url=BASE, now=NOW, url=HERE)
    assert f"DTSTART;TZID=Europe/Paris:{paris}\r\n".encode() in text
    calendar = icalendar.Calendar.from_ical(text)
    start: Any = calendar.walk("VEVENT")[0]["dtstart"]
    assert start.dt.astimezone(UTC) == utc
    # The component itself says the same, for a program that knows no Europe/Paris.
    zone: Any = calendar.walk("VTIMEZONE")[0]
    naive = datetime.strptime(paris, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - local on purpose
    alone = zone.to_tz(lookup_tzid=False)
    assert alone.utcoffset(naive) == timedelta(hours=offset)
    assert utc.astimezone(alone).replace(tzinfo=None) == naive


def test_an_entry_says_what_where_and_which_change() -> None:
    event = made(place_name="Maison\nde quartier", place_address="1 rue du Port, Nantes", latitude=47.2, longitude=-1.5)
    entry = read(event)
    assert entry["uid"] == f"{event.id}@dialogue.example"
    assert (entry["sequence"], entry["status"], str(entry["url"])) == (0, "CONFIRMED", HERE)
    assert str(entry["location"]) == "Maison de quartier, 1 rue du Port, Nantes"
    assert entry["geo"].to_ical() == "47.2;-1.5"
    again = read(made(id=event.id, state=EventState.CANCELLED, sequence=3, said="La salle est fermée."))
    assert again["uid"] == entry["uid"]
    assert (again["sequence"], again["status"], str(again["summary"])) == (3, "CANCELLED", "Annulé : Manger ensemble")
    assert "La salle est fermée." in again["description"]
    assert read(made(state=EventState.POSTPONED))["status"] == "TENTATIVE"


def test_what_is_typed_stays_text_and_lines_stay_short() -> None:
    title = "Entraide, écoute; et \\ partage\r\nBEGIN:VALARM " + "é" * 200
    text = calendars.entry(made(title=title), base_url=BASE, now=NOW, url=HERE)
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    assert b"METHOD" not in text
    assert b"\r\nBEGIN:VALARM" not in text
    entry: Any = icalendar.Calendar.from_ical(text).walk("VEVENT")[0]
    assert str(entry["summary"]).replace("\n", "\r\n") == title


def test_all_of_them_are_one_calendar_to_subscribe_to() -> None:
    text = calendars.whole([], base_url=BASE, now=NOW, url=str)
    calendar: Any = icalendar.Calendar.from_ical(text)
    assert calendar["x-wr-calname"].startswith("Les rendez-vous")
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT12H\r\n" in text
    assert not calendar.walk("VEVENT")
