"""The guard: headers on every answer, cross-site posts refused, languages by prefix."""

import pytest
from fastapi import Request

from app.forms import MOST_TEXT
from app.security import CSP, HEADERS
from app.web import client_address
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


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("2001:db8:1:3::9", "2001:db8:1:3::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient:x", "testclient:x"),
    ],
)
def test_changing_the_end_of_an_ipv6_address_passes_no_limit(address: str, counted_as: str) -> None:
    assert client_address(Request({"type": "http", "client": (address, 1)})) == counted_as


@pytest.mark.parametrize("path", ["/participer", "/equipe/connexion"])
def test_a_form_of_many_large_fields_does_not_fill_the_memory(world: World, path: str) -> None:
    """Each field alone is within its limit; whoever sends a photo sends no more text for it."""
    fields = {f"f{n}": "a" * 1_000_000 for n in range(5)}
    photo = {"photos": ("photo.jpg", b"\xff\xd8" + bytes(MOST_TEXT), "image/jpeg")}
    assert world.client.post(path, data=fields).status_code == 413
    many = world.client.post(path, data=fields, files=photo)
    assert (many.status_code, many.headers["content-type"]) == (413, "text/html; charset=utf-8")
    assert world.client.post(path, data={"f": "a"}, files=photo).status_code == 422
