"""Devices: paired once, they report; sent home, they and what they held open nothing."""

from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
import typer
from sqlmodel import select

from app import cli, db, openapi
from app.accounts import rules as account_rules
from app.accounts.sessions import open_session
from app.adapters.clock import real_now
from app.errors import AppError
from app.models import AllottedCode, Device, DevicePairing, OutingState, Role, Staff
from app.outreach import credentials, device_commands, devices, pairing
from tests import factories
from tests.accounts.team import audited
from tests.conftest import NOW, World
from tests.contract import Api

PAIR, CONTACT = "/api/v1/collect/devices", "/api/v1/collect/device"


@pytest.fixture
def mediator(world: World) -> Staff:
    with db.writing() as session:
        return factories.staff(session, Role.MEDIATOR, name="Médiatrice")


def code_for(mediator: Staff, *, at: datetime | None = None) -> str:
    with db.writing() as session:
        return pairing.make_code(session, mediator, by=mediator, at=at or real_now(), now=NOW)


def pair(world: World, code: str, name: str = "Téléphone bleu") -> Any:
    return world.browser().post(PAIR, json={"code": code, "name": name})


def report(world: World, token: str, **said: Any) -> Any:
    return world.as_staff(token).put(CONTACT, json=said)


def code(session: Any, device: Device, words: str, **fields: Any) -> None:
    session.add(
        AllottedCode(
            words_mac=words, digits_mac=words, staff_seq=device.staff_seq, device_seq=device.seq, created_at=NOW,
            **fields,
        )
    )  # fmt: skip


# Paired


def test_a_code_pairs_one_device_once(world: World, mediator: Staff) -> None:
    given = code_for(mediator)
    typed = f" {given.lower().replace('-', ' ')} "
    answer = pair(world, typed, name="  Tablette\x00 n° 2 ")
    assert answer.status_code == 201
    told = answer.json()
    assert told["device"]["name"] == "Tablette n° 2"
    assert told["mediator"] == {"id": str(mediator.id), "name": "Médiatrice"}
    assert answer.headers["cache-control"] == "no-store"
    again = pair(world, given)
    assert (again.status_code, again.json()["code"]) == (422, "unknown_pairing_code")
    assert [each["field"] for each in again.json()["errors"]] == ["code"]
    assert again.json()["detail"].startswith("Ce code ne marche pas")
    with db.reading() as session:
        made = session.exec(select(Device)).one()
        assert made.token_mac == credentials.token_mac(told["token"])
        assert audited(session)[-2:] == ["pairing_code_made", "device_paired"]
    assert report(world, told["token"], waiting=0).status_code == 200


def test_a_code_ends_after_ten_minutes_or_with_the_next_or_with_the_role(world: World, mediator: Staff) -> None:
    late = code_for(mediator, at=real_now() - timedelta(minutes=10, seconds=1))
    first, second = code_for(mediator), code_for(mediator)
    assert [pair(world, each).status_code for each in (late, first, second)] == [422, 422, 201]
    third = code_for(mediator)
    with db.writing() as session:
        person = session.get_one(Staff, mediator.seq)
        person.roles = [Role.INTERPRETER]
        session.add(person)
    assert pair(world, third).status_code == 422
    with db.reading() as session:
        assert len(session.exec(select(Device)).all()) == 1


def test_guesses_are_slowed(world: World, mediator: Staff) -> None:
    answers = [pair(world, f"ABCD-EFG{n}") for n in range(2, 10)] + [pair(world, "") for _ in range(1)]
    assert [each.status_code for each in answers] == [422] * 8 + [401]
    for _ in range(2):
        pair(world, "x" * 9)
    slowed = pair(world, code_for(mediator))
    assert (slowed.status_code, slowed.json()["code"]) == (429, "too_many")


