"""What comes from the street is kept once, as it was said."""

import hashlib
import json
import uuid

from sqlmodel import select

from app import db, openapi
from app.models import AllottedCode, Channel, Collected, Contribution, Outing, Transition
from app.models.driver import add_rows
from tests.conftest import World
from tests.contract import Api
from tests.outreach.records import sealed_record, spoken, street


def test_a_record_becomes_a_contribution_once_plain_or_sealed(world: World) -> None:
    here = street(world)
    said = spoken(outing=str(here.outing.id), author={"name": "Rosa"}, audiences=["homeless"][:0])
    id = str(uuid.uuid4())
    first = here.put(said, id)
    assert first.status_code == 201, first.text
    got = first.json()
    assert got["uuid"] == id
    assert got["receipt"] == "made"
    assert got["media"] == []
    assert got["outing_closed"] is False
    assert got["body_sha256"] == hashlib.sha256(json.dumps(said).encode()).hexdigest()
    assert len(got["receipt_digits"]) == 19
    again = here.put_sealed(dict(reversed(said.items())), id)
    assert again.status_code == 200, again.text
    assert {**again.json(), "body_sha256": ""} == {**got, "body_sha256": ""}
    assert here.put(said | {"body": "Autre chose."}, id).json()["code"] == "other_content"
    seen = here.client.get(f"/api/v1/collect/{id}")
    assert seen.json() == {k: v for k, v in got.items() if k not in ("body_sha256", "receipt_code", "receipt_digits")}
    followed = world.client.get("/api/v1/receipt", headers={"Authorization": f"Receipt {got['receipt_code']}"})
    assert followed.json()["reference"] == got["reference"]
    with db.reading() as session:
        kept = session.exec(select(Contribution)).one()
        assert kept.channel is Channel.STREET
        assert kept.collected_at.isoformat() == "2022-04-12T07:40:00+00:00"
        assert session.exec(select(Outing.collected)).one() == 1
        assert session.exec(select(Transition.actor)).one() == here.mediator.actor
        held = session.exec(select(Collected)).one()
        assert held.read_back
        assert not held.clock_doubtful
        assert not held.sealed
        assert held.device_seq == here.device.seq


def test_key_and_sealing(world: World) -> None:
    here = street(world)
    key = here.client.get("/api/v1/collect/key").json()
    assert key["alg"] == "ECDH-ES"
    assert key["crv"] == "P-256"
    assert key["use"] == "enc"
    assert set(key) >= {"x", "y", "kid"}
    assert here.put_sealed(spoken()).status_code == 201
    whole = sealed_record(spoken())
    for broken in (whole[:-2] + ("AA" if whole[-2:] != "AA" else "BB"), "x.y.z", "", "…", whole + ".x"):
        refused = here.put(broken, **{"Content-Type": "application/jose"})
        assert (refused.status_code, refused.json()["code"]) == (422, "cannot_open"), broken
    for strange in ("[]", "{", "", '{"a":' * 100000):
        refused = here.put(strange)
        assert (refused.status_code, refused.json()["code"]) == (422, "json_invalid"), strange[:10]
    assert here.put_sealed(b"[1]").json()["code"] == "json_invalid"


def test_codes_given_in_advance_serve_once(world: World) -> None:
    here = street(world)
    one, two = here.codes(2)
    with db.writing() as session:
        session.add(
            AllottedCode(
                words_mac="w",
                digits_mac="d",
                staff_seq=here.mediator.seq or 0,
                outing_seq=here.outing.seq,
                number="MAL-017",
                created_at=world.clock(),
            )
        )
    key = {"Idempotency-Key": str(uuid.uuid4())}
    twice = [here.client.post("/api/v1/collect/receipt-codes", json={"count": 2}, headers=key) for _ in range(2)]
    assert [each.status_code for each in twice] == [201, 201]
    assert twice[0].json() == twice[1].json()
    other = here.client.post("/api/v1/collect/receipt-codes", json={"count": 3}, headers=key)
    assert other.json()["code"] == "idempotency_key_reused"
    first = here.put(spoken(receipt_code=one["words"]))
    assert first.status_code == 201
    assert first.json()["receipt"] == "allotted"
    assert "receipt_code" not in first.json()
    followed = world.client.get("/api/v1/receipt", headers={"Authorization": f"Receipt {one['digits']}"})
    assert followed.json()["reference"] == first.json()["reference"]
    ticket = here.put(spoken(receipt_code="mal 17"))
    assert ticket.json()["receipt"] == "ticket", ticket.text
    id = str(uuid.uuid4())
    used = here.put(spoken(receipt_code=one["digits"]), id)
    assert used.status_code == 409
    assert used.json()["code"] == "receipt_code_used"
    assert here.client.get(f"/api/v1/collect/{id}").status_code == 404
    made = here.put(spoken(receipt_code=one["digits"]), id, query="?receipt=new")
    assert made.status_code == 201
    assert made.json()["receipt"] == "made"
    assert made.json()["receipt_code"]
    for strange in ("rien", "1234 5678 9012 3456", "MAL"):  # what is no number is nobody's number
        assert here.put(spoken(receipt_code=strange)).json()["code"] == "unknown_receipt_code", strange
    unknown = here.put(spoken(receipt_code="MAL-018"))
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["field"] == "receipt_code"
    assert two["qr"]["size"] > 20
    assert two["qr"]["d"].startswith("M")


def test_every_answer_is_as_documented(world: World) -> None:
    here, id = street(world), str(uuid.uuid4())
    api = Api(world, openapi.document(world.app.fastapi))
    api.call("GET", "/collect/key", by=here.client)
    api.call("POST", "/collect/receipt-codes", by=here.client, expect=201, json={"count": 2})
    for count in (0, 101, "x"):
        api.call("POST", "/collect/receipt-codes", by=here.client, expect=422, json={"count": count})
    with db.writing() as session:
        rows = [{"words_mac": f"w{n}", "digits_mac": f"d{n}"} for n in range(498)]
        same = {"staff_seq": here.mediator.seq, "device_seq": here.device.seq, "created_at": world.clock()}
        add_rows(session, AllottedCode, *(row | same for row in rows))
    api.call("POST", "/collect/receipt-codes", by=here.client, expect=409, json={"count": 1})
    for expect, said in ((201, spoken()), (200, spoken()), (409, spoken("Autre.")), (422, spoken(body=""))):
        target = id if expect != 422 else str(uuid.uuid4())
        api.call("PUT", f"/collect/{target}", by=here.client, expect=expect, json=said)
    api.call("GET", f"/collect/{id}", by=here.client)
    api.call("GET", f"/collect/{uuid.uuid4()}", by=here.client, expect=404)
    api.call("GET", "/collect/rien", by=here.client, expect=422)
    for path in (f"/collect/{id}", "/collect/key"):
        api.call("GET", path, expect=401)
    body = api.document["paths"]["/api/v1/collect/{uuid}"]["put"]["requestBody"]["content"]
    assert set(body) == {"application/json", "application/jose"}
    assert "#/$defs" not in json.dumps(body)
