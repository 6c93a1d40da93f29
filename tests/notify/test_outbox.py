"""Who is told what, how, when not, and only once."""

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from app import db as database
from app import i18n
from app.adapters.mailer import MailDown, MailRefused, make_mailer
from app.adapters.sms import SmsRefused
from app.errors import AppError
from app.models import Alert, Contribution, Message, MessageState, Role, State, Via
from app.models.job import Job, JobState
from app.notify import outbox
from app.notify.calls import calls
from app.notify.mails import BODIES, compose
from tests import factories
from tests.conftest import NOW, World
from tests.servers import smtp

CANARY = "kanarienvogel"
WORDS = {"body": f"{CANARY} un", "title": f"{CANARY} deux", "author": {"name": f"{CANARY} trois"}}
EMAIL = {"email": "camille@exemple.fr"}
PHONE = {"phone": "06 12 34 56 78"}


def have(**fields: Any) -> tuple[Contribution, str]:
    with database.writing() as db:
        made = factories.submitted(db, **(WORDS | fields))
        return made.contribution, made.code.words


def messages() -> list[tuple[str, Via, MessageState]]:
    with database.reading() as db:
        return [(m.template, m.via, m.state) for m in db.exec(select(Message).order_by(Message.seq))]


def decided(contribution: Contribution, *, once: str = "decided:1") -> None:
    with database.writing() as db:
        fresh = db.get_one(Contribution, contribution.seq)
        outbox.tell(db, fresh, template="decided", once=once, now=NOW)


def without_sms(world: World) -> None:
    world.adapters = replace(world.adapters, sms=None)
    world.app.fastapi.state.adapters = world.adapters


def alert(contribution: Contribution) -> Alert:
    """As opened by the team."""
    from app.moderation import alerts
    from app.moderation.schemas import AlertIn

    with database.writing() as db:
        by = factories.staff(db)
        said = AlertIn.model_validate({"kind": "danger", "words": "Elle a peur."})
        return alerts.open_alert(db, db.get_one(Contribution, contribution.seq), by=by, said=said, now=NOW)


def close(opened: Alert) -> None:
    from app.moderation import alerts

    with database.writing() as db:
        alerts.close(db, db.get_one(Alert, opened.seq), by=factories.staff(db), done="Jointe.", now=NOW)


def test_with_an_address_a_confirmation_goes(world: World) -> None:
    have(contact=EMAIL)
    world.run_jobs()
    (mail,) = world.mails
    assert mail["To"] == "camille@exemple.fr"
    assert "http://testserver/suivre" in mail.get_content()
    assert messages() == [("received", Via.EMAIL, MessageState.SENT)]


def test_without_a_contact_nobody_is_told(world: World) -> None:
    contribution, _ = have()
    decided(contribution)
    assert messages() == []


def test_a_contact_with_both_gets_mail_alone(world: World) -> None:
    have(contact=EMAIL | PHONE)
    world.run_jobs()
    assert messages() == [("received", Via.EMAIL, MessageState.SENT)]
    assert world.adapters.sms.sent == {}  # type: ignore[union-attr]


def test_no_mail_holds_words_title_name_reason_or_code(world: World) -> None:
    contribution, code = have(contact=EMAIL | PHONE)
    decided(contribution)
    have(contact=PHONE)
    world.run_jobs()
    told = repr([mail.as_string() + mail.get_content() for mail in world.mails]) + repr(world.adapters.sms.sent)  # type: ignore[union-attr]
    assert len(world.mails) == 2
    for secret in (CANARY, code, code.replace("-", " "), contribution.reference, "612345678", str(contribution.id)):
        assert secret not in told.replace("+33612345678", "")


def test_a_decision_is_told_once_however_often_the_rule_says_it(world: World) -> None:
    contribution, _ = have(contact=EMAIL)
    world.run_jobs()
    for _ in range(3):
        decided(contribution)
        world.run_jobs()
        world.sweep()
        world.run_jobs()
    assert len(world.mails) == 2
    decided(contribution, once="decided:2")
    world.run_jobs()
    assert len(world.mails) == 3


def test_a_moderators_decision_is_told(world: World) -> None:
    contribution, _ = have(contact=EMAIL)
    with database.writing() as db:
        token = factories.token(db, factories.staff(db, Role.MODERATOR, reads=["fr"]))
    world.run_jobs()
    said = {"version": 1, "revision": 1, "action": "refuse", "reason": "personal", "statement": f"{CANARY} quatre"}
    answer = world.as_staff(token).post(f"/api/v1/moderation/{contribution.id}/decisions", json=said)
    assert answer.status_code == 201
    world.run_jobs()
    assert [mail["Subject"].partition(" · ")[2] for mail in world.mails] == [
        "Votre message est bien arrivé", "Il y a du nouveau pour vous",
    ]  # fmt: skip
    assert CANARY not in world.mails[-1].as_string()


