"""In and out: password, session, limits."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2.exceptions import VerificationError

from app import db
from app.accounts import passwords
from app.accounts.access import own_path
from app.adapters.clock import real_now
from app.models import Role, StaffSession
from tests.accounts.team import PASSWORD, browser, change, give_password, join, log_in


def test_the_right_password_opens_the_start_page(world):
    join(world, Role.MEDIATOR, enrolled=False)
    client = browser(world)
    answer = give_password(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/equipe")
    assert "Bonjour Agent" in client.get("/equipe").text


def test_the_address_may_be_typed_in_capitals_with_spaces(world):
    join(world, Role.MEDIATOR, enrolled=False)
    assert give_password(browser(world), " Agent@Ville.example ").status_code == 303


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(world):
    join(world, Role.MEDIATOR, enrolled=False)
    wrong = give_password(browser(world), password="pas le bon du tout")
    unknown = give_password(browser(world), "personne@ville.example", PASSWORD)
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert wrong.text.replace("agent@ville", "personne@ville") == unknown.text
    assert "L’adresse ou le mot de passe ne va pas" in wrong.text
    assert PASSWORD not in unknown.text


def test_an_unknown_person_costs_one_hash_like_a_known_one(world, monkeypatch):
    """One argon2 comparison each, with the same parameters: what takes the time is the same."""
    join(world, Role.MEDIATOR, enrolled=False)
    compared = []

    class Counting:
        def verify(self, stored, password):
            compared.append(stored.rpartition("$")[0].rpartition("$")[0])
            raise VerificationError

    monkeypatch.setattr(passwords, "_hasher", Counting())
    for email in ("agent@ville.example", "personne@ville.example"):
        assert give_password(browser(world), email, "pas le bon du tout").status_code == 422
    assert len(compared) == 2
    assert compared[0] == compared[1] == passwords.NOBODY.rpartition("$")[0].rpartition("$")[0]


def test_someone_without_a_password_yet_cannot_log_in(world):
    person = join(world, Role.MEDIATOR, enrolled=False)
    change(person, password_hash=None)
    assert give_password(browser(world)).status_code == 422


def test_a_closed_access_is_like_a_wrong_password(world):
    person = join(world, Role.MEDIATOR, enrolled=False)
    change(person, active=False)
    assert give_password(browser(world)).status_code == 422


def test_an_empty_form_names_its_fields(world):
    answer = browser(world).post("/equipe/connexion", data={})
    assert answer.status_code == 422
    assert 'href="#email"' in answer.text
    assert 'href="#password"' in answer.text


def test_the_eleventh_try_on_a_person_in_five_minutes_is_refused(world):
    join(world, Role.MEDIATOR, enrolled=False)
    statuses = [give_password(browser(world), password="pas le bon du tout").status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    assert give_password(browser(world)).status_code == 429


def test_the_eleventh_try_from_an_address_is_refused_whoever_is_tried(world):
    answers = [give_password(browser(world), f"p{n}@ville.example", "pas le bon").status_code for n in range(11)]
    assert answers == [422] * 10 + [429]


def test_a_success_forgets_earlier_failures(world):
    join(world, Role.MEDIATOR, enrolled=False)
    for _ in range(3):
        for _ in range(5):
            give_password(browser(world), password="pas le bon du tout")
        assert give_password(browser(world)).status_code == 303


def test_the_session_cookie_is_for_this_site_and_no_script(world):
    join(world, Role.MEDIATOR, enrolled=False)
    cookie = give_password(browser(world)).headers["set-cookie"]
    name, *flags = [part.strip() for part in cookie.split(";")]
    assert name.startswith("equipe=")
    assert len(name) >= len("equipe=") + 43
    assert {flag.lower() for flag in flags} >= {"httponly", "samesite=lax", "path=/", "max-age=43200"}
    assert "domain" not in cookie.lower()


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(world):
    join(world, Role.MEDIATOR, enrolled=False)
    app = world.client.app.fastapi
    before = app.state.settings
    app.state.settings = before.model_copy(update={"base_url": "https://dialogue.example"})
    cookie = give_password(browser(world)).headers["set-cookie"]
    app.state.settings = before
    assert cookie.startswith("__Host-equipe=")
    assert "secure" in cookie.lower()
    assert "path=/" in cookie.lower()


def test_only_a_mac_of_the_session_is_at_rest(world):
    join(world, Role.MEDIATOR, enrolled=False)
    client = browser(world)
    give_password(client)
    with db.reading() as session:
        kept = session.connection().execute(sa.select(StaffSession.token_mac)).scalars().all()
    assert len(kept) == 1
    assert client.cookies["equipe"] not in kept[0]


def test_logging_in_again_ends_the_former_session(world):
    join(world, Role.MEDIATOR, enrolled=False)
    client = browser(world)
    give_password(client)
    first = client.cookies["equipe"]
    give_password(client)
    assert client.cookies["equipe"] != first
    stale = browser(world)
    stale.cookies.set("equipe", first)
    assert stale.get("/equipe").headers["location"] == "/equipe/connexion?next=%2Fequipe"


def test_a_cookie_chosen_by_someone_else_is_never_taken_over(world):
    join(world, Role.MEDIATOR, enrolled=False)
    client = browser(world)
    client.cookies.set("equipe", "planted")
    answer = give_password(client)
    assert "planted" not in answer.headers["set-cookie"]


def test_logging_out_ends_the_session_at_the_server(world):
    join(world, Role.MEDIATOR, enrolled=False)
    client = log_in(world)
    token = client.cookies["equipe"]
    answer = client.post("/equipe/deconnexion")
    assert (answer.status_code, answer.headers["location"]) == (303, "/equipe/connexion?notice=out")
    assert "equipe" not in client.cookies
    client.cookies.set("equipe", token)
    assert client.get("/equipe").status_code == 303


def test_logging_out_without_a_session_leads_to_the_login_page(world):
    assert browser(world).post("/equipe/deconnexion").status_code == 303


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"seen_at": timedelta(hours=1, minutes=59)}, 200),
        ({"seen_at": timedelta(hours=2, minutes=1)}, 303),
        ({"expires_at": timedelta(seconds=1)}, 303),
    ],
)
def test_a_session_ends_after_two_idle_hours_or_twelve_in_all(world, changed, status):
    join(world, Role.MEDIATOR, enrolled=False)
    client = log_in(world)
    values = {name: real_now() - ago for name, ago in changed.items()}
    with db.writing() as session:
        session.connection().execute(sa.update(StaffSession).values(**values))
    assert client.get("/equipe").status_code == status


def test_using_a_session_keeps_it_alive(world):
    join(world, Role.MEDIATOR, enrolled=False)
    client = log_in(world)
    with db.writing() as session:
        session.connection().execute(sa.update(StaffSession).values(seen_at=real_now() - timedelta(hours=1)))
    client.get("/equipe")
    with db.reading() as session:
        seen = session.connection().execute(sa.select(StaffSession.seen_at)).scalar_one()
    assert real_now() - seen < timedelta(minutes=1)


def test_a_page_asked_for_before_the_login_comes_after_it(world):
    join(world, Role.MEDIATOR, enrolled=False)
    client = browser(world)
    answer = client.get("/equipe/compte?x=1")
    assert answer.headers["location"] == "/equipe/connexion?next=%2Fequipe%2Fcompte%3Fx%3D1"
    assert 'name="next" value="/equipe/compte?x=1"' in client.get(answer.headers["location"]).text
    assert give_password(client, next="/equipe/compte?x=1").headers["location"] == "/equipe/compte?x=1"


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
     "javascript:alert(1)", "equipe", "http:equipe", "/\n/evil.example", "//[", "/%0d%0a" + "é", ""],
)  # fmt: skip
def test_no_other_site_comes_after_the_login(world, wanted):
    join(world, Role.MEDIATOR, enrolled=False)
    assert own_path(wanted) == ""
    assert give_password(browser(world), next=wanted).headers["location"] == "/equipe"


def test_a_login_from_another_site_is_refused(world):
    join(world, Role.MEDIATOR, enrolled=False)
    posted = {"email": "agent@ville.example", "password": PASSWORD}
    answer = browser(world).post("/equipe/connexion", data=posted, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "odd", ["\x00", "a\x00b", "\ud800".encode("utf-8", "replace").decode(), "'; DROP TABLE staff; --", "𝕏" * 400]
)
def test_odd_characters_are_only_a_wrong_login(world, odd):
    assert give_password(browser(world), odd + "@ville.example", odd + "x").status_code == 422
