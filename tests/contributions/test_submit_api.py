"""Saying something through the JSON API, and every way to say it wrong."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select

from app import db as database
from app import proof
from app.models import Consent, Contact, Contribution, IdempotencyKey, Revision
from tests import factories
from tests.conftest import NOW, World
from tests.contributions.residents import count, receipt, send

FAMILY = "👨‍👩‍👧‍👦"  # one character to a person, eleven code points


def problem(answer: Any) -> tuple[int, str, list[tuple[str, str]]]:
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert all(error["message"] for error in told.get("errors", []))
    return answer.status_code, told["code"], [(error["field"], error["code"]) for error in told.get("errors", [])]


def test_it_answers_with_a_reference_and_a_receipt(world: World) -> None:
    answer = send(world, title="Un banc")
    told = answer.json()
    assert answer.status_code == 201
    assert set(told) >= {"id", "reference", "receipt_code", "state", "url"}
    assert (told["state"], told["url"]) == ("pending", f"/paroles/{told['reference']}")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["location"] == f"/api/v1/contributions/{told['reference']}"
    held = world.client.get("/api/v1/receipt", headers=receipt(told["receipt_code"])).json()
    assert held["revision"] == {
        "number": 1, "title": "Un banc", "body": "Une grande table, le dimanche.", "language": "fr",
    }  # fmt: skip
    assert world.client.get(told["url"]).status_code == 404


def test_wording_and_date_of_consents_are_the_servers(world: World) -> None:
    send(world, consents={"publication": True, "age": True, "contact": False})
    with database.reading() as db:
        kept = {each.kind: (each.given, each.wording != "", each.at) for each in db.exec(select(Consent))}
    assert kept == {"publication": (True, True, NOW), "age": (True, True, NOW), "contact": (False, True, NOW)}


def test_contact_details_are_sealed_and_never_shown_back(world: World) -> None:
    told = send(world, contact={"email": "Prenom.Nom@Exemple.FR", "phone": "06 12 34 56 78"}).json()
    with database.reading() as db:
        contact = db.exec(select(Contact)).one()
        everything = repr(contact.model_dump())
    assert "exemple" not in everything.lower()
    assert "612345678" not in everything
    held = world.client.get("/api/v1/receipt", headers=receipt(told["receipt_code"])).text
    assert "exemple" not in held.lower()
    assert "612345678" not in held


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"body": ""}, [("body", "empty")]),
        ({"body": " \n\t\u200b\u2060 "}, [("body", "empty")]),
        ({"body": "é" * 5001}, [("body", "too_long")]),
        ({"body": "x" * 10001, "kind": "collective"}, [("body", "too_long")]),
        ({"title": "x" * 121}, [("title", "too_long")]),
        ({"question": "inconnue"}, [("question", "unknown_question")]),
        ({"question": None}, [("question", "string_type")]),
        ({"audiences": ["inconnue"]}, [("audiences", "unknown_audience")]),
        ({"quartier": "inconnu"}, [("quartier", "unknown_quartier")]),
        ({"age_band": "inconnue"}, [("age_band", "unknown_age_band")]),
        ({"kind": "inconnu"}, [("kind", "enum")]),
        ({"language": "pas une langue"}, [("language", "unknown_language")]),
        ({"consents": {"age": True}}, [("consents.publication", "consent_missing")]),
        ({"consents": {"publication": True}}, [("consents.age", "consent_missing")]),
        ({"consents": {"publication": False, "age": True}}, [("consents.publication", "consent_missing")]),
        ({"contact": {"email": "pas une adresse"}}, [("contact.email", "bad_email")]),
        ({"contact": {"email": "a@b.fr, c@d.fr"}}, [("contact.email", "bad_email")]),
        ({"contact": {"phone": "12"}}, [("contact.phone", "bad_phone")]),
        ({"author": {"name": "x" * 81}}, [("author.name", "too_long")]),
        ({"author": {"people_count": 0}}, [("author.people_count", "greater_than_equal")]),
        ({"author": {"people_count": 10**9}}, [("author.people_count", "too_many_people")]),
        ({"author": {"organisation_kind": "inconnu"}}, [("author.organisation_kind", "unknown_organisation_kind")]),
        ({"media": ["inconnu"]}, [("media.0.upload", "unknown_upload")]),
        ({"media": ["a", "b", "c", "d", "e", "f"]}, [("media", "too_many_media")]),
        ({"in_reply_to": "NS-234567"}, [("in_reply_to", "replies_closed")]),
        ({"body": "", "question": "x"}, [("question", "unknown_question"), ("body", "empty")]),
    ],
)
def test_a_bad_field_is_named(world: World, change: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    status, _code, found = problem(send(world, **change))
    assert (status, found) == (422, errors)
    assert count(Contribution) == 0


@pytest.mark.parametrize(("body", "status"), [("", 422), ("{", 422), ("[]", 422), ("null", 422), ('{"a":' * 9999, 422)])
def test_what_is_no_json_object_is_refused(world: World, body: str, status: int) -> None:
    answer = world.client.post("/api/v1/contributions", content=body, headers={"Content-Type": "application/json"})
    assert problem(answer)[0] == status


def test_a_body_beyond_all_measure_is_413(world: World) -> None:
    status, code, _ = problem(send(world, body="x" * 2_000_000))
    assert (status, code) == (413, "too_large")


def test_length_counts_what_people_see(world: World) -> None:
    assert send(world, body=FAMILY * 5000).status_code == 201
    assert problem(send(world, body=FAMILY * 5001))[2] == [("body", "too_long")]
    assert send(world, title=FAMILY * 120, author={"name": FAMILY * 80}).status_code == 201
    assert send(world, body="x" * 10_000, kind="collective").status_code == 201


def test_stacked_marks_do_not_make_a_text_endless(world: World) -> None:
    assert problem(send(world, body="a" + "\u0301" * 200_000))[2] == [("body", "too_long")]


@pytest.mark.parametrize("body", ["a\x00b", "a\ud800b", "\ud83d", "a\x07\x1b[31mb", "\ufffe", "‮renversé"])
def test_characters_nobody_can_keep_do_no_harm(world: World, body: str) -> None:
    import json

    sent = json.dumps(factories.said(body=body + " mots", title=body, author={"name": body}))
    answer = world.client.post("/api/v1/contributions", content=sent, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201
    held = world.client.get("/api/v1/receipt", headers=receipt(answer.json()["receipt_code"])).json()
    assert held["revision"]["body"].endswith("mots")
    assert "\x00" not in held["revision"]["body"]


@pytest.mark.parametrize(("accepts", "language"), [(None, "fr"), ("en-GB,en;q=0.9", "en"), ("ar", "ar"), ("xx", "fr")])
def test_the_language_is_the_pages_unless_said(world: World, accepts: str | None, language: str) -> None:
    headers = {"Accept-Language": accepts} if accepts else {"Accept-Language": ""}
    answer = world.client.post("/api/v1/contributions", json=factories.said(), headers=headers)
    told = answer.json()
    held = world.client.get("/api/v1/receipt", headers=receipt(told["receipt_code"])).json()
    assert held["revision"]["language"] == language


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("06 12 34 56 78", "+33612345678"), ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("0033.6.12.34.56.78", "+33612345678"),
        ("٠٦ ١٢ ٣٤ ٥٦ ٧٨", "+33612345678"), ("+93 70 123 4567", "+93701234567"),
    ],
)  # fmt: skip
def test_phone_numbers_are_written_one_way(world: World, typed: str, kept: str) -> None:
    from app.adapters import vault

    send(world, contact={"phone": typed})
    with database.reading() as db:
        assert db.exec(select(Contact)).one().phone_index == vault.blind("contact", kept)


def test_after_the_collection_nothing_comes_in(world: World) -> None:
    world.clock.at = datetime(2022, 11, 1, tzinfo=UTC)
    status, code, _ = problem(send(world))
    assert (status, code) == (409, "collection_closed")
    assert count(Contribution) == 0


def test_a_repeat_under_one_key_gives_the_first_answer(world: World) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first = world.client.post("/api/v1/contributions", json=factories.said(), headers=headers)
    again = world.client.post("/api/v1/contributions", json=factories.said(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert count(Contribution) == 1
    with database.reading() as db:
        sealed = db.exec(select(IdempotencyKey)).one().sealed
    assert first.json()["receipt_code"].encode() not in sealed


def test_another_body_under_the_same_key_is_409(world: World) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    world.client.post("/api/v1/contributions", json=factories.said(), headers=headers)
    answer = world.client.post("/api/v1/contributions", json=factories.said("Autre chose."), headers=headers)
    assert problem(answer)[:2] == (409, "idempotency_key_reused")
    assert count(Contribution) == 1


def test_a_refused_act_leaves_its_key_free(world: World) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    assert (
        world.client.post("/api/v1/contributions", json=factories.said(media=["x"]), headers=headers).status_code == 422
    )
    assert world.client.post("/api/v1/contributions", json=factories.said(), headers=headers).status_code == 201


def test_a_key_that_is_no_uuid_is_422(world: World) -> None:
    answer = world.client.post("/api/v1/contributions", json=factories.said(), headers={"Idempotency-Key": "abc"})
    assert problem(answer) == (422, "bad_key", [("Idempotency-Key", "bad_key")])


def test_concurrent_repeats_make_one(world: World) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}

    def once(_: int) -> Any:
        return world.browser().post("/api/v1/contributions", json=factories.said(), headers=headers)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(once, range(16)))
    assert [answer.status_code for answer in answers] == [201] * 16
    assert len({answer.text for answer in answers}) == 1
    assert count(Contribution) == 1
    assert count(Revision) == 1


def test_the_same_words_twice_without_a_key_are_two(world: World) -> None:
    send(world)
    send(world)
    assert count(Contribution) == 2


def test_beyond_the_limit_a_proof_of_work_opens_the_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "MOST", 2)
    monkeypatch.setattr(proof, "DIFFICULTY", 8)
    assert [send(world).status_code for _ in range(2)] == [201, 201]
    asked = send(world)
    told = asked.json()
    assert (asked.status_code, told["code"]) == (428, "proof_required")
    challenge = told["challenge"]
    answer = next(n for n in range(10**6) if proof._zero_bits(f"{challenge['token']}:{n}") >= challenge["difficulty"])
    headers = {"Proof-Of-Work": f"{challenge['token']}:{answer}"}
    assert world.client.post("/api/v1/contributions", json=factories.said(), headers=headers).status_code == 201
    assert world.client.post("/api/v1/contributions", json=factories.said(), headers=headers).status_code == 428
    for bad in (f"{challenge['token']}:{answer + 1}x", f"1.ab.cd:{answer}", ":", "é:1".encode().decode("latin-1")):
        again = world.client.post(
            "/api/v1/contributions", json=factories.said(), headers={"Proof-Of-Work": bad.encode("latin-1", "replace")}
        )
        assert again.status_code == 428
    assert count(Contribution) == 3
