"""Decides once: contradictory decisions at the same moment, on both databases, through the whole service."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from app import audit, db
from app.contributions import history
from app.models import Alert, Contribution, State
from app.moderation import claims, queries
from tests.moderation.conftest import CONTACT, Desk

PAIRS = 100


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each answered, all started together in threads of their own."""
    answers: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place: int, act: Callable[[], Any]) -> None:
        start.wait()
        answers[place] = act()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def contradict(desk: Desk, one: Contribution) -> list[int]:
    """One publishes, one refuses, both having seen the same."""
    answers = at_once(lambda: desk.decide(one, "publish", by="ada"), lambda: desk.decide(one, "refuse", by="bob"))
    return sorted(answer.status_code for answer in answers)


def test_of_two_contradictory_decisions_one_is_taken(desk: Desk) -> None:
    for _ in range(PAIRS):
        one = desk.have(**CONTACT)
        assert contradict(desk, one) == [201, 409]
        assert desk.traces(one) == {"transitions": 1, "audit": 1, "messages": 1}
        assert (desk.now(one).state in {State.PUBLISHED, State.REFUSED}, desk.now(one).version) == (True, 2)
    with db.reading() as session:
        assert audit.verify(session)[1] is None


def look_only_once(monkeypatch: pytest.MonkeyPatch, one: Contribution) -> None:
    """Both decide on what they read before either wrote: the row is neither claimed nor read afresh."""
    monkeypatch.setattr(queries, "visible", lambda session, _id: session.merge(one, load=False))
    monkeypatch.setattr(claims, "take", lambda *_, **__: None)


def test_the_conditional_update_alone_is_enough(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(10):
        one = desk.now(desk.have(**CONTACT))
        with monkeypatch.context() as patch:
            look_only_once(patch, one)
            assert contradict(desk, one) == [201, 409]
        assert desk.traces(one) == {"transitions": 1, "audit": 1, "messages": 1}


def test_negative_control_a_plain_update_decides_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same test with `UPDATE … WHERE seq = …`: it sees both decisions taken, and twice the traces."""

    def plain_move(
        session: Session, contribution: Contribution, *, to: State, action: str, actor: str, now: Any, **why: Any
    ) -> None:
        came_from = contribution.state
        session.connection().execute(
            sa.update(Contribution)
            .where(col(Contribution.seq) == contribution.seq)
            .values(state=to, version=contribution.version + 1)
        )
        history.record(
            session, contribution, action=action, came_from=came_from, to=to, revision=1, actor=actor, now=now, **why
        )
        session.refresh(contribution)

    one = desk.now(desk.have(**CONTACT))
    with monkeypatch.context() as patch:
        look_only_once(patch, one)
        patch.setattr(history, "move", plain_move)
        assert contradict(desk, one) == [201, 201]
    left = desk.traces(one)
    assert (left["transitions"], left["audit"]) == (2, 2)


def test_of_two_who_claim_at_once_one_holds(desk: Desk) -> None:
    for _ in range(20):
        one = desk.have()
        answers = at_once(lambda one=one: desk.claim(one, by="ada"), lambda one=one: desk.claim(one, by="bob"))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        holder = next(answer.json()["by"] for answer in answers if answer.status_code == 201)
        assert next(answer.json()["by"] for answer in answers if answer.status_code == 409) == holder


def test_an_alert_and_a_publication_at_once_leave_no_half(desk: Desk) -> None:
    """Whichever is first: published with an alert opened after, or not published; never refused by a crash."""
    for _ in range(20):
        one = desk.have(**CONTACT)
        published, opened = at_once(
            lambda one=one: desk.decide(one, "publish"), lambda one=one: desk.alert(one, by="bob")
        )
        assert opened.status_code == 201
        assert (published.status_code, desk.now(one).state) in {(201, State.PUBLISHED), (409, State.PENDING)}
        assert desk.now(one).open_alerts == 1


def test_an_alert_closes_once(desk: Desk) -> None:
    for _ in range(20):
        one = desk.have()
        alert_id = desk.alert(one).json()["id"]
        answers = at_once(lambda id_=alert_id: desk.close(id_), lambda id_=alert_id: desk.close(id_, by="bob"))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        assert desk.now(one).open_alerts == 0
    assert all(alert.closed_by for alert in desk.rows(Alert))
