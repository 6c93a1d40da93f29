"""The index answers the same on both databases: words, filters, slips, and nothing that is not published."""

import pytest
import sqlalchemy as sa

from app.contributions import erasure, publishing, queries, search, vocabulary
from app.contributions.filters import Filters, read
from app.contributions.words import terms
from app.db import reading, writing
from app.models import Kind, State
from tests import factories
from tests.conftest import NOW, World

BODIES = (
    "L’hébergement d’urgence est complet, appelez le 115.",
    "Je me sens isolée depuis que mes voisins sont partis.",
    "Une grande table, le dimanche, pour les personnes isolées.",
    "Les associations du quartier peuvent héberger des jeunes.",
)

WORDS = (
    ("hébergement", {0, 3}),  # its stem
    ("HEBERGEMENT", {0, 3}),  # case and accents forgiven
    ("isolé", {1, 2}),
    ("d'urgence", {0}),
    ("115", {0}),
    ("isolées dimanche", {2}),  # every word
    ("associ", {3}),  # the beginning of a word
    ("héberg", {0, 3}),
    ("xylophone", set()),
    ("!!!", set()),
    ("le la les", set()),  # nothing one can look for
    ("l", set()),
    ("l'", set()),
    ("« grande table »", {2}),
    ("D’URGENCE, appelez-le !", {0}),
    ("lhebergement", {0, 3}),  # the apostrophe left out
    ("mes-voisins", {1}),
    ("mesvoisins", {1}),  # two words in one
    ("115urgence", {0}),
    ("dimnache table", {2}),
    ("ta\u00adble", {2}),  # copied from a page that breaks its words
    ("grande table xylophone", {2}),  # a word nobody says is left out
    ("xylofone voisnis", {1}),
    ("xylophone trombone", set()),
    ("urgence dimanche", set()),  # never together
)


def publish(world: World, *bodies: str, **fields: object) -> list[str]:
    with writing() as db:
        return [factories.contribution(db, state=State.PUBLISHED, body=body, **fields).reference for body in bodies]


def found(query: str = "", **filters: str) -> list[str]:
    with reading() as db:
        return [item["body"] for item in queries.find(db, Filters(q=query, **filters)).items]


def test_words_are_found_by_their_family(world: World) -> None:
    publish(world, *BODIES)
    assert {query: set(found(query)) for query, _expected in WORDS} == {
        query: {BODIES[n] for n in expected} for query, expected in WORDS
    }


def test_the_newest_comes_first_and_relevance_on_demand(world: World) -> None:
    publish(world, "Table, table, table.", "Une table et beaucoup d’autres choses à dire sur la vie du quartier ici.")
    with reading() as db:
        newest = queries.find(db, Filters(q="table")).items
        best = queries.find(db, Filters(q="table"), by_relevance=True).items
    assert [item["body"][:6] for item in newest] == ["Une ta", "Table,"]
    assert [item["body"][:6] for item in best] == ["Table,", "Une ta"]


def test_the_best_say_the_very_word(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rest = " et bien d’autres choses que les gens disent de la vie ici"
    bodies = (
        f"Un logement, un vrai logement{rest}.",
        f"Le logement{rest}.",
        f"La logique, le logiciel et le logo d’un logement{rest}.",  # other words that begin so are not counted
    )
    publish(world, *bodies)
    publish(world, "Logement!", language="en")
    publish(world, f"Le logement{rest}.", title="Logement")  # a title counts twice
    with reading() as db:
        best = [item["body"] for item in queries.find(db, Filters(q="logement"), by_relevance=True).items]
        monkeypatch.setattr(search, "RANKED", 2)
        newest = [item["body"] for item in queries.find(db, Filters(q="logement"), by_relevance=True).items]
    assert best == ["Logement!", bodies[1], *bodies]
    assert newest == ["Logement!", bodies[1]]


@pytest.mark.parametrize("by_relevance", [False, True])
def test_what_comes_or_goes_between_two_pages_moves_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch, by_relevance: bool
) -> None:
    monkeypatch.setattr(search, "NEAR", 2)  # PostgreSQL fills a page so, or must look further
    with writing() as db:
        made = [
            factories.contribution(db, state=State.PUBLISHED, body=f"Une table{' ronde' * n}, {n}.") for n in range(8)
        ]
        publishing.unpublish(db, made[0])
    seen, after = [], ""
    for step in range(4):
        with reading() as db:
            page = queries.find(db, Filters(q="table"), limit=2, after=after, by_relevance=by_relevance)
        seen += [item["reference"] for item in page.items]
        after = page.next or ""
        if step == 0:
            publish(world, "Table!", "Table, et table.")  # the best and the newest
            with writing() as db:
                gone = next(each for each in made[1:] if each.reference == seen[0])
                publishing.unpublish(db, db.merge(gone))
        if not after:
            break
    order = made[1:] if by_relevance else made[:0:-1]
    assert seen == [each.reference for each in order]


