"""The team managed by its administrators."""

import re
import uuid
from datetime import timedelta

import pytest
from sqlmodel import select

from app import audit, db
from app.accounts import queries, rules
from app.accounts.rules import languages_read
from app.adapters.clock import real_now
from app.models import Role, Staff
from tests.accounts.team import PASSWORD, audited, browser, change, give_password, join, log_in, row


@pytest.fixture
def chief(world):
    person = join(world, Role.ADMINISTRATOR, email="chef@ville.example")
    return person, log_in(world, "chef@ville.example")


def added(email="nouvelle@ville.example"):
    with db.reading() as session:
        return session.exec(select(Staff).where(Staff.email == email)).first()


def link_on(html):
    found = re.search(r"http://testserver(/equipe/mot-de-passe/[0-9a-f.]+)", html)
    return found[1] if found else None


def test_someone_new_is_added_with_a_link_shown_once_that_sets_the_password_once(world, chief):
    _, client = chief
    answer = client.post(
        "/equipe/personnes",
        data={"email": " Nouvelle@Ville.example ", "name": "Nouvelle", "roles": ["mediator"], "reads": ["fr", "uk"]},
    )
    assert answer.status_code == 303
    person = added()
    assert (person.name, person.roles, person.reads, person.password_hash) == (
        "Nouvelle",
        ["mediator"],
        ["fr", "uk"],
        None,
    )
    link = link_on(client.get(answer.headers["location"]).text)
    assert link_on(client.get(answer.headers["location"]).text) is None
    visitor = browser(world)
    assert "nouvelle@ville.example" in visitor.get(link).text
    assert visitor.post(link, data={"password": PASSWORD}).headers["location"] == "/equipe/connexion?notice=password"
    assert visitor.get(link).status_code == 410
    assert visitor.post(link, data={"password": PASSWORD}).status_code == 410
    assert give_password(visitor, "nouvelle@ville.example").headers["location"] == "/equipe"
    with db.reading() as session:
        assert audited(session)[-3:] == ["person_added", "invited", "password_set"]
        assert audit.verify(session)[1] is None


def test_looking_at_a_link_does_not_use_it(world, chief):
    person = join(world, Role.MEDIATOR, enrolled=False)
    link = make_link(world, person)
    for _ in range(2):
        assert browser(world).get(link).status_code == 200
        assert browser(world).head(link).status_code in (200, 405)
    assert browser(world).post(link, data={"password": "une autre phrase de passe"}).status_code == 303


def make_link(world, person, *, at=None):
    with db.writing() as session:
        fresh = queries.person(session, person.id)
        return "/equipe/mot-de-passe/" + rules.invite(
            session, fresh, by="test", at=at or real_now(), now=world.adapters.clock()
        )


def test_a_link_ends_after_a_day_with_the_access_and_when_altered(world):
    person = join(world, Role.MEDIATOR, enrolled=False)
    client = browser(world)
    assert client.get(make_link(world, person, at=real_now() - timedelta(hours=24, seconds=2))).status_code == 410
    good = make_link(world, person)
    assert client.get(good[:-1] + ("0" if good[-1] != "0" else "1")).status_code == 410
    assert client.get("/equipe/mot-de-passe/" + "é" * 40).status_code == 410
    assert client.get(good.replace(person.id.hex, uuid.uuid4().hex)).status_code == 410
    change(person, active=False)
    assert client.get(good).status_code == 410


def test_a_weak_password_keeps_the_link(world):
    person = join(world, Role.MEDIATOR, enrolled=False)
    link = make_link(world, person)
    answer = browser(world).post(link, data={"password": "zut alors"})
    assert answer.status_code == 422
    assert "12 caractères au moins" in answer.text
    assert "zut alors" not in answer.text
    assert browser(world).post(link, data={"password": "une autre phrase de passe"}).status_code == 303


