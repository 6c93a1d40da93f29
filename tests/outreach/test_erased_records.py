"""What is forgotten of a record from the street, and what a device that sends it again can not bring back."""

import uuid
from datetime import timedelta

from sqlmodel import select

from app import db
from app.models import AllottedCode, Collected, Contribution
from tests.conftest import World
from tests.outreach.records import spoken, street


def test_an_erased_record_never_comes_back(world: World) -> None:
    here = street(world)
    code = here.codes()[0]["words"]
    with db.writing() as session:
        session.exec(select(AllottedCode)).one().number = "MAL-001"
    id, said = str(uuid.uuid4()), spoken(outing=str(here.outing.id), receipt_code=code, sheet="17", under_15=True)
    first = here.put(said, id)
    assert first.status_code == 201, first.text
    holder = {"Authorization": f"Receipt {code}"}
    for scope in ("identity", "everything"):
        assert world.client.post("/api/v1/receipt/erasure", json={"scope": scope}, headers=holder).status_code == 200
        with db.reading() as session:
            held, given = session.exec(select(Collected)).one(), session.exec(select(AllottedCode)).one()
            assert (held.outing_seq, held.sheet, held.code_sealed, given.number) == (None, None, None, None)
            assert session.exec(select(Contribution.collected_at)).one() is None
            assert held.under_15 is (scope == "identity")
    again = here.put(said, id)
    assert (again.status_code, again.json()["reference"]) == (200, first.json()["reference"])
    assert here.put(said | {"body": "Autre"}, id).status_code == 409
    assert world.client.get("/api/v1/receipt", headers=holder).json()["state"] == "erased"
    with db.reading() as session:
        assert session.exec(select(Collected)).one().sheet is None


def test_codes_are_kept_no_longer_than_they_serve(world: World) -> None:
    here = street(world)
    id, said = str(uuid.uuid4()), spoken()
    first = here.put(said, id).json()
    used, _unused = here.codes(2)
    assert here.put(spoken(receipt_code=used["words"])).status_code == 201
    world.sweep()
    assert here.put(said, id).json()["receipt_code"] == first["receipt_code"]
    world.clock.move(timedelta(hours=25))
    world.sweep()
    assert "receipt_code" not in here.put(said, id).json()
    with db.reading() as session:
        assert len(session.exec(select(AllottedCode)).all()) == 2
    world.clock.move(timedelta(days=184))
    world.sweep()
    with db.reading() as session:
        assert session.exec(select(AllottedCode)).one().used_at is not None


def test_a_code_its_holder_replaced_is_not_told_again(world: World) -> None:
    here = street(world)
    id, said = str(uuid.uuid4()), spoken()
    code = here.put(said, id).json()["receipt_code"]
    replaced = world.client.post("/api/v1/receipt/code", headers={"Authorization": f"Receipt {code}"})
    assert replaced.status_code == 201
    assert "receipt_code" not in here.put(said, id).json()
