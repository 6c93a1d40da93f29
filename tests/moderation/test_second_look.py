"""Two people, only where the contract says so; and one contribution merged into another."""

from typing import Any

import pytest
import sqlalchemy as sa

from app import db
from app.contributions import rules as contribution_rules
from app.contributions.schemas import RevisionIn
from app.models import (
    Caption,
    CaptionSource,
    CaptionState,
    Contribution,
    Face,
    MediaChoice,
    MediaKind,
    Message,
    Role,
    Signal,
    SignalState,
    Staff,
    State,
    Transition,
)
from tests import factories
from tests.moderation.conftest import CONTACT, Desk

FOUND = [{"x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2}]
SHOWN = {"choice": "publish", "alt": "Une femme rit."}


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.someone("cleo", Role.MODERATOR)
    return desk


def actor(desk: Desk, name: str) -> str:
    return next(person.actor for person in desk.rows(Staff) if person.name == name)


def signal(one: Contribution, kind: str, state: SignalState, **more: Any) -> None:
    with db.writing() as session:
        session.add(Signal(
            contribution_seq=one.seq or 0, revision=1, kind=kind, state=state, place="body", detector="essai 1",
            created_at=factories.NOW, **more,
        ))  # fmt: skip


def closed_alert(desk: Desk, one: Contribution) -> None:
    desk.close(desk.alert(one).json()["id"])


def test_what_a_moderator_calls_sensitive_takes_two(desk: Desk) -> None:
    one = desk.have(**CONTACT)
    answer = desk.decide(one, "publish", sensitive=True)
    assert (answer.status_code, answer.json()["state"]) == (201, "second_review")
    assert (desk.now(one).sensitive, desk.traces(one)) == (True, {"transitions": 1, "audit": 1, "messages": 0})
    assert desk.rows(Transition, contribution_seq=one.seq)[-1].action == "send_to_second"
    assert desk.world.client.get(f"/api/v1/contributions/{one.reference}").status_code == 404
    for action in ("publish", "return", "refuse"):
        again = desk.decide(desk.now(one), action)
        assert (again.status_code, again.json()["code"]) == (409, "same_person")
    page = desk.people["ada"].get(f"/equipe/moderation/{one.id}").text
    assert "Vous avez demandé une deuxième lecture." in page
    assert 'name="action"' not in page
    assert 'name="action" value="publish"' in desk.people["bob"].get(f"/equipe/moderation/{one.id}").text
    assert desk.decide(desk.now(one), "publish", by="bob").json()["state"] == "published"
    assert len(desk.rows(Message, contribution_seq=one.seq, template="decided")) == 1


@pytest.mark.parametrize(
    ("kind", "state", "two"),
    [
        ("person", SignalState.CONFIRMED, True), ("face", SignalState.CONFIRMED, True),
        ("person", SignalState.OPEN, False), ("person", SignalState.DISMISSED, False),
        ("phone", SignalState.CONFIRMED, False),
    ],
)  # fmt: skip
def test_a_signal_counts_once_a_person_confirmed_it(desk: Desk, kind: str, state: SignalState, two: bool) -> None:
    one = desk.have()
    signal(one, kind, state)
    assert desk.decide(one, "publish").json()["state"] == ("second_review" if two else "published")


def test_a_closed_alert_takes_two_also_to_show_again(desk: Desk) -> None:
    one = desk.have()
    closed_alert(desk, one)
    assert desk.decide(desk.now(one), "publish").json()["state"] == "second_review"
    assert desk.decide(desk.now(one), "publish", by="bob").json()["state"] == "published"
    desk.decide(desk.now(one), "hide", by="bob")
    assert desk.decide(desk.now(one), "restore", by="bob").json()["code"] == "same_person"
    page = desk.people["bob"].get(f"/equipe/moderation/{one.id}").text
    assert ('value="restore"' in page, 'value="refuse"' in page) == (False, True)
    assert desk.decide(desk.now(one), "restore").json()["state"] == "published"


def test_a_recognisable_face_takes_two_never_the_kind_of_medium(desk: Desk) -> None:
    plain = desk.have()
    photo = desk.photo(plain)
    assert desk.decide(plain, "publish", media={str(photo.id): SHOWN}).json()["state"] == "published"
    blurred = desk.have()
    photo = desk.photo(blurred, faces=FOUND)
    assert desk.decide(blurred, "publish", media={str(photo.id): SHOWN | {"choice": "blur"}}).json()["state"] == (
        "published"
    )
    for fields in ({"faces": FOUND, "face": Face.SHOW}, {"people_recognisable": True}):
        one = desk.have()
        photo = desk.photo(one, **fields)
        other = desk.photo(one, position=1, **fields)
        media: dict[str, Any] = {str(photo.id): SHOWN, str(other.id): {"choice": "withhold"}}
        assert desk.decide(one, "publish", media=media).json()["state"] == "second_review"
        # What the first chose is kept for the second, who may be more careful, not less.
        assert f'name="media.{photo.id}.choice" value="publish" checked' in (
            desk.people["bob"].get(f"/equipe/moderation/{one.id}").text
        )
        refused = desk.decide(desk.now(one), "publish", by="bob", media={str(other.id): SHOWN})
        assert [error["code"] for error in refused.json()["errors"]] == ["second_needed"]
        assert desk.decide(desk.now(one), "publish", by="bob").json()["state"] == "published"
        public = desk.world.client.get(f"/api/v1/contributions/{one.reference}").json()["media"]
        assert [medium["alt"] for medium in public] == ["Une femme rit."]


def test_a_face_in_a_file_that_came_late_takes_two(desk: Desk) -> None:
    one = desk.have(state=State.PUBLISHED, **CONTACT)
    photo = desk.photo(one, faces=FOUND, face=Face.SHOW)
    said = {"media": {str(photo.id): SHOWN}}
    assert desk.decide(one, "publish", **said).status_code == 201
    assert desk.rows(type(photo), id=photo.id)[0].choice is None
    assert desk.world.client.get(f"/api/v1/contributions/{one.reference}").json()["media"] == []
    assert desk.decide(desk.now(one), "publish", **said).json()["code"] == "same_person"
    assert desk.decide(desk.now(one), "publish", by="bob", **said).status_code == 201
    [kept] = desk.rows(type(photo), id=photo.id)
    assert (kept.choice, kept.details) == (MediaChoice.PUBLISH, {})
    assert len(desk.rows(Message, contribution_seq=one.seq, template="decided")) == 1


def test_the_second_is_neither_the_mediator_nor_the_last_editor(desk: Desk) -> None:
    one = desk.have(body="Bonjour, je suis Zoé.")
    with db.writing() as session:
        entered = sa.update(Transition).where(sa.column("contribution_seq") == one.seq).values(actor=actor(desk, "bob"))
        session.connection().execute(entered)
    desk.decide(one, "send_to_second")
    assert desk.decide(desk.now(one), "publish", by="bob").json()["detail"].startswith("Vous avez apporté ces mots.")
    assert desk.decide(desk.now(one), "publish", by="cleo").status_code == 201
    heard = desk.have()
    with db.writing() as session:
        sound = factories.sound(session, heard, transcript="Bonjour.", choice=MediaChoice.PUBLISH)
        session.add(Caption(
            media_seq=sound.seq or 0, language="fr", vtt="WEBVTT\n", state=CaptionState.ACCEPTED,
            source=CaptionSource.PERSON, by=actor(desk, "bob"), updated_at=factories.NOW,
        ))  # fmt: skip
    assert sound.kind is MediaKind.AUDIO
    desk.decide(heard, "send_to_second")
    refused = desk.decide(desk.now(heard), "publish", by="bob")
    assert (refused.status_code, refused.json()["code"]) == (409, "same_person")
    assert "modifié ces mots en dernier" in desk.people["bob"].get(f"/equipe/moderation/{heard.id}").text
    assert desk.decide(desk.now(heard), "publish", by="cleo").status_code == 201


def test_a_new_text_voids_the_first_approval(desk: Desk) -> None:
    one = desk.have()
    desk.decide(one, "publish", sensitive=True)
    with db.writing() as session:
        new = RevisionIn(body="Mieux dit.")
        contribution_rules.revise(session, session.merge(desk.now(one)), new, now=desk.world.clock())
    assert desk.now(one).state is State.PENDING
    assert desk.decide(desk.now(one), "publish", by="bob").json()["state"] == "second_review"
    assert desk.decide(desk.now(one), "publish", by="bob").json()["code"] == "same_person"
    assert desk.decide(desk.now(one), "publish").json()["state"] == "published"


def test_a_second_look_keeps_what_was_already_written(desk: Desk) -> None:
    one = desk.have()
    photo, undecided = desk.photo(one), desk.photo(one, position=1)
    media: dict[str, Any] = {str(photo.id): SHOWN, str(undecided.id): {"choice": "publish"}}  # no words for the second
    assert desk.decide(one, "send_to_second", media=media).json()["state"] == "second_review"
    kept = {row.id: (row.choice, row.alt) for row in desk.rows(type(photo))}
    assert kept == {photo.id: (MediaChoice.PUBLISH, "Une femme rit."), undecided.id: (None, None)}


# Merging -------------------------------------------------------------------------------------------------


def test_a_merged_one_is_absent_and_its_receipt_names_the_other(desk: Desk) -> None:
    target = desk.have(body="La même chose.")
    with db.writing() as session:
        sent = factories.submitted(session, body="La même chose !", contact={"email": "lea@exemple.fr"})
        one, code = sent.contribution, sent.code.words
    answer = desk.decide(one, "merge", into=f" {target.reference.lower()} ")
    assert (answer.status_code, answer.json()["state"], desk.now(one).merged_into) == (201, "merged", target.seq)
    assert desk.traces(one) == {"transitions": 1, "audit": 1, "messages": 1}
    assert desk.world.client.get(f"/paroles/{one.reference}").status_code == 404
    assert desk.world.client.get(f"/api/v1/contributions/{one.reference}").status_code == 404

    def told() -> Any:
        headers = {"Authorization": f"Receipt {code}"}
        return desk.world.client.get("/api/v1/receipt", headers=headers).json()["merged_into"]

    assert told() == {"reference": target.reference, "url": None}
    further = desk.have(state=State.PUBLISHED)
    desk.decide(target, "merge", into=further.reference)
    assert told() == {"reference": further.reference, "url": f"/paroles/{further.reference}"}
    visitor = desk.world.browser()
    visitor.post("/suivre", data={"code": code})
    assert f"la parole {further.reference}" in visitor.get("/suivre/contribution").text


def test_what_cannot_be_merged_says_so(desk: Desk) -> None:
    one, target = desk.have(), desk.have()
    merged = desk.have(state=State.PUBLISHED)
    desk.decide(target, "merge", into=merged.reference)
    cases = {
        "": "missing", "NS-222222": "unknown_reference", one.reference: "merge_into_itself",
        target.reference: "merge_into_merged", desk.have(state=State.ERASED).reference: "unknown_reference",
        desk.have(state=State.REFUSED).reference: "merge_into_ended",
    }  # fmt: skip
    for into, code in cases.items():
        answer = desk.decide(one, "merge", into=into)
        assert (answer.status_code, [(e["field"], e["code"]) for e in answer.json()["errors"]]) == (
            422,
            [("into", code)],
        )
    sent = {"version": 1, "revision": 1, "action": "merge", "into": target.reference}
    page = desk.people["ada"].post(f"/equipe/moderation/{one.id}/decisions", data=sent)
    assert (page.status_code, merged.reference in page.text, 'id="into"' in page.text) == (422, True, True)
    desk.alert(one)
    assert desk.decide(one, "merge", into=merged.reference).json()["code"] == "alert_open"
    assert desk.now(one).state is State.PENDING
