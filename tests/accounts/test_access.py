"""What a role opens, and how fast it closes."""

import pytest

from app import db
from app.accounts import queries, rules
from app.models import Role
from tests.accounts.team import browser, change, join, log_in

QUEUE = "/api/v1/moderation/queue"


def bearer(world, person):
    with db.writing() as session:
        token = rules.make_token(session, person, name="essai", by="test", now=world.adapters.clock())
    client = browser(world)
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def test_nobody_is_told_401_by_the_api_and_led_to_the_login_by_a_page(world):
    client = browser(world)
    answer = client.get(QUEUE)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert client.get("/equipe").headers["location"] == "/equipe/connexion?next=%2Fequipe"
    assert client.post("/equipe/compte/codes").headers["location"] == "/equipe/connexion"


def test_a_page_asked_for_by_a_program_answers_401(world):
    assert browser(world).get("/equipe", headers={"Accept": "application/json"}).status_code == 401
    assert browser(world).get("/equipe", headers={"Authorization": "Bearer nothing"}).status_code == 401


def test_a_role_one_does_not_hold_is_404(world):
    join(world, Role.MODERATOR)
    client = log_in(world)
    assert client.get("/equipe/personnes").status_code == 404
    assert client.post("/equipe/personnes", data={}).status_code == 404


def test_a_role_taken_away_closes_the_page_at_once(world):
    person = join(world, Role.MODERATOR, Role.ADMINISTRATOR)
    client = log_in(world)
    assert client.get("/equipe/personnes").status_code == 200
    change(person, roles=["moderator"])
    assert client.get("/equipe/personnes").status_code == 404


def test_a_closed_access_ends_the_session_at_once(world):
    person = join(world, Role.MODERATOR)
    client = log_in(world)
    change(person, active=False)
    assert client.get("/equipe").status_code == 303


def test_someone_left_without_any_role_sees_nothing(world):
    person = join(world, Role.MEDIATOR, enrolled=False)
    client = log_in(world)
    change(person, roles=[])
    assert client.get("/equipe").status_code == 404


def test_a_token_needs_no_second_factor(world):
    person = join(world, Role.MODERATOR, enrolled=False)
    assert bearer(world, person).get(QUEUE).status_code == 200


def test_a_token_revoked_is_401(world):
    person = join(world, Role.MODERATOR)
    client = bearer(world, person)
    assert client.get(QUEUE).status_code == 200
    with db.writing() as session:
        for token in queries.tokens(session, person):
            rules.revoke_token(session, person, mac=token.token_mac, by="test", now=world.adapters.clock())
    assert client.get(QUEUE).status_code == 401


def test_a_token_follows_the_roles_and_the_access_of_its_person(world):
    person = join(world, Role.MODERATOR)
    client = bearer(world, person)
    change(person, roles=["mediator"])
    assert client.get(QUEUE).status_code == 404
    change(person, roles=["moderator"], active=False)
    assert client.get(QUEUE).status_code == 401


def test_a_token_opens_no_page_where_ways_in_are_made(world):
    person = join(world, Role.ADMINISTRATOR)
    client = bearer(world, person)
    assert client.get("/equipe/compte").status_code == 404
    assert client.post("/equipe/compte/jetons", data={"name": "encore"}).status_code == 404
    assert client.post(f"/equipe/personnes/{person.id}/liens").status_code == 404
    assert (
        client.post("/equipe/personnes", data={"email": "x@y.example", "name": "X", "roles": "moderator"}).status_code
        == 404
    )


def test_a_bad_token_is_401_even_beside_a_good_cookie(world):
    join(world, Role.MODERATOR)
    client = log_in(world)
    assert client.get(QUEUE).status_code == 200
    assert client.get(QUEUE, headers={"Authorization": "Bearer ns_nothing"}).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic abc", "bearer \x00", "Receipt abc"])
def test_odd_credentials_are_401(world, header):
    assert browser(world).get(QUEUE, headers={"Authorization": header}).status_code == 401


def test_the_menu_shows_what_the_person_may_open(world):
    join(world, Role.MEDIATOR, enrolled=False)
    join(world, Role.MODERATOR, Role.ADMINISTRATOR, email="chef@ville.example")
    mediator, chief = log_in(world).get("/equipe").text, log_in(world, "chef@ville.example").get("/equipe").text
    assert "/equipe/personnes" not in mediator
    assert "/equipe/moderation" not in mediator
    assert 'href="/equipe/personnes"' in chief
    assert 'href="/equipe/moderation"' in chief