def test_a_slip_is_forgiven_only_where_nothing_else_is_found(world: World) -> None:
    publish(world, *BODIES)
    with reading() as db:
        page = queries.find(db, Filters(q="hebergemnet urgence"))
        literal = queries.find(db, Filters(q="hebergemnet urgence"), literally=True)
        fine = queries.find(db, Filters(q="urgence"))
    assert [item["body"] for item in page.items] == [BODIES[0]]
    assert (page.asked, page.shown) == ("hebergemnet urgence", "hébergement urgence")
    assert literal.items == []
    assert fine.asked == fine.shown == "urgence"


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("table", "table", 0),
        ("table", "talbe", 1),
        ("table", "tabl", 1),
        ("table", "étable", 1),
        ("table", "stables", 2),
        ("", "ab", 2),
    ],
)
def test_distance_counts_slips(one: str, other: str, slips: int) -> None:
    assert vocabulary.distance(one, other) == slips


def test_other_languages_are_found_as_they_are_written(world: World) -> None:
    arabic = "الوحدة صعبة في المدينة"
    publish(world, arabic, language="ar")
    publish(world, "Housing is too expensive.", language="en")
    assert found("وحدة") == [arabic]  # without the article
    assert found("الوحده") == [arabic]  # another way to end it
    assert found("housing") == ["Housing is too expensive."]


def test_kin_the_stemmer_keeps_apart_is_found(world: World) -> None:
    pairs = (
        ("un lieu", "des lieux"), ("un travail", "des travaux"), ("un jeu", "des jeux"), ("un vieux", "une vieille"),
        ("un vélo", "des vélos"), ("un euro", "des euros"), ("mon emploi", "mes emplois"), ("une amie", "des amis"),
        ("on partage", "ils partagent"), ("un cœur", "des COEURS"), ("un œil", "des yeux"),
    )  # fmt: skip
    publish(world, *(f"Voici {each}." for pair in pairs for each in pair), "Voici un bus.")
    publish(world, "والسكن غالي", "السكن بعيد", "کار نیست", language="ar")
    for one, other in pairs:
        bodies = {f"Voici {one}.", f"Voici {other}."}
        assert set(found(one)) == set(found(other)) == bodies
    assert found("bsu") == ["Voici un bus."]
    assert set(found("السكن")) == set(found("والسكن")) == {"والسكن غالي", "السكن بعيد"}
    assert found("كار") == ["کار نیست"]  # typed on an Arabic keyboard


def test_a_corrected_search_goes_on_to_its_next_page(world: World) -> None:
    group = {"organisation": "Les Tisseurs", "people_count": 3}
    publish(world, *(f"Un hébergement, {n}." for n in range(3)), kind="collective", author=group)
    for by_relevance in (False, True):
        seen, after = [], ""
        for _ in range(2):
            with reading() as db:
                page = queries.find(db, Filters(q="hebergemnt"), limit=2, after=after, by_relevance=by_relevance)
            assert page.shown == "hébergement"
            seen += [item["body"] for item in page.items]
            after = page.next or ""
        assert sorted(seen) == [f"Un hébergement, {n}." for n in range(3)]
    with reading() as db:
        assert queries.find(db, Filters(q="hébergement"), after=queries.write_cursor("s1")).items == []
    assert len(found("tiseurs")) == 3  # who spoke, too


