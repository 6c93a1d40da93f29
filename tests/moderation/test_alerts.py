"""Safety: while an alert is open nothing is published or sent, someone is told, and contact opens with a motive."""

from typing import Any

import pytest

from app import audit, db
from app.models import Alert, AuditEntry, ContactOpening, Message, MessageState, Role, State
from tests.moderation.conftest import CONTACT, Desk

BOTH = {"contact": {"email": "lea@exemple.fr", "phone": "06 12 34 56 78"}}


@pytest.mark.parametrize("role", list(Role))
def test_anyone_of_the_team_opens_one(desk: Desk, role: Role) -> None:
    one = desk.have()
    desk.someone("quelqu’un", role)
    answer = desk.alert(one, by="quelqu’un", kind="threat", words="Il dit qu’il viendra ce soir.")
    assert (answer.status_code, answer.json()["kind"], answer.json()["state"]) == (201, "threat", "open")
    [alert] = desk.rows(Alert)
    assert str(alert.id) == answer.json()["id"]
    assert b"ce soir" not in (alert.words_sealed or b"")
    assert desk.now(one).open_alerts == 1
    assert desk.now(one).version == 1


def test_a_visitor_opens_none(desk: Desk) -> None:
    one = desk.have()
    assert desk.world.browser().post(f"/api/v1/moderation/{one.id}/alerts", json={"kind": "danger"}).status_code == 401


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"kind": "ennui"}, "kind", "enum"),
        ({}, "kind", "missing"),
        ({"kind": "child", "words": "é" * 2001}, "words", "too_long"),
    ],
)
def test_an_alert_says_which_danger(desk: Desk, said: dict[str, Any], field: str, code: str) -> None:
    answer = desk.people["ada"].post(f"/api/v1/moderation/{desk.have().id}/alerts", json=said)
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


def test_the_duty_contact_is_told_at_once_without_a_word_of_it(desk: Desk) -> None:
    desk.alert(desk.have(body="Je dors sous le pont."), words="Elle a peur.")
    desk.world.run_jobs()
    [mail] = [mail for mail in desk.world.mails if "astreinte@dialogue.example" in str(mail)]
    assert not any(words in str(mail) for words in ("pont", "peur"))


@pytest.mark.parametrize("action", ["publish", "return", "refuse"])
def test_nothing_is_decided_while_it_is_open(desk: Desk, action: str) -> None:
    one = desk.have(**CONTACT)
    alert_id = desk.alert(one).json()["id"]
    answer = desk.decide(one, action)
    assert (answer.status_code, answer.json()["code"]) == (409, "alert_open")
    assert desk.now(one).state is State.PENDING
    desk.close(alert_id)
    assert desk.decide(one, action).status_code == 201


def test_what_is_public_can_be_hidden_but_not_restored(desk: Desk) -> None:
    one = desk.have(state=State.PUBLISHED, **CONTACT)
    alert_id = desk.alert(one).json()["id"]
    assert desk.decide(one, "hide").status_code == 201
    assert desk.decide(desk.now(one), "restore").json()["code"] == "alert_open"
    [told] = [m for m in desk.rows(Message) if m.template == "decided"]
    assert told.state is MessageState.HELD
    desk.close(alert_id)
    assert desk.rows(Message, id=told.id)[0].state is MessageState.WAITING


def test_what_was_waiting_is_held_until_the_last_alert_is_closed(desk: Desk) -> None:
    one = desk.have(**CONTACT)
    first, second = desk.alert(one).json()["id"], desk.alert(one, by="bob", kind="child").json()["id"]
    desk.world.run_jobs()
    desk.world.sweep()
    desk.world.run_jobs()
    assert not any("lea@exemple.fr" in str(mail) for mail in desk.world.mails)
    desk.close(first)
    desk.world.run_jobs()
    assert desk.now(one).open_alerts == 1
    assert not any("lea@exemple.fr" in str(mail) for mail in desk.world.mails)
    desk.close(second)
    desk.world.run_jobs()
    assert sum("lea@exemple.fr" in str(mail) for mail in desk.world.mails) == 1


def test_it_closes_once_and_only_with_what_was_done(desk: Desk) -> None:
    alert_id = desk.alert(desk.have()).json()["id"]
    for empty in ({}, {"done": ""}, {"done": " \n"}):
        answer = desk.people["ada"].post(f"/api/v1/moderation/alerts/{alert_id}/closure", json=empty)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "done")
    assert desk.close(alert_id).json()["state"] == "closed"
    again = desk.close(alert_id, by="bob")
    assert (again.status_code, again.json()["code"]) == (409, "already_closed")
    assert [entry.action for entry in desk.rows(AuditEntry, object_id=alert_id)] == ["alert_opened", "alert_closed"]


