"""What everybody of the team does with their own account."""

import re

from app import db
from app.accounts import rules
from app.accounts.sessions import token_mac
from app.models import Role
from tests.accounts.team import PASSWORD, browser, give_password, join, log_in

NEW = "cinq chats dans le busway"


def test_the_password_is_changed_and_other_sessions_end(world):
    join(world, Role.MEDIATOR, enrolled=False)
    here, elsewhere = log_in(world), log_in(world)
    before = here.cookies["equipe"]
    answer = here.post("/equipe/compte/mot-de-passe", data={"current": PASSWORD, "password": NEW})
    assert answer.headers["location"] == "/equipe/compte?notice=saved"
    assert here.cookies["equipe"] != before
    assert here.get("/equipe/compte").status_code == 200
    assert elsewhere.get("/equipe").status_code == 303
    assert give_password(browser(world)).status_code == 422
    assert give_password(browser(world), password=NEW).status_code == 303


def test_changing_the_password_keeps_the_second_factor_of_the_session(world):
    join(world, Role.MODERATOR)
    client = log_in(world)
    client.post("/equipe/compte/mot-de-passe", data={"current": PASSWORD, "password": NEW})
    assert client.get("/equipe").status_code == 200


def test_a_wrong_present_password_changes_nothing(world):
    join(world, Role.MEDIATOR, enrolled=False)
    client = log_in(world)
    answer = client.post("/equipe/compte/mot-de-passe", data={"current": "pas le bon", "password": NEW})
    assert answer.status_code == 422
    assert 'id="current-error"' in answer.text
    assert give_password(browser(world)).status_code == 303


def test_guessing_the_present_password_is_limited(world):
    join(world, Role.MEDIATOR, enrolled=False)
    client = log_in(world)
    posted = {"current": "pas le bon", "password": NEW}
    answers = [client.post("/equipe/compte/mot-de-passe", data=posted) for _ in range(11)]
    assert "Trop d’essais" not in answers[9].text
    assert "Trop d’essais" in answers[10].text


def test_a_token_is_shown_once_works_and_is_revoked(world):
    join(world, Role.MODERATOR)
    client = log_in(world)
    assert client.post("/equipe/compte/jetons", data={"name": "carnet"}).status_code == 303
    html = client.get("/equipe/compte").text
    token = re.search(r"<code>(ns_[\w-]{43})</code>", html)[1]
    again = client.get("/equipe/compte").text
    assert token not in again
    assert "carnet" in again
    program = browser(world)
    program.headers["Authorization"] = f"Bearer {token}"
    assert program.get("/api/v1/moderation/queue").status_code == 200
    mac = re.search(r'name="token" value="([0-9a-f]{64})"', again)[1]
    assert client.post("/equipe/compte/jetons/fin", data={"token": mac}).status_code == 303
    assert program.get("/api/v1/moderation/queue").status_code == 401
    assert "carnet" not in client.get("/equipe/compte").text


def test_the_token_of_someone_else_cannot_be_revoked(world):
    join(world, Role.MEDIATOR, enrolled=False)
    other = join(world, Role.MODERATOR, email="autre@ville.example")
    with db.writing() as session:
        token = rules.make_token(session, other, name="x", by="test", now=world.adapters.clock())
    client = log_in(world)
    assert client.post("/equipe/compte/jetons/fin", data={"token": token_mac(token)}).status_code == 404
    assert client.post("/equipe/compte/jetons/fin", data={"token": "\x00"}).status_code == 404


def test_a_token_without_a_name_is_refused_beside_its_field(world):
    join(world, Role.MEDIATOR, enrolled=False)
    answer = log_in(world).post("/equipe/compte/jetons", data={"name": " "})
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text


def test_what_was_handed_to_one_session_is_not_shown_in_another(world):
    join(world, Role.MEDIATOR, enrolled=False)
    client, other = log_in(world), log_in(world)
    client.post("/equipe/compte/jetons", data={"name": "x"})
    other.cookies.set("equipe-une-fois", client.cookies["equipe-une-fois"])
    assert "<code>ns_" not in other.get("/equipe/compte").text
    other.cookies.set("equipe-une-fois", "nonsense")
    assert other.get("/equipe/compte").status_code == 200


def test_other_sessions_are_ended_on_request(world):
    join(world, Role.MEDIATOR, enrolled=False)
    here, elsewhere = log_in(world), log_in(world)
    assert "Ailleurs" in here.get("/equipe/compte").text
    here.post("/equipe/compte/sessions/fin")
    assert elsewhere.get("/equipe").status_code == 303
    html = here.get("/equipe/compte").text
    assert "Ici" in html
    assert "Ailleurs" not in html


def test_recovery_codes_are_only_for_who_has_a_second_factor(world):
    join(world, Role.MEDIATOR, enrolled=False)
    client = log_in(world)
    assert client.get("/equipe/compte/codes").status_code == 404
    assert client.post("/equipe/compte/codes").status_code == 404
