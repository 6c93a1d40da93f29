"""The second factor: enrolment, codes that work once, recovery."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pyotp
import pytest
import sqlalchemy as sa

from app import db
from app.accounts import second_factor
from app.adapters import vault
from app.errors import AppError
from app.models import RecoveryCode, Role, StaffSession
from tests.accounts.team import SECRET, browser, change, code, give_password, hidden, join, log_in, row

STRONG = [Role.MODERATOR, Role.ORGANISER, Role.ADMINISTRATOR]


def enrolling(world):
    client = browser(world)
    give_password(client)
    html = client.get("/equipe/double-controle/mise-en-place").text
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", html)[1].replace(" ", "")
    return client, secret, hidden(html, "proposal")


@pytest.mark.parametrize("role", STRONG)
def test_without_a_second_factor_there_is_no_page_but_enrolment(world, role):
    join(world, role, enrolled=False)
    client = browser(world)
    assert give_password(client).headers["location"] == "/equipe/double-controle/mise-en-place"
    for path in ("/equipe", "/equipe/compte", "/equipe/personnes", "/equipe/compte/codes", "/equipe/moderation"):
        assert client.get(path).headers["location"].startswith("/equipe/double-controle/mise-en-place"), path
    assert client.get("/api/v1/moderation/queue").status_code == 401


def test_mediators_and_interpreters_need_none_but_may_have_one(world):
    join(world, Role.MEDIATOR, Role.INTERPRETER, enrolled=False)
    client = log_in(world)
    assert client.get("/equipe").status_code == 200
    assert client.get("/equipe/double-controle/mise-en-place").status_code == 200


def test_enrolling_shows_a_drawing_letters_and_ten_codes_once(world):
    person = join(world, Role.MODERATOR, enrolled=False)
    client, secret, proposal = enrolling(world)
    html = client.get("/equipe/double-controle/mise-en-place").text
    assert "<svg" in html
    assert "style=" not in html
    answer = client.post(
        "/equipe/double-controle/mise-en-place",
        data={"code": code(secret), "proposal": proposal, "next": "/equipe/compte"},
    )
    assert answer.headers["location"] == "/equipe/compte/codes?next=%2Fequipe%2Fcompte"
    shown = client.get(answer.headers["location"]).text
    codes = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", shown)
    assert len(set(codes)) == 10
    assert 'href="/equipe/compte"' in shown
    assert re.findall(r"<code>", client.get("/equipe/compte/codes").text) == []
    assert client.get("/equipe").status_code == 200
    assert vault.unseal("totp", row(person).totp_sealed).decode() == secret
    with db.reading() as session:
        macs = session.connection().execute(sa.select(RecoveryCode.code_mac)).scalars().all()
    assert len(macs) == 10
    assert not set(macs) & set(codes)


def test_the_code_that_enrolled_does_not_work_again(world):
    join(world, Role.MODERATOR, enrolled=False)
    client, secret, proposal = enrolling(world)
    given = code(secret)
    client.post("/equipe/double-controle/mise-en-place", data={"code": given, "proposal": proposal})
    other = browser(world)
    give_password(other)
    assert other.post("/equipe/double-controle", data={"code": given}).status_code == 422


def test_a_wrong_code_keeps_the_same_drawing(world):
    join(world, Role.MODERATOR, enrolled=False)
    client, secret, proposal = enrolling(world)
    answer = client.post("/equipe/double-controle/mise-en-place", data={"code": "000000", "proposal": proposal})
    assert answer.status_code == 422
    assert secret[:4] in answer.text
    assert hidden(answer.text, "proposal") == proposal
    assert 'id="code-error"' in answer.text


def test_a_proposal_of_another_session_is_worth_nothing(world):
    person = join(world, Role.MODERATOR, enrolled=False)
    _first, secret, proposal = enrolling(world)
    second, *_ = enrolling(world)
    for stolen in (proposal, "nonsense", "é"):
        answer = second.post("/equipe/double-controle/mise-en-place", data={"code": code(secret), "proposal": stolen})
        assert answer.status_code == 303
    assert row(person).totp_confirmed_at is None


def test_a_password_alone_never_replaces_a_second_factor(world):
    person = join(world, Role.MODERATOR)
    client = browser(world)
    assert give_password(client).headers["location"] == "/equipe/double-controle"
    assert client.get("/equipe/double-controle/mise-en-place").headers["location"] == "/equipe/double-controle"
    with db.reading() as session:
        mac = session.connection().execute(sa.select(StaffSession.token_mac)).scalar_one()
    posted = {"code": code("A" * 32), "proposal": proposal_of("A" * 32, mac)}
    assert client.post("/equipe/double-controle/mise-en-place", data=posted).status_code == 422
    assert vault.unseal("totp", row(person).totp_sealed).decode() == SECRET


def proposal_of(secret, mac):
    """As the service would make it, had it proposed this secret to that session."""
    return base64.urlsafe_b64encode(vault.seal("totp-proposal", json.dumps([mac, secret]).encode())).decode()


def test_the_right_code_completes_the_login_under_a_new_token(world):
    join(world, Role.MODERATOR)
    client = browser(world)
    give_password(client, next="/equipe/compte")
    half = client.cookies["equipe"]
    answer = client.post("/equipe/double-controle", data={"code": code(), "next": "/equipe/compte"})
    assert answer.headers["location"] == "/equipe/compte"
    assert client.cookies["equipe"] != half
    assert client.get("/equipe").status_code == 200
    stale = browser(world)
    stale.cookies.set("equipe", half)
    assert stale.get("/equipe/double-controle").headers["location"] == "/equipe/connexion"


def test_a_code_works_once(world):
    join(world, Role.MODERATOR)
    given = code()
    first, second = browser(world), browser(world)
    give_password(first)
    give_password(second)
    assert first.post("/equipe/double-controle", data={"code": given}).status_code == 303
    assert second.post("/equipe/double-controle", data={"code": given}).status_code == 422
    assert second.post("/equipe/double-controle", data={"code": code(later=-1)}).status_code == 422


def test_of_two_uses_of_a_code_at_once_one_wins(world):
    person, at = join(world, Role.MODERATOR), datetime.now(UTC)
    given, won, together = pyotp.TOTP(SECRET).at(at), [], Barrier(6)

    def use():
        together.wait()
        try:
            with db.writing() as session:
                second_factor.spend(session, person, code=given, at=at)
            won.append(1)
        except AppError:
            pass

    threads = [Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


@pytest.mark.parametrize(("drift", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(world, drift, accepted):
    person, at = join(world, Role.MODERATOR), datetime(2026, 1, 1, tzinfo=UTC)
    given = pyotp.TOTP(SECRET).at(at + timedelta(seconds=30 * drift))
    with db.writing() as session:
        if accepted:
            second_factor.spend(session, person, code=f"{given[:3]} {given[3:]}", at=at)
        else:
            with pytest.raises(AppError):
                second_factor.spend(session, person, code=given, at=at)


def test_a_recovery_code_works_once_however_it_is_typed(world):
    person = join(world, Role.MODERATOR)
    with db.writing() as session:
        codes = second_factor.renew_recovery_codes(session, person, now=world.adapters.clock())
    first, second = browser(world), browser(world)
    give_password(first)
    give_password(second)
    assert first.post("/equipe/double-controle", data={"code": codes[0].upper().replace("-", " ")}).status_code == 303
    assert second.post("/equipe/double-controle", data={"code": codes[0]}).status_code == 422
    assert second.post("/equipe/double-controle", data={"code": codes[1]}).status_code == 303


def test_new_recovery_codes_end_the_old_ones(world):
    person = join(world, Role.MODERATOR)
    with db.writing() as session:
        old = second_factor.renew_recovery_codes(session, person, now=world.adapters.clock())
    client = log_in(world)
    assert client.post("/equipe/compte/codes").status_code == 303
    assert len(re.findall("<code>", client.get("/equipe/compte/codes").text)) == 10
    other = browser(world)
    give_password(other)
    assert other.post("/equipe/double-controle", data={"code": old[0]}).status_code == 422


def test_a_recovery_code_of_someone_else_is_worth_nothing(world):
    join(world, Role.MODERATOR)
    other = join(world, Role.MODERATOR, email="autre@ville.example")
    with db.writing() as session:
        codes = second_factor.renew_recovery_codes(session, other, now=world.adapters.clock())
    client = browser(world)
    give_password(client)
    assert client.post("/equipe/double-controle", data={"code": codes[0]}).status_code == 422


def test_the_eleventh_code_in_five_minutes_is_refused(world):
    join(world, Role.MODERATOR)
    client = browser(world)
    give_password(client)
    statuses = [client.post("/equipe/double-controle", data={"code": "000001"}).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_a_role_gained_during_a_session_asks_for_the_second_factor(world):
    person = join(world, Role.MEDIATOR, enrolled=False)
    client = log_in(world)
    change(person, roles=["moderator"])
    assert client.get("/equipe").headers["location"] == "/equipe/double-controle/mise-en-place?next=%2Fequipe"


def test_the_second_step_without_a_session_leads_to_the_first(world):
    for path in ("/equipe/double-controle", "/equipe/double-controle/mise-en-place"):
        assert browser(world).get(path).headers["location"].startswith("/equipe/connexion")
        assert browser(world).post(path, data={"code": "1"}).headers["location"] == "/equipe/connexion"
