"""The receipt code: how it may be typed, who may guess, where it never appears, what it lets its holder do."""

import re
from datetime import timedelta
from typing import Any

import pytest
import structlog

from app import db as database
from app.adapters import vault
from app.contributions import history, receipts
from app.models import Appeal, Contribution, Receipt, ReceiptShown, State
from tests import factories
from tests.conftest import NOW, World
from tests.contributions.residents import code_on, count, have, post, receipt, send

CORRECTABLE = {State.PENDING, State.RETURNED, State.SECOND_REVIEW}


def test_codes_are_four_plain_words_and_two_digits() -> None:
    words = receipts.word_list()
    assert len(words) ** 4 * 100 >= 2**40
    assert len(set(words)) == len(words)
    assert all(re.fullmatch(r"[a-z]+", word) for word in words)
    said = (receipts.new_code().words.split("-")[:4] for _ in range(2000))
    assert all(len(set(four)) == 4 for four in said), "none is said twice"
    code = receipts.new_code()
    assert re.fullmatch(r"([a-z]+-){4}[0-9]{2}", code.words)
    assert re.fullmatch(r"([0-9]{4} ){3}[0-9]{4}", code.digits)


@pytest.mark.parametrize(
    "spell",
    [
        str.upper, str.title,
        lambda code: code.replace("-", " "), lambda code: code.replace("-", ""),
        lambda code: f"  {code.replace('-', ' - ')}\t",
        lambda code: code.replace("e", "é").replace("a", "à").replace("c", "ç"),
        lambda code: code.replace("-", "–"), lambda code: code.replace("-", ", "),
        lambda code: code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    ],
)  # fmt: skip
def test_a_code_opens_however_it_is_typed(world: World, spell: Any) -> None:
    contribution, code = have()
    with database.reading() as db:
        assert receipts.holder_of(db, spell(code)) == contribution.seq


@pytest.mark.parametrize("zero", ["0", "٠", "۰", "०", "０"])
def test_the_digits_open_the_same_in_any_script(world: World, zero: str) -> None:
    with database.writing() as db:
        made = factories.submitted(db)
    own = {str(n): chr(ord(zero) + n) for n in range(10)}
    typed = "".join(own.get(c, c) for c in made.code.digits)
    with database.reading() as db:
        assert receipts.holder_of(db, typed) == made.contribution.seq
        assert receipts.holder_of(db, typed.replace(" ", "")) == made.contribution.seq


def test_the_code_is_kept_only_as_hmac(world: World) -> None:
    contribution, code = have()
    with database.reading() as db:
        row = db.get_one(Receipt, contribution.seq)
        assert {row.words_mac, row.digits_mac}.isdisjoint({code, receipts.normal(code)})
        assert row.words_mac == vault.blind("receipt", receipts.normal(code))


