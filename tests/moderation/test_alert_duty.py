"""An alert is answered: by whom, seen by all; who is called when nobody answers, how often, and when no more."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import db
from app.adapters.clock import real_now
from app.adapters.mailer import MailDown
from app.models import (
    Alert,
    AuditEntry,
    ContactOpening,
    Contribution,
    Message,
    MessageState,
    Role,
    Signal,
    SignalState,
    State,
)
from app.models.job import Job, JobState
from app.moderation import alert_duty
from app.moderation.alert_queries import by_month
from tests import factories
from tests.moderation.conftest import CONTACT, Desk
from tests.moderation.test_races import at_once

DUTY = "astreinte@dialogue.example"


def patience(desk: Desk) -> None:
    """A quarter of an hour goes by: what waits for it is due, and done."""
    with db.writing() as session:
        session.connection().execute(sa.update(Job).where(col(Job.state) == JobState.WAITING).values(run_at=real_now()))
    desk.world.clock.move(alert_duty.PATIENCE)
    desk.world.run_jobs()


def opened(desk: Desk, **fields: Any) -> str:
    """An alert whose duty contact was told; the mails of before are forgotten."""
    alert_id = str(desk.alert(desk.have(**fields)).json()["id"])
    desk.world.run_jobs()
    assert DUTY in told(desk)
    desk.world.mails.clear()
    return alert_id


def told(desk: Desk) -> list[str]:
    return [mail["To"] for mail in desk.world.mails]


def people(desk: Desk) -> list[str]:
    """An administrator, an organiser, and somebody who left: who is called next, in order."""
    with db.writing() as session:
        boss = factories.staff(session, Role.ADMINISTRATOR, email="chef@equipe.example")
        both = factories.staff(session, Role.ORGANISER, Role.MODERATOR, email="orga@equipe.example")
        gone = factories.staff(session, Role.ADMINISTRATOR, email="parti@equipe.example")
        gone.active = False
        session.add(gone)
        return [boss.email, both.email]


def actions(desk: Desk, alert_id: str) -> list[str]:
    return [entry.action for entry in desk.rows(AuditEntry, object_id=alert_id)]


def test_nobody_answers_so_more_people_are_called_each_quarter_of_an_hour(desk: Desk) -> None:
    more = people(desk)
    alert_id = opened(desk)
    desk.world.run_jobs()
    assert told(desk) == [], "not before a quarter of an hour has gone by"
    for number in (1, 2):
        patience(desk)
        assert told(desk) == [DUTY, *more]
        assert all("Alerte sans réponse" in mail["Subject"] for mail in desk.world.mails)
        assert "peur" not in repr([mail.as_string() for mail in desk.world.mails])
        desk.world.mails.clear()
        [alert] = desk.rows(Alert)
        assert (alert.escalations, alert.escalated_at) == (number, desk.world.clock())
    assert actions(desk, alert_id) == ["alert_opened", "alert_escalated", "alert_escalated"]
    assert "2 fois, la dernière" in desk.people["ada"].get(f"/equipe/alertes/{alert_id}").text
    with db.writing() as session:
        session.connection().execute(sa.update(Alert).values(escalations=alert_duty.MOST - 1))
        alert_duty.again_later(session, alert, number=alert_duty.MOST)
    for expected in ([DUTY, *more], [], []):
        patience(desk)
        desk.world.sweep()
        assert told(desk) == expected, "and then no more"
        desk.world.mails.clear()
    assert "plus aucun message ne part" in desk.people["ada"].get(f"/equipe/alertes/{alert_id}").text


@pytest.mark.parametrize("act", ["reponse", "coordonnees", "cloture"])
def test_whoever_answers_ends_the_calls(desk: Desk, act: str) -> None:
    people(desk)
    alert_id = opened(desk, **CONTACT)
    page = f"/equipe/alertes/{alert_id}"
    said = {"motive": "La joindre.", "done": "Jointe."}
    assert desk.people["ada"].post(f"{page}/{act}", data=said).status_code in (200, 303)
    for _ in range(2):
        patience(desk)
        desk.world.sweep()
    assert DUTY not in told(desk)
    assert "alert_escalated" not in actions(desk, alert_id)
    [alert] = desk.rows(Alert)
    assert (alert.answered_by is not None, alert.escalations) == (act != "cloture", 0)


def test_a_lost_job_is_made_again(desk: Desk) -> None:
    opened(desk)
    with db.writing() as session:
        session.connection().execute(sa.delete(Job).where(col(Job.task) == "escalate_alert"))
    desk.world.sweep()
    patience(desk)
    assert told(desk) == [DUTY]


def test_the_same_call_twice_is_one(desk: Desk) -> None:
    """Delivery is at least once: a job whose worker died after the commit comes back."""
    alert_id = opened(desk)
    patience(desk)
    with db.writing() as session:
        alert = session.exec(select(Alert)).one()
        assert not alert_duty.escalate(session, alert, number=1, duty=(DUTY,), now=desk.world.clock())
    desk.world.run_jobs()
    assert told(desk) == [DUTY]
    assert actions(desk, alert_id).count("alert_escalated") == 1


def test_negative_control_a_plain_update_calls_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, without the condition: the test above would see it."""
    opened(desk)
    patience(desk)
    monkeypatch.setattr(alert_duty, "UNANSWERED", ())
    with db.writing() as session:
        session.connection().execute(sa.update(Alert).values(escalations=0))
        alert = session.exec(select(Alert)).one()
        assert alert_duty.escalate(session, alert, number=1, duty=(DUTY,), now=desk.world.clock())


