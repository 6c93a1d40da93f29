"""« Signaler un problème »: by anyone, followed by number; « je suis sur cette photo » hides at once."""

import re
from datetime import timedelta
from typing import Any

import pytest

from app import db as database
from app.contributions import notices as reported
from app.models import (
    AuditEntry,
    Contribution,
    Job,
    Media,
    MediaChoice,
    Message,
    MessageState,
    Notice,
    NoticeState,
    State,
    Transition,
)
from tests import factories
from tests.contributions.residents import errors_on, have, receipt, shown
from tests.moderation.conftest import CONTACT, Desk

NOBODY = "01890000-0000-7000-8000-000000000000"
WORDS = "Mon nom est écrit à la fin : kanarienvogel."


def published(desk: Desk, **fields: Any) -> Contribution:
    return desk.have(lambda db: factories.contribution(db, state=State.PUBLISHED, **fields))


def report(desk: Desk, contribution: Contribution, *, key: str = "", **more: Any) -> Any:
    said = {"reference": contribution.reference, "reason": "personal", "explanation": WORDS, "good_faith": True} | more
    said = {name: value for name, value in said.items() if value is not None}
    return desk.world.client.post("/api/v1/notices", json=said, headers={"Idempotency-Key": key} if key else {})


def notice(desk: Desk, number: str) -> Notice:
    return desk.rows(Notice, number=number)[0]


def decide(desk: Desk, number: str, *, by: str = "ada", **said: Any) -> Any:
    body = {"version": 1, "act": "keep", "statement": "Ce nom est celui d’une rue."} | said
    return desk.people[by].post(f"/equipe/signalements/{notice(desk, number).id}/decision", data=body)


def public_media(desk: Desk, contribution: Contribution) -> list[Any]:
    desk.world.app.checked = 0.0  # as a second later
    return list(desk.world.client.get(f"/api/v1/contributions/{contribution.reference}").json()["media"])


def test_a_report_is_taken_followed_and_answered(desk: Desk) -> None:
    item = published(desk)
    desk.world.client.headers["Accept-Language"] = "en-GB,en;q=0.9"
    sent = report(desk, item, email="Voisin@Exemple.fr", reference=item.reference.lower())
    number = sent.json()["number"]
    assert (sent.status_code, sent.json()["hid_at_once"]) == (201, False)
    assert re.fullmatch(r"([2-9A-Z]{4}-){2}[2-9A-Z]{4}", number)
    assert desk.now(item).open_notices == 1
    kept = notice(desk, number)
    assert b"kanarienvogel" not in (kept.words_sealed or b"") + (kept.email_sealed or b"")
    assert kept.language == "en", "the answer goes out in the language that was asked for"

    follow = desk.world.client.post("/signalement", data={"number": number.replace("-", " ").lower()})
    assert (follow.status_code, "une personne va le lire" in shown(follow.text)) == (200, True)
    assert "kanarienvogel" not in follow.text
    answered = decide(desk, number)
    assert answered.headers["location"] == "/equipe/signalements?notice=notice_keep"
    assert (desk.now(item).state, desk.now(item).open_notices, desk.now(item).version) == ("published", 0, item.version)
    page = shown(desk.world.client.post("/signalement", data={"number": number}).text)
    assert "rien n’a changé" in page
    assert "Ce nom est celui d’une rue." in page
    desk.world.run_jobs()
    mails = [mail for mail in desk.world.mails if mail["To"] == "voisin@exemple.fr"]
    assert len(mails) == 2
    for mail in mails:
        text = mail.get_content()
        assert "/signalement" in text
        assert not {number, item.reference, "kanarienvogel", "rue"} & set(re.split(r"[\s.]", text))
    assert [entry.action for entry in desk.rows(AuditEntry, kind="notice")] == ["notice_made", "notice_kept"]
    for days, kept in ((180, True), (4, False)):  # half a year later nobody needs what was said, nor by whom
        desk.world.clock.move(timedelta(days=days))
        desk.world.sweep()
        late = notice(desk, number)
        assert (late.words_sealed is not None, late.email_sealed is not None) == (kept, kept)
    assert desk.world.client.post("/signalement", data={"number": number}).status_code == 200


