"""The page of devices: mediators see their own, organisers everybody's; a code is shown once; one is sent home."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import db
from app.accounts.sessions import open_session
from app.adapters.clock import real_now
from app.models import Device, DevicePairing, Role, Staff
from tests import factories
from tests.accounts.team import audited
from tests.conftest import World

PAGE, CODES = "/equipe/appareils", "/equipe/appareils/codes"


@pytest.fixture
def team(world: World) -> dict[str, Any]:
    """A mediator with a phone, another one, an organiser; a browser for each."""
    with db.writing() as session:
        people = {
            name: factories.staff(session, role, name=name)
            for name, role in (("Ana", Role.MEDIATOR), ("Bao", Role.MEDIATOR), ("Org", Role.ORGANISER))
        }
        phone, token = factories.device(session, people["Ana"], seen_at=real_now() - timedelta(hours=3), waiting=4)
        browsers = {}
        for name, person in people.items():
            browsers[name] = world.browser()
            key = open_session(session, person, second_factor=True, now=real_now())
            browsers[name].cookies.set("equipe", key)
    return {"people": people, "phone": phone, "token": token} | browsers


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.replace("\xa0", " ")))


def change(device: Device, **values: Any) -> None:
    with db.writing() as session:
        session.connection().execute(sa.update(Device).where(Device.seq == device.seq).values(**values))  # type: ignore[arg-type]


def made(browser: Any, **said: str) -> str:
    answer = browser.post(CODES, data=said)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE), answer.text
    page = browser.get(PAGE).text
    found = re.search(r'id="pairing-code"><code>([0-9A-Z]{4}-[0-9A-Z]{4})<', page)
    assert found
    assert f'href="/equipe/collecte#code={found[1]}"' in page  # behind the #: in no log
    return found[1]


def test_each_sees_what_is_theirs(team: dict[str, Any]) -> None:
    phone = team["phone"]
    for name in ("Ana", "Org"):
        said = words(team[name].get(PAGE).text)
        assert "Téléphone bleu" in said
        assert "il y a 3 heures" in said
        assert "Aucun appareil" not in said
    assert "Aucun appareil n’est relié." in words(team["Bao"].get(PAGE).text)
    for method, path, sent in (("GET", "", {}), ("POST", "", {"name": "À moi"}), ("POST", "/coupure", {})):
        for id in (phone.id, "00000000-0000-0000-0000-000000000000"):
            assert team["Bao"].request(method, f"{PAGE}/{id}{path}", data=sent).status_code == 404
    with db.reading() as session:
        assert session.get_one(Device, phone.seq).revoked_at is None


def test_how_it_stands_is_said_in_words(team: dict[str, Any]) -> None:
    phone, ana = team["phone"], team["Ana"]
    path = f"{PAGE}/{phone.id}"
    assert "Son horloge À l’heure" in words(ana.get(path).text)
    change(phone, clock_off=366 * 86400, seen_at=real_now() - timedelta(days=3))
    said = words(ana.get(path).text)
    assert "En avance de 1 an" in said
    assert "4 paroles attendent dans cet appareil depuis plus d’un jour." in said
    change(phone, clock_off=-7200, seen_at=real_now(), waiting=0)
    said = words(ana.get(path).text)
    assert "En retard de 2 heures" in said
    assert "À l’instant" in said
    assert "depuis plus d’un jour" not in said


def test_what_nobody_has_heard_of_stands_first(team: dict[str, Any]) -> None:
    with db.writing() as session:
        for name, days, waiting in (("Neuf", 0, 9), ("Perdu de vue", 3, 1), ("Vide", 9, 0)):
            seen = real_now() - timedelta(days=days)
            factories.device(session, team["people"]["Bao"], name=name, seen_at=seen, waiting=waiting)
    said = words(team["Org"].get(PAGE).text)
    names = ("Perdu de vue", "Neuf", "Téléphone bleu", "Vide")
    assert sorted(names, key=said.index) == list(names)


def test_a_code_is_shown_once_and_pairs(world: World, team: dict[str, Any]) -> None:
    ana = team["Ana"]
    code = made(ana)
    assert "pairing-code" not in ana.get(PAGE).text
    told = world.browser().post("/api/v1/collect/devices", json={"code": code, "name": "Tablette"}).json()
    assert told["mediator"]["name"] == "Ana"
    assert "Tablette" in ana.get(PAGE).text
    with db.reading() as session:
        assert code not in str(session.connection().execute(sa.select(DevicePairing.__table__)).all())  # type: ignore[attr-defined]


def test_an_organiser_says_for_whom(world: World, team: dict[str, Any]) -> None:
    bao, org = team["people"]["Bao"], team["Org"]
    refused = org.post(CODES, data={})
    assert refused.status_code == 422
    assert "Choisissez pour qui." in refused.text
    assert org.post(CODES, data={"mediator": str(team["people"]["Org"].id)}).status_code == 422
    code = made(org, mediator=str(bao.id))
    assert "Bao" in world.browser().post("/api/v1/collect/devices", json={"code": code, "name": "T"}).text
    # A mediator names nobody but themselves.
    code = made(team["Ana"], mediator=str(bao.id))
    assert "Ana" in world.browser().post("/api/v1/collect/devices", json={"code": code, "name": "T"}).text


def test_a_lost_phone_is_cut_off_and_its_name_changes_while_it_works(world: World, team: dict[str, Any]) -> None:
    phone, org = team["phone"], team["Org"]
    path = f"{PAGE}/{phone.id}"
    assert org.post(path, data={"name": " "}).status_code == 422
    assert org.post(path, data={"name": "Téléphone rouge"}).status_code == 303
    page = org.get(path).text
    assert "Téléphone rouge" in page
    assert "Il ne peut plus rien envoyer." in page
    assert [org.post(f"{path}/coupure").status_code for _ in range(2)] == [303, 303]
    answer = world.as_staff(team["token"]).put("/api/v1/collect/device", json={})
    assert (answer.status_code, answer.json()["code"]) == (401, "device_revoked")
    said = words(team["Ana"].get(path).text)
    assert "par Org." in said
    assert "À son dernier contact, 4 paroles attendaient dedans." in said
    assert "Délier cet appareil" not in said
    assert "Appareils déliés" in team["Ana"].get(PAGE).text
    with db.reading() as session:
        assert [each for each in audited(session) if each.startswith("device_")] == ["device_renamed", "device_revoked"]


def test_who_takes_the_role_away_knows_what_it_does(team: dict[str, Any], world: World) -> None:
    with db.writing() as session:
        boss = factories.staff(session, Role.ADMINISTRATOR)
        key = open_session(session, boss, second_factor=True, now=real_now())
    browser = world.browser()
    browser.cookies.set("equipe", key)
    assert "Elle recueille avec 1 appareil." in words(browser.get(f"/equipe/personnes/{team['people']['Ana'].id}").text)
    assert "Elle recueille avec" not in browser.get(f"/equipe/personnes/{team['people']['Bao'].id}").text


def test_an_outing_lists_the_devices_of_those_who_go(team: dict[str, Any]) -> None:
    people = team["people"]
    with db.writing() as session:
        going = factories.outing(session, people["Ana"], people["Bao"])
        mine, _ = factories.device(session, people["Bao"], name="Tablette de Bao", waiting=2)
        factories.device(session, people["Bao"], name="Perdu", revoked_at=real_now())
    page = team["Bao"].get(f"/equipe/sorties/{going.id}").text
    assert "Tablette de Bao" in page
    assert "Téléphone bleu" in page
    assert "Perdu" not in page
    links = re.findall(r"/equipe/appareils/([0-9a-f-]{36})", page)
    assert links == [str(mine.id)]  # another mediator's is named, no more
    assert len(re.findall(r"/equipe/appareils/[0-9a-f-]{36}", team["Org"].get(f"/equipe/sorties/{going.id}").text)) == 2


def test_somebody_without_the_role_is_not_there(team: dict[str, Any]) -> None:
    with db.writing() as session:
        person = session.get_one(Staff, team["people"]["Ana"].seq)
        person.roles = [Role.INTERPRETER]
        session.add(person)
    assert team["Ana"].get(PAGE).status_code == 404
