"""What other programs read, read back: calendars by a parser, the XML by the rules conference apps have."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import icalendar
import pytest
from lxml import etree

from app import i18n
from app.assises import calendars, schedule_xml
from app.assises.frozen import (
    FrozenDay,
    FrozenProgramme,
    FrozenRoom,
    FrozenSession,
    FrozenTrack,
    Speaking,
    freeze,
    thaw,
)
from app.assises.queries import Released
from app.models import Part, SessionKind

BASE = "https://dialogue.example"
AT = datetime(2022, 5, 20, 8, tzinfo=UTC)
START = datetime(2022, 6, 10, 7, tzinfo=UTC)  # nine o'clock in the city
HALL, OTHER, TRACK = uuid4(), uuid4(), uuid4()
NAUGHTY = "a\x00\x08\x0b\ufffe]]> <script>&amp;</script> \u202e ﷽ 👩‍👩‍👧 \ud7ff"
SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("schedule.xsd")))


def session(**fields: Any) -> FrozenSession:
    whole = {"id": uuid4(), "kind": SessionKind.TALK, "title": "Se loger", "starts_at": START, "minutes": 45,
             "changed_at": AT, "room": HALL, "track": TRACK} | fields  # fmt: skip
    return FrozenSession.model_validate({"slug": f"seance-{whole['id']}"} | whole)


def released(*sessions: FrozenSession, **fields: Any) -> Released:
    days = (FrozenDay(starts_at=START, ends_at=START + timedelta(hours=10)),)
    rooms = (FrozenRoom(id=HALL, name="Grande halle", access_notes="De plain-pied."), FrozenRoom(id=OTHER, name="Bar"))
    tracks = (FrozenTrack(id=TRACK, slug="vivre", name="Vivre"),)
    more = {"title": "Les Assises", "place_name": "Solilab", "place_address": "8 rue Saint-Domingue"} | fields
    made = FrozenProgramme.model_validate(
        {"days": days, "rooms": rooms, "tracks": tracks, "sessions": tuple(sessions)} | more
    )
    return Released(1, uuid4(), "Première version", AT, thaw(freeze(made)))


def page(one: FrozenSession) -> str:
    return f"{BASE}/assises/seances/{one.slug}"


def entry(one: FrozenSession, **fields: Any) -> Any:
    text = calendars.one(released(one, **fields), one, base_url=BASE, page=page)
    [found] = icalendar.Calendar.from_ical(text).walk("VEVENT")
    return found


def xml(of: Released, names: Any = None) -> Any:
    """Read as a program would, and held against the rules."""
    text = schedule_xml.schedule(of, names or {}, page=page, home=f"{BASE}/assises")
    tree = etree.fromstring(text)
    SCHEMA.assertValid(tree)
    return tree


def test_an_entry_has_its_room_its_page_and_the_release_s_numbers() -> None:
    one = session(sequence=2, summary="Ce que nous pouvons faire.")
    found = entry(one, latitude=47.2, longitude=-1.5, way="Tram 1.", access_notes="Ascenseur.")
    assert (found["uid"], found["sequence"], found["status"]) == (f"{one.id}@dialogue.example", 2, "CONFIRMED")
    assert str(found["location"]) == "Grande halle, Solilab, 8 rue Saint-Domingue"
    assert (str(found["url"]), found["last-modified"].dt, found["dtstamp"].dt) == (page(one), AT, AT)
    assert found["dtend"].dt - found["dtstart"].dt == timedelta(minutes=45)
    for said in ("Ce que nous", "Tram 1.", "De plain-pied.", "Ascenseur.", page(one)):
        assert said in found["description"]
    gone = entry(session(id=one.id, cancelled=True, said="Souffrante.", sequence=3, room=None))
    assert (gone["uid"], gone["sequence"], gone["status"]) == (found["uid"], 3, "CANCELLED")
    assert str(gone["summary"]) == "Annulé : Se loger"
    assert "Souffrante." in gone["description"]
    assert str(gone["location"]) == "Solilab, 8 rue Saint-Domingue"


@pytest.mark.parametrize(
    ("utc", "paris"),
    [
        (datetime(2022, 3, 27, 0, 30, tzinfo=UTC), "20220327T013000"),  # the last half hour of winter
        (datetime(2022, 3, 27, 1, 30, tzinfo=UTC), "20220327T033000"),  # 2:30 is on no clock
        (datetime(2022, 10, 30, 0, 30, tzinfo=UTC), "20221030T023000"),  # the first 2:30
        (datetime(2022, 10, 30, 2, 30, tzinfo=UTC), "20221030T033000"),
    ],
)
def test_a_program_that_knows_no_paris_reads_the_same_hour(utc: datetime, paris: str) -> None:
    """The written zone alone, by rules worked out here: no zone data of Python or of the parser."""
    of = released(session(starts_at=utc))
    text = calendars.several(of, of.programme.sessions, base_url=BASE, page=page, name="Les Assises").decode()
    assert f"DTSTART;TZID=Europe/Paris:{paris}\r\n" in text
    assert offset(text, datetime.strptime(paris, "%Y%m%dT%H%M%S")) == datetime.strptime(  # noqa: DTZ007
        paris, "%Y%m%dT%H%M%S"
    ) - utc.replace(tzinfo=None)
    late = released(session(starts_at=datetime(2022, 10, 30, 1, 30, tzinfo=UTC)))  # the second 2:30
    text = calendars.several(late, late.programme.sessions, base_url=BASE, page=page, name="").decode()
    assert "DTSTART:20221030T013000Z\r\n" in text


def offset(text: str, local: datetime) -> timedelta:
    """What RFC 5545 says of a local time: the rule whose last onset before it is the latest, onsets being counted by
    the clock before the change (TZOFFSETFROM)."""
    found = []
    for part in ("DAYLIGHT", "STANDARD"):
        lines = dict(
            line.split(":", 1)
            for line in text.split(f"BEGIN:{part}\r\n")[1].split(f"END:{part}")[0].split("\r\n")
            if line
        )
        rule = dict(each.split("=") for each in lines["RRULE"].split(";"))
        assert (rule["FREQ"], rule["BYDAY"]) == ("YEARLY", "-1SU")
        hour = datetime.strptime(lines["DTSTART"], "%Y%m%dT%H%M%S").time()  # noqa: DTZ007
        for year in (local.year - 1, local.year):
            last = datetime(year, int(rule["BYMONTH"]), 31)  # noqa: DTZ001 - both months have 31 days
            onset = datetime.combine(last - timedelta(days=(last.weekday() + 1) % 7), hour)
            found.append((onset, lines["TZOFFSETTO"]))
    _, told = max(each for each in found if each[0] <= local)
    return timedelta(hours=int(told[:3]))


def test_all_sessions_are_one_calendar_the_same_until_the_next_release() -> None:
    of = released(session(), session(cancelled=True, starts_at=START + timedelta(hours=1)))
    texts = [calendars.everything(of, base_url=BASE, page=page, name="Les Assises") for _ in range(2)]
    assert texts[0] is texts[1]  # 300 sessions are not written again for each subscriber
    again = calendars.several(of, of.programme.sessions, base_url=BASE, page=page, name="Les Assises")
    assert texts[0] == again
    calendar: Any = icalendar.Calendar.from_ical(texts[0])
    assert str(calendar["x-wr-calname"]).startswith("Les Assises · ")
    assert [str(one["status"]) for one in calendar.walk("VEVENT")] == ["CONFIRMED", "CANCELLED"]
    assert len(calendar.walk("VTIMEZONE")) == 1
    with i18n.speaking("en"):
        assert calendars.everything(of, base_url=BASE, page=page, name="The Assises") != texts[0]
    other = replace(of, id=uuid4())
    calendars.everything(other, base_url=BASE, page=page, name="Les Assises")
    assert {key[0] for key in calendars._whole} == {other.id}


def test_the_xml_says_day_room_and_hour_as_the_apps_ask() -> None:
    people = [Speaking(id=uuid4()), Speaking(id=uuid4(), part=Part.FACILITATOR), Speaking(id=uuid4())]
    names = {people[0].id: SimpleNamespace(name="Amina"), people[1].id: SimpleNamespace(name="Loïc")}
    one = session(speakers=people, summary="En bref.", body="En long.", minutes=95, language="ar")
    lost = session(room=None, track=None, starts_at=START + timedelta(days=1))
    tree = xml(released(one, lost, session(cancelled=True, said="Souffrante.")), names)
    assert tree.findtext("version") == "Première version"
    assert [tree.findtext(f"conference/{each}") for each in ("title", "start", "end", "days", "time_zone_name")] == [
        "Les Assises", "2022-06-10", "2022-06-11", "2", "Europe/Paris",
    ]  # fmt: skip
    # The second day is on none of the programme's: nothing is left out. Rooms are there though nothing is in them.
    rooms = [[room.get("name") for room in day] for day in tree.iterfind("day")]
    assert rooms == [["Grande halle", "Bar"], ["Grande halle", "Bar", "Salle à préciser"]]
    event = tree.find(f"day/room/event[@guid='{one.id}']")
    assert {each.tag: each.text for each in event if each.tag != "persons"} == {
        "date": "2022-06-10T09:00:00+02:00", "start": "09:00", "duration": "01:35", "room": "Grande halle",
        "slug": one.slug, "title": "Se loger", "subtitle": None, "track": "Vivre", "type": "talk", "language": "ar",
        "abstract": "En bref.", "description": "En long.", "url": page(one),
    }  # fmt: skip
    assert [person.text for person in event.iterfind("persons/person")] == ["Amina", "Loïc"]  # the third said nothing
    gone = tree.findall("day/room/event")[1]
    assert (gone.findtext("title"), gone.findtext("abstract")) == ("Annulé : Se loger", "Souffrante.")


def test_what_is_typed_stays_text_in_the_xml() -> None:
    fields = dict.fromkeys(("title", "summary", "body", "audience"), NAUGHTY)
    tree = xml(released(session(**fields), title=NAUGHTY, rooms=(FrozenRoom(id=HALL, name=NAUGHTY),)))
    kept = "a]]> <script>&amp;</script> \u202e ﷽ 👩‍👩‍👧 \ud7ff"
    assert tree.findtext("day/room/event/title") == tree.find("day/room").get("name") == kept
    assert not tree.findall(".//script")


def test_numbers_come_out_of_ids_and_stay_when_others_come() -> None:
    first, twin = UUID(int=5 << 64 | 7), UUID(int=6 << 64 | 7)  # would have the same
    zero = UUID(int=1 << 64)
    assert schedule_xml.numbers([twin, first, zero]) == {zero: 1, first: 7, twin: 8}
    many = [uuid4() for _ in range(300)]
    before = schedule_xml.numbers(many[:200])
    after = schedule_xml.numbers(many)
    assert len(set(after.values())) == 300
    assert all(0 < number < 2**31 for number in after.values())
    assert {each: after[each] for each in before} == before


def test_the_rules_we_check_by_refuse_what_the_apps_refuse() -> None:
    """Negative control: the schema sees a doubled guid, a nameless room, a moment without a zone."""
    whole = etree.tostring(xml(released(session())))
    guid = whole.split(b"<event")[1].split(b">")[0]
    event = whole[whole.index(b"<event") : whole.index(b"</event>") + len(b"</event>")]
    for before, after in (
        (event, event + event),
        (b"2022-06-10T09:00:00+02:00</date>", b"2022-06-10T09:00:00</date>"),
        (b'<room name="Bar"', b'<room name=""'),
        (b"<slug>", b"<unknown/><slug>"),
        (guid, b""),
    ):
        assert whole.count(before) == 1
        assert SCHEMA.validate(etree.fromstring(whole))
        assert not SCHEMA.validate(etree.fromstring(whole.replace(before, after)))