@pytest.mark.parametrize(
    "header", [None, "Receipt", "Receipt ", "Bearer abc", "Receipt faux-faux-faux-faux-00", "Receipt \x00"]
)
def test_no_or_a_wrong_code_is_401(world: World, header: str | None) -> None:
    have()
    answer = world.client.get("/api/v1/receipt", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_wrong_codes_are_slowed_and_nobody_elses_are(world: World) -> None:
    _, code = have()
    wrong = [world.client.get("/api/v1/receipt", headers=receipt("faux 00")).status_code for _ in range(11)]
    assert wrong == [401] * 10 + [429]
    slowed = world.client.get("/api/v1/receipt", headers=receipt(code))
    assert (slowed.status_code, slowed.json()["code"]) == (429, "too_many")
    assert int(slowed.headers["retry-after"]) > 0
    assert world.client.post("/suivre", data={"code": code}).status_code == 429, "the page counts with the API"


def test_the_code_page_lasts_fifteen_minutes(world: World) -> None:
    where = post(world).headers["location"]
    code = code_on(world.client.get(where).text)
    world.clock.move(timedelta(minutes=14))
    assert code_on(world.client.get(where).text) == code
    world.clock.move(timedelta(minutes=1))
    gone = world.client.get(where)
    assert gone.status_code == 410
    assert "Cette parole n’est plus publique" not in gone.text, "the code's page has gone, the words have not"
    assert code not in gone.text
    world.sweep()
    assert count(ReceiptShown) == 0
    assert world.client.get("/api/v1/receipt", headers=receipt(code)).status_code == 200


def test_the_code_page_ends_when_its_reader_says_so(world: World) -> None:
    where = post(world).headers["location"]
    assert world.client.post(where).status_code == 303
    assert world.client.get(where).status_code == 410
    assert world.client.post(where).status_code == 303
    assert world.client.get("/participer/merci/nimporte").status_code == 410


def test_the_code_is_never_in_an_address_a_log_or_a_mail(world: World) -> None:
    with structlog.testing.capture_logs() as logs:
        sent = post(
            world, **{"contact.email": "canari@exemple.fr", "body": "canari des mots", "title": "canari du titre"}
        )
        page = world.client.get(sent.headers["location"])
        code = code_on(page.text)
        opened = world.client.post("/suivre", data={"code": code})
        world.client.get(opened.headers["location"])
        world.client.post("/suivre", data={"code": "canari du code"})
        world.client.post("/suivre/lien", data={"email": "canari@exemple.fr"})
        api = send(world, contact={"email": "canari@exemple.fr"}).json()["receipt_code"]
        world.run_jobs()
    spellings = [code, code.replace("-", " "), api, api.replace("-", " ")]
    told = (
        repr(logs)
        + repr([mail.as_string() for mail in world.mails])
        + sent.headers["location"]
        + opened.headers["location"]
    )
    assert logs
    assert len(world.mails) == 3
    assert not [spelling for spelling in spellings if spelling in told]
    assert "canari" not in repr(logs)
    assert not re.search(r"canari (des|du)", told)


TABLE = [
    # state, correct, withdraw, undo, erase
    (State.PENDING, 201, 200, 409, 200),
    (State.SECOND_REVIEW, 201, 200, 409, 200),
    (State.RETURNED, 201, 200, 409, 200),
    (State.REFUSED, 409, 200, 409, 200),
    (State.PUBLISHED, 409, 200, 409, 200),
    (State.HIDDEN, 409, 200, 409, 200),
    (State.MERGED, 409, 200, 409, 200),
    (State.ERASED, 409, 409, 409, 200),
]


@pytest.mark.parametrize(("state", "correct", "withdraw", "undo", "erase"), TABLE)
def test_what_the_holder_may_do_from_each_state(
    world: World, state: State, correct: int, withdraw: int, undo: int, erase: int
) -> None:
    acts = {
        ("PUT", "/api/v1/receipt/revision"): correct,
        ("POST", "/api/v1/receipt/withdrawal"): withdraw,
        ("DELETE", "/api/v1/receipt/withdrawal"): undo,
        ("POST", "/api/v1/receipt/erasure"): erase,
    }
    for (method, path), expected in acts.items():
        contribution, code = have(state, body="Avant")
        body = {"body": "Après"} if method == "PUT" else {"scope": "everything"} if "erasure" in path else None
        answer = world.client.request(method, path, json=body, headers=receipt(code))
        assert (method, path, answer.status_code) == (method, path, expected)
        if expected == 409:
            assert answer.json()["code"] == "not_allowed"
            with database.reading() as db:
                assert db.get_one(Contribution, contribution.seq).state is state


def test_a_correction_is_a_new_revision_in_the_queue(world: World) -> None:
    contribution, code = have(State.RETURNED, body="Avant", title="Titre")
    answer = world.client.put("/api/v1/receipt/revision", json={"body": "Après"}, headers=receipt(code))
    told = answer.json()
    assert answer.status_code == 201
    assert (told["state"], told["revision"]) == (
        "pending", {"number": 2, "title": None, "body": "Après", "language": "fr"},
    )  # fmt: skip
    with database.reading() as db:
        after = db.get_one(Contribution, contribution.seq)
        assert (after.version, after.revision) == (contribution.version + 1, 2)


@pytest.mark.parametrize(("body", "code"), [("", "empty"), ("x" * 5001, "too_long")])
def test_a_correction_is_refused_like_a_first_text(world: World, body: str, code: str) -> None:
    _, own = have(State.RETURNED)
    answer = world.client.put("/api/v1/receipt/revision", json={"body": body}, headers=receipt(own))
    assert (answer.status_code, answer.json()["code"], answer.json()["errors"][0]["field"]) == (422, code, "body")


@pytest.mark.parametrize("state", [State.PENDING, State.RETURNED, State.REFUSED, State.PUBLISHED, State.HIDDEN])
def test_a_withdrawal_can_be_undone_for_fourteen_days(world: World, state: State) -> None:
    contribution, code = have(state)
    address = f"/api/v1/contributions/{contribution.reference}"
    public = world.client.get(address).status_code
    withdrawn = world.client.post("/api/v1/receipt/withdrawal", headers=receipt(code))
    again = world.client.post("/api/v1/receipt/withdrawal", headers=receipt(code))
    assert (withdrawn.status_code, again.status_code, again.json()["state"]) == (200, 200, "withdrawn")
    assert "undo_withdrawal" in again.json()["can"]
    if state is State.PUBLISHED:
        world.app.forget()  # the page cache has two seconds
        assert world.client.get(address).status_code == 410
    world.clock.move(timedelta(days=14))
    back = world.client.delete("/api/v1/receipt/withdrawal", headers=receipt(code))
    assert (back.status_code, back.json()["state"]) == (200, state.value)
    world.app.forget()
    assert world.client.get(address).status_code == public


def test_after_fourteen_days_a_withdrawal_stays(world: World) -> None:
    _, code = have(State.PUBLISHED)
    world.client.post("/api/v1/receipt/withdrawal", headers=receipt(code))
    world.clock.move(timedelta(days=14, minutes=1))
    late = world.client.delete("/api/v1/receipt/withdrawal", headers=receipt(code))
    assert (late.status_code, late.json()["code"]) == (409, "not_allowed")


def test_what_was_published_comes_back_in_its_place_unless_an_alert_is_open(world: World) -> None:
    contribution, code = have(State.PUBLISHED)
    world.client.post("/api/v1/receipt/withdrawal", headers=receipt(code))
    with database.writing() as db:
        held = db.get_one(Contribution, contribution.seq)
        held.open_alerts = 1
        db.add(held)
    back = world.client.delete("/api/v1/receipt/withdrawal", headers=receipt(code))
    assert back.json()["state"] == "pending"


def test_a_new_code_closes_what_the_old_one_opened(world: World) -> None:
    _, code = have()
    other = world.browser()
    other.post("/suivre", data={"code": code})
    fresh = world.client.post("/api/v1/receipt/code", headers=receipt(code)).json()
    assert world.client.get("/api/v1/receipt", headers=receipt(code)).status_code == 401
    assert world.client.get("/api/v1/receipt", headers=receipt(fresh["receipt_code"])).status_code == 200
    assert world.client.get("/api/v1/receipt", headers=receipt(fresh["receipt_digits"])).status_code == 200
    assert other.get("/suivre/contribution").headers["location"] == "/suivre?notice=ended"


def test_the_code_of_what_is_erased_cannot_be_replaced(world: World) -> None:
    with database.writing() as session:
        code = factories.submitted(session).code.words
    holder = {"Authorization": f"Receipt {code}"}
    assert world.client.post("/api/v1/receipt/erasure", json={"scope": "everything"}, headers=holder).status_code == 200
    refused = world.client.post("/api/v1/receipt/code", headers=holder)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_allowed")


def test_a_new_code_whose_answer_was_lost_is_said_again(world: World) -> None:
    _, old = have()
    key = {"Idempotency-Key": "0190f7c2-0000-7000-8000-00000000000a"}
    made = world.client.post("/api/v1/receipt/code", headers=receipt(old) | key)
    again = world.client.post("/api/v1/receipt/code", headers=receipt(old) | key)
    assert (again.status_code, again.json()) == (201, made.json())
    assert world.client.get("/api/v1/receipt", headers=receipt(made.json()["receipt_code"])).status_code == 200
    assert world.client.post("/api/v1/receipt/code", headers=receipt(old)).status_code == 401, "without the key"
    other = world.client.post("/api/v1/receipt/code", headers=receipt("abeille-jardin-moulin-tulipe-42") | key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    wrong = world.client.post("/api/v1/receipt/code", headers=receipt(old) | {"Idempotency-Key": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_key")


def test_asking_for_another_reader_needs_no_body_and_may_be_repeated(world: World) -> None:
    made, code = have()
    key = {"Idempotency-Key": "0190f7c2-0000-7000-8000-00000000000b"}
    with database.writing() as db:
        fresh = db.get_one(Contribution, made.seq)
        history.move(db, fresh, to=State.REFUSED, action="refuse", actor="staff:0", now=NOW, reason="personal")
    asked = world.client.post("/api/v1/receipt/appeal", headers=receipt(code) | key)
    again = world.client.post("/api/v1/receipt/appeal", headers=receipt(code) | key)
    assert (asked.status_code, asked.json()["appeal"]["state"]) == (201, "open")
    assert (again.status_code, again.json()) == (201, asked.json())
    assert count(Appeal) == 1
    other = world.client.post("/api/v1/receipt/appeal", headers=receipt(code) | key, json={"words": "Autre chose."})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert world.client.post("/api/v1/receipt/appeal", headers=receipt(code)).json()["code"] == "already_appealed"
    with database.writing() as db:  # someone may be in danger: nobody is told « not published », by a program neither
        db.get_one(Contribution, made.seq).open_alerts = 1
    held = world.client.get("/api/v1/receipt", headers=receipt(code)).json()
    assert (held["state"], held["statement"], held["appeal"]) == ("pending", None, None)