def test_without_a_duty_contact_those_who_answer_for_it_are_told_at_once(desk: Desk, capsys: Any) -> None:
    more = people(desk)
    desk.world.adapters = replace(desk.world.adapters, duty_contacts=())
    desk.alert(desk.have())
    desk.world.run_jobs()
    assert told(desk) == more
    assert "duty.nobody" in "".join(capsys.readouterr())


def test_what_had_not_left_is_called_off(desk: Desk) -> None:
    desk.world.adapters.mailer.fault = MailDown()  # type: ignore[attr-defined]
    alert_id = desk.alert(desk.have()).json()["id"]
    desk.world.run_jobs()
    assert [message.state for message in desk.rows(Message)] == [MessageState.WAITING]
    assert desk.people["bob"].post(f"/equipe/alertes/{alert_id}/reponse").status_code == 303
    desk.world.adapters.mailer.fault = None  # type: ignore[attr-defined]
    patience(desk)
    assert (told(desk), [message.state for message in desk.rows(Message)]) == ([], [MessageState.DROPPED])


def test_who_answers_is_seen_by_the_others_and_may_hand_over(desk: Desk) -> None:
    alert_id = opened(desk)
    page = f"/equipe/alertes/{alert_id}"
    ada, bob = desk.people["ada"], desk.people["bob"]
    assert "Personne n’a encore répondu" in bob.get("/equipe/alertes").text
    for _ in range(2):
        assert ada.post(f"{page}/reponse").status_code == 303
    assert "ada s’en occupe" in bob.get("/equipe/alertes").text
    late = bob.post(f"{page}/reponse")
    assert (late.status_code, "Quelqu’un d’autre s’occupe déjà de cette alerte." in late.text) == (409, True)
    [alert] = desk.rows(Alert)
    assert bob.post(f"{page}/reponse", data={"instead_of": alert.answered_by}).status_code == 303
    assert ada.post(f"{page}/reponse", data={"instead_of": alert.answered_by}).status_code == 409
    assert "Vous vous en occupez" in bob.get(page).text
    assert actions(desk, alert_id) == ["alert_opened", "alert_answered", "alert_answered"]
    desk.close(alert_id)
    closed = ada.post(f"{page}/reponse")
    assert (closed.status_code, "Cette alerte est déjà close." in closed.text) == (409, True)


