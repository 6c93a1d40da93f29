"""What organisers switch: who may, what it does at once everywhere, and what the service switches by itself."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import audit, db, limits, proof, switches
from app.models import AuditEntry, Contribution, Media, MediaChoice, Role, State
from app.moderation import jobs, switch_rules
from app.switches import Switch
from tests import factories
from tests.conftest import NOW, World
from tests.moderation.conftest import Desk
from tests.moderation.test_appeals import Case
from tests.moderation.test_bulk import looked_at
from tests.moderation.test_bulk import send as send_many
from tests.moderation.test_notices import decide as decide_report
from tests.moderation.test_notices import report
from tests.moderation.test_races import at_once

PAGE = "/equipe/reglages"
SLOW_WORDS = "Les réponses prennent plus de temps que d’habitude."


@pytest.fixture
def orga(desk: Desk) -> Any:
    return desk.someone("orga", Role.ORGANISER)


def switch(client: Any, name: str, to: str) -> None:
    assert client.post(f"{PAGE}/{name}", data={"to": to}).status_code == 303


def turned(switch: Switch, *, on: bool, by: str = "system", now: Any = NOW) -> bool:
    with db.writing() as session:
        done = switches.turn(session, switch, on=on, by=by, now=now)
    switches.forget()
    return done


def test_it_is_switched_once_and_noted(desk: Desk, orga: Any) -> None:
    before, _ = switches.read_versions()
    for _ in range(2):
        switch(orga, "slow", "on")
    text = orga.get(PAGE).text
    assert "Changé par orga" in text
    assert switches.is_on(Switch.SLOW)
    assert switches.read_versions()[0] == before + 1, "what is cached holds no more"
    switch(orga, "slow", "off")
    switch(orga, "pause", "off")
    assert not switches.is_on(Switch.SLOW)
    found = desk.rows(AuditEntry, kind="switch")
    assert [(entry.action, entry.object_id) for entry in found] == [("switch_on", "slow"), ("switch_off", "slow")]
    assert found[0].actor.startswith("staff:")
    with db.reading() as session:
        assert audit.verify(session)[1] is None


def test_bad_requests_change_nothing(desk: Desk, orga: Any) -> None:
    for sent in ({}, {"to": ""}, {"to": "maybe"}):
        answer = orga.post(f"{PAGE}/slow", data=sent)
        assert (answer.status_code, 'href="#s-slow"' in answer.text) == (422, True)
    assert orga.post(f"{PAGE}/feu", data={"to": "on"}).status_code == 404
    assert desk.people["ada"].get(PAGE).status_code == 404
    assert desk.people["ada"].post(f"{PAGE}/slow", data={"to": "on"}).status_code == 404
    assert desk.rows(AuditEntry, kind="switch") == []


def test_of_two_who_switch_at_once_one_does(world: World) -> None:
    for on in (True, False, True):
        done = at_once(lambda on=on: turned(Switch.PROOF, on=on), lambda on=on: turned(Switch.PROOF, on=on))
        assert sorted(done) == [False, True]


def test_everybody_is_told_on_every_page_at_once(world: World) -> None:
    pages = ("/", "/participer", "/paroles", "/besoin-aide", "/nulle-part")
    assert not any(SLOW_WORDS in world.client.get(path).text for path in pages)
    turned(Switch.SLOW, on=True)
    turned(Switch.PAUSE, on=True)
    world.app.checked = 0.0  # a second later
    for path in pages:
        text = world.client.get(path).text
        assert SLOW_WORDS in text, path
        assert "Pour le moment, nous n’en publions pas de nouveaux." in text, path
    turned(Switch.SLOW, on=False)
    turned(Switch.PAUSE, on=False)
    world.app.checked = 0.0
    assert not any("switched" in world.client.get(path).text for path in pages)


def test_while_paused_words_are_taken_and_none_is_published(desk: Desk) -> None:
    waiting, hidden, public = desk.have(), desk.have(state=State.HIDDEN), desk.have(state=State.PUBLISHED)
    turned(Switch.PAUSE, on=True)
    for one, action in ((waiting, "publish"), (hidden, "restore")):
        answer = desk.decide(one, action)
        assert (answer.status_code, answer.json()["code"]) == (409, "publishing_paused")
        assert (desk.now(one).state, desk.now(one).version) == (one.state, one.version)
    assert desk.world.client.post("/api/v1/contributions", json=factories.said()).status_code == 201
    assert desk.decide(public, "hide").status_code == 201
    assert desk.decide(desk.have(), "refuse").status_code == 201
    page = desk.people["ada"].post(
        f"/equipe/moderation/{waiting.id}/decisions", data={"version": 1, "revision": 1, "action": "publish"}
    )
    assert (page.status_code, "La publication est en pause" in page.text) == (409, True)
    turned(Switch.PAUSE, on=False)
    assert desk.decide(waiting, "publish").status_code == 201


def test_while_paused_neither_many_nor_an_appeal_nor_a_report_publishes(desk: Desk) -> None:
    several = [desk.have() for _ in range(2)]
    case = Case(desk)
    desk.decide(case.now, "refuse")
    case.ask()
    pictured = desk.have(state=State.PUBLISHED, photo_alt="Un banc.")
    number = report(desk, pictured, reason="image_rights", explanation=None).json()["number"]
    turned(Switch.PAUSE, on=True)
    results = send_many(desk, looked_at(*several)).json()["results"]
    assert [(one["status"], one["code"]) for one in results] == [(409, "publishing_paused")] * 2
    before = case.states()
    assert case.answer("reversed").json()["code"] == "publishing_paused"
    assert (case.states(), before[0]) == (before, "refused")
    assert decide_report(desk, number).status_code == 409
    assert [medium.choice for medium in desk.rows(Media)] == [MediaChoice.WITHHOLD]
    assert desk.decide(several[0], "publish", sensitive=True).json()["state"] == "second_review", "nothing is shown yet"
    assert case.answer("upheld").status_code == 201
    turned(Switch.PAUSE, on=False)
    assert decide_report(desk, number).status_code == 303


def test_what_its_author_takes_back_up_waits_while_paused(world: World) -> None:
    from app.contributions import rules

    with db.writing() as session:
        one = factories.contribution(session, state=State.PUBLISHED)
        rules.withdraw(session, one, now=NOW)
    turned(Switch.PAUSE, on=True)
    with db.writing() as session:
        fresh = session.get_one(Contribution, one.seq)
        rules.undo_withdrawal(session, fresh, now=NOW)
        assert fresh.state is State.PENDING


def test_a_proof_from_everybody_and_sooner_in_slow_mode(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "DIFFICULTY", 4)

    def send(**headers: str) -> Any:
        return world.client.post("/api/v1/contributions", json=factories.said(), headers=headers)

    turned(Switch.PROOF, on=True)
    asked = send()
    assert (asked.status_code, asked.json()["code"]) == (428, "proof_required")
    token = asked.json()["challenge"]["token"]
    solved = next(n for n in range(10**4) if proof._zero_bits(f"{token}:{n}") >= 4)
    assert send(**{"Proof-Of-Work": f"{token}:{solved}"}).status_code == 201
    turned(Switch.PROOF, on=False)
    assert send().status_code == 201
    monkeypatch.setattr(proof, "MOST_WHILE_SLOW", 3)
    turned(Switch.SLOW, on=True)
    assert send().status_code == 428
    turned(Switch.SLOW, on=False)
    assert send().status_code == 201


def test_sending_words_asks_nothing_more_of_the_database(desk: Desk) -> None:
    """How the switches stand is asked once a second, whoever comes; here it was just asked."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    switches.read_versions()
    switches._Known.looked += 60
    sa.event.listen(db.engine(), "before_cursor_execute", note)
    assert desk.world.client.post("/api/v1/contributions", json=factories.said()).status_code == 201
    sa.event.remove(db.engine(), "before_cursor_execute", note)
    switches.forget()
    assert not [statement for statement in seen if "keep" in statement]


