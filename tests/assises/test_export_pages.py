"""The addresses of the exports, asked as a calendar or a conference app asks."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import icalendar
import sqlalchemy as sa
from lxml import etree
from sqlmodel import col, select

from app.assises.frozen import FrozenDay, FrozenProgramme, FrozenSession, Speaking, freeze
from app.db import reading, writing
from app.events import calendars
from app.models import Event, Release, SessionKind, Speaker
from app.models.publication import bump
from tests import factories
from tests.conftest import NOW, World

START = datetime(2022, 6, 10, 12, tzinfo=UTC)
ID = uuid4()


def release(name: str, **fields: Any) -> None:
    """The next one, with one session in it."""
    one = {"id": ID, "slug": "se-loger", "kind": SessionKind.TALK, "title": "Se loger", "starts_at": START,
           "minutes": 45, "changed_at": NOW} | fields  # fmt: skip
    day = FrozenDay(starts_at=START - timedelta(hours=5), ends_at=START + timedelta(hours=5))
    programme = FrozenProgramme(title="Les Assises", days=(day,), sessions=(FrozenSession.model_validate(one),))
    with writing() as db:
        db.add(Release(name=name, programme=freeze(programme), by="essai", at=NOW))
        bump(db)


def test_exports_follow_the_last_release_and_keep_its_identity(world: World) -> None:
    ics, one, xml = "/assises/schedule.ics", "/assises/seances/se-loger.ics", "/assises/schedule.xml"
    for path in (ics, one, xml):
        assert world.client.get(path).status_code == 404
    with writing() as db:
        speaker = Speaker(name="Amina", consent_at=NOW, consent_how="oral")
        db.add(speaker)
        db.flush()
        known = speaker.id
    release("Une", speakers=(Speaking(id=known),))
    first = {path: world.client.get(path) for path in (ics, one, xml)}
    assert [each.status_code for each in first.values()] == [200] * 3
    assert first[ics].headers["content-type"] == first[one].headers["content-type"] == "text/calendar; charset=utf-8"
    assert first[xml].headers["content-type"] == "application/xml"
    assert first[ics].headers["content-disposition"] == 'inline; filename="assises.ics"'
    again = world.client.get(ics, headers={"If-None-Match": first[ics].headers["etag"]})
    assert again.status_code == 304  # a calendar that asks each half day costs next to nothing
    assert "Amina" in first[xml].text
    assert world.client.get("/assises/seances/rien.ics").status_code == 404
    release("Deux", cancelled=True, sequence=1, said="Souffrante.", speakers=(Speaking(id=known),))
    with writing() as db:
        db.connection().execute(sa.update(Speaker).where(col(Speaker.id) == known).values(consent_at=None))
        bump(db)
    world.app.forget()
    second = {path: world.client.get(path) for path in (ics, one, xml)}
    before, after = (entry(each[ics].content) for each in (first, second))
    assert before["uid"] == after["uid"] == entry(second[one].content)["uid"] == f"{ID}@testserver"
    assert [(each["sequence"], each["status"]) for each in (before, after)] == [(0, "CONFIRMED"), (1, "CANCELLED")]
    event = etree.fromstring(second[xml].content).find("day/room/event")
    assert (event.get("guid"), event.findtext("title")) == (str(ID), "Annulé : Se loger")
    assert event.findtext("url") == "http://testserver/assises/seances/se-loger"
    assert "Amina" not in second[xml].text  # taken back, it counts at once
    english = entry(world.client.get("/en" + ics).content)
    assert str(english["url"]) == "http://testserver/en/assises/seances/se-loger"


def entry(text: bytes) -> Any:
    [found] = entries(text)
    return found


def entries(text: bytes) -> Any:
    return icalendar.Calendar.from_ical(text).walk("VEVENT")


def test_a_session_one_signs_up_for_is_one_entry_whoever_hands_it_out(world: World) -> None:
    """Who subscribes and also signed up has it once in the calendar, and moved by either."""
    with writing() as db:
        moved, gone = factories.programme(db, sessions=2, seats=20)
        factories.released(db)
        moved.starts_at, moved.room_seq = START + timedelta(hours=1), gone.room_seq
        gone.cancelled, gone.said = True, "Souffrante."
        db.flush()
        factories.released(db)
    subscribed = {str(each["uid"]): each for each in entries(world.client.get("/assises/schedule.ics").content)}
    assert len(subscribed) == 2
    with reading() as db:
        for event in db.exec(select(Event)).all():
            [mailed] = entries(calendars.entry(event, base_url="http://testserver", now=NOW, url="http://testserver/"))
            public = subscribed.pop(str(mailed["uid"]))
            for name in ("sequence", "status", "dtstart", "dtend", "summary", "location"):
                assert public[name].to_ical() == mailed[name].to_ical(), name
            assert public["sequence"] == 1
