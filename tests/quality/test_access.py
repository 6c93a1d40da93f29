"""Role × route × state: every route is in the table, everybody gets what it says, and hidden is the same as absent."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from app import db, limits
from app.accounts import rules as account_rules
from app.accounts import sessions
from app.adapters.clock import real_now
from app.contributions import receipts
from app.models import Contribution, Media, Role, State
from tests import factories
from tests.conftest import NOW, World
from tests.quality.access import ACTORS, PHOTO, PUBLIC, STAFF, TABLE

# Rights do not depend on the database: one is enough here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def routes(app: Any) -> set[tuple[str, str]]:
    """(method, path) of every route of the service; Starlette answers HEAD by GET where there is a GET."""
    found = {
        (method, str(route.path_format))
        for route in iter_route_contexts(app.routes)
        for method in getattr(route, "methods", None) or ()
    }
    return {(method, path) for method, path in found if method != "HEAD" or ("GET", path) not in found}


def unlisted(app: Any) -> set[tuple[str, str]]:
    return routes(app) - set(TABLE)


def test_every_route_is_in_the_table(world: World) -> None:
    assert unlisted(world.app.fastapi) == set()
    assert set(TABLE) - routes(world.app.fastapi) == set(), "routes that are no more"


def test_a_route_that_is_not_in_the_table_is_named(world: World) -> None:
    other = FastAPI(routes=list(world.app.fastapi.routes), openapi_url=None)
    other.get("/equipe/secret")(lambda: "oups")
    assert unlisted(other) == {("GET", "/equipe/secret")}


@pytest.fixture
def stage(world: World) -> "Stage":
    limits.configure(on=False, folder=world.settings.data_dir)
    return Stage(world)


class Stage:
    """One contribution with a photo, and a client for each actor."""

    def __init__(self, world: World) -> None:
        self.world = world
        with db.writing() as session:
            made = factories.submitted(session)
            self.contribution, self.code = made.contribution, made.code.words
            self.photo = factories.photo(session, self.contribution)
            self.cookie = receipts.open_follow(session, self.contribution.seq or 0, now=NOW)
            self.team = {role: factories.staff(session, Role(role), name=role) for role in STAFF}
            for person in self.team.values():
                person.totp_confirmed_at = real_now()
                session.add(person)
            both = factories.staff(session, Role.MODERATOR, Role.ADMINISTRATOR)
            self.token, self.revoked = factories.token(session, both), factories.token(session, both)
            account_rules.revoke_token(session, both, mac=sessions.token_mac(self.revoked), by="test", now=NOW)
            self.sessions = {
                role: sessions.open_session(session, person, second_factor=True, now=real_now())
                for role, person in self.team.items()
            }
        for name in self.photo.derivatives:
            world.adapters.storage.put(f"media/{self.photo.opaque}/{name}", b"photo")

    def client(self, actor: str) -> TestClient:
        client = self.world.browser()
        if actor in STAFF:
            client.cookies.set("equipe", self.sessions[actor])
        elif actor in ("token", "revoked"):
            client.headers["Authorization"] = f"Bearer {getattr(self, actor)}"
        elif actor == "receipt":
            client.headers["Authorization"] = f"Receipt {self.code}"
            client.cookies.set(receipts.COOKIE, self.cookie)
        return client

    def path(self, template: str, given: dict[str, str], **other: str) -> str:
        values = (
            {
                "id": str(self.contribution.id),
                "reference": self.contribution.reference,
                "opaque": self.photo.opaque,
                "name": "400.webp",
            }
            | given
            | other
        )
        return re.sub(r"{(\w+)}", lambda found: values[found[1]], template)

    def be(self, state: State) -> None:
        """Puts the contribution into a state, as if it had come there from being published."""
        with db.writing() as session:
            held = session.get_one(Contribution, self.contribution.seq)
            factories.set_state(session, held, state, reason="personal")
            once = state.value in PUBLIC
            session.connection().execute(
                sa.update(Contribution)
                .where(Contribution.seq == held.seq)
                .values(published_at=NOW if once else None, published_revision=1 if once else None)
            )
            session.connection().execute(sa.update(Media).values(choice="publish"))
        self.world.app.forget()


@pytest.mark.parametrize("actor", ACTORS)
def test_everybody_gets_what_the_table_says(stage: Stage, actor: str) -> None:
    """Each request starts from the same stage: what it did is put back."""
    wrong = []
    for (method, template), row in TABLE.items():
        with undone(stage):
            answer = stage.client(actor).request(method, stage.path(template, row.path), **row.sent)
        if answer.status_code != row.expected[actor]:
            wrong.append(f"{method} {template}: {answer.status_code}, not {row.expected[actor]}")
        if answer.status_code == 303 and row.expected[actor] == 303 and template.startswith("/equipe/m"):
            wrong += [f"{method} {template}: leads to {answer.headers['location']}"] * (
                actor == "anonymous" and not answer.headers["location"].startswith("/equipe/connexion")
            )
    assert wrong == []


@contextmanager
def undone(stage: Stage) -> Iterator[None]:
    """Afterwards the whole database is as it was before: SQLite's own copy, which knows of the journal."""
    kept = sqlite3.connect(":memory:")
    with db.engine().connect() as connection:
        connection.connection.driver_connection.backup(kept)  # type: ignore[union-attr]
    yield
    with db.engine().connect() as connection:
        kept.backup(connection.connection.driver_connection)  # type: ignore[arg-type]
    kept.close()
    stage.world.app.forget()