@pytest.mark.parametrize("code", ["fr", "simple", "en", "ar"])
def test_mails_speak_the_persons_language_and_lead_to_its_page(world: World, code: str) -> None:
    prefix = "" if code == "fr" else f"/{code}"
    form = {
        "question": "q1",
        "body": "x",
        "consents.publication": "true",
        "consents.age": "true",
        "contact.email": "a@exemple.fr",
    }
    assert world.client.post(f"{prefix}/participer", data=form).status_code == 303
    world.run_jobs()
    (mail,) = world.mails
    with i18n.speaking(code):
        expected = i18n.gettext(BODIES["received"])
    assert f"http://testserver{prefix}/suivre\n" in mail.get_content()
    assert mail.get_content().splitlines()[0] == expected.splitlines()[0]


@pytest.mark.parametrize("address", ["o'neil+a@exemple.fr", "a.b-c_d@sous.exemple.fr", "prénom@exemple.fr"])
def test_any_address_the_form_takes_can_be_written_into_a_mail(world: World, address: str) -> None:
    have(contact={"email": address})
    assert compose("received", to=address, adapters=world.adapters)["To"] == address


def test_a_server_that_fails_at_first_delivers_once(world: World) -> None:
    with smtp() as mailbox:
        mailer = make_mailer(mailbox.url, world.adapters.data_dir, sender="service@dialogue.example")
        world.adapters = replace(world.adapters, mailer=mailer)
        mailbox.answer = "451 4.3.0 Later"
        have(contact=EMAIL)
        world.run_jobs()
        assert messages() == [("received", Via.EMAIL, MessageState.WAITING)]
        mailbox.stop()
        make_due()
        world.run_jobs()
        mailbox.answer = "250 Message accepted"
        mailbox.start()
        for _ in range(3):
            make_due()
            world.sweep()
            world.run_jobs()
        assert messages() == [("received", Via.EMAIL, MessageState.SENT)]
        assert mailbox.recipients == [["camille@exemple.fr"]]
        assert CANARY not in mailbox.messages[0].as_string()


def test_a_server_that_is_down_for_a_day_loses_nothing(world: World) -> None:
    world.adapters.mailer.fault = MailDown()  # type: ignore[attr-defined]
    have(contact=EMAIL)
    for _ in range(8):
        world.run_jobs()
        make_due()
    with database.reading() as db:
        assert {job.state for job in db.exec(select(Job)) if job.task == "send_message"} == {JobState.FAILED}
    world.adapters.mailer.fault = None  # type: ignore[attr-defined]
    rested()
    world.sweep()
    world.run_jobs()
    assert len(world.mails) == 1


def make_due() -> None:
    from app.adapters.clock import real_now

    with database.writing() as db:
        for job in db.exec(select(Job).where(Job.state == JobState.WAITING)):
            job.run_at = real_now()
            db.add(job)


def rested() -> None:
    """As an hour after the last failure."""
    from datetime import timedelta

    with database.writing() as db:
        for job in db.exec(select(Job).where(Job.state == JobState.FAILED)):
            job.ended_at = job.ended_at - timedelta(hours=2) if job.ended_at else None
            db.add(job)


def test_sent_before_a_crash_it_is_the_same_message_again(world: World) -> None:
    have(contact=EMAIL)
    with database.reading() as db:
        message = db.exec(select(Message)).one()
    from app.notify.sending import _Ready, _send

    _send(
        _Ready(message, "camille@exemple.fr"), world.adapters, world.adapters.mailer
    )  # and the worker dies before it could say so
    world.run_jobs()
    assert len({mail["Message-ID"] for mail in world.mails}) == 1
    assert messages() == [("received", Via.EMAIL, MessageState.SENT)]


@pytest.mark.parametrize(
    ("contact", "after"),
    [(EMAIL, (Via.EMAIL, MessageState.FAILED)), (EMAIL | PHONE, (Via.CALL, MessageState.WAITING))],
)
def test_an_address_that_refuses_is_not_tried_for_ever(world: World, contact: Any, after: Any) -> None:
    without_sms(world)
    world.adapters.mailer.fault = MailRefused()  # type: ignore[attr-defined]
    have(contact=contact)
    world.run_jobs()
    assert messages() == [("received", *after)]


def test_a_phone_alone_gets_a_text_where_a_provider_is_set(world: World) -> None:
    have(contact=PHONE)
    world.run_jobs()
    ((number, text),) = world.adapters.sms.sent.values()  # type: ignore[union-attr]
    assert number == "+33612345678"
    assert "http://testserver/suivre" in text
    assert messages() == [("received", Via.SMS, MessageState.SENT)]


