"""Languages by prefix: each page says its own and names its others; what a short language lacks is French."""

import re

import pytest

from app import addresses, db, i18n, web
from app.models import State
from tests import factories
from tests.conftest import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGES = (
    "/",
    "/le-dialogue",
    "/besoin-aide",
    "/charte",
    "/accessibilite",
    "/donnees-personnelles",
    "/mentions-legales",
    "/plan-du-site",
    "/transparence/moderation",
    "/participer",
    "/paroles",
    "/suivre",
)
SHORT = ("/", "/participer", "/besoin-aide")
COMPLETE = [language for language in i18n.LANGUAGES.values() if language.complete]
BRIEF = [language for language in i18n.LANGUAGES.values() if not language.complete]
FORM = {
    "question": "q1",
    "body": "Une table.",
    "kind": "individual",
    "consents.publication": "true",
    "consents.age": "true",
}


def html(page: str) -> tuple[str, str]:
    """lang and dir of a page."""
    found = re.search(r'<html lang="([^"]+)" dir="([^"]+)">', page)
    assert found
    return found[1], found[2]


def alternates(page: str) -> dict[str, str]:
    return dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', page))


@pytest.mark.parametrize("language", i18n.LANGUAGES.values(), ids=list(i18n.LANGUAGES))
def test_each_page_says_its_language_and_its_direction(world: World, language: i18n.Language) -> None:
    for path in PAGES if language.complete else SHORT:
        answer = world.client.get(language.prefix + path)
        assert answer.status_code == 200, path
        assert html(answer.text) == (language.tag, language.direction), path
        assert answer.headers["content-language"] == language.tag


@pytest.mark.parametrize("path", PAGES)
def test_each_page_names_the_languages_it_exists_in(world: World, path: str) -> None:
    expected = BRIEF + COMPLETE if path in SHORT else COMPLETE
    named = alternates(world.client.get(path).text)
    wanted = {
        language.tag + ("-x-simple" if language.code == "simple" else ""): f"http://testserver{language.prefix}{path}"
        for language in expected
    }
    assert named == wanted
    for address in named.values():
        answer = world.client.get(address)
        assert answer.status_code == 200, address
        assert alternates(answer.text) == wanted, "each names the same ones, itself included"


@pytest.mark.parametrize(
    "path", ["/static/x/css/main.css", "/api/v1/consultation", "/media/x/400.webp", "/healthz", "/readyz", "/metrics"]
)
@pytest.mark.parametrize("code", [code for code in i18n.LANGUAGES if code != "fr"])
def test_what_is_not_a_page_has_no_language(world: World, code: str, path: str) -> None:
    assert world.client.get(f"/{code}{path}").status_code == 404


@pytest.mark.parametrize("language", BRIEF, ids=lambda language: language.code)
def test_what_a_short_language_lacks_is_shown_in_french(world: World, language: i18n.Language) -> None:
    for path in {*PAGES, "/paroles/NS-222222", "/equipe", "/nulle-part"} - set(SHORT):
        answer = world.client.get(f"{language.prefix}{path}?a=1&b=%C3%A9")
        assert (answer.status_code, answer.headers["location"]) == (302, f"{path}?a=1&b=%C3%A9"), path


@pytest.mark.parametrize("language", BRIEF, ids=lambda language: language.code)
def test_a_short_language_goes_from_the_form_to_the_receipt(world: World, language: i18n.Language) -> None:
    """The form is posted in its language, a refusal is said in it, and so is the receipt."""
    form = world.client.get(f"{language.prefix}/participer").text
    action = re.findall(r'<form method="post" action="([^"]+)" enctype', form)
    assert action == [f"{language.prefix}/participer"]
    refused = world.client.post(action[0], data=FORM | {"body": ""})
    assert (refused.status_code, html(refused.text)) == (422, (language.tag, language.direction))
    sent = world.client.post(action[0], data=FORM)
    assert sent.headers["location"].startswith(f"{language.prefix}/participer/merci/")
    receipt = world.client.get(sent.headers["location"])
    assert html(receipt.text) == (language.tag, language.direction)
    assert 'id="receipt-code" lang="fr" dir="ltr"' in receipt.text, "the words are French in every language"


@pytest.mark.parametrize("path", ["//evil.example", "///evil.example/x", "/\\evil.example"])
def test_the_way_back_to_french_stays_on_this_site(world: World, path: str) -> None:
    location = world.client.get(f"http://testserver/uk{path}").headers["location"]
    assert re.match(r"/[^/\\]", location), location


def test_links_stay_in_the_language_of_the_page(world: World) -> None:
    """Of a page in Arabic every link to a page of ours is Arabic; the menu of languages apart."""
    page = world.client.get("/ar/").text
    main = page[page.index("<main") : page.index("</main>")]
    own = [href for href in re.findall(r'href="(/[^"]*)"', main) if not href.startswith(("/static/", "/paroles.atom"))]
    assert own
    assert [href for href in own if not href.startswith("/ar")] == []


def test_a_prefix_without_a_slash_gets_one(world: World) -> None:
    answer = world.client.get("/en")
    assert (answer.status_code, answer.headers["location"]) == (308, "/en/")


def test_a_word_that_only_begins_like_a_language_is_no_prefix(world: World) -> None:
    assert world.client.get("/english").status_code == 404
    assert world.client.get("/enpage").status_code == 404


def test_a_host_sites_path_stands_before_the_language(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (addresses, web):
        monkeypatch.setattr(module, "prefix", ["/solidarites"])
    monkeypatch.setattr(world.app.app.app, "path_prefix", "/solidarites")
    page = world.client.get("/solidarites/ar/")
    assert page.status_code == 200
    assert html(page.text) == ("ar", "rtl")
    assert 'href="/solidarites/ar/participer"' in page.text
    moved = world.client.get("/solidarites/uk/paroles")
    assert (moved.status_code, moved.headers["location"]) == (302, "/solidarites/paroles")
    with db.writing() as session:
        said = factories.contribution(session, state=State.PUBLISHED, photo_alt="Un banc.")
        factories.event(session)
    here = "/solidarites/api/v1"
    sent = world.client.post(f"{here}/contributions", json=factories.said())
    assert sent.headers["location"] == f"{here}/contributions/{sent.json()['reference']}"
    page = world.client.get(f"/solidarites/paroles/{said.reference}")
    shown = [sent.text, page.text, *(world.client.get(f"{here}/{name}").text for name in ("contributions", "events"))]
    found = [address for text in shown for address in re.findall(r'[" ](/[a-z][^" ]*)', text)]
    assert "/solidarites/media/" in " ".join(found)
    assert [address for address in found if not address.startswith("/solidarites/")] == []
