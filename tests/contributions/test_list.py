"""What the public reads: pages and JSON, one page after the other, and what is gone."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from app import db as database
from app.contributions import queries, rules
from app.contributions.filters import Filters
from app.db import reading, writing
from app.models import Channel, Contribution, State
from tests import factories
from tests.conftest import NOW, World

FIELDS = {
    "id", "reference", "url", "question", "kind", "channel", "title", "body", "language", "direction", "author",
    "audiences", "quartier", "received_on", "published_at", "edited_by_moderation", "edited_reason", "media", "themes",
    "replies", "cited_in", "licence",
}  # fmt: skip
MEDIA = {
    "id", "kind", "type", "width", "height", "duration", "urls", "alt", "transcript", "captions", "blurred",
}  # fmt: skip


def add(state: State = State.PUBLISHED, **fields: Any) -> Contribution:
    with writing() as db:
        return factories.contribution(db, state=state, **fields)


def test_json_has_the_public_shape_and_nothing_else(world: World) -> None:
    made = add(body="Avec une photo.", photo_alt="Une table dehors.", quartier="no-home", author={"name": "Maud"})
    answer = world.client.get("/api/v1/contributions")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"items", "next"}
    assert body["next"] is None
    [item] = body["items"]
    assert set(item) == FIELDS
    assert set(item["media"][0]) == MEDIA
    assert item["quartier"] is None
    assert item["received_on"] == "2022-04-12"
    assert item["published_at"] == "2022-04-12T08:00:00+00:00"
    assert item["url"] == f"/paroles/{made.reference}"
    assert item["author"] == {"name": "Maud", "organisation": None, "people_count": None}
    assert world.client.get(f"/api/v1/contributions/{made.reference.lower()}").json() == item


def test_pages_follow_one_another_without_gap_or_double(world: World) -> None:
    for n in range(7):
        add(body=f"Parole numéro {n} sur la table.")
    for query in ("?limit=3", "?limit=3&q=table", "?limit=3&q=table&sort=relevance", "?limit=3&question=q1"):
        seen, after = [], ""
        for _ in range(4):
            body = world.client.get(f"/api/v1/contributions{query}{after}").json()
            seen += [item["body"] for item in body["items"]]
            if body["next"] is None:
                break
            after = f"&after={body['next']}"
        assert len(seen) == len(set(seen)) == 7
        if "relevance" not in query:
            assert seen[0] == "Parole numéro 6 sur la table."


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("after=zzz", "after", "bad_cursor"),
        ("after=czE%3D", "after", ""),  # padded: a cursor all the same
        ("after=%00", "after", "bad_cursor"),
        ("quartier=no-home", "quartier", "unknown_quartier"),
        ("kind=both", "kind", "unknown_kind"),
        ("theme=x", "theme", "unknown_theme"),
        ("limit=101", "limit", "less_than_equal"),
        ("limit=0", "limit", "greater_than_equal"),
        ("sort=best", "sort", "literal_error"),
        ("since=hier", "since", "unknown_since"),
        ("since=0001-01-01", "since", "unknown_since"),
        ("since=9999-12-31T23:59:59-14:00", "since", "unknown_since"),
    ],
)
def test_a_bad_parameter_is_named(world: World, query: str, field: str, code: str) -> None:
    answer = world.client.get(f"/api/v1/contributions?{query}")
    if not code:
        assert answer.status_code == 200
        return
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("address", ["/api/v1/contributions/{}", "/paroles/{}"])
def test_only_what_is_published_exists(world: World, address: str) -> None:
    for state in (State.PENDING, State.SECOND_REVIEW, State.RETURNED, State.REFUSED, State.MERGED):
        made = add(State.PENDING)
        with writing() as db:
            factories.set_state(db, db.merge(made), state, reason="offence")
        assert world.client.get(address.format(made.reference)).status_code == 404
    for unknown in ("NS-AAAAAA", "x", "%00", "é" * 50):
        assert world.client.get(address.format(unknown)).status_code == 404


@pytest.mark.parametrize(
    ("state", "label"),
    [
        (State.HIDDEN, "Le message insulte"),
        (State.REFUSED, "Le message insulte"),
        (State.WITHDRAWN, "Retiré par la personne"),
        (State.ERASED, "Effacé à la demande"),
    ],
)
def test_what_was_public_leaves_its_reason_and_no_content(world: World, state: State, label: str) -> None:
    first = State.HIDDEN if state is State.REFUSED else state
    made = add(first, body="Des mots très reconnaissables.", title="Un titre reconnaissable")
    with writing() as db:
        factories.set_state(db, db.merge(made), state, reason="offence")
    answer = world.client.get(f"/api/v1/contributions/{made.reference}")
    assert answer.status_code == 410
    problem = answer.json()
    assert problem["code"] == "gone"
    assert problem["reason"].startswith(label)
    assert problem["date"] == "2022-04-12"
    shown = world.client.get(f"/paroles/{made.reference}")
    assert shown.status_code == 410
    assert label in shown.text
    assert "12 avril 2022" in shown.text
    assert "reconnaissable" not in shown.text + answer.text
    assert world.client.get(f"/paroles/{made.reference}", headers={"Accept": "application/json"}).status_code == 410


def test_a_tombstone_speaks_the_readers_language(world: World) -> None:
    made = add(State.HIDDEN)
    assert world.client.get(f"/ar/paroles/{made.reference}").status_code == 410


def test_the_list_page_shows_cards_filters_and_the_way_on(world: World) -> None:
    for n in range(21):
        add(body=f"Parole {n}.")
    shown = world.client.get("/paroles")
    assert shown.status_code == 200
    assert shown.text.count('<article class="voice"') == 20
    assert 'rel="next"' in shown.text
    assert "no-home" not in shown.text
    assert 'href="/paroles?question=q1"' in shown.text
    assert 'type="application/atom+xml"' in shown.text
    assert "noindex" not in shown.text
    assert "noindex" in world.client.get("/paroles?kind=individual").text
    assert world.client.get("/paroles?after=zzz").text.count('<article class="voice"') == 20


def test_a_search_says_what_it_found_instead(world: World) -> None:
    add(body="Un hébergement pour tous.")
    shown = world.client.get("/paroles?q=hebergemnt").text
    assert "Aucun résultat pour « hebergemnt ». Voici « hébergement »." in shown
    assert "exact=1" in shown
    insisted = world.client.get("/paroles?q=hebergemnt&exact=1").text
    assert "Nous n’avons rien trouvé." in insisted
    assert world.client.get("/api/v1/contributions?q=hebergemnt").json()["items"] == []


@pytest.mark.parametrize(
    "query",
    ["", "q=%22%3E%3Cscript%3E", "q=" + "x" * 300, "kind=both&q=a", "question=q1&channel=street", "since=2022-01-01"],
)
def test_every_state_of_the_list_is_a_page(world: World, query: str) -> None:
    for prefix in ("", "/en", "/ar", "/simple"):
        answer = world.client.get(f"{prefix}/paroles?{query}")
        assert answer.status_code == 200
        assert "<script>" not in answer.text
    add(channel=Channel.STREET)
    assert world.client.get(f"/paroles?{query}").status_code == 200


def test_one_voice_is_shown_whole(world: World) -> None:
    made = add(
        body="Ligne une.\nLigne deux <b>.", title="Un titre", photo_alt="Une table.", channel=Channel.STREET,
        quartier="nantes-nord",
    )  # fmt: skip
    shown = world.client.get(f"/paroles/{made.reference.lower()}").text
    assert "Ligne une.\nLigne deux &lt;b&gt;." in shown
    assert '<h1 id="name" lang="fr" dir="ltr">Un titre</h1>' in shown
    assert 'alt="Une table."' in shown
    assert "Dit dans la rue" in shown
    assert "Nantes Nord" in shown
    assert "12 avril 2022" in shown
    assert 'name="robots" content="noindex"' in shown
    assert f'href="/api/v1/contributions/{made.reference}"' in shown


def test_words_in_arabic_run_from_right_to_left_on_a_french_page(world: World) -> None:
    made = add(body="الوحدة صعبة", language="ar")
    for address in ("/paroles", f"/paroles/{made.reference}"):
        shown = world.client.get(address).text
        assert 'lang="ar" dir="rtl">الوحدة صعبة' in shown
        assert '<html lang="fr" dir="ltr">' in shown
    assert '<html lang="ar" dir="rtl">' in world.client.get("/ar/paroles").text


def test_a_page_asks_the_database_five_questions_at_most(world: World) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        # The version is asked once a second, however many pages are.
        if not statement.startswith(("BEGIN", "PRAGMA")) and "publication.version" not in statement:
            asked.append(statement)

    counts = {}
    for rows in (1, 3):
        for _ in range(rows - len(counts.get("", []))):
            add(photo_alt="Une table.", body="Une table.")
        sa.event.listen(database.engine(), "before_cursor_execute", note)
        for query in ("", "?q=table", "?question=q1&kind=individual", "?q=table&sort=relevance", "?since=2022-01-01"):
            world.app.forget()
            asked.clear()
            assert world.client.get(f"/paroles{query}").status_code == 200
            counts.setdefault(query, []).append(len(asked))
        sa.event.remove(database.engine(), "before_cursor_execute", note)
    assert all(one == three <= 5 for one, three in counts.values()), counts


def test_a_hidden_contribution_is_gone_from_list_search_feed_and_home(world: World) -> None:
    made = add(body="Mot-témoin unique.")
    places = ("/paroles", "/paroles?q=unique", "/paroles.atom", "/", "/api/v1/contributions")
    assert all("témoin" in world.client.get(place).text for place in places)
    with writing() as db:
        rules.withdraw(db, db.get_one(Contribution, made.seq), now=NOW)
    world.app.forget()
    assert not any("témoin" in world.client.get(place).text for place in places)


def test_latest_are_the_newest(world: World) -> None:
    for n in range(3):
        add(body=f"Parole {n}.")
    with reading() as db:
        assert [item["body"] for item in queries.latest(db, 2)] == ["Parole 2.", "Parole 1."]
        assert queries.published_count(db) == 3
        assert json.dumps(queries.find(db, Filters(theme="x")).next) == "null"
