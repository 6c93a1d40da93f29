"""What a record may say, when it was said, whose it is; every refusal keeps it on its device."""

import json
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app import db
from app.consultation import content
from app.models import (
    Alert,
    AllottedCode,
    AuditEntry,
    Channel,
    Collected,
    Consent,
    Contribution,
    Outing,
    OutingState,
    Role,
)
from app.outreach.sealed import opened
from app.outreach.times import device_clock, when
from tests import factories
from tests.conftest import NOW, World
from tests.outreach.records import Street, spoken, street


def refusal(here: Street, said: dict[str, Any], **headers: str) -> tuple[int, str, str]:
    got = here.put(said, **headers)
    problem = got.json()
    return got.status_code, problem["code"], problem.get("errors", [{"field": ""}])[0]["field"]


def test_a_child_says_words_and_nothing_else(world: World) -> None:
    here = street(world)
    child = spoken("Des jeux.", under_15=True, consents={"publication": True})
    medium = {"client_id": "m", "sha256": "0" * 64, "size": 9, "type": "image/jpeg"}
    for more, field in (
        ({"author": {"name": "Zoé"}}, "author.name"),
        ({"contact": {"email": "zoe@exemple.fr"}}, "contact.email"),
        ({"contact": {"phone": "06 12 34 56 78"}}, "contact.phone"),
        ({"media": [medium]}, "media"),
    ):
        assert refusal(here, child | more) == (422, "minor_words_only", field)
    assert here.put(child).status_code == 201
    with db.reading() as session:
        assert session.exec(select(Collected.under_15)).one()
        assert [each.kind for each in session.exec(select(Consent))] == ["publication"]


def test_what_is_refused_names_its_field(world: World) -> None:
    here = street(world)
    with db.writing() as session:
        elsewhere = factories.outing(session, factories.staff(session, Role.MEDIATOR))
    medium = {"client_id": "m", "sha256": "0" * 64, "size": 0, "type": "image/jpeg"}
    for said, status, code, field in (
        (spoken(consents={"publication": True}), 422, "consent_missing", "consents.age"),
        (spoken(consents={"age": True}), 422, "consent_missing", "consents.publication"),
        (spoken(""), 422, "empty", "body"),
        (spoken(question="q9"), 422, "unknown_question", "question"),
        (spoken(outing=str(uuid.uuid4())), 422, "unknown_outing", "outing"),
        (spoken(outing=str(elsewhere.id)), 422, "unknown_outing", "outing"),
        (spoken(outing="hier"), 422, "uuid_parsing", "outing"),
        (spoken(collected_at="hier"), 422, "datetime_from_date_parsing", "collected_at"),
        (spoken(sheet="x" * 41), 422, "too_long", "sheet"),
        (spoken(media=[medium]), 422, "empty_file", "media.0.size"),
    ):
        assert refusal(here, said) == (status, code, field)
    wrong = here.client.put("/api/v1/collect/rien", json=spoken())
    assert (wrong.status_code, wrong.json()["code"]) == (422, "uuid_parsing")
    assert here.put("x" * (1024 * 1024 + 1)).json()["code"] == "too_large"
    with db.reading() as session:
        assert session.exec(select(Outing.collected)).all() == [0, 0]
        assert session.exec(select(Collected)).all() == []


def test_nobody_elses_record_is_seen_or_changed(world: World) -> None:
    here, other = street(world), street(world)
    id, said = str(uuid.uuid4()), spoken()
    assert here.put(said, id).status_code == 201
    assert other.put(said, id).json()["code"] == "other_content"
    assert other.client.get(f"/api/v1/collect/{id}").status_code == 404
    assert world.client.get(f"/api/v1/collect/{id}").status_code == 401
    theirs = other.codes()[0]["words"]
    assert refusal(here, spoken(receipt_code=theirs))[1] == "unknown_receipt_code"
    with db.writing() as session:
        token = factories.token(session, session.merge(here.mediator, load=False))
    by_token = world.as_staff(token).put(f"/api/v1/collect/{id}", json=said)
    assert by_token.status_code == 200, by_token.text


def test_paper_languages_and_danger(world: World) -> None:
    here = street(world)
    assert here.put(spoken(sheet="12")).status_code == 201
    assert here.put(spoken("Сад.", language="uk", contact={"email": "o@exemple.fr"}, danger=True)).status_code == 201
    with db.reading() as session:
        kept = session.exec(select(Contribution).order_by(Contribution.seq)).all()  # type: ignore[arg-type]
        assert [each.channel for each in kept] == [Channel.PAPER, Channel.STREET]
        alert = session.exec(select(Alert)).one()
        assert (alert.contribution_seq, alert.opened_by) == (kept[1].seq, here.mediator.actor)
        assert kept[1].open_alerts == 1


def test_an_outing_that_is_over_still_takes_what_arrives(world: World) -> None:
    here = street(world, ends_at=NOW - timedelta(minutes=1))
    assert here.put(spoken(outing=str(here.outing.id))).json()["outing_closed"] is True
    for state in (OutingState.CLOSED, OutingState.CANCELLED):
        with db.writing() as session:
            session.execute(sa.update(Outing).values(state=state, ends_at=NOW + timedelta(hours=3)))
        late = here.put(spoken(outing=str(here.outing.id)))
        assert (late.status_code, late.json()["outing_closed"]) == (201, True)
    with db.reading() as session:
        assert session.exec(select(Outing.collected)).one() == 3


