"""The desk against a plain model of it: any sequence of acts of three moderators and the author leads to the same.

A few runs here; `STATES=2000` as many as asked (`make chaos`), each of twenty acts.
"""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import select

from app import audit, db
from app.contributions import appeals as asked
from app.contributions import rules as authors
from app.contributions.schemas import RevisionIn
from app.errors import AppError
from app.models import Alert, Appeal, AppealState, AuditEntry, Contribution, Transition
from app.moderation import alerts, appeals, claims, rules, second_look
from app.moderation.appeal_schemas import AppealDecisionIn, Outcome
from app.moderation.schemas import AlertIn, Danger, DecisionIn
from tests import factories
from tests.conftest import World

RUNS = int(os.environ.get("STATES", "20"))
PEOPLE = ("ada", "bob", "cleo")
LEADS = {
    "publish": {"pending": "published", "second_review": "published"},
    "send_to_second": {"pending": "second_review"},
    "return": {"pending": "returned", "second_review": "returned"},
    "refuse": {"pending": "refused", "second_review": "refused", "hidden": "refused"},
    "merge": {"pending": "merged"},
    "hide": {"published": "hidden"},
    "restore": {"hidden": "published"},
}
AGAINST = {"return": "returned", "refuse": "refused", "hide": "hidden"}
WHO, STALE = st.sampled_from(PEOPLE), st.sampled_from([False] * 9 + [True])
LEASE, UNDO = timedelta(minutes=15), timedelta(days=14)


@dataclass
class Model:
    """What a contribution is, in the words of domain.md; an act answers its code, or "ok"."""

    now: Any
    state: str = "pending"
    version: int = 1
    revision: int = 1
    sensitive: bool = False
    alerts: int = 0
    closed_alert: bool = False
    holder: str = ""
    until: Any = None
    first: str = ""  # who asked for a second reader
    hider: str = ""
    was_public: bool = False
    before: str = ""  # a withdrawal
    since: Any = None
    against: dict[int, set[str]] = field(default_factory=dict)  # revision → who decided against it
    standing: dict[str, int] = field(default_factory=dict)  # state → the decision that last led there
    appealed: set[int] = field(default_factory=set)
    appeal: int = 0  # the decision that is to be read again
    decisions: int = 0

    def moved(self, to: str) -> str:
        self.state, self.version, self.since, self.holder = to, self.version + 1, self.now, ""
        self.was_public |= to == "published"
        return "ok"

    def held_by_another(self, who: str) -> bool:
        return bool(self.holder) and self.holder != who and self.now < self.until

    def two(self) -> bool:
        return self.sensitive or self.closed_alert

    def decide(self, who: str, action: str, *, sensitive: bool, stale: bool) -> str:
        if self.held_by_another(who):
            return "claimed"
        if stale:
            return "stale"
        to = LEADS[action].get(self.state)
        if to is None:
            return "not_allowed"
        if self.alerts and action != "hide":
            return "alert_open"
        if self.appeal and self.state == "hidden":
            return "appeal_open"
        if self.state == "second_review" and self.first == who:
            return "same_person"
        if action == "restore" and self.two() and self.hider == who:
            return "same_person"
        self.sensitive |= sensitive
        if action == "publish" and self.state == "pending" and self.two():
            to = "second_review"
        if action in AGAINST:
            self.decisions += 1
            self.standing[to] = self.decisions
            self.against.setdefault(self.revision, set()).add(who)
        if to == "second_review":
            self.first = who
        if to == "hidden":
            self.hider = who
        return self.moved(to)

    def revise(self) -> str:
        if self.state not in ("pending", "returned", "second_review"):
            return "not_allowed"
        self.drop_appeal()
        self.revision += 1
        return self.moved("pending")

    def withdraw(self) -> str:
        if self.state == "withdrawn":
            return "ok"
        self.drop_appeal()
        self.before = self.state
        return self.moved("withdrawn")

    def drop_appeal(self) -> None:
        """Nobody answered it: it may be asked again if the decision comes back."""
        self.appealed.discard(self.appeal)
        self.appeal = 0

    def undo(self) -> str:
        if self.state != "withdrawn" or self.now > self.since + UNDO:
            return "not_allowed"
        return self.moved("pending" if self.before == "published" and self.alerts else self.before)

    def ask(self) -> str:
        standing = self.standing.get(self.state)
        if standing is None or self.alerts:
            return "not_allowed"
        if standing in self.appealed:
            return "already_appealed"
        self.appealed.add(standing)
        self.appeal = standing
        return "ok"

    def answer(self, who: str, outcome: str) -> str:
        if self.held_by_another(who):
            return "claimed"
        if self.alerts:
            return "alert_open"
        if who in self.against[self.revision]:
            return "same_person"
        self.appeal, self.holder = 0, ""
        if outcome == "upheld":
            return "ok"
        two = self.two() and not self.was_public
        self.first = who if two else self.first
        return self.moved("second_review" if two else "published")


