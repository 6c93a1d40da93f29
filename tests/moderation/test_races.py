"""Decides once: contradictory decisions at the same moment, on both databases, through the whole service."""

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from app import audit, db
from app.contributions import history
from app.models import Alert, Contribution, Original, Revision, State
from app.moderation import claims, queries
from tests.moderation.conftest import CONTACT, Desk

PAIRS = int(os.environ.get("PAIRS", "40"))  # tests/moderation/pairs.py


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


def test_of_two_who_each_ask_for_the_other_one_is_first(desk: Desk) -> None:
    """A second reader wanted by both at once: one asked, the other is told; then who asked cannot answer."""
    for _ in range(10):
        one = desk.have(**CONTACT)
        answers = at_once(
            lambda one=one: desk.decide(one, "publish", by="ada", sensitive=True),
            lambda one=one: desk.decide(one, "publish", by="bob", sensitive=True),
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        now = desk.now(one)
        assert (now.state, desk.traces(one)["messages"]) == (State.SECOND_REVIEW, 0)
        again = at_once(
            lambda now=now: desk.decide(now, "publish", by="ada"), lambda now=now: desk.decide(now, "publish", by="bob")
        )
        assert sorted(answer.status_code for answer in again) == [201, 409]
        assert desk.traces(one) == {"transitions": 2, "audit": 2, "messages": 1}


def test_a_text_is_hidden_once_and_by_whoever_came_first(desk: Desk) -> None:
    for _ in range(10):
        one = desk.have(body="Je suis Zoé, rue des Lilas.")
        answers = at_once(
            lambda one=one: desk.decide(one, "publish", by="ada", redactions=[{"words": "Zoé", "label": "prénom"}]),
            lambda one=one: desk.decide(one, "publish", by="bob", redactions=[{"words": "rue des Lilas"}]),
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        [kept] = desk.rows(Original, contribution_seq=one.seq)
        [words] = desk.rows(Revision, contribution_seq=one.seq)
        assert len(kept.spans) == 1
        assert words.body in {"Je suis [prénom], rue des Lilas.", "Je suis Zoé, […]."}


def test_two_lists_of_decisions_at_once_leave_one_decision_each(desk: Desk) -> None:
    """In opposite orders, beside a single one: nobody waits for anybody for ever."""
    for _ in range(5):
        several = [desk.have(**CONTACT) for _ in range(6)]

        def many(by: str, action: str, items: list[Contribution]) -> Any:
            why = {"reason": "off_topic", "statement": "Autre chose."} if action == "refuse" else {}
            said = [{"id": str(x.id), "version": x.version, "revision": 1, "action": action} | why for x in items]
            return desk.people[by].post("/api/v1/moderation/decisions", json={"decisions": said})

        first, second, single = at_once(
            lambda several=several: many("ada", "publish", several),
            lambda several=several: many("bob", "refuse", several[::-1]),
            lambda several=several: desk.decide(several[3], "return"),
        )
        taken = first.json()["decided"] + second.json()["decided"] + (single.status_code == 201)
        assert (first.status_code, second.status_code, taken) == (201, 201, 6)
        assert all(desk.traces(one) == {"transitions": 1, "audit": 1, "messages": 1} for one in several)


def test_of_two_merged_into_one_another_one_stays(desk: Desk) -> None:
    for _ in range(10):
        one, other = desk.have(), desk.have()
        answers = at_once(
            lambda one=one, other=other: desk.decide(one, "merge", into=other.reference),
            lambda one=one, other=other: desk.decide(other, "merge", by="bob", into=one.reference),
        )
        assert sorted(answer.status_code for answer in answers) == [201, 422]
        assert sorted(desk.now(each).state for each in (one, other)) == [State.MERGED, State.PENDING]


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