def test_a_new_password_ends_open_sessions(world):
    person = join(world, Role.MEDIATOR, enrolled=False)
    client = log_in(world)
    browser(world).post(make_link(world, person), data={"password": "une autre phrase de passe"})
    assert client.get("/equipe").status_code == 303


def test_a_refused_person_keeps_what_was_typed(world, chief):
    _, client = chief
    answer = client.post("/equipe/personnes", data={"email": "pas une adresse", "name": "Nouvelle", "reads": ["uk"]})
    assert answer.status_code == 422
    assert 'value="pas une adresse"' in answer.text
    assert 'value="Nouvelle"' in answer.text
    assert 'href="#roles"' in answer.text
    assert re.search(r'value="uk" checked', answer.text)


def test_an_address_known_already_is_refused(world, chief):
    _, client = chief
    answer = client.post(
        "/equipe/personnes", data={"email": "CHEF@ville.example", "name": "Encore", "roles": ["mediator"]}
    )
    assert answer.status_code == 422
    assert "Cette adresse est déjà dans l’équipe." in answer.text


def test_roles_are_changed_and_noted(world, chief):
    person = join(world, Role.MEDIATOR, enrolled=False)
    _, client = chief
    posted = {"name": "Agent", "roles": ["organiser", "moderator"], "reads": ["fr"]}
    assert client.post(f"/equipe/personnes/{person.id}", data=posted).status_code == 303
    assert (row(person).roles, row(person).reads) == (["moderator", "organiser"], ["fr"])
    with db.reading() as session:
        assert audited(session)[-1] == "roles_changed"


def test_unknown_roles_and_languages_are_refused(world, chief):
    person = join(world, Role.MEDIATOR, enrolled=False)
    _, client = chief
    for wrong in (
        {"roles": ["king"]},
        {"roles": ["mediator"], "reads": ["<b>"]},
        {"roles": []},
        {"roles": ["mediator"], "name": " "},
    ):
        assert client.post(f"/equipe/personnes/{person.id}", data={"name": "Agent"} | wrong).status_code == 422
    assert row(person).roles == ["mediator"]


def test_an_administrator_cannot_lock_themselves_out(world, chief):
    person, client = chief
    assert (
        client.post(f"/equipe/personnes/{person.id}", data={"name": "Chef", "roles": ["mediator"]}).status_code == 422
    )
    assert client.post(f"/equipe/personnes/{person.id}/acces/fin").status_code == 409
    assert row(person).holds(Role.ADMINISTRATOR)


def test_a_closed_access_can_be_opened_again(world, chief):
    person = join(world, Role.MEDIATOR, enrolled=False)
    agent, (_, client) = log_in(world), chief
    client.post(f"/equipe/personnes/{person.id}/acces/fin")
    assert agent.get("/equipe").status_code == 303
    assert give_password(browser(world)).status_code == 422
    client.post(f"/equipe/personnes/{person.id}/acces")
    assert agent.get("/equipe").status_code == 303
    assert give_password(browser(world)).status_code == 303
    with db.reading() as session:
        assert audited(session)[-2:] == ["access_closed", "access_opened"]


def test_a_lost_phone_means_enrolling_again(world, chief):
    person = join(world, Role.MODERATOR)
    agent, (_, client) = log_in(world), chief
    client.post(f"/equipe/personnes/{person.id}/double-controle/fin")
    assert agent.get("/equipe").status_code == 303
    assert give_password(browser(world)).headers["location"] == "/equipe/double-controle/mise-en-place"
    assert row(person).totp_sealed is None


def test_an_unknown_person_is_404(world, chief):
    _, client = chief
    assert client.get(f"/equipe/personnes/{uuid.uuid4()}").status_code == 404
    assert client.post(f"/equipe/personnes/{uuid.uuid4()}/liens").status_code == 404


def test_who_is_added_reads_the_complete_languages_unless_said_otherwise(world):
    assert languages_read() == ["fr", "en", "ar"]
    assert join(world, Role.MODERATOR).reads == ["fr", "en", "ar"]
