"""What the rules of the desk write in the journal is what the figures look for."""

import pytest

from app import db
from app.consultation.content import consultation
from app.contributions import appeals as asked
from app.contributions import notices
from app.contributions.notice_schemas import NoticeIn
from app.models import Contribution, Role, State
from app.moderation import appeals, rules
from app.moderation.appeal_schemas import AppealDecisionIn
from app.moderation.schemas import DecisionIn
from app.transparency import counting
from tests import factories
from tests.conftest import NOW, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WHY = {"reason": "personal", "statement": "Un nom y est écrit."}


def test_decisions_appeals_and_reports_are_counted(world: World) -> None:
    with db.writing() as session:
        ada, bob = (factories.staff(session, Role.MODERATOR, reads=["fr"]) for _ in "ab")
        for n in range(4):
            made = factories.submitted(session, now=NOW).contribution

            def decide(action: str, *, one: Contribution = made, **why: str) -> None:
                said = {"version": one.version, "revision": one.revision, "action": action} | why
                rules.decide(session, one, by=ada, decision=DecisionIn.model_validate(said), now=NOW)

            if n == 0:
                decide("refuse", **WHY)
                appeal = asked.ask(session, made, words="Ce nom est une rue.", now=NOW)
                said = AppealDecisionIn.model_validate(
                    {"version": 1, "outcome": "reversed", "statement": "C’est juste."}
                )
                appeals.decide(session, appeal, by=bob, said=said, now=NOW)
                assert made.state is State.PUBLISHED
            elif n == 1:
                decide("return", **WHY)
            else:
                decide("publish")
        report = {"reference": made.reference, "reason": "personal", "explanation": "Mon nom.", "good_faith": True}
        notices.receive(session, NoticeIn.model_validate(report), who="anyone", language="fr", now=NOW)
        decide("hide", **WHY)
        decide("restore")
    with db.reading() as session:
        counts = counting.whole(session, consultation().zone)
    expected = {
        "received": 4, "published": 2, "refused": 1, "returned": 1, "hidden": 1, "restored": 1, "appeals": 1,
        "reversed": 1, "notices": 1,
    }  # fmt: skip
    assert {what: counts.of("channel", "online", what) for what in expected} == expected
    assert [counts.of("reason", "personal", what) for what in ("returned", "refused", "hidden")] == [1, 1, 1]