@pytest.mark.parametrize(
    ("more", "status", "field", "code"),
    [
        ({"reason": None}, 422, "reason", "missing"),
        ({"reason": "ennui"}, 422, "reason", "unknown_reason"),
        ({"explanation": "  "}, 422, "explanation", "missing"),
        ({"explanation": "x" * 2001}, 422, "explanation", "too_long"),
        ({"good_faith": False}, 422, "good_faith", "good_faith_missing"),
        ({"good_faith": None}, 422, "good_faith", "good_faith_missing"),
        ({"email": "voisin"}, 422, "email", "bad_email"),
        ({"media": "rien"}, 422, "media", "unknown_media"),
        ({"media": NOBODY}, 422, "media", "unknown_media"),
        ({"reason": "image_rights", "explanation": None}, 422, "explanation", "missing"),
        ({"reference": "NS-222222"}, 404, "", "not_found"),
        ({"reference": ""}, 404, "", "not_found"),
        ({"reference": "x" * 100_000}, 404, "", "not_found"),
    ],
)
def test_a_bad_report_says_what_is_wrong(desk: Desk, more: Any, status: int, field: str, code: str) -> None:
    item = published(desk)
    answer = report(desk, item, **more)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert [error["field"] for error in answer.json().get("errors") or []] == ([field] if field else [])
    assert (desk.now(item).open_notices, desk.rows(Notice)) == (0, [])


def test_what_is_not_public_cannot_be_reported(desk: Desk) -> None:
    for state in State:
        if state is not State.PUBLISHED:
            item = desk.have(lambda db, s=state: factories.contribution(db, state=s))
            assert report(desk, item).status_code == 404, state
            assert desk.world.client.get(f"/paroles/{item.reference}/signaler").status_code == 404, state
    assert desk.rows(Notice) == []


def test_being_in_a_photo_hides_it_at_once_and_a_moderator_may_put_it_back(desk: Desk) -> None:
    item = desk.have(lambda db: factories.contribution(db, photo_alt="Un banc.", state=State.PUBLISHED, **CONTACT))
    photo = desk.rows(Media)[0]
    file = f"/media/{photo.opaque}/400.jpg"
    desk.world.adapters.storage.put(f"media/{photo.opaque}/400.jpg", b"photo")
    assert (len(public_media(desk, item)), desk.world.browser().get(file).status_code) == (1, 200)

    sent = report(desk, item, reason="image_rights", explanation=None)  # the only one there is
    assert (sent.status_code, sent.json()["hid_at_once"]) == (201, True)
    assert (public_media(desk, item), desk.world.browser().get(file).status_code) == ([], 404)
    assert str(photo.id) not in desk.world.client.get(f"/paroles/{item.reference}").text
    assert desk.world.client.get("/api/v1/contributions?has=photo").json()["items"] == []
    assert desk.now(item).state is State.PUBLISHED
    assert desk.now(item).version == item.version + 1  # whoever looks at it must look again
    assert [step.action for step in desk.rows(Transition)][-1] == "hold_media"
    [told] = [one for one in desk.rows(Message) if one.once.startswith("held:")]
    assert told.template == "decided"

    stale = decide(desk, sent.json()["number"], version=7)
    assert stale.status_code == 409
    decide(desk, sent.json()["number"], statement="La personne n’est pas reconnaissable.")
    assert [one["id"] for one in public_media(desk, item)] == [str(photo.id)]
    assert desk.world.browser().get(file).status_code == 200
    assert [step.action for step in desk.rows(Transition)][-1] == "release_media"

    again = report(desk, item, reason="image_rights", explanation=None).json()["number"]
    decide(desk, again, act="hold", statement="Nous gardons cette photo cachée.")
    assert (public_media(desk, item), desk.rows(Media)[0].choice) == ([], MediaChoice.WITHHOLD)
    assert "cachée" in desk.world.client.post("/signalement", data={"number": again}).text
    plain = report(desk, item).json()["number"]
    assert decide(desk, plain, act="hold").status_code == 409  # nothing was hidden by that one


def test_of_several_media_one_is_named_and_blur_comes_back_as_blur(desk: Desk) -> None:
    item = desk.have(lambda db: factories.contribution(db, photo_alt="Un banc.", state=State.PUBLISHED))
    with database.writing() as session:
        second = factories.photo(
            session, session.get_one(Contribution, item.seq), choice=MediaChoice.PUBLISH, alt="Une."
        )
    answer = report(desk, item, reason="image_rights", explanation=None)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "media")
    about = report(desk, item, reason="offence", media=str(second.id))
    assert (about.status_code, about.json()["hid_at_once"]) == (201, False)  # says where, hides nothing
    named = report(desk, item, reason="image_rights", explanation=None, media=str(second.id))
    assert named.json()["hid_at_once"]
    assert len(public_media(desk, item)) == 1
    desk.alert(desk.now(item))
    refused = decide(desk, named.json()["number"])
    assert (refused.status_code, len(public_media(desk, item))) == (409, 1)  # nothing is published under an alert