@pytest.mark.parametrize("state", list(State))
def test_the_public_page_says_gone_only_where_it_was_public(stage: Stage, state: State) -> None:
    stage.be(state)
    expected = PUBLIC.get(state.value, 404)
    for actor in ACTORS:
        client = stage.client(actor)
        for template in ("/paroles/{reference}", "/api/v1/contributions/{reference}"):
            answer = client.get(stage.path(template, {}))
            assert answer.status_code == expected, (actor, template)
            if expected != 200:
                assert "Une grande table" not in answer.text, (actor, template)


@pytest.mark.parametrize("state", list(State))
def test_a_photo_is_seen_by_who_may(stage: Stage, state: State) -> None:
    stage.be(state)
    public, holder, team = PHOTO[state.value]
    path = stage.path("/media/{opaque}/{name}", {})
    got = {actor: stage.client(actor).get(path).status_code for actor in ACTORS}
    assert got == dict.fromkeys(ACTORS, public) | {"receipt": holder} | dict.fromkeys((*STAFF, "token"), team)


@pytest.mark.parametrize("choice", ["withhold", "transcript", None])
def test_a_photo_held_back_of_published_words_is_not_public(stage: Stage, choice: str | None) -> None:
    stage.be(State.PUBLISHED)
    with db.writing() as session:
        session.connection().execute(sa.update(Media).values(choice=choice))
    path = stage.path("/media/{opaque}/{name}", {})
    assert stage.client("anonymous").get(path).status_code == 404
    assert stage.client("receipt").get(path).status_code == 200


@pytest.mark.parametrize("state", list(State))
def test_the_desk_acts_on_everything_but_what_is_erased(stage: Stage, state: State) -> None:
    stage.be(state)
    expected = 404 if state is State.ERASED else 200
    assert stage.client("moderator").get(stage.path("/equipe/moderation/{id}", {})).status_code == expected


ABSENT = {"reference": "NS-222222", "opaque": "nothing", "id": "01890000-0000-7000-8000-000000000000"}
NAMING = [key for key in TABLE if re.search(r"{(reference|opaque|id)}", key[1]) and not TABLE[key].path]


@pytest.mark.parametrize("state", [State.PENDING, State.SECOND_REVIEW, State.RETURNED, State.REFUSED, State.MERGED])
def test_what_one_may_not_see_is_the_same_as_absent(
    stage: Stage, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status, body, headers and number of queries: nothing tells that it is there."""
    stage.be(state)
    monkeypatch.setattr(stage.world.app, "on", False)  # its question, once a second, would be counted
    differing = []
    for method, template in NAMING:
        row = TABLE[(method, template)]
        for actor in ACTORS:
            if actor in (*STAFF, "token", "receipt") and row.expected[actor] != 404:
                continue
            there = asked(stage, actor, method, stage.path(template, {}), row.sent)
            absent = asked(stage, actor, method, stage.path(template, {}, **ABSENT), row.sent)
            if there != absent:
                differing.append((actor, method, template, there[0], absent[0], there[3], absent[3]))
    assert differing == []


def asked(
    stage: Stage, actor: str, method: str, path: str, sent: dict[str, Any]
) -> tuple[int, str, dict[str, str], int]:
    """Status, body and headers with the address taken out, number of queries."""
    client = stage.client(actor)
    with counting() as queries:
        answer = client.request(method, path, **sent)
    names = (path, *path.split("/")[2:])
    said = answer.text
    headers = {k: v for k, v in answer.headers.items() if k not in ("x-request-id", "content-length", "location")}
    for name in sorted(names, key=len, reverse=True):
        if len(name) > 5:
            said = said.replace(name, "…")
    return answer.status_code, said, headers, len(queries)


@contextmanager
def counting() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if "FROM publication LEFT" not in statement.replace("\n", ""):  # how the switches stand, once a second
            statements.append(statement)

    sa.event.listen(db.engine(), "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(db.engine(), "before_cursor_execute", note)


def test_another_holders_receipt_opens_nothing_of_this_one(stage: Stage) -> None:
    with db.writing() as session:
        other = factories.submitted(session)
        cookie = receipts.open_follow(session, other.contribution.seq or 0, now=NOW)
    client = stage.world.browser()
    client.cookies.set(receipts.COOKIE, cookie)
    path = stage.path("/media/{opaque}/{name}", {})
    there = client.get(path)
    assert there.status_code == 404
    with counting() as queries:
        client.get(path)
    with counting() as for_absent:
        client.get(stage.path("/media/{opaque}/{name}", {}, **ABSENT))
    assert len(queries) == len(for_absent)
    shown = client.get("/api/v1/receipt", headers={"Authorization": f"Receipt {other.code.words}"}).json()
    assert shown["reference"] == other.contribution.reference