def test_of_two_who_answer_at_once_one_does(desk: Desk) -> None:
    for _ in range(5):
        alert_id = desk.alert(desk.have()).json()["id"]
        page = f"/equipe/alertes/{alert_id}/reponse"
        answers = at_once(lambda p=page: desk.people["ada"].post(p), lambda p=page: desk.people["bob"].post(p))
        assert sorted(answer.status_code for answer in answers) == [303, 409]
        assert actions(desk, alert_id) == ["alert_opened", "alert_answered"]


def test_the_months_say_how_many_and_nothing_else(desk: Desk) -> None:
    """The page counts rows; the journal alone says the same."""
    for place, (answer, close) in enumerate([(True, True), (True, False), (False, False)]):
        alert_id = opened(desk)
        desk.world.clock.move(timedelta(minutes=4 + 2 * place))
        if answer:
            desk.people["ada"].post(f"/equipe/alertes/{alert_id}/reponse")
        if close:
            desk.world.clock.move(timedelta(days=30))
            desk.close(alert_id)
    patience(desk)
    with db.reading() as session:
        found = [
            (one.first.isoformat(), one.opened, one.closed, one.again, one.answered_in) for one in by_month(session)
        ]
    assert found == [("2022-05-01", 2, 1, 1, 6), ("2022-04-01", 1, 0, 0, 4)]
    journal = [entry.action for entry in desk.rows(AuditEntry, kind="alert")]
    assert {action: journal.count(action) for action in journal} == {
        "alert_opened": 3, "alert_answered": 2, "alert_closed": 1, "alert_escalated": 1,
    }  # fmt: skip
    text = desk.people["ada"].get("/equipe/alertes").text
    assert "mai 2022" in text
    assert "6 minutes" in text


def test_an_alert_answers_the_signals_of_its_danger(desk: Desk) -> None:
    one = desk.have()
    with db.writing() as session:
        for kind in ("danger", "child", "danger"):
            said = {"kind": kind, "place": "body", "detector": "essai 1", "created_at": factories.NOW}
            session.add(Signal(contribution_seq=one.seq, revision=1, **said))
        session.connection().execute(sa.update(Contribution).values(dangers=3))
    desk.alert(one, kind="danger")
    found = [(signal.kind, signal.state, signal.settled_by is not None) for signal in desk.rows(Signal)]
    confirmed = ("danger", SignalState.CONFIRMED, True)
    assert found == [confirmed, ("child", SignalState.OPEN, False), confirmed]
    assert (desk.now(one).dangers, desk.now(one).open_alerts) == (1, 1)
    assert len([entry for entry in desk.rows(AuditEntry) if entry.action == "signal_confirmed"]) == 2


def erase(session: Session, contribution: Contribution) -> None:
    from app.contributions import erasure

    fresh = session.get_one(Contribution, contribution.seq)
    erasure.erase(session, fresh, scope="everything", actor="author", now=factories.NOW)


@pytest.mark.parametrize("first", ["closed", "erased"])
def test_what_is_erased_is_not_kept_in_an_alert(desk: Desk, first: str) -> None:
    """What an open alert says helps until it is closed; then it goes too."""
    one = desk.have(**CONTACT)
    alert_id = desk.alert(one).json()["id"]
    motive = {"motive": "Camille dort dehors."}
    desk.people["ada"].post(f"/equipe/alertes/{alert_id}/coordonnees", data=motive)
    if first == "closed":
        desk.close(alert_id)
    with db.writing() as session:
        erase(session, one)
    if first == "erased":
        assert "Camille" in desk.people["ada"].get(f"/equipe/alertes/{alert_id}").text
        desk.close(alert_id)
    [alert], [opening] = desk.rows(Alert), desk.rows(ContactOpening)
    assert (alert.words_sealed, alert.done_sealed, opening.motive) == (None, None, "")
    assert alert.closed_by is not None
    assert desk.now(one).state is State.ERASED
    assert "Camille" not in desk.people["ada"].get(f"/equipe/alertes/{alert_id}").text