def test_hiding_in_one_press_closes_all_its_reports_and_each_is_told(desk: Desk) -> None:
    item = published(desk, **CONTACT)
    numbers = [report(desk, item, email=f"voisin{n}@exemple.fr").json()["number"] for n in range(3)]
    page = desk.people["ada"].get("/equipe/signalements").text
    assert page.count("Retirer tout de suite") == 3
    done = desk.people["ada"].post(
        f"/equipe/signalements/{notice(desk, numbers[1]).id}/decision", data={"version": 1, "act": "hide"}
    )
    assert done.headers["location"].endswith("notice=notice_hide")
    now = desk.now(item)
    assert (now.state, now.open_notices, now.reason) == (State.HIDDEN, 0, "personal")
    assert {notice(desk, number).state for number in numbers} == {NoticeState.ACTED}
    assert desk.world.client.get(f"/paroles/{item.reference}").status_code == 410
    last = desk.rows(Transition, contribution_seq=item.seq)[-1]
    assert (last.action, last.reason, bool(last.statement)) == ("hide", "personal", True)
    assert len([one for one in desk.rows(Message) if one.template == "notice_decided"]) == 3
    for number in numbers:
        assert "n’est plus public" in desk.world.client.post("/signalement", data={"number": number}).text
    assert decide(desk, numbers[0], by="bob").status_code == 409  # closed already

    other = published(desk)
    number = report(desk, other).json()["number"]
    assert desk.decide(other, "hide").status_code == 201  # at the desk itself: the same
    assert notice(desk, number).state is NoticeState.ACTED
    third = published(desk)
    worded = report(desk, third).json()["number"]
    own = decide(desk, worded, act="hide", reason="offence", told="Une insulte.", statement="C’est retiré.")
    assert own.status_code == 303
    assert desk.rows(Transition, contribution_seq=third.seq)[-1].statement == "Une insulte."
    assert "C’est retiré." in desk.world.client.post("/signalement", data={"number": worded}).text


@pytest.mark.parametrize(
    ("said", "status"),
    [({"statement": " "}, 422), ({"act": "shrug"}, 422), ({"version": ""}, 422), ({"version": "9"}, 409)],
)
def test_a_bad_decision_changes_nothing_and_keeps_what_was_typed(desk: Desk, said: Any, status: int) -> None:
    item = published(desk)
    number = report(desk, item).json()["number"]
    answer = decide(desk, number, told="À garder.", **said)
    assert (answer.status_code, "À garder." in answer.text) == (status, True)
    assert (notice(desk, number).state, desk.now(item).version) == (NoticeState.OPEN, item.version)


def test_reports_of_what_was_withdrawn_wait_and_of_what_is_erased_are_forgotten(desk: Desk) -> None:
    item, code = have(State.PUBLISHED)
    number = report(desk, item, email="voisin@exemple.fr").json()["number"]
    desk.world.client.post("/api/v1/receipt/withdrawal", headers=receipt(code))
    assert notice(desk, number).state is NoticeState.OPEN
    assert "Retirer tout de suite" not in desk.people["ada"].get("/equipe/signalements").text
    assert (
        "Retirer toute la parole" not in desk.people["ada"].get(f"/equipe/signalements/{notice(desk, number).id}").text
    )
    desk.world.client.post("/api/v1/receipt/erasure", json={"scope": "everything"}, headers=receipt(code))
    gone = notice(desk, number)
    assert (gone.state, gone.words_sealed, gone.email_sealed) == (NoticeState.ACTED, None, None)
    assert desk.now(item).open_notices == 0
    assert {one.state for one in desk.rows(Message, notice_seq=gone.seq)} == {MessageState.DROPPED}
    assert "n’est plus public" in desk.world.client.post("/signalement", data={"number": number}).text
    assert desk.people["ada"].get("/equipe/signalements").status_code == 200


