"""The state machine of domain.md, every allowed step and every refused one, and what a decision needs."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from app import audit, db
from app.models import AuditEntry, MediaChoice, MediaState, Message, MessageState, Role, Staff, State, Transition
from app.moderation.rules import STEPS
from app.moderation.schemas import Action
from tests.moderation.conftest import CONTACT, Desk

ALLOWED = {
    ("pending", "publish"): "published",
    ("pending", "return"): "returned",
    ("pending", "refuse"): "refused",
    ("pending", "send_to_second"): "second_review",
    ("pending", "merge"): "merged",
    ("second_review", "publish"): "published",
    ("second_review", "return"): "returned",
    ("second_review", "refuse"): "refused",
    ("published", "hide"): "hidden",
    ("hidden", "restore"): "published",
    ("hidden", "refuse"): "refused",
}
ACTIONS = ["publish", "return", "refuse", "hide", "restore", "send_to_second", "merge"]


def codes(answer: Any) -> dict[str, str]:
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


def test_the_table_is_the_one_of_the_domain() -> None:
    written = {(state.value, action.value): to.value for action, (states, to) in STEPS.items() for state in states}
    assert written == ALLOWED


@pytest.mark.parametrize("action", ACTIONS)
def test_every_state_allows_what_the_table_says_and_nothing_else(desk: Desk, action: str) -> None:
    into = desk.have().reference if action == "merge" else None
    told = int(action != "send_to_second")  # then nothing is decided yet
    for state in State:
        one = desk.have(state=state, **CONTACT)
        before = desk.traces(one)
        answer = desk.decide(one, action, into=into)
        if state is State.ERASED:
            assert answer.status_code == 404
        elif to := ALLOWED.get((state.value, action)):
            assert (answer.status_code, answer.json()["state"], answer.json()["version"]) == (
                201,
                to,
                one.version + 1,
            ), state
            assert desk.now(one).state == to
            assert desk.traces(one) == {name: n + (told if name == "messages" else 1) for name, n in before.items()}
        else:
            assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (
                409,
                "not_allowed",
                state.value,
            )
            assert (desk.now(one).state, desk.traces(one)) == (state, before)


def test_a_decision_leaves_who_when_why_and_no_words_in_the_audit(desk: Desk) -> None:
    one = desk.have(body="Je m’appelle Zoé et je dors dehors.", **CONTACT)
    desk.decide(one, "refuse", reason="protection", statement="Ces mots disent où vous dormez.")
    step = desk.rows(Transition, contribution_seq=one.seq)[-1]
    assert (step.action, step.from_state, step.to_state, step.reason, step.statement, step.revision) == (
        "refuse", "pending", "refused", "protection", "Ces mots disent où vous dormez.", 1,
    )  # fmt: skip
    assert step.actor.startswith("staff:")
    assert step.at == desk.world.clock()
    entry = desk.rows(AuditEntry, object_id=str(one.id))[-1]
    assert (entry.action, entry.actor) == ("refuse", step.actor)
    assert entry.hashes["body"] == hashlib.sha256("Je m’appelle Zoé et je dors dehors.".encode()).hexdigest()
    assert not any(word in str(entry.model_dump()) for word in ("Zoé", "dormez"))
    assert desk.now(one).reason == "protection"
    with db.reading() as session:
        assert audit.verify(session)[1] is None


def test_the_author_is_told_once_without_any_word(desk: Desk) -> None:
    one = desk.have(body="Des mots secrets.", **CONTACT)
    desk.world.run_jobs()
    desk.world.mails.clear()
    desk.decide(one, "refuse", statement="Un nom propre.")
    desk.world.run_jobs()
    desk.world.run_jobs()
    [mail] = desk.world.mails
    text = str(mail)
    assert not any(words in text for words in ("secrets", "nom propre", "reconnaître"))


def test_publishing_gives_it_to_the_public_and_hiding_takes_it_away(desk: Desk) -> None:
    one = desk.have(body="Une table ronde au marché.")
    address = f"/api/v1/contributions/{one.reference}"
    assert desk.world.client.get(address).status_code == 404
    desk.decide(one, "publish")
    assert desk.world.client.get(address).status_code == 200
    assert desk.decide(desk.now(one), "hide").json()["state"] == "hidden"
    desk.world.app.forget()  # the page cache checks once a second
    assert desk.world.client.get(address).status_code == 410
    assert desk.queue().json()["counts"]["published"] == 0
    desk.decide(desk.now(one), "restore")
    desk.world.app.forget()
    assert desk.world.client.get(address).status_code == 200
    assert desk.queue().json()["counts"]["published"] == 1


@pytest.mark.parametrize("missing", ["version", "revision", "action"])
def test_what_was_looked_at_must_be_said(desk: Desk, missing: str) -> None:
    said = {"version": 1, "revision": 1, "action": "publish"}
    del said[missing]
    answer = desk.people["ada"].post(f"/api/v1/moderation/{desk.have().id}/decisions", json=said)
    assert (answer.status_code, codes(answer)) == (422, {missing: "missing"})


@pytest.mark.parametrize("action", ["return", "refuse", "hide"])
def test_what_is_not_published_needs_a_reason_and_a_statement(desk: Desk, action: str) -> None:
    one = desk.have(state=State.PUBLISHED if action == "hide" else State.PENDING)
    answer = desk.decide(one, action, reason=None, statement=None)
    assert (answer.status_code, codes(answer)) == (422, {"reason": "missing", "statement": "missing"})
    assert codes(desk.decide(one, action, statement="  \n ")) == {"statement": "missing"}
    assert codes(desk.decide(one, action, reason="opinion")) == {"reason": "unknown_reason"}
    assert codes(desk.decide(one, action, statement="é" * 2001)) == {"statement": "too_long"}
    assert desk.decide(one, action, statement="👩‍👩‍👧" * 2000).status_code == 201  # counted as people see it


def test_an_unknown_action_names_its_field(desk: Desk) -> None:
    assert codes(desk.decide(desk.have(), "burn")) == {"action": "enum"}


def test_a_stale_look_is_told_who_acted(desk: Desk) -> None:
    one = desk.have()
    desk.decide(one, "publish", by="bob")
    answer = desk.decide(one, "refuse")
    assert answer.status_code == 409
    assert {name: answer.json()[name] for name in ("code", "state", "version", "by", "at")} == {
        "code": "stale", "state": "published", "version": 2, "by": "bob", "at": desk.world.clock().isoformat(),
    }  # fmt: skip
    other = desk.have()
    assert desk.decide(other, "publish", revision=2).json()["code"] == "stale"


def test_a_correction_by_the_author_makes_the_look_stale(desk: Desk) -> None:
    from app.contributions import rules
    from app.contributions.schemas import RevisionIn

    one = desk.have()
    with db.writing() as session:
        rules.revise(session, session.merge(one), RevisionIn(body="Mieux dit."), now=desk.world.clock())
    answer = desk.decide(one, "publish")
    assert (answer.status_code, answer.json()["code"], answer.json()["by"]) == (409, "stale", "author")
    assert desk.decide(desk.now(one), "publish").status_code == 201


def test_repeating_a_decision_is_a_conflict_and_no_second_effect(desk: Desk) -> None:
    one = desk.have(**CONTACT)
    assert desk.decide(one, "publish").status_code == 201
    after = desk.traces(one)
    assert desk.decide(one, "publish").json()["code"] == "stale"
    assert desk.decide(desk.now(one), "publish").json()["code"] == "not_allowed"
    assert desk.traces(one) == after


def test_the_same_key_gives_the_first_answer(desk: Desk) -> None:
    one = desk.have(**CONTACT)
    desk.people["ada"].headers["Idempotency-Key"] = "0190d1f2-0000-7000-8000-000000000001"
    first, again = desk.decide(one, "publish"), desk.decide(one, "publish")
    assert (again.status_code, again.json()) == (201, first.json())
    assert desk.traces(one) == {"transitions": 1, "audit": 1, "messages": 1}
    assert desk.decide(one, "refuse").status_code == 409


@pytest.mark.parametrize("id_", ["01890d1f-0000-7000-8000-000000000000", "pas-un-identifiant", "..%2F", "%00"])
def test_unknown_and_malformed_ids_are_absent(desk: Desk, id_: str) -> None:
    said = {"version": 1, "revision": 1, "action": "publish"}
    ada = desk.people["ada"]
    for answer in (
        ada.post(f"/api/v1/moderation/{id_}/decisions", json=said),
        ada.post(f"/api/v1/moderation/{id_}/claim"),
        ada.delete(f"/api/v1/moderation/{id_}/claim"),
        ada.post(f"/api/v1/moderation/{id_}/alerts", json={"kind": "danger"}),
        ada.post(f"/api/v1/moderation/alerts/{id_}/closure", json={"done": "Rien."}),
        ada.get(f"/equipe/moderation/{id_}"),
        ada.get(f"/equipe/alertes/{id_}"),
    ):
        assert answer.status_code == 404, answer.url


# Languages and media -------------------------------------------------------------------------------------


def test_words_are_published_only_in_a_language_somebody_reads(desk: Desk) -> None:
    one = desk.have(body="ሰላም", language="ti")
    answer = desk.decide(one, "publish")
    assert (answer.status_code, codes(answer)) == (422, {"language": "language_unread"})
    desk.someone("cleo", Role.INTERPRETER, reads=["ti"])
    assert desk.decide(one, "publish").status_code == 201
    dari = desk.have(body="سلام", language="fa-AF")
    assert desk.decide(dari, "publish").status_code == 422
    desk.someone("dara", Role.MEDIATOR, reads=["fa"])
    assert desk.decide(dari, "publish").status_code == 201


def test_someone_who_left_reads_nothing_for_us(desk: Desk) -> None:
    desk.someone("cleo", Role.INTERPRETER, reads=["ti"])
    with db.writing() as session:
        from sqlmodel import select

        session.exec(select(Staff).where(Staff.name == "cleo")).one().active = False
    assert desk.decide(desk.have(body="ሰላም", language="ti"), "publish").status_code == 422


def test_every_photo_needs_a_choice_and_a_published_one_its_words(desk: Desk) -> None:
    one = desk.have()
    first, second = desk.photo(one, position=0), desk.photo(one, position=1)
    assert codes(desk.decide(one, "publish")) == {
        f"media.{first.id}.choice": "choice_missing", f"media.{second.id}.choice": "choice_missing",
    }  # fmt: skip
    media: dict[str, Any] = {str(first.id): {"choice": "publish"}, str(second.id): {"choice": "withhold"}}
    answer = desk.decide(one, "publish", media=media)
    assert (answer.status_code, answer.json()["code"]) == (422, "alt_missing")
    assert codes(answer) == {f"media.{first.id}.alt": "alt_missing"}
    media[str(first.id)]["alt"] = "x" * 501
    assert codes(desk.decide(one, "publish", media=media)) == {f"media.{first.id}.alt": "too_long"}
    media[str(first.id)]["alt"] = "Une table sous un arbre."
    assert desk.decide(one, "publish", media=media).status_code == 201
    from app.models import Media

    kept = {row.id: (row.choice, row.alt) for row in desk.rows(Media)}
    assert kept == {
        first.id: (MediaChoice.PUBLISH, "Une table sous un arbre."),
        second.id: (MediaChoice.WITHHOLD, None),
    }
    public = desk.world.client.get(f"/api/v1/contributions/{one.reference}").json()["media"]
    assert [medium["id"] for medium in public] == [str(first.id)]
    assert desk.world.client.get(f"/media/{second.opaque}/400.webp").status_code == 404


def test_the_owners_own_words_are_enough(desk: Desk) -> None:
    one = desk.have()
    photo = desk.photo(one, alt="Mon balcon.")
    assert desk.decide(one, "publish", media={str(photo.id): {"choice": "publish"}}).status_code == 201


@pytest.mark.parametrize(
    ("state", "choice", "code"),
    [
        (MediaState.FAILED, "publish", "media_failed"),
        (MediaState.RECEIVED, "publish", "media_not_ready"),
        (MediaState.PROCESSING, "publish", "media_not_ready"),
        (MediaState.READY, "blur", "zones_missing"),
        (MediaState.READY, "transcript", "choice_unavailable"),
        (MediaState.READY, "sell", "enum"),
        *((state, "withhold", None) for state in (MediaState.FAILED, MediaState.RECEIVED, MediaState.PROCESSING)),
    ],
)
def test_only_a_ready_photo_is_published(desk: Desk, state: MediaState, choice: str, code: str | None) -> None:
    one = desk.have()
    photo = desk.photo(one, state=state)
    answer = desk.decide(one, "publish", media={str(photo.id): {"choice": choice, "alt": "Une rue."}})
    if code is None:
        assert answer.status_code == 201
    else:
        assert (answer.status_code, codes(answer)) == (422, {f"media.{photo.id}.choice": code})


def test_another_contributions_photo_is_unknown(desk: Desk) -> None:
    theirs = desk.photo(desk.have())
    answer = desk.decide(desk.have(), "publish", media={str(theirs.id): {"choice": "withhold"}})
    assert codes(answer) == {f"media.{theirs.id}": "unknown_media"}


def test_restoring_keeps_the_choices_or_changes_them(desk: Desk) -> None:
    one = desk.have()
    photo = desk.photo(one)
    desk.decide(one, "publish", media={str(photo.id): {"choice": "publish", "alt": "Une rue."}})
    desk.decide(desk.now(one), "hide", reason="image_rights")
    assert desk.decide(desk.now(one), "restore").status_code == 201
    assert desk.world.client.get(f"/api/v1/contributions/{one.reference}").json()["media"][0]["alt"] == "Une rue."
    desk.decide(desk.now(one), "hide", reason="image_rights")
    desk.decide(desk.now(one), "restore", media={str(photo.id): {"choice": "withhold"}})
    desk.world.app.forget()
    assert desk.world.client.get(f"/api/v1/contributions/{one.reference}").json()["media"] == []


# Claims --------------------------------------------------------------------------------------------------


def test_a_claim_is_a_lease_of_fifteen_minutes(desk: Desk) -> None:
    one = desk.have()
    until = (desk.world.clock() + timedelta(minutes=15)).isoformat()
    first = desk.claim(one)
    assert (first.status_code, first.json()) == (201, {"by": "ada", "until": until})
    assert desk.claim(one).status_code == 200
    refused = desk.claim(one, by="bob")
    assert (refused.status_code, refused.json()["code"], refused.json()["by"], refused.json()["until"]) == (
        409,
        "claimed",
        "ada",
        until,
    )
    assert desk.now(one).version == 1
    desk.world.clock.move(timedelta(minutes=15))
    assert desk.claim(one, by="bob").status_code == 201
    assert desk.claim(one).json()["by"] == "bob"


def test_only_its_holder_gives_a_claim_back(desk: Desk) -> None:
    one = desk.have()
    desk.claim(one)
    address = f"/api/v1/moderation/{one.id}/claim"
    assert desk.people["bob"].delete(address).status_code == 409
    assert [desk.people["ada"].delete(address).status_code for _ in range(2)] == [204, 204]
    assert desk.claim(one, by="bob").status_code == 201


def test_anothers_live_claim_stops_a_decision_and_its_end_frees_it(desk: Desk) -> None:
    one = desk.have()
    desk.claim(one, by="bob")
    answer = desk.decide(one, "publish")
    assert (answer.status_code, answer.json()["code"], answer.json()["by"]) == (409, "claimed", "bob")
    desk.world.clock.move(timedelta(minutes=15, seconds=1))
    assert desk.decide(one, "publish").status_code == 201
    assert desk.now(one).claimed_by is None


def test_a_refused_decision_keeps_the_claim(desk: Desk) -> None:
    one = desk.have()
    desk.claim(one)
    assert desk.decide(one, "restore").status_code == 409
    assert desk.claim(one, by="bob").status_code == 409


def test_messages_are_not_written_without_a_contact(desk: Desk) -> None:
    one = desk.have()
    desk.decide(one, "publish")
    assert desk.rows(Message) == []
    with_phone = desk.have(contact={"phone": "06 12 34 56 78"})
    desk.decide(with_phone, "publish")
    assert {m.via.value for m in desk.rows(Message)} == {"call"}
    assert {m.state for m in desk.rows(Message)} == {MessageState.WAITING}


def test_actions_are_the_contracts() -> None:
    assert [action.value for action in Action] == [
        "publish",
        "return",
        "refuse",
        "hide",
        "restore",
        "merge",
        "send_to_second",
    ]