class Desk(RuleBasedStateMachine):
    """One contribution; the real one through the rules, the plain one beside it."""

    people: dict[str, Any]
    target: str

    def __init__(self) -> None:
        super().__init__()
        with db.writing() as session:
            self.seq = factories.contribution(session, body="Une grande table.").seq
        self.plain = Model(now=factories.NOW)

    def both(self, plain: str, act: Any) -> None:
        """The real act answers what the plain one did; a refused one leaves nothing."""
        try:
            with db.writing() as session:
                act(session, session.get_one(Contribution, self.seq))
            real = "ok"
        except AppError as refusal:
            real = refusal.code
        assert real == plain

    # One rule for each, so that decisions are most of what happens.
    @rule(who=WHO, sensitive=st.sampled_from([False, False, True]), stale=STALE)
    def publish(self, who: str, sensitive: bool, stale: bool) -> None:
        self.decide(who, "publish", sensitive=sensitive, stale=stale)

    @rule(who=WHO)
    def publish_at_once(self, who: str) -> None:
        self.decide(who, "publish")

    @rule(who=WHO, stale=STALE)
    def send_to_second(self, who: str, stale: bool) -> None:
        self.decide(who, "send_to_second", stale=stale)

    @rule(who=WHO, action=st.sampled_from(["return", "refuse"]), stale=STALE)
    def answer(self, who: str, action: str, stale: bool) -> None:
        self.decide(who, action, stale=stale)

    @rule(who=WHO, stale=STALE)
    def hide(self, who: str, stale: bool) -> None:
        self.decide(who, "hide", stale=stale)

    @rule(who=WHO, stale=STALE)
    def restore(self, who: str, stale: bool) -> None:
        self.decide(who, "restore", stale=stale)

    @rule(who=WHO, stale=STALE)
    def merge(self, who: str, stale: bool) -> None:
        self.decide(who, "merge", stale=stale)

    def decide(self, who: str, action: str, *, sensitive: bool = False, stale: bool = False) -> None:
        said = {"version": self.plain.version - stale, "revision": self.plain.revision, "action": action}
        said |= {"reason": "personal", "statement": "Un nom.", "into": self.target, "sensitive": sensitive}
        expected = self.plain.decide(who, action, sensitive=sensitive, stale=stale)
        decision, by = DecisionIn.model_validate(said), self.people[who]
        self.both(expected, lambda s, c: rules.decide(s, c, by=by, decision=decision, now=self.plain.now))

    @rule()
    def revise(self) -> None:
        new = RevisionIn(body="Mieux dit.")
        self.both(self.plain.revise(), lambda s, c: authors.revise(s, c, new, now=self.plain.now))

    @rule()
    def withdraw(self) -> None:
        self.both(self.plain.withdraw(), lambda s, c: authors.withdraw(s, c, now=self.plain.now))

    @rule()
    def undo(self) -> None:
        self.both(self.plain.undo(), lambda s, c: authors.undo_withdrawal(s, c, now=self.plain.now))

    @rule(who=WHO)
    def claim(self, who: str) -> None:
        expected = "claimed" if self.plain.held_by_another(who) else "ok"
        if expected == "ok":
            self.plain.holder, self.plain.until = who, self.plain.now + LEASE
        self.both(expected, lambda s, c: claims.claim(s, c, by=self.people[who], now=self.plain.now))

    @rule(who=WHO)
    def release(self, who: str) -> None:
        expected = "claimed" if self.plain.held_by_another(who) else "ok"
        self.plain.holder = self.plain.holder if expected == "claimed" else ""
        self.both(expected, lambda s, c: claims.release(s, c, by=self.people[who], now=self.plain.now))

    @precondition(lambda self: self.plain.version > 3 and self.plain.alerts < 2)  # an alert stops nearly everything
    @rule(who=WHO)
    def open_alert(self, who: str) -> None:
        self.plain.alerts += 1
        said = AlertIn(kind=Danger.DANGER)
        self.both("ok", lambda s, c: alerts.open_alert(s, c, by=self.people[who], said=said, now=self.plain.now))

    @precondition(lambda self: self.plain.alerts)
    @rule(who=WHO)
    def close_alert(self, who: str) -> None:
        self.plain.alerts, self.plain.closed_alert = self.plain.alerts - 1, True

        def close(session: Any, one: Contribution) -> None:
            mine = select(Alert).where(Alert.contribution_seq == one.seq, Alert.closed_at.is_(None))  # type: ignore[union-attr]
            alert = session.exec(mine).first()
            alerts.close(session, alert, by=self.people[who], done="Jointe.", now=self.plain.now)

        self.both("ok", close)

    @rule()
    def ask_again(self) -> None:
        self.both(self.plain.ask(), lambda s, c: asked.ask(s, c, words=None, now=self.plain.now))

    @precondition(lambda self: self.plain.appeal)
    @rule(who=WHO, outcome=st.sampled_from(Outcome))
    def answer_again(self, who: str, outcome: Outcome) -> None:
        expected = self.plain.answer(who, outcome.value)

        def answer(session: Any, one: Contribution) -> None:
            mine = select(Appeal).where(Appeal.contribution_seq == one.seq, Appeal.state == AppealState.OPEN)
            appeal = session.exec(mine).one()
            said = AppealDecisionIn(version=appeal.version, outcome=outcome, statement="Relu.")
            appeals.decide(session, appeal, by=self.people[who], said=said, now=self.plain.now)

        self.both(expected, answer)

    @rule(minutes=st.sampled_from([1, 20, 60 * 24 * 15]))
    def wait(self, minutes: int) -> None:
        self.plain.now += timedelta(minutes=minutes)

    @invariant()
    def they_are_the_same(self) -> None:
        with db.reading() as session:
            one = session.get_one(Contribution, self.seq)
            left = session.exec(select(Transition.seq).where(Transition.contribution_seq == self.seq)).all()
        plain = self.plain
        real = (one.state.value, one.version, one.revision, one.sensitive, one.open_alerts, one.open_appeals)
        assert real == (
            plain.state, plain.version, plain.revision, plain.sensitive, plain.alerts, int(plain.appeal > 0),
        )  # fmt: skip
        assert len(left) == plain.version  # one for each change, and the submission


class Sent(Desk):
    """Begun where a first person asked for a second one."""

    def __init__(self) -> None:
        super().__init__()
        self.decide("ada", "send_to_second")


def runs(most: int) -> settings:
    return settings(
        max_examples=most, stateful_step_count=20, deadline=None, database=None, derandomize=most < 100,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
    )  # fmt: skip


def people(session: Any) -> None:
    Desk.people = {name: factories.staff(session, name=name) for name in PEOPLE}
    Desk.target = factories.contribution(session).reference


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_sequence_of_acts_leads_where_the_plain_model_leads(world: World) -> None:
    with db.writing() as session:
        people(session)
    run_state_machine_as_test(Desk, settings=runs(RUNS))
    with db.reading() as session:
        assert audit.verify(session)[1] is None
        assert session.exec(select(AuditEntry)).first()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_negative_control_the_model_sees_a_first_person_who_is_also_the_second(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_look, "barred", lambda *_, **__: "")
    with db.writing() as session:
        people(session)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Sent, settings=runs(30))