def test_while_the_database_does_not_answer_it_stays_as_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    turned(Switch.SLOW, on=True)
    assert switches.is_on(Switch.SLOW)

    def down() -> int:
        raise sa.exc.OperationalError("", {}, Exception())

    monkeypatch.setattr(switches, "read_versions", down)
    switches.forget()
    assert switches.is_on(Switch.SLOW)


# By rate -------------------------------------------------------------------------------------------------


def crowd(world: World, many: int) -> None:
    with db.writing() as session:
        for _ in range(many):
            factories.submitted(session, now=world.clock())


def watch(world: World, above: int = 6) -> bool:
    from dataclasses import replace

    jobs.slow_mode_by_rate(replace(world.adapters, slow_above=above))
    switches.forget()
    return switches.is_on(Switch.SLOW)


def test_slow_mode_comes_with_a_crowd_and_goes_with_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    world = desk.world
    crowd(world, 5)
    assert not watch(world)
    crowd(world, 1)
    assert not watch(world, above=0), "never by itself"
    with monkeypatch.context() as patch:
        patch.setattr(limits._State, "on", False)
        assert not watch(world), "load tests"
    assert watch(world)
    world.clock.move(switch_rules.AT_LEAST - timedelta(minutes=1))
    assert watch(world), "half an hour at least"
    world.clock.move(timedelta(minutes=1))
    crowd(world, 4)
    assert watch(world), "still more than half as many"
    world.clock.move(switch_rules.WINDOW)
    assert not watch(world)
    found = [(entry.actor, entry.action) for entry in desk.rows(AuditEntry, kind="switch")]
    assert found == [("system", "switch_on"), ("system", "switch_off")]


def test_what_a_person_switched_is_left_alone(desk: Desk, orga: Any) -> None:
    world = desk.world
    switch(orga, "slow", "on")
    world.clock.move(timedelta(hours=5))
    assert watch(world), "nobody writes, but a person wanted it"
    switch(orga, "slow", "off")
    crowd(world, 6)
    assert not watch(world), "a person has just said no"
    world.clock.move(switch_rules.RESPECT)
    crowd(world, 6)
    assert watch(world)