def test_of_two_at_once_one_has_the_code(world: World, mediator: Staff) -> None:
    given, got = code_for(mediator), []

    def use(n: int) -> None:
        try:
            with db.writing() as session:
                pairing.by_code(session, given, name=f"{n}", who=f"{n}", at=real_now(), now=NOW)
            got.append(201)
        except AppError as error:
            got.append(error.status)

    threads = [Thread(target=use, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [201, 422, 422, 422]


def test_a_mediators_own_browser_needs_no_code(world: World, mediator: Staff) -> None:
    with db.writing() as session:
        other = factories.staff(session, Role.INTERPRETER)
        cookies = {one.seq: open_session(session, one, second_factor=True, now=real_now()) for one in (mediator, other)}
        token = factories.token(session, mediator)
    mine, theirs = world.browser(), world.browser()
    mine.cookies.set("equipe", cookies[mediator.seq])
    theirs.cookies.set("equipe", cookies[other.seq])
    assert mine.post(PAIR, json={"name": "Ce téléphone"}).status_code == 201
    assert theirs.post(PAIR, json={"name": "Ce téléphone"}).status_code == 404
    assert world.as_staff(token).post(PAIR, json={"name": "Un programme"}).status_code == 401
    for said, field in (({"name": " "}, "name"), ({}, "name"), ({"name": "x" * 81}, "name")):
        answer = mine.post(PAIR, json=said)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


# In contact


def test_a_device_learns_where_its_mediator_goes(world: World, mediator: Staff) -> None:
    with db.writing() as session:
        other = factories.staff(session, Role.MEDIATOR)
        device, token = factories.device(session, mediator)
        today = factories.outing(session, mediator, other, prefix="MAL", tickets=40)
        soon = factories.outing(
            session, mediator, starts_at=NOW + timedelta(days=6), ends_at=NOW + timedelta(days=6, hours=2),
            question=None, quartier=None, state=OutingState.CLOSED,
        )  # fmt: skip
        for days in (-9, 9):
            when = NOW + timedelta(days=days)
            factories.outing(session, mediator, starts_at=when, ends_at=when + timedelta(hours=2))
        factories.outing(session, other)
        code(session, device, "free")
        code(session, device, "used", used_at=NOW)
        code(session, device, "cancelled", cancelled_at=NOW)
        own = factories.token(session, mediator)
    told = report(world, token, waiting=7, clock=(real_now() + timedelta(days=365)).isoformat()).json()
    assert told["device"] == {"id": str(device.id), "name": "Téléphone bleu"}
    assert (told["now"], told["codes"]) == (NOW.isoformat(), 1)
    assert [(one["id"], one["state"]) for one in told["outings"]] == [
        (str(today.id), "planned"),
        (str(soon.id), "closed"),
    ]
    assert told["outings"][0] == {
        "id": str(today.id), "place": "Marché de Malakoff", "quartier": "malakoff", "method": "porteur_de_paroles",
        "question": "q1", "starts_at": "2022-04-12T09:00:00+02:00", "ends_at": "2022-04-12T13:00:00+02:00",
        "state": "planned", "prefix": "MAL", "tickets": 40,
    }  # fmt: skip
    assert (told["outings"][1]["question"], told["outings"][1]["quartier"]) == (None, None)
    with db.reading() as session:
        row = session.get_one(Device, device.seq)
        assert row.waiting == 7
        assert abs(row.clock_off - 365 * 86400) < 30
        assert real_now() - row.seen_at < timedelta(minutes=1)
    without = report(world, own).json()
    assert (without["device"], without["codes"], without["outings"]) == (None, 0, told["outings"])


def test_a_clock_beyond_all_bounds_is_still_a_contact(world: World, mediator: Staff) -> None:
    with db.writing() as session:
        device, token = factories.device(session, mediator)
    for clock in ("9999-12-31T23:59:59Z", "0001-01-02T00:00:00Z"):
        assert report(world, token, waiting=1, clock=clock).status_code == 200
    with db.reading() as session:
        assert session.get_one(Device, device.seq).clock_off == -devices.MOST_OFF
    wrong = [report(world, token, waiting=waiting).status_code for waiting in (-1, 10**12, "many")]
    assert wrong == [422] * 3


def test_the_document_says_what_is_answered(world: World, mediator: Staff) -> None:
    api = Api(world, openapi.document(world.app.fastapi))
    api.call("POST", "/collect/devices", json={"name": "T"}, expect=401)
    api.call("POST", "/collect/devices", json={"name": "T", "code": "rien"}, expect=422)
    api.call("POST", "/collect/devices", json={}, expect=422)
    given = {"name": "T", "code": code_for(mediator)}
    key = {"Idempotency-Key": "0190f7c2-0000-7000-8000-00000000000c"}
    told = api.call("POST", "/collect/devices", json=given, headers=key, expect=201)
    assert api.call("POST", "/collect/devices", json=given, headers=key, expect=201) == told, "the answer was lost"
    api.call("POST", "/collect/devices", json=given | {"name": "U"}, headers=key, expect=409)
    with db.writing() as session:
        factories.outing(session, session.get_one(Staff, mediator.seq))
        other = factories.token(session, factories.staff(session, Role.MODERATOR))
    held = world.as_staff(told["token"])
    api.call("PUT", "/collect/device", by=held, json={"waiting": 1, "clock": NOW.isoformat()})
    api.call("PUT", "/collect/device", by=held, json={"clock": "hier"}, expect=422)
    api.call("PUT", "/collect/device", by=world.as_staff(other), json={}, expect=404)
    with db.writing() as session:
        devices.revoke(session, session.exec(select(Device)).one(), by="test", now=NOW)
    api.call("PUT", "/collect/device", by=held, json={}, expect=401)
    for _ in range(10):
        pair(world, "x")
    api.call("POST", "/collect/devices", json=given, expect=429)


# Sent home


def test_a_revoked_device_sends_nothing_and_its_codes_are_cancelled(world: World, mediator: Staff) -> None:
    with db.writing() as session:
        device, token = factories.device(session, mediator)
        other, kept = factories.device(session, mediator)
        code(session, device, "free")
        code(session, device, "used", used_at=NOW)
        code(session, other, "others")
    with db.writing() as session:
        held = session.get_one(Device, device.seq)
        assert devices.revoke(session, held, by="test", now=NOW)
        assert not devices.revoke(session, held, by="test", now=NOW)
    answer = report(world, token)
    assert (answer.status_code, answer.json()["code"]) == (401, "device_revoked")
    assert report(world, kept).status_code == 200
    with db.reading() as session:
        cancelled = session.exec(select(AllottedCode.words_mac).where(sa.not_(AllottedCode.cancelled_at.is_(None))))  # type: ignore[union-attr]
        assert list(cancelled) == ["free"]
        assert audited(session).count("device_revoked") == 1


@pytest.mark.parametrize("how", ["role", "access"])
def test_who_is_no_mediator_any_more_has_no_device(world: World, mediator: Staff, how: str) -> None:
    with db.writing() as session:
        boss = factories.staff(session, Role.ADMINISTRATOR)
        _, token = factories.device(session, mediator)
        _, second = factories.device(session, mediator)
    waiting = code_for(mediator)
    with db.writing() as session:
        person = session.get_one(Staff, mediator.seq)
        if how == "role":
            account_rules.change_person(
                session, person, name="M", roles=[Role.INTERPRETER], reads=["fr"], by=boss, now=NOW
            )
            account_rules.change_person(
                session, person, name="M", roles=[Role.MEDIATOR], reads=["fr"], by=boss, now=NOW
            )
        else:
            account_rules.shut_out(session, person, by=boss, now=NOW)
            account_rules.let_in(session, person, by=boss, now=NOW)
    # The role came back; the devices did not.
    assert [report(world, each).status_code for each in (token, second)] == [401, 401]
    assert pair(world, waiting).status_code == 422
    with db.reading() as session:
        assert session.exec(select(DevicePairing)).all() == []
        assert audited(session).count("device_revoked") == 2


# From the command line


def test_devices_are_listed_and_revoked_by_command(world: World, mediator: Staff) -> None:
    with db.writing() as session:
        device, token = factories.device(session, mediator, waiting=3, clock_off=-60)
        code(session, device, "free")
    line = f"{device.id}\tTéléphone bleu\t{mediator.email}\tpaired\t2022-04-12T08:00:00+00:00\t3\t-60"
    assert list(device_commands.list_devices()) == [line]
    said = device_commands.revoke_device(str(device.id).upper())
    assert said == "revoked Téléphone bleu: it can send nothing; receipt codes cancelled: 1"
    assert report(world, token).status_code == 401
    assert device_commands.revoke_device(str(device.id)) == "Téléphone bleu: was revoked already"
    assert "\trevoked\t" in next(device_commands.list_devices())
    for wrong, why in (("bleu", "no device's id"), (str(mediator.id), "no device has this id")):
        with pytest.raises(SystemExit, match=why):
            device_commands.revoke_device(wrong)
    known = typer.main.get_command(cli.app).commands["device"].commands  # type: ignore[attr-defined]
    assert sorted(known) == ["list", "revoke"]
