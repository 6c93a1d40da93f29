"""The guard: headers on every answer, cross-site posts refused, languages by prefix."""

import pytest

from app.security import CSP, HEADERS
from tests.conftest import World

POST = {"question": "q1", "body": "Bonjour", "consents.publication": "true", "consents.age": "true"}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nulle-part",
        "/api/v1/consultation",
        "/api/v1/receipt",
        "/healthz",
        "/equipe",
        "/suivre",
        "/en/static/x/y.css",
    ],
)
def test_every_answer_carries_the_security_headers(world: World, path: str) -> None:
    answer = world.client.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "unsafe" not in CSP


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://testserver"}, 303),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 303),
    ],
)
def test_a_post_from_another_site_is_refused(world: World, headers: dict[str, str], status: int) -> None:
    assert world.client.post("/participer", data=POST, headers=headers).status_code == status


def test_get_from_another_site_is_a_link_like_any(world: World) -> None:
    assert world.client.get("/participer", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "lang", "direction"),
    [
        ("/", 200, "fr", "ltr"),
        ("/simple/", 200, "fr", "ltr"),
        ("/en/", 200, "en", "ltr"),
        ("/ar/", 200, "ar", "rtl"),
        ("/prs/", 200, "fa-AF", "rtl"),
        ("/ti/besoin-aide", 200, "ti", "ltr"),
    ],
)
def test_the_prefix_is_the_language(world: World, path: str, status: int, lang: str, direction: str) -> None:
    answer = world.client.get(path)
    assert (answer.status_code, answer.headers["content-language"]) == (status, lang)
    assert f'<html lang="{lang}" dir="{direction}">' in answer.text


@pytest.mark.parametrize(
    "path", ["/en/static/x/css/main.css", "/ar/api/v1/consultation", "/en/media/x/y.webp", "/xx/", "/frr/"]
)
def test_what_never_has_a_prefix_is_not_found_under_one(world: World, path: str) -> None:
    assert world.client.get(path).status_code == 404


def test_a_prefix_without_slash_leads_to_its_home(world: World) -> None:
    answer = world.client.get("/ar")
    assert (answer.status_code, answer.headers["location"]) == (308, "/ar/")


def test_what_exists_in_french_only_says_so_to_readers(world: World) -> None:
    home = world.client.get("/prs/").text
    assert '<span lang="fr" dir="ltr">Précarité et isolement' in home
    assert '<span lang="fr" dir="ltr">Précarité' not in world.client.get("/ar/").text
