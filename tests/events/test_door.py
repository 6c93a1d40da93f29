"""The door: who came counts once, through however many doors, phones and sendings."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app import audit, db
from app.errors import NotFound
from app.events import door, guests, tokens
from app.events.door_schemas import ArrivalIn
from app.models import Arrival, Event, EventState, Place, Registration, Role
from tests import factories
from tests.conftest import NOW, World

HELPERS = (Role.MEDIATOR, Role.MODERATOR)


@pytest.fixture
def evening(world: World) -> World:
    """A meeting with three people: a family, somebody alone, somebody who waits."""
    with db.writing() as session:
        event = factories.event(session, starts_at=NOW, ends_at=NOW + timedelta(hours=2))
        made = [
            factories.registration(session, event, name=name, people=people)
            for name, people in (("Éloïse", 3), ("Malik", 1))
        ]
        made.append(factories.registration(session, event, name="Yann", state=Place.WAITING))
        helpers = [factories.token(session, factories.staff(session, role)) for role in HELPERS]
    world.extra |= {"event": event, "people": made, "doors": [world.as_staff(token) for token in helpers]}
    return world


def item(kind: str, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": kind, "at": NOW.isoformat()} | more


def of(registration: Registration, **more: Any) -> dict[str, Any]:
    return item("registered", registration=str(registration.id), **more)


def send(world: World, *items: dict[str, Any], through: int = 0) -> Any:
    path = f"/equipe/rendez-vous/{world.extra['event'].id}/porte/arrivees"
    answer = world.extra["doors"][through].post(path, json={"arrivals": items})
    assert answer.status_code == 200, answer.text
    return answer.json()


def results(said: Any) -> list[str]:
    return [one["result"] for one in said["results"]]


def test_a_person_counts_once_at_two_doors_and_in_ten_sendings(evening: World) -> None:
    family, alone, waits = evening.extra["people"]
    first = [of(family), of(alone), item("walk_in", people=2)]
    for _ in range(10):
        said = send(evening, *first)
        assert results(said) == ["counted"] * 3
    other = send(evening, of(family), of(waits), through=1)
    assert results(other) == ["already", "counted"], "who waited stands there: is there"
    assert other["counts"] == {"there": 7, "expected": 4, "walked_in": 2}
    assert {one["registration"] for one in other["arrivals"]} == {str(family.id), str(alone.id), str(waits.id), None}
    with db.reading() as session:
        assert len(session.exec(select(Arrival)).all()) == 4
        assert audit.verify(session)[1] is None


def test_fewer_came_than_signed_up(evening: World) -> None:
    family, *_ = evening.extra["people"]
    assert send(evening, of(family, people=2))["counts"]["there"] == 2


def test_a_code_or_the_personal_link_says_who(evening: World) -> None:
    family, alone, _ = evening.extra["people"]
    code = door.door_code(family.id)
    assert len(code) == 6
    assert set(code) <= set(door.ALPHABET)
    link = f"https://exemple.fr/ar/ma-place/{tokens.say(alone)}"
    said = send(evening, item("code", code=f" {code[:3].lower()}-{code[3:]} "), item("code", code=link))
    assert [one["registration"] for one in said["results"]] == [str(family.id), str(alone.id)]


def test_what_is_wrong_is_said_and_keeps_nothing_else_away(evening: World) -> None:
    with db.writing() as session:
        elsewhere = factories.registration(session, factories.event(session), name="Ailleurs")
    said = send(
        evening,
        item("code", code="ZZZZZZ"),
        item("code", code=tokens.say(elsewhere)),
        of(elsewhere),
        item("code"),
        item("walk_in", people=0),
        {"id": "rien", "kind": "walk_in"},
        {"kind": "dance"},
        item("walk_in"),
    )
    assert results(said) == ["refused"] * 7 + ["counted"]
    codes = [one.get("code") for one in said["results"]]
    assert codes[:4] == ["unknown_code", "unknown_code", "unknown_registration", "missing"]
    assert all(one["detail"] for one in said["results"][:7])
    assert said["counts"]["there"] == 1


def test_a_wrong_tap_is_undone_and_noted_again(evening: World) -> None:
    family, *_ = evening.extra["people"]
    tap = of(family)
    undo = item("undo", arrival=tap["id"])
    assert results(send(evening, tap, undo, undo)) == ["counted", "undone", "undone"]
    said = send(evening, of(family), item("undo", arrival=str(uuid.uuid4())), through=1)
    assert (results(said), said["counts"]["there"]) == (["counted", "undone"], 3)


def test_another_events_arrival_is_not_undone_here(evening: World) -> None:
    tap = item("walk_in")
    send(evening, tap)
    with db.writing() as session:
        evening.extra["event"] = factories.event(session)
    assert results(send(evening, item("undo", arrival=tap["id"]))) == ["undone"]
    with db.reading() as session:
        assert len(session.exec(select(Arrival)).all()) == 1


def test_a_phones_clock_is_believed_within_reason(evening: World) -> None:
    hours = ["2022-04-12T07:30:00Z", "2042-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"]
    send(evening, *(item("walk_in", at=at) for at in hours))
    with db.reading() as session:
        at = [one.at for one in session.exec(select(Arrival).order_by(Arrival.seq)).all()]  # type: ignore[arg-type]
    assert at == [NOW - timedelta(minutes=30), NOW, NOW]


def test_two_doors_at_once_count_everybody_once(evening: World) -> None:
    with db.writing() as session:
        event = session.get_one(Event, evening.extra["event"].seq)
        many = [factories.registration(session, event, name=f"P{n}") for n in range(12)]

    def at_a_door(number: int) -> None:
        line = many if number % 2 else many[::-1]  # from both ends: whoever waits for the other must not for ever
        send(evening, *(of(one) for one in line), through=number % 2)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(at_a_door, range(4)))
    with db.reading() as session:
        assert guests.count(event, guests.arrivals(session, event)).there == 12


def test_after_the_event_it_is_settled_who_came(evening: World) -> None:
    family, alone, waits = evening.extra["people"]
    evening.clock.move(timedelta(hours=13))
    evening.sweep()
    assert states(evening) == ["confirmed", "confirmed", "waiting"], "no door was kept, nobody is called absent"
    send(evening, of(family), of(waits))
    evening.clock.move(timedelta(hours=2))
    evening.sweep()
    assert states(evening) == ["attended", "absent", "attended"]
    with db.reading() as session:
        event = session.get_one(Event, evening.extra["event"].seq)
        assert (event.taken, event.waiting) == (5, 0)
    late = of(alone)
    assert results(send(evening, late, through=1)) == ["counted"]
    assert states(evening) == ["attended"] * 3
    send(evening, item("undo", arrival=late["id"]))
    evening.sweep()
    assert states(evening) == ["attended", "absent", "attended"]


def states(world: World) -> list[str]:
    with db.reading() as session:
        return [session.get_one(Registration, one.seq).state.value for one in world.extra["people"]]


def test_the_door_without_javascript(evening: World) -> None:
    family, alone, _ = evening.extra["people"]
    path, client = f"/equipe/rendez-vous/{evening.extra['event'].id}/porte", evening.extra["doors"][0]
    shown = client.get(f"{path}?q=eloi").text
    assert "Éloïse" in shown
    assert "Malik" not in shown
    tap = {key: value for key, value in of(family, people="2").items() if key != "at"}
    answer = client.post(f"{path}?q=eloi", data=tap)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?q=eloi&notice=counted")
    assert "C’est noté" in client.get(answer.headers["location"]).text
    again = client.post(path, data={"id": str(uuid.uuid4()), "kind": "code", "code": door.door_code(family.id)})
    assert again.headers["location"].endswith("notice=already")
    wrong = client.post(path, data={"id": str(uuid.uuid4()), "kind": "code", "code": "ZZZ-ZZZ"})
    assert wrong.status_code == 422
    assert 'value="ZZZ-ZZZ"' in wrong.text
    assert "Cherchez la personne par son nom" in wrong.text
    assert client.post(path, data={"id": str(uuid.uuid4()), "kind": "code"}).status_code == 422
    page = client.get(path).text
    assert (page.count("data-guest="), alone.email_index in page, tokens.say(alone) in page) == (3, False, False)


def test_a_draft_has_no_door_and_nobody_outside_sees_one(evening: World) -> None:
    path = f"/equipe/rendez-vous/{evening.extra['event'].id}/porte"
    assert evening.client.get(path).status_code == 303
    assert evening.client.post(f"{path}/arrivees", json={"arrivals": []}, headers=JSON).status_code == 401
    with db.writing() as session:
        interpreter = factories.token(session, factories.staff(session, Role.INTERPRETER))
    assert evening.as_staff(interpreter).get(path).status_code == 404
    with db.writing() as session:
        session.execute(sa.update(Event).values(state=EventState.DRAFT))
    assert evening.extra["doors"][0].get(path).status_code == 404
    with db.reading() as session, pytest.raises(NotFound):
        guests.at_door(session, uuid.uuid4())


def test_its_worker_is_for_this_door_only(evening: World) -> None:
    path, client = f"/equipe/rendez-vous/{evening.extra['event'].id}/porte", evening.extra["doors"][0]
    answer = client.get(f"/ar{path}/hors-ligne.js")
    assert answer.headers["service-worker-allowed"] == f"/ar{path}"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-store"


def test_what_a_door_says_is_looked_at_twice() -> None:
    said = ArrivalIn.model_validate(item("registered", registration=str(uuid.uuid4())))
    assert said.people is None


JSON = {"Accept": "application/json"}