def test_a_number_that_refuses_texts_is_called(world: World) -> None:
    world.adapters.sms.fault = SmsRefused()  # type: ignore[union-attr]
    have(contact=PHONE)
    world.run_jobs()
    assert messages() == [("received", Via.CALL, MessageState.WAITING)]
    with database.reading() as db:
        assert [call.number for call in calls(db, base_url="", now=NOW)] == ["+33612345678"]


@pytest.mark.parametrize("contact", [EMAIL, PHONE])
def test_nothing_leaves_while_an_alert_is_open(world: World, contact: Any) -> None:
    without_sms(world)
    contribution, _ = have(contact=contact)
    opened = alert(contribution)
    decided(contribution)
    world.run_jobs()
    world.sweep()
    world.run_jobs()
    to = [mail["To"] for mail in world.mails]
    assert to == ["astreinte@dialogue.example"], "the duty contact alone is told"
    with database.reading() as db:
        assert calls(db, base_url="", now=NOW) == []
    close(opened)
    world.run_jobs()
    states = [state for template, _, state in messages() if template != outbox.DUTY]
    assert states == [MessageState.SENT if contact is EMAIL else MessageState.WAITING] * 2


def test_with_two_alerts_the_last_one_opens_the_way(world: World) -> None:
    contribution, _ = have(contact=EMAIL)
    first, second = alert(contribution), alert(contribution)
    close(first)
    world.run_jobs()
    assert "camille@exemple.fr" not in [mail["To"] for mail in world.mails]
    close(second)
    world.run_jobs()
    assert [mail["To"] for mail in world.mails].count("camille@exemple.fr") == 1


def test_every_duty_contact_is_told_at_once_without_what_it_is_about(world: World) -> None:
    contacts = ("astreinte@dialogue.example", "+33612121212", "nuit@dialogue.example")
    world.adapters = replace(world.adapters, duty_contacts=contacts)
    contribution, _ = have()
    alert(contribution)
    world.run_jobs()
    texts = list(world.adapters.sms.sent.values())  # type: ignore[union-attr]
    assert [mail["To"] for mail in world.mails] == [contacts[0], contacts[2]]
    assert [number for number, _ in texts] == [contacts[1]]
    told = repr(texts) + repr([mail.as_string() for mail in world.mails])
    for secret in ("peur", CANARY, contribution.reference, str(contribution.id)):
        assert secret not in told
    assert messages() == [
        (outbox.DUTY, via, MessageState.SENT) for via in (Via.EMAIL, Via.SMS, Via.EMAIL)
    ]  # fmt: skip


def test_a_duty_number_without_a_provider_fails_alone_and_in_words(world: World, capsys: Any) -> None:
    world.adapters = replace(world.adapters, duty_contacts=("+33612121212", "nuit@dialogue.example"))
    without_sms(world)
    contribution, _ = have()
    alert(contribution)
    world.run_jobs()
    assert [mail["To"] for mail in world.mails] == ["nuit@dialogue.example"]
    assert [state for _, _, state in messages()] == [MessageState.FAILED, MessageState.SENT]
    assert "duty.unreachable" in "".join(capsys.readouterr())


@pytest.mark.parametrize("act", ["withdrawal", "erasure"])
def test_who_withdraws_or_erases_is_told_nothing_more(world: World, act: str) -> None:
    _, code = have(contact=EMAIL)
    answer = world.client.post(
        f"/api/v1/receipt/{act}", json={"scope": "everything"}, headers={"Authorization": f"Receipt {code}"}
    )
    assert answer.status_code == 200
    world.run_jobs()
    assert world.mails == []
    assert messages() == [("received", Via.EMAIL, MessageState.DROPPED)]


def test_an_open_alert_is_told_even_of_what_is_erased(world: World) -> None:
    contribution, code = have(contact=EMAIL)
    alert(contribution)
    world.client.post(
        "/api/v1/receipt/erasure", json={"scope": "everything"}, headers={"Authorization": f"Receipt {code}"}
    )
    world.run_jobs()
    assert [mail["To"] for mail in world.mails] == ["astreinte@dialogue.example"]


def test_mail_being_down_fails_no_request(world: World) -> None:
    world.adapters.mailer.fault = AppError()  # type: ignore[attr-defined]
    told = world.client.post("/api/v1/contributions", json=factories.said(contact=EMAIL))
    assert told.status_code == 201
    with database.reading() as db:
        assert db.exec(select(Contribution)).one().state is State.PENDING
