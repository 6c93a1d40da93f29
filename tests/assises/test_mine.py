"""My programme: kept on a device by a cookie, said what is at once and what has changed, followed by a calendar."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.assises import draft, mine
from app.assises.differences import between
from app.assises.frozen import freeze
from app.db import reading, writing
from app.models import Agenda, AuditEntry, ProgrammeSession, Release, Room
from tests import factories
from tests.conftest import NOW, World

PAGE = "/assises/mon-programme"
LINK = PAGE + "/agenda"


def released(db: Session, name: str) -> Release:
    """The draft as it stands, for everybody."""
    old = draft.last(db)
    programme = draft.frozen(db, now=NOW)
    changes = [each.as_json() for each in between(old, programme)]
    made = Release(name=name, programme=freeze(programme), changes=changes, by="essai", at=NOW)
    db.add(made)
    db.flush()
    return made


@pytest.fixture
def ids(world: World) -> list[UUID]:
    """Four sessions: the first two and the last two at the same hour."""
    with writing() as db:
        made = factories.programme(db, sessions=4, rooms=2)
        made[0].title = "Se loger d’abord"
        released(db, "Première")
        return [each.id for each in made]


def keep(client: TestClient, id: Any, act: str = "yes") -> Any:
    return client.post(PAGE, data={"session": str(id), "keep": act})


def text(client: TestClient, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.text)


def test_kept_and_let_go_without_a_script(world: World, ids: list[UUID]) -> None:
    client = world.client
    assert "encore rien gardé" in text(client)
    answer = keep(client, ids[0])
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE + "?notice=yes")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"programme={mine.short(ids[0])}-")
    assert "path=/" in cookie
    assert "samesite=lax" in cookie
    assert "httponly" not in cookie
    shown = client.get(PAGE)
    assert shown.headers["cache-control"] == "private, no-store"
    assert "Se loger d’abord" in shown.text
    assert "Séance 3" not in shown.text
    assert "La prochaine" in shown.text
    assert "encore rien gardé" in text(world.browser())
    keep(client, ids[0], "no")
    assert "encore rien gardé" in text(client)
    # The programme itself is one page for everybody, whatever somebody keeps.
    keep(client, ids[1])
    assert text(client, "/assises") == text(world.browser(), "/assises")


def test_two_at_once_are_said_and_two_after_one_another_are_not(world: World, ids: list[UUID]) -> None:
    client = world.client
    keep(client, ids[0])
    keep(client, ids[2])
    assert "sont en même temps" not in text(client)
    keep(client, ids[1])
    assert "« Se loger d’abord » et « Séance 2 » sont en même temps, de 09:00 à 09:45." in text(client)
    client.headers["Accept"] = "application/json"
    said = client.post(
        PAGE, data={"all": client.cookies[mine.COOKIE] + "." + mine.short(ids[3]), "session": str(ids[3])}
    ).json()
    assert said["clashes"] == ["« Séance 3 » et « Séance 4 » sont en même temps, de 09:45 à 10:30."]
    assert (said["label"], said["kept"].count(".")) == ("Mon programme (4)", 3)
    world.clock.at = NOW.replace(year=2023)
    del client.headers["Accept"]
    over = text(client)
    assert "Déjà passé" in over
    assert "sont en même temps" not in over
    assert "La prochaine" not in over


def test_what_changed_since_it_was_kept_is_said_until_it_was_seen(world: World, ids: list[UUID]) -> None:
    client = world.client
    for id in ids[:3]:
        keep(client, id)
    with writing() as db:
        one, other, _third = _of(db, ids[0]), _of(db, ids[1]), _of(db, ids[2])
        one.starts_at = NOW.replace(month=6, day=10, hour=12)
        one.room_seq = db.exec(select(Room.seq).where(Room.name == "Salle 2")).one()
        other.cancelled = True
        _third.summary = "Mieux dit."
        released(db, "Deuxième")
    world.app.forget()
    changed = text(client)
    assert "Se loger d’abord : 10 juin 2022 à 14:00 au lieu de 09:00, Salle 2 au lieu de Salle 1" in changed
    assert "Annulé : Séance 2" in changed
    assert "Séance 3 :" not in changed
    with writing() as db:  # there and back again is no change
        _of(db, ids[0]).starts_at = NOW.replace(month=6, day=10, hour=7)
        _of(db, ids[0]).room_seq = db.exec(select(Room.seq).where(Room.name == "Salle 1")).one()
        released(db, "Troisième")
    again = text(client)
    assert "Se loger d’abord : " not in again
    assert "Annulé : Séance 2" in again
    client.post(PAGE, data={"keep": "seen"})
    assert "Changé depuis" not in text(client)
    # Kept by a script, which knows no release, and kept after the change: nothing to say.
    client.cookies.set(mine.COOKIE, mine.short(ids[1]))
    assert "Changé depuis" not in text(client)


def _of(db: Session, id: UUID) -> ProgrammeSession:
    return db.exec(select(ProgrammeSession).where(ProgrammeSession.id == id)).one()


def test_refusals_say_why_and_lose_nothing(world: World, ids: list[UUID]) -> None:
    client = world.client
    keep(client, ids[0])
    before = client.cookies[mine.COOKIE]
    assert keep(client, UUID(int=1)).status_code == 404
    for data in ({"session": "rien"}, {}, {"session": str(ids[1]), "keep": "peut-être"}):
        answer = client.post(PAGE, data=data)
        assert answer.status_code == 422
        assert "Se loger d’abord" in answer.text
        assert 'role="alert"' in answer.text
    assert client.cookies[mine.COOKIE] == before
    full = mine.text({f"{n:012x}": 1 for n in range(mine.MOST)})
    assert len(full) < 4000
    assert mine.keep({}, ids[0], release=2) == {mine.short(ids[0]): 2}
    with pytest.raises(mine.Conflict):
        mine.keep(mine.kept(full), ids[0], release=1)
    for naughty in ("é;<script>", "." * 5000, "-1.-2", "0" * 12 + "-" + "9" * 40, "00000000000g"):
        assert mine.kept(naughty) == {}
        sent = {"Cookie": f"{mine.COOKIE}={naughty}".encode()}
        assert "encore rien gardé" in world.browser().get(PAGE, headers=sent).text
    assert client.post(LINK, data={"act": "rien"}).status_code == 422
    elsewhere = client.post(PAGE, data={"session": str(ids[0])}, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403


def test_the_calendar_follows_the_device_until_it_is_deleted(world: World, ids: list[UUID]) -> None:
    client = world.client
    keep(client, ids[0])
    assert client.post(LINK, data={"act": "make"}).headers["location"] == PAGE + "?notice=linked"
    token = client.cookies["programme_agenda"]
    assert f"webcal://testserver{PAGE}/{token}.ics" in text(client)
    client.post(LINK, data={"act": "make"})
    assert client.cookies["programme_agenda"] == token
    stranger = world.browser()
    address = f"{PAGE}/{token}.ics"

    def entries() -> dict[str, Any]:
        answer = stranger.get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
        return {str(each["uid"]): each for each in Calendar.from_ical(answer.content).walk("VEVENT")}

    assert list(entries()) == [f"{ids[0]}@testserver"]
    keep(client, ids[3])
    keep(client, ids[0], "no")
    assert list(entries()) == [f"{ids[3]}@testserver"]
    with writing() as db:
        _of(db, ids[3]).cancelled = True
        released(db, "Deuxième")
        assert token not in str(db.exec(select(Agenda)).one())
    gone = entries()[f"{ids[3]}@testserver"]
    assert (gone["status"], gone["sequence"]) == ("CANCELLED", 1)
    assert stranger.get(f"/ar{address}").status_code == 200
    assert stranger.get(f"{PAGE}/{token[:-1]}.ics").status_code == 404
    client.post(LINK, data={"act": "delete"})
    assert stranger.get(address).status_code == 404
    assert "webcal:" not in text(client)
    assert keep(client, ids[1]).status_code == 303


def test_links_are_forgotten_three_months_after_the_last_day(world: World, ids: list[UUID]) -> None:
    world.client.post(LINK, data={"act": "make"})
    over = NOW.replace(month=6, day=11, hour=17)
    for days, left in ((88, 1), (90, 0)):
        world.clock.at = over + timedelta(days=days)
        world.sweep()
        with reading() as db:
            assert len(db.exec(select(Agenda)).all()) == left
    with reading() as db:
        noted = db.exec(select(AuditEntry.action).where(col(AuditEntry.kind) == "programme")).all()
    assert noted == ["agendas_erased"]
    assert "webcal:" not in text(world.client)


def test_the_worker_is_another_one_for_each_release(world: World, ids: list[UUID]) -> None:
    first = world.client.get("/en/assises/hors-ligne.js")
    assert first.headers["service-worker-allowed"] == "/en/assises"
    assert first.headers["content-type"].startswith("text/javascript")
    assert '"mine": "/en/assises/mon-programme"' in first.text
    with writing() as db:
        db.add(Release(name="Autre", programme=freeze(draft.frozen(db, now=NOW)), by="essai", at=NOW))
    world.app.forget()
    assert world.client.get("/en/assises/hors-ligne.js").text != first.text