# Pages ---------------------------------------------------------------------------------------------------


def test_contact_is_shown_with_a_motive_on_that_answer_only(desk: Desk) -> None:
    ada = desk.people["ada"]
    alert_id = desk.alert(desk.have(**BOTH)).json()["id"]
    page = f"/equipe/alertes/{alert_id}"
    assert "lea@exemple.fr" not in ada.get(page).text
    refused = ada.post(page + "/coordonnees", data={"motive": " "})
    assert (refused.status_code, "lea@exemple.fr" in refused.text, desk.rows(ContactOpening)) == (422, False, [])
    shown = ada.post(page + "/coordonnees", data={"motive": "Le 115 demande à la joindre."})
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "private, no-store")
    assert "lea@exemple.fr" in shown.text
    assert "+33612345678" in shown.text
    after = ada.get(page).text
    assert "lea@exemple.fr" not in after
    assert "Le 115 demande à la joindre." in after
    [opening] = desk.rows(ContactOpening)
    entry = desk.rows(AuditEntry, object_id=alert_id)[-1]
    assert (entry.action, entry.actor) == ("contact_opened", opening.actor)
    assert "115" not in str(entry.hashes)
    with db.reading() as session:
        assert audit.verify(session)[1] is None


def test_contact_stays_shut_once_it_is_closed(desk: Desk) -> None:
    ada = desk.people["ada"]
    alert_id = desk.alert(desk.have(**BOTH)).json()["id"]
    desk.close(alert_id)
    answer = ada.post(f"/equipe/alertes/{alert_id}/coordonnees", data={"motive": "Curiosité."})
    assert (answer.status_code, "lea@exemple.fr" in answer.text, desk.rows(ContactOpening)) == (409, False, [])


@pytest.mark.parametrize("role", list(Role))
def test_who_sees_alerts_and_contacts(desk: Desk, role: Role) -> None:
    alert_id = desk.alert(desk.have(**BOTH)).json()["id"]
    client = desk.someone("quelqu’un", role)
    answers = [
        client.get("/equipe/alertes"),
        client.get(f"/equipe/alertes/{alert_id}"),
        client.post(f"/equipe/alertes/{alert_id}/coordonnees", data={"motive": "Urgent."}),
    ]
    allowed = role in {Role.MODERATOR, Role.ORGANISER, Role.ADMINISTRATOR}
    assert [answer.status_code for answer in answers] == [200 if allowed else 404] * 3
    assert len(desk.rows(ContactOpening)) == allowed


def test_open_ones_come_first(desk: Desk) -> None:
    closed, opened = desk.have(), desk.have()
    desk.close(desk.alert(closed).json()["id"])
    desk.alert(opened)
    text = desk.people["ada"].get("/equipe/alertes").text
    assert 0 < text.index(opened.reference) < text.index(closed.reference)


def test_a_danger_is_signalled_from_the_item_and_closed_from_its_page(desk: Desk) -> None:
    ada = desk.people["ada"]
    one = desk.have()
    form = f"/equipe/moderation/{one.id}/alerte"
    assert form in ada.get(f"/equipe/moderation/{one.id}").text
    assert ada.get(form).status_code == 200
    kept = ada.post(form, data={"words": "Elle a peur."})
    assert (kept.status_code, "Elle a peur." in kept.text) == (422, True)
    opened = ada.post(form, data={"kind": "danger", "words": "Elle a peur."})
    assert opened.status_code == 303
    page = opened.headers["location"].split("?")[0]
    assert "Elle a peur." in ada.get(page).text
    assert "Alerte ouverte" in ada.get("/equipe/moderation").text
    assert ada.post(page + "/cloture", data={"done": ""}).status_code == 422
    assert ada.post(page + "/cloture", data={"done": "Mise à l’abri."}).status_code == 303
    assert "Mise à l’abri." in ada.get(page).text
    assert ada.post(page + "/cloture", data={"done": "Encore."}).status_code == 409


def test_a_mediator_signals_and_is_told_it_is_taken_care_of(desk: Desk) -> None:
    client = desk.someone("mehdi", Role.MEDIATOR)
    answer = client.post(f"/equipe/moderation/{desk.have().id}/alerte", data={"kind": "child"})
    assert answer.status_code == 201
    assert "La personne d’astreinte est prévenue." in answer.text
