"""`dialogue erase`: somebody asks to be forgotten, and all that they left is."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.db import reading, writing
from app.models import Contact, Contribution, Job, Message, MessageState, Notice, Registration, State
from app.privacy import commands
from tests import factories
from tests.conftest import NOW, World
from tests.contributions.residents import have, receipt

THEIRS = {"email": "lou@exemple.fr"}


def test_an_address_is_forgotten_everywhere(world: World) -> None:
    mine, code = have(State.PUBLISHED, contact=THEIRS, body="Kanarienvogel.")
    other, _ = have(State.PUBLISHED, contact={"email": "eli@exemple.fr"})
    with writing() as db:
        event = factories.event(db)
        factories.registration(db, event, name="Lou", **THEIRS)
        factories.registration(db, event, name="Eli")
    report = {"reference": other.reference, "reason": "personal", "explanation": "Un nom.", "good_faith": True}
    assert world.client.post("/api/v1/notices", json=report | THEIRS).status_code == 201
    said = commands.erase(receipt="", email=" Lou@Exemple.fr ", now=NOW + timedelta(hours=1))
    assert said.startswith("erased: contributions 1, registrations 1, reports 1\n")
    with reading() as db:
        assert [one.contribution_seq for one in db.exec(select(Contact))] == [other.seq]
        assert {one.seq: one.state for one in db.exec(select(Contribution))} == {
            mine.seq: State.ERASED, other.seq: State.PUBLISHED,
        }  # fmt: skip
        assert sorted(bool(one.name_sealed) for one in db.exec(select(Registration))) == [False, True]
        assert db.exec(select(Notice)).one().email_sealed is None
        told = db.exec(select(Message).where(Message.contribution_seq == mine.seq)).all()
        assert {one.state for one in told} <= {MessageState.DROPPED}
        assert {job.args[-1] for job in db.exec(select(Job).where(Job.task == "after_erasure"))} == {
            "everything", "registration",
        }  # fmt: skip
    assert world.client.get(f"/api/v1/contributions/{mine.reference}").status_code == 410
    assert world.client.get("/api/v1/receipt", headers=receipt(code)).json()["state"] == "erased"
    again = commands.erase(receipt="", **THEIRS, now=NOW + timedelta(hours=2))
    assert again.startswith("erased: contributions 0, registrations 0, reports 0\n")


def test_a_receipt_forgets_what_it_opens(world: World) -> None:
    made, code = have()
    kept, _ = have()
    for contributions in (1, 0):
        said = commands.erase(receipt=code.replace("-", " ").upper(), email="", now=NOW)
        assert said.startswith(f"erased: contributions {contributions}, ")
    with reading() as db:
        states = {one.seq: one.state for one in db.exec(select(Contribution))}
    assert states == {made.seq: State.ERASED, kept.seq: State.PENDING}


def test_what_cannot_be_meant_is_said_in_words(world: World) -> None:
    for code, email, words in (
        ("", "", "Say whose"), ("a-b-c-d-42", "lou@exemple.fr", "Say whose"),
        ("abeille-jardin-moulin-tulipe-42", "", "opens nothing"), ("", "lou", "lou: this is not a whole"),
    ):  # fmt: skip
        with pytest.raises(SystemExit, match=words):
            commands.erase(receipt=code, email=email, now=NOW)