def test_a_medium_that_was_reported_can_be_forgotten(desk: Desk) -> None:
    """Erased while somebody's report names its photo: the files and the row go all the same."""
    item, code = have(State.PUBLISHED)
    with database.writing() as session:
        factories.photo(session, session.get_one(Contribution, item.seq), choice=MediaChoice.PUBLISH, alt="Un banc.")
    assert report(desk, item, reason="image_rights", explanation=None).json()["hid_at_once"]
    desk.world.client.post("/api/v1/receipt/erasure", json={"scope": "everything"}, headers=receipt(code))
    desk.world.run_jobs()
    assert (desk.rows(Media), desk.rows(Job, task="forget_media", state="failed")) == ([], [])


def test_a_flood_is_slowed_and_hides_no_more_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reported, "AT_ONCE", 1)
    items = [
        desk.have(lambda db: factories.contribution(db, photo_alt="Un banc.", state=State.PUBLISHED)) for _ in range(2)
    ]
    hid = [report(desk, item, reason="image_rights", explanation=None).json()["hid_at_once"] for item in items]
    assert hid == [True, False]  # taken all the same: a person looks first
    assert (public_media(desk, items[0]), len(public_media(desk, items[1]))) == ([], 1)
    monkeypatch.setattr("app.contributions.notice_limits.MOST", 2)
    assert report(desk, items[1]).status_code == 429
    page = desk.world.client.post(f"/paroles/{items[1].reference}/signaler", data={"reason": "personal"})
    assert page.status_code == 422
    wrong = [desk.world.client.post("/signalement", data={"number": "AAAA-AAAA-AAAA"}) for _ in range(11)]
    assert [one.status_code for one in wrong] == [404] * 10 + [429]


def test_a_key_sent_twice_is_one_report(desk: Desk) -> None:
    item = published(desk)
    key = "0190f7c2-0000-7000-8000-000000000001"
    first, second = report(desk, item, key=key), report(desk, item, key=key)
    assert (first.json(), len(desk.rows(Notice))) == (second.json(), 1)
    assert report(desk, item, key=key, explanation="Autre.").json()["code"] == "idempotency_key_reused"


def test_the_public_pages_work_without_javascript(desk: Desk) -> None:
    item = desk.have(lambda db: factories.contribution(db, photo_alt="Un banc.", state=State.PUBLISHED))
    anyone = desk.world.client
    where = f"/paroles/{item.reference}/signaler"
    assert f'href="{where}"' in anyone.get(f"/paroles/{item.reference}").text
    page = anyone.get(where)
    assert (page.status_code, "noindex" in page.text, page.headers["cache-control"]) == (200, True, "private, no-store")
    photo = desk.rows(Media)[0]
    assert f'value="{photo.id}"' in page.text
    wrong = anyone.post(where, data={"reason": "personal", "email": "voisin"})
    assert wrong.status_code == 422
    assert [field for field, _ in errors_on(wrong.text)] == ["good_faith", "email"]  # all of it at once
    missing = anyone.post(where, data={"reason": "personal", "explanation": "À garder."})
    assert ([field for field, _ in errors_on(missing.text)], "À garder." in missing.text) == (["good_faith"], True)
    key = re.findall(r'name="key" value="([^"]+)"', page.text)[0]
    form = {"key": key, "reason": "image_rights", "media": str(photo.id), "good_faith": "true"}
    trapped = anyone.post(where, data=form | {"website": "http://x"})
    assert (trapped.status_code, "data-proof" in trapped.text) == (428, True)
    sent = [anyone.post(where, data=form) for _ in range(2)]  # a double tap
    assert [one.status_code for one in sent] == [201, 201]
    numbers = {"-".join(re.findall(r"<span>(\w{4})</span>", one.text)) for one in sent}
    assert (len(numbers), len(desk.rows(Notice))) == (1, 1)
    assert "déjà caché" in sent[0].text
    assert anyone.post("/signalement", data={"number": numbers.pop()}).status_code == 200
    bad = anyone.post("/signalement", data={"number": "<b>"})
    assert (bad.status_code, [field for field, _ in errors_on(bad.text)]) == (404, ["number"])
    assert "Signalements" in desk.people["ada"].get("/equipe").text
    read = desk.people["ada"].get(f"/equipe/signalements/{desk.rows(Notice)[0].id}")
    assert "cette personne dit y être" in shown(read.text)
    desk.world.clock.move(timedelta(hours=1))
