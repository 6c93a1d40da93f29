"""Every refusal of the API is a problem in the language of who asks."""

import pytest

from app import i18n
from app.db import writing
from app.models import State
from tests import factories
from tests.conftest import World

PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("", "fr"), ("*", "fr"), ("de", "fr"), ("en", "en"), ("EN-gb", "en"), ("de, ar;q=0.8, en;q=0.5", "ar"),
        ("en;q=0.2,fr;q=0.9", "fr"), ("en;q=0, uk", "uk"), ("fa", "prs"), ("fa-AF", "prs"), ("simple", "fr"),
        ("en;q=x, ro", "ro"), (";q=1,,;", "fr"),
    ],
)  # fmt: skip
def test_a_language_is_the_one_they_like_best_of_ours(asked: str, code: str) -> None:
    assert i18n.accepted(asked).code == code


def test_refusals_are_in_the_language_of_who_asks_and_addresses_are_not(world: World) -> None:
    with writing() as db:
        slug = factories.event(db).slug
        hidden = factories.contribution(db, state=State.HIDDEN, reason="personal")
    said = {}
    for language in ("fr", "en", "ar"):
        here = world.browser()
        here.headers["Accept-Language"] = f"{language}-XX,{language};q=0.9"
        refused = here.post("/api/v1/contributions", json=factories.said(body=""))
        assert (refused.status_code, refused.headers["content-language"]) == (422, language)
        gone = here.get(f"/api/v1/contributions/{hidden.reference}").json()
        [error] = refused.json()["errors"]
        said[language] = (refused.json()["detail"], error["message"], gone["detail"], gone["reason"])
        assert here.get(f"/api/v1/events/{slug}").json()["url"] == f"/rendez-vous/{slug}"
        assert 'lang="fr"' in here.get("/paroles/NS-222222").text, "a page speaks the language of its address"
    assert len({words for each in said.values() for words in each}) == 12
    assert said["fr"][1].startswith("Écrivez quelques mots")


def test_an_address_names_all_its_methods(world: World) -> None:
    for path, methods in (
        ("/contributions", "GET, HEAD, POST"), ("/contributions/NS-222222", "GET, HEAD"),
        ("/receipt/withdrawal", "DELETE, POST"), ("/uploads", "OPTIONS, POST"), ("/collect/x", "GET, HEAD, PUT"),
    ):  # fmt: skip
        refused = world.client.request("PATCH", "/api/v1" + path)
        assert (refused.status_code, refused.headers["allow"]) == (405, methods), path
        assert (refused.headers["content-type"], refused.json()["code"]) == (PROBLEM, "method_not_allowed")
    assert world.client.patch("/paroles/NS-222222").headers["allow"] == "GET, HEAD"


def test_a_body_that_is_no_json_is_said_of_the_whole(world: World) -> None:
    sent = [
        (b"{", "application/json"), (b"[]", "application/json"), (b"\xff", "application/json"),
        (b"[" * 100_000, "application/json"), (b'{"email":' + b"9" * 5000 + b"}", "application/json"),
        (b'{"reference":"x"}', "text/plain"),
    ]  # fmt: skip
    for path in ("/notices", "/contributions"):
        for body, kind in sent:
            refused = world.client.post("/api/v1" + path, content=body, headers={"Content-Type": kind})
            told = refused.json()
            assert (refused.status_code, told["code"], told["errors"][0]["field"]) == (422, "json_invalid", ""), body[
                :9
            ]
        empty = world.client.post("/api/v1" + path).json()
        assert (empty["code"], empty["errors"][0]["field"]) == ("missing", "")


def test_no_body_of_the_api_is_as_large_as_a_form_with_photos(world: World) -> None:
    for path in ("/notices", "/collect/devices", "/receipt/appeal", "/moderation/decisions"):
        refused = world.client.post("/api/v1" + path, content=b" " * (5 * 1024 * 1024))
        assert (refused.status_code, refused.headers["content-type"]) == (413, PROBLEM), path
        assert refused.json()["code"] == "too_large"


def test_a_refused_credential_names_the_one_that_is_asked_for(world: World) -> None:
    for path, scheme in (("/receipt", "Receipt"), ("/moderation/queue", "Bearer"), ("/collect/key", "Bearer")):
        assert world.client.get("/api/v1" + path).headers["www-authenticate"] == scheme
