"""The call list: who is on it, who sees it, what can be said of a call."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app import db as database
from app.models import Contribution, Message, MessageState, Role, State
from app.notify.calls import calls
from tests import factories
from tests.conftest import NOW, World

SHOWN = "+33612345678"


def have(n: int = 1, **fields: Any) -> Contribution:
    with database.writing() as db:
        for _ in range(n):
            made = factories.submitted(db, contact={"phone": "06 12 34 56 78"}, **fields).contribution
        return made


def caller(world: World, *roles: Role) -> Any:
    with database.writing() as db:
        return world.as_staff(factories.token(db, factories.staff(db, *roles, name="Dominique")))


def message() -> Message:
    with database.reading() as db:
        return db.exec(select(Message)).one()


def test_who_left_only_a_phone_is_on_the_list(world: World) -> None:
    contribution = have()
    page = caller(world, Role.ORGANISER).get("/equipe/appels")
    assert page.status_code == 200
    unbroken = "06 12 34 56 78".replace(" ", "\N{NO-BREAK SPACE}")
    assert f'href="tel:{SHOWN}" dir="ltr">{unbroken}<' in page.text
    assert contribution.reference in page.text
    assert "Votre message est bien arrivé à la Ville." in page.text
    assert page.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.MEDIATOR, 200),
        (Role.MODERATOR, 200),
        (Role.ORGANISER, 200),
        (Role.ADMINISTRATOR, 200),
        (Role.INTERPRETER, 404),
    ],
)
def test_everybody_of_the_team_but_interpreters_calls(world: World, role: Role, status: int) -> None:
    have()
    client = caller(world, role)
    assert client.get("/equipe/appels").status_code == status
    after = client.post(f"/equipe/appels/{message().id}", data={"outcome": "done"}).status_code
    assert after == (303 if status == 200 else 404)


def test_the_public_sees_no_list(world: World) -> None:
    have()
    answer = world.client.get("/equipe/appels")
    assert answer.status_code == 303
    assert SHOWN not in answer.text


def test_a_number_is_shown_nowhere_else(world: World) -> None:
    contribution = have()
    client = caller(world, Role.MODERATOR)
    for path in ("/equipe/moderation", f"/equipe/moderation/{contribution.id}", "/equipe", "/equipe/alertes"):
        assert SHOWN not in client.get(path).text
    queue = client.get("/api/v1/moderation/queue")
    assert "612345678" not in queue.text


@pytest.mark.parametrize(
    ("outcome", "state", "stays"),
    [
        ("done", MessageState.DONE, False),
        ("message_left", MessageState.MESSAGE_LEFT, True),
        ("unreachable", MessageState.UNREACHABLE, True),
    ],
)
def test_a_call_is_ticked_with_who_and_when(world: World, outcome: str, state: MessageState, stays: bool) -> None:
    have()
    client = caller(world, Role.ORGANISER)
    answer = client.post(f"/equipe/appels/{message().id}", data={"outcome": outcome})
    assert answer.headers["location"] == "/equipe/appels?notice=saved"
    after = message()
    assert (after.state, after.told_at, after.attempts) == (state, NOW, 1)
    assert (after.told_by or "").startswith("staff:")
    page = client.get("/equipe/appels").text
    assert (SHOWN in page) is stays
    assert ("Dominique" in page.partition("<main")[2].partition("</main")[0]) is stays


def test_after_a_message_left_it_can_still_be_done(world: World) -> None:
    have()
    client = caller(world, Role.ORGANISER)
    for outcome in ("unreachable", "message_left", "done"):
        assert client.post(f"/equipe/appels/{message().id}", data={"outcome": outcome}).status_code == 303
    assert (message().state, message().attempts) == (MessageState.DONE, 3)
    assert client.post(f"/equipe/appels/{message().id}", data={"outcome": "unreachable"}).status_code == 404
    assert message().state is MessageState.DONE


@pytest.mark.parametrize(("message_id", "outcome"), [("x", "done"), (None, "autre"), (None, ""), ("0" * 32, "done")])
def test_an_unknown_call_or_outcome_is_nothing(world: World, message_id: str | None, outcome: str) -> None:
    have()
    client = caller(world, Role.ORGANISER)
    answer = client.post(f"/equipe/appels/{message_id or message().id}", data={"outcome": outcome})
    assert answer.status_code in (404, 422)
    assert message().state is MessageState.WAITING


@pytest.mark.parametrize("state", [State.ERASED, State.WITHDRAWN])
def test_nobody_is_called_about_what_is_gone(world: World, state: State) -> None:
    contribution = have()
    with database.writing() as db:
        factories.set_state(db, db.get_one(Contribution, contribution.seq), state)
    with database.reading() as db:
        assert calls(db, base_url="", now=NOW) == []


def test_the_list_costs_the_same_for_one_and_for_three(world: World) -> None:
    figures = []
    for more in (1, 2):
        have(more)
        asked: list[str] = []
        sa.event.listen(database.engine(), "before_cursor_execute", lambda *a, into=asked: into.append(a[2]))
        with database.reading() as db:
            assert calls(db, base_url="", now=NOW)
        figures.append(len([statement for statement in asked if statement.startswith("SELECT")]))
    assert figures == [1, 1]