def test_said_while_the_collection_was_open_sent_after(world: World) -> None:
    here = street(world)
    end = next(at for n in range(1, 2000) if not content.consultation().collecting(at := NOW + timedelta(days=n)))
    world.clock.at = end + timedelta(days=1)
    late = {"Collect-Clock": world.clock().isoformat()}
    assert here.put(spoken(outing=str(here.outing.id)), **late).status_code == 201
    assert refusal(here, spoken(collected_at=world.clock().isoformat()), **late)[1] == "collection_closed"
    # A clock that cannot be: the day of the outing decides.
    doubtful = spoken(outing=str(here.outing.id), collected_at="2031-01-01T00:00:00Z")
    assert here.put(doubtful, **late).status_code == 201
    with db.reading() as session:
        assert session.exec(select(Collected.clock_doubtful).order_by(Collected.seq)).all() == [False, True]  # type: ignore[arg-type]


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("said", "device_now", "collected", "doubtful"),
    [
        (NOW - HOUR, NOW, NOW - HOUR, False),
        (NOW - HOUR, NOW + timedelta(minutes=4), NOW - HOUR, False),
        (NOW + timedelta(days=365), NOW + timedelta(days=365) + HOUR, NOW - HOUR, False),  # a year ahead
        (NOW - timedelta(days=365), NOW - timedelta(days=365) + HOUR, NOW - HOUR, False),
        (NOW - timedelta(days=365), NOW, NOW - timedelta(days=365), True),  # put right meanwhile
        (NOW + HOUR, NOW, NOW + HOUR, True),
        (NOW + HOUR, None, NOW + HOUR, True),
        (datetime.fromisoformat("0001-01-01T00:00:00+14:00"), NOW, None, True),
        (datetime.fromisoformat("9999-12-31T23:00:00-14:00"), NOW, None, True),
        (None, NOW, None, False),
    ],
)
def test_a_clock_that_is_off_is_put_right(
    said: datetime | None, device_now: datetime | None, collected: datetime | None, doubtful: bool
) -> None:
    outing = Outing(starts_at=NOW - 2 * HOUR, ends_at=NOW)  # type: ignore[call-arg]
    found = when(said, device_now=device_now, outing=outing, now=NOW)
    assert (found.collected_at, found.doubtful) == (collected, doubtful)


def test_a_clock_in_a_header() -> None:
    assert device_clock("2022-04-12T10:00:00+02:00") == NOW
    assert device_clock("2022-04-12T08:00:00.000Z") == NOW
    assert device_clock("2022-04-12T08:00:00") == NOW
    for strange in ("", "hier", "0001-01-01T00:00:00+14:00", "12"):
        assert device_clock(strange) is None, strange


ODD = "\u0000 \ud800 ﷽ \u202e '; DROP TABLE collected; -- {{7*7}}%s%(x)s Z̸̢̛͖a̷l̶g̵o̴ １２３ \r\n\r\nSet-Cookie: a=b"
NAUGHTY = Path(__file__).parents[2] / "node_modules/big-list-of-naughty-strings/blns.json"


def test_odd_words_are_taken_as_words(world: World) -> None:
    here, id = street(world), str(uuid.uuid4())
    for each in json.loads(NAUGHTY.read_text()):
        found = opened(json.dumps(spoken(f"Mot {each}", sheet=each[:40])).encode(), sealed=False)
        assert found.judged.body.startswith("Mot")
    said = spoken(f"Mot {ODD} fin", author={"name": ODD[:60]}, sheet=ODD[:40])
    assert here.put(said, id).status_code == 201
    assert here.put(said, id).status_code == 200
    for field in ("receipt_code", "outing", "collected_at", "question"):
        assert here.put(spoken(**{field: ODD})).status_code == 422, field
    for clock in ("12", "hier", "9999-12-31T23:00:00-14:00", "%s"):
        assert here.put(said, id, **{"Collect-Clock": clock}).status_code == 200
    with db.reading() as session:
        assert "\u0000" not in (session.exec(select(Collected.sheet)).one() or "\u0000")


def test_nothing_said_is_logged_or_journalled(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    here = street(world)
    canary, code = "kanarienvogel", here.codes()[0]
    said = spoken(canary, author={"name": canary}, sheet=canary, contact={"email": f"{canary}@exemple.fr"})
    assert here.put_sealed(said | {"receipt_code": code["words"]}).status_code == 201
    assert here.put(said | {"receipt_code": code["words"]}).status_code == 409
    made = here.put(said | {"danger": True}).json()
    assert here.put(said | {"outing": canary}).status_code == 422
    printed = capsys.readouterr()
    token = here.client.headers["Authorization"].split()[1]
    with db.reading() as session:
        journal = repr(session.exec(select(AuditEntry)).all())
        kept = repr([*session.exec(select(Collected)).all(), *session.exec(select(AllottedCode)).all()])
    for secret in (canary, code["words"], code["digits"], made["receipt_code"], made["receipt_digits"], token):
        assert secret not in printed.out + printed.err + journal
        assert secret not in kept.replace(f"'{canary}'", ""), secret  # the sheet's number is kept as it was told