def test_the_search_field_keeps_what_was_typed(world: World) -> None:
    publish(world, "Une table.")
    long = "table " * 90
    shown = world.client.get("/paroles", params={"q": long, "sort": "relevance"}).text
    assert f'value="{long}"' in shown
    assert "200 caractères au plus" in shown
    assert '<input type="hidden" name="sort" value="relevance">' in shown
    assert 'name="sort"' not in world.client.get("/paroles?q=table").text


def test_filters_join_with_words(world: World) -> None:
    publish(world, "Une table pour nous.", kind=Kind.INDIVIDUAL, quartier="nantes-nord", question="q1")
    publish(world, "Une table pour eux.", kind=Kind.INDIVIDUAL, quartier="nantes-sud", question="q1")
    publish(world, "Autre chose.", kind=Kind.INDIVIDUAL, quartier="nantes-nord", question="q3")
    assert found("table", quartier="nantes-nord") == ["Une table pour nous."]
    assert found("", quartier="nantes-nord", question="q3") == ["Autre chose."]
    assert found("", kind="collective") == []
    assert found("qnantes") == []  # a filter's word is no word


def test_what_leaves_the_public_leaves_the_index_and_the_vocabulary(world: World) -> None:
    publish(world, BODIES[1])
    with writing() as db:
        made = factories.contribution(db, state=State.PUBLISHED, body="Un canari isolé.")
        erasure.erase(db, made, scope="everything", actor="author", now=NOW)
    with reading() as db:
        kept = {row[0] for row in db.connection().execute(sa.text("SELECT word FROM vocabulary"))}
        index = " ".join(row[0] for row in db.connection().execute(sa.text("SELECT words FROM published_index")))
    assert found("canari") == []
    assert "canari" not in kept
    assert "canar" not in index
    assert "isolée" in kept


def test_indexing_again_changes_nothing(world: World) -> None:
    with writing() as db:
        made = factories.contribution(db, state=State.PUBLISHED, body=BODIES[0])
        before = _everything(db)
        publishing.reindex(db, made)
        assert _everything(db) == before


def _everything(db: object) -> list[list[tuple[object, ...]]]:
    tables = ("SELECT words, plain FROM published_index", "SELECT form, word, uses FROM vocabulary ORDER BY form, word")
    return [[tuple(row) for row in db.connection().execute(sa.text(table))] for table in tables]  # type: ignore[attr-defined]


def test_naughty_searches_are_only_words(world: World) -> None:
    publish(world, *BODIES)
    for naughty in ('"', "' OR 1=1 --", "a* AND NEAR(b)", "table*", '""*', "(((", "%_", "\\", "words:table", "é" * 300):
        with reading() as db:
            queries.find(db, Filters(q=naughty))


def test_a_word_of_the_index_holds_no_quote() -> None:
    for word in ("l'eau", 'a"b', "a\\b", "ʼn"):
        assert all(term.replace("_", "").isalnum() for each in search.asked(word) for term in terms(each))


def test_since_is_the_order_of_publication(world: World) -> None:
    publish(world, "Ancienne.")
    world.clock.at = NOW
    with writing() as db:
        old = factories.contribution(db, state=State.PUBLISHED, body="Revenue.")
        publishing.unpublish(db, old)
        publishing.publish(db, old, now=NOW)
    assert found("", since="2022-04-12") == ["Revenue.", "Ancienne."]
    assert found("", since="2022-04-13") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("question", "q9"), ("kind", "both"), ("channel", "fax"), ("audience", "kings"), ("quartier", "no-home"),
        ("quartier", "paris"), ("theme", "any"), ("language", "klingon"), ("has", "smell"), ("since", "hier"),
        ("q", "x" * 201),
    ],
)  # fmt: skip
def test_an_unknown_value_names_its_filter(world: World, name: str, value: str) -> None:
    filters, errors = read({name: value})
    assert [error.field for error in errors] == [name]
    assert filters == Filters()
