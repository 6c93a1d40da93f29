"""A commit that fails is never a success; a full disk is 507, leaves nothing half written, and reads go on."""

import json
import secrets
import traceback
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, SQLModel

from app import audit, db
from app.errors import DiskFull
from app.models import Media, MediaKind, Revision, Role, State
from app.moderation.schemas import Action
from tests import factories
from tests.conftest import NOW, World
from tests.media import pictures

FORM = {
    "question": "q1",
    "body": "Une grande table, le dimanche.",
    "kind": "individual",
    "consents.publication": "true",
    "consents.age": "true",
}


def the_form(world: World) -> Any:
    return world.client.post("/participer", data=FORM)


def the_api(world: World) -> Any:
    return world.client.post(
        "/api/v1/contributions", json=factories.said(), headers={"Idempotency-Key": str(uuid.uuid4())}
    )


def a_photo(world: World) -> Any:
    return world.client.post("/participer", data=FORM, files={"media": ("photo.jpg", PHOTO, "image/jpeg")})


def a_decision(world: World) -> Any:
    waiting, client = world.extra["waiting"], world.extra["moderator"]
    said = {"version": waiting.version, "revision": 1, "action": Action.PUBLISH.value}
    return client.post(f"/api/v1/moderation/{waiting.id}/decisions", json=said)


def a_withdrawal(world: World) -> Any:
    code = world.extra["code"]
    return world.client.post("/api/v1/receipt/withdrawal", headers={"Authorization": f"Receipt {code}"})


PHOTO = pictures.encoded(pictures.quarters(), "JPEG")
WRITES = [the_form, the_api, a_photo, a_decision, a_withdrawal]
Write = Callable[[World], Any]


@pytest.fixture
def ready(world: World) -> Iterator[World]:
    with db.writing() as session:
        made = factories.submitted(session)
        moderator = factories.staff(session, Role.MODERATOR)
        world.extra |= {
            "waiting": made.contribution,
            "code": made.code.words,
            "moderator": world.as_staff(factories.token(session, moderator)),
        }
        factories.contribution(session, state=State.PUBLISHED)
    quiet(world)
    with structlog.testing.capture_logs() as logs:
        world.extra["logs"] = logs
        yield world


def quiet(world: World) -> None:
    """An answer, not the exception itself: as a server would."""
    for client in (world.client, world.extra["moderator"]):
        client._transport.raise_server_exceptions = False


@pytest.mark.parametrize("write", WRITES)
def test_a_failing_commit_is_no_success(ready: World, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything()

    def fails(_session: Session) -> None:
        raise OperationalError("COMMIT", {}, Exception("the server went away"))

    monkeypatch.setattr(Session, "commit", fails)
    answer = write(ready)
    assert answer.status_code == 503
    assert "the server went away" not in answer.text
    assert "unforeseen" in [line["event"] for line in ready.extra["logs"]]
    monkeypatch.undo()
    assert everything() == before
    assert write(ready).status_code in {200, 201, 303}
    assert everything() != before, "the same request, committed, is seen by this comparison"


@pytest.mark.parametrize("write", WRITES)
def test_a_full_disk_is_507_and_nothing_is_half_written(ready: World, write: Write) -> None:
    with_room = fill(ready)
    before = everything()
    answer = write(ready)
    assert answer.status_code == 507
    if "json" in answer.headers["content-type"]:
        assert answer.json()["code"] == "storage_full"
    assert reads_go_on(ready)
    assert everything() == before
    with_room()
    assert write(ready).status_code in {200, 201, 303}, "it recovers without a restart"
    with db.reading() as session:
        assert audit.verify(session)[1] is None


def test_the_form_keeps_the_words_when_the_disk_is_full(ready: World) -> None:
    with_room = fill(ready)
    answer = the_form(ready)
    with_room()
    assert answer.status_code == 507
    assert FORM["body"] in answer.text


def fill(world: World) -> Callable[[], Any]:
    """The disk is full until what this returns is called."""
    return fill_postgres() if world.dialect == "postgresql" else fill_sqlite()


def test_an_error_of_the_database_does_not_carry_the_words(ready: World) -> None:
    def refused() -> None:
        with db.writing() as session:
            session.add(Revision(contribution_seq=999, number=1, body="CANARI", language="fr", created_at=NOW))

    with pytest.raises(IntegrityError) as caught:
        refused()
    assert "CANARI" not in "".join(traceback.format_exception(caught.value))


def reads_go_on(world: World) -> bool:
    world.app.forget()
    pages = ("/", "/paroles", "/participer", "/api/v1/contributions", "/paroles.atom")
    return {path: world.client.get(path).status_code for path in pages} == dict.fromkeys(pages, 200)


def fill_sqlite() -> Callable[[], None]:
    """The database file may grow no more, and its pages are full: SQLite says so as on a full disk."""
    with db.engine().connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limit(raw: Any, _record: object, _proxy: object) -> None:
        raw.execute(f"PRAGMA max_page_count = {pages}")

    sa.event.listen(db.engine(), "checkout", limit)
    until_full(lambda session: audit.append(session, actor="x", action="x", kind="x", object_id="x", now=NOW))
    until_full(lambda session: session.add(media_row()))

    def with_room() -> None:
        sa.event.remove(db.engine(), "checkout", limit)
        db.dispose()

    return with_room


def until_full(add_little: Callable[[Session], object]) -> None:
    """Small rows until one more asks for a new page."""
    for _ in range(500):
        try:
            with db.writing() as session:
                add_little(session)
        except DiskFull:
            return
    raise AssertionError("500 rows and the file is not full")


def media_row() -> Media:
    return Media(opaque=secrets.token_urlsafe(15), kind=MediaKind.PHOTO, mime="x", size=1, received_at=NOW)


def fill_postgres() -> Callable[[], None]:
    """What the server answers to any row once its disk is full: a file system of its own would need a mount."""
    dialect, honest = db.engine().dialect, type(db.engine().dialect).do_execute

    def full(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            raise psycopg.errors.DiskFull('could not extend file "base/1": No space left on device')
        honest(dialect, cursor, statement, parameters, context)

    dialect.do_execute = full  # type: ignore[method-assign]
    return lambda: vars(dialect).pop("do_execute")


def everything() -> str:
    """Every row of every table, as text (when a session or worker was last seen left out)."""
    with db.engine().connect() as connection:
        tables = sorted(SQLModel.metadata.tables.values(), key=lambda table: table.name)
        return json.dumps(
            {table.name: sorted(map(repr, connection.execute(sa.select(table)).all())) for table in tables}
        )
