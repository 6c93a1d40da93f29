"""The page cache: fast, and never a second older than the rule allows."""

import pytest
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from app import cache, db
from app.models import Event, State
from app.models.publication import bump, bump_seats
from tests.conftest import World
from tests.factories import contribution, event


def hits(world: World) -> int:
    return len(world.app.entries)


def test_a_public_page_is_kept_and_answers_304_to_its_etag(world: World) -> None:
    first = world.client.get("/le-dialogue")
    assert first.status_code == 200
    assert first.headers["cache-control"] == "public, no-cache"
    assert hits(world) == 1
    again = world.client.get("/le-dialogue", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


def test_compressed_and_plain_have_etags_of_their_own(world: World) -> None:
    zipped = world.client.get("/le-dialogue", headers={"Accept-Encoding": "gzip"})
    plain = world.client.get("/le-dialogue", headers={"Accept-Encoding": "identity"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert zipped.text == plain.text
    assert zipped.headers["etag"] != plain.headers["etag"]


def test_head_has_the_headers_of_get_and_no_body(world: World) -> None:
    for _ in range(2):  # made, then from memory
        head = world.client.head("/le-dialogue")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] != "0"
    assert world.client.head("/suivre").status_code == 200


def test_each_language_and_query_is_a_page_of_its_own(world: World) -> None:
    assert 'lang="ar"' in world.client.get("/ar/le-dialogue").text
    assert 'lang="fr"' in world.client.get("/le-dialogue").text
    assert world.client.get("/paroles?question=q1").text != world.client.get("/paroles").text


def test_searches_are_not_kept(world: World) -> None:
    world.client.get("/paroles?q=table")
    world.client.get("/paroles?question=q1&q=table")
    assert hits(world) == 0


def test_private_pages_errors_and_the_receipt_are_not_kept(world: World) -> None:
    for path in ("/suivre", "/equipe/connexion", "/nulle-part", "/participer/merci/x"):
        assert world.client.get(path).headers["cache-control"].endswith("no-store")
    assert hits(world) == 0


def test_a_change_is_seen_when_the_version_is_next_asked(world: World, monkeypatch: object) -> None:
    with db.writing() as session:
        shown = contribution(session, state=State.PUBLISHED, body="Un banc devant chaque école.")
    assert "Un banc devant" in world.client.get("/paroles").text
    with db.writing() as session:
        made = session.merge(shown)
        from app.contributions import history, publishing

        history.move(session, made, to=State.HIDDEN, action="hide", actor="test", now=world.clock())
        publishing.unpublish(session, made)
    world.app.checked -= cache.RECHECK + 0.01  # a second later
    assert "Un banc devant" not in world.client.get("/paroles").text
    assert cache.RECHECK <= 1.0


def test_a_kept_page_is_not_asked_of_the_database(world: World) -> None:
    world.client.get("/le-dialogue")
    with db.writing() as session:
        bump(session)
    version = world.app.version
    world.client.get("/le-dialogue")  # within the second: still the former version
    assert world.app.version == version


def test_without_its_database_it_says_so_in_words_and_keeps_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = TestClient(world.app, base_url="http://testserver", raise_server_exceptions=False)
    assert client.get("/le-dialogue").status_code == 200

    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    with monkeypatch.context() as broken:
        broken.setattr(db.engine(), "connect", away)
        broken.setattr("app.db.Session", away)
        broken.setattr(world.app, "read_versions", away)
        world.app.checked = 0.0
        for path, status in (("/healthz", 200), ("/readyz", 503), ("/paroles", 503), ("/api/v1/contributions", 503)):
            assert client.get(path).status_code == status, path
        assert client.get("/readyz").json()["database"] == "down"
        assert client.get("/api/v1/contributions").json()["code"] == "database_down"
        assert "Réessayez dans un moment" in client.get("/paroles").text
        assert hits(world) == 0
    world.app.checked = 0.0
    assert client.get("/paroles").status_code == 200


def test_it_forgets_the_oldest_beyond_its_size(world: World, monkeypatch: object) -> None:
    monkeypatch.setattr(cache, "MOST_BYTES", 60_000)  # type: ignore[attr-defined]
    for path in ("/le-dialogue", "/charte", "/besoin-aide", "/accessibilite", "/mentions-legales"):
        world.client.get(path)
    assert world.app.size <= 60_000
    assert 0 < hits(world) < 5
    assert world.app.size == sum(entry.size for entry in world.app.entries.values())


def test_a_sign_up_costs_only_the_pages_that_show_places_left(world: World) -> None:
    with db.writing() as session:
        meeting = event(session, capacity=10, taken=3)
    shown = ("/rendez-vous", f"/rendez-vous/{meeting.slug}", "/api/v1/events")
    for path in (*shown, "/le-dialogue"):
        answer = world.client.get(path)
        assert answer.headers["cache-control"] == "public, no-cache"
        assert cache.SEATS not in answer.headers, "between us only"
    assert hits(world) == 4
    with db.writing() as session:
        session.get_one(Event, meeting.seq).taken = 9
        bump_seats(session)
    world.app.checked -= cache.RECHECK + 1
    before = {key[0]: entry for key, entry in world.app.entries.items()}
    assert all(("Il reste 1 place" in world.client.get(path).text) for path in shown[:2])
    assert world.client.get(shown[2]).json()["items"][0]["seats_left"] == 1
    world.client.get("/le-dialogue")
    after = {key[0]: entry for key, entry in world.app.entries.items()}
    assert {path for path in after if after[path] is not before[path]} == set(shown)
