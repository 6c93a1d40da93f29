"""« Faire relire par quelqu'un d'autre »: once for each decision, within six months, decided by another person."""

from datetime import timedelta
from typing import Any

import pytest

from app import db as database
from app.contributions import appeals as asked
from app.models import (
    Appeal,
    AuditEntry,
    Contribution,
    Media,
    MediaChoice,
    Message,
    Original,
    Role,
    Signal,
    State,
    Transition,
)
from tests import factories
from tests.conftest import NOW
from tests.contributions.residents import receipt, shown
from tests.moderation.conftest import CONTACT, Desk
from tests.moderation.test_races import at_once

NOBODY = "01890000-0000-7000-8000-000000000000"
PAGE = "/suivre/contribution"


class Case:
    """A contribution, its holder's code, and what is asked about it."""

    def __init__(self, desk: Desk, **fields: Any) -> None:
        self.desk = desk
        with database.writing() as session:
            made = factories.submitted(session, **fields)
            self.seq, self.code = made.seq, made.code.words
            self.id, self.reference = made.id, made.reference

    @property
    def now(self) -> Contribution:
        with database.reading() as session:
            return session.get_one(Contribution, self.seq)

    def view(self) -> Any:
        return self.desk.world.client.get("/api/v1/receipt", headers=receipt(self.code)).json()

    def ask(self, words: str | None = "Ce nom est celui de ma rue.") -> Any:
        body = {"words": words} if words else {}
        return self.desk.world.client.post("/api/v1/receipt/appeal", json=body, headers=receipt(self.code))

    @property
    def appeal(self) -> Appeal:
        return self.desk.rows(Appeal, contribution_seq=self.seq)[-1]

    def answer(self, outcome: str = "reversed", *, by: str = "bob", **more: Any) -> Any:
        said = {"version": 1, "outcome": outcome, "statement": "J’ai relu : ce n’est pas un nom de personne."} | more
        said = {name: value for name, value in said.items() if value is not None}
        return self.desk.people[by].post(f"/api/v1/moderation/appeals/{self.appeal.id}/decisions", json=said)

    def states(self) -> tuple[str, int, int]:
        """Everything a refused act must leave as it was."""
        return self.now.state.value, self.now.version, self.now.open_appeals


@pytest.mark.parametrize(
    ("actions", "state"), [(["return"], "returned"), (["refuse"], "refused"), (["publish", "hide"], "hidden")]
)
def test_what_is_not_published_is_read_again_and_restored(desk: Desk, actions: list[str], state: str) -> None:
    case = Case(desk, **CONTACT)
    assert "appeal" not in case.view()["can"]
    for action in actions:
        assert desk.decide(case.now, action).status_code == 201
    before = case.view()
    assert (before["state"], before["appeal"], "appeal" in before["can"]) == (state, None, True)
    assert before["appeal_until"].startswith("2022-10-12T23:59:59")

    made = case.ask()
    assert (made.status_code, made.json()["appeal"]["state"]) == (201, "open")
    assert "appeal" not in made.json()["can"]
    assert case.now.open_appeals == 1
    assert b"ma rue" not in (case.appeal.words_sealed or b"")

    answered = case.answer()
    assert (answered.status_code, answered.json()["state"]) == (201, "published")
    after = case.view()
    assert (after["state"], after["appeal"]["state"]) == ("published", "reversed")
    assert after["appeal"]["statement"].startswith("J’ai relu")
    assert case.now.open_appeals == 0
    assert desk.world.client.get(f"/paroles/{case.reference}").status_code == 200
    assert case.reference in desk.world.client.get("/api/v1/contributions").text
    steps = [entry.action for entry in desk.rows(AuditEntry, kind="appeal")]
    assert steps == ["appeal_made", "appeal_reversed"]
    assert [one.template for one in desk.rows(Message, contribution_seq=case.seq)].count("decided") == len(actions) + 1


def test_upheld_leaves_everything_as_it_was_and_says_so(desk: Desk) -> None:
    case = Case(desk)
    desk.decide(case.now, "refuse")
    case.ask()
    state, version, _ = case.states()
    assert case.answer("upheld").status_code == 201
    assert case.states() == (state, version, 0)
    view = case.view()
    assert (view["appeal"]["state"], "appeal" in view["can"], view["state"]) == ("upheld", False, "refused")
    desk.world.client.post("/suivre", data={"code": case.code})
    page = shown(desk.world.client.get(PAGE).text)
    assert "La décision reste la même." in page
    assert "J’ai relu" in page
    assert case.ask().json()["code"] == "already_appealed"


def test_the_queue_says_what_an_answer_needs(desk: Desk) -> None:
    case = Case(desk)
    desk.decide(case.now, "refuse")
    case.ask()
    alert = desk.alert(case.now).json()
    [item] = desk.queue().json()["items"]
    assert {signal["kind"]: signal.get("which") for signal in item["signals"]} == {
        "alert": [{"id": alert["id"], "kind": "danger", "at": NOW.isoformat()}],
        "appeal": [{"id": str(case.appeal.id), "version": 1, "at": NOW.isoformat()}],
    }


def test_what_cannot_be_appealed(desk: Desk) -> None:
    """Nothing decided, published as it is, twice, after six months, an alert open, words too long."""
    case = Case(desk)
    assert (case.ask().status_code, case.ask().json()["code"]) == (409, "not_allowed")
    desk.decide(case.now, "publish")
    assert case.ask().json()["code"] == "not_allowed"
    desk.decide(case.now, "hide")
    too_long = case.ask("x" * 2001)
    assert (too_long.status_code, too_long.json()["errors"][0]["field"]) == (422, "words")
    assert case.ask().status_code == 201
    again = case.ask()
    assert (again.status_code, again.json()["code"]) == (409, "already_appealed")
    assert case.now.open_appeals == 1

    late = Case(desk)
    desk.decide(late.now, "refuse")
    desk.world.clock.move(timedelta(days=182))  # the twelfth of October is the last day
    assert late.ask(None).status_code == 201
    later = Case(desk)
    desk.decide(later.now, "refuse")
    desk.world.clock.move(timedelta(days=185))
    before = later.states()
    expired = later.ask()
    assert (expired.status_code, expired.json()["code"]) == (409, "appeal_expired")
    assert ("appeal" in later.view()["can"], later.states()) == (False, before)

    endangered = Case(desk)
    desk.decide(endangered.now, "refuse")
    desk.alert(endangered.now)
    assert endangered.ask().json()["code"] == "not_allowed"


def test_months_end_on_a_day_that_exists() -> None:
    from datetime import UTC, datetime

    assert asked.until(datetime(2022, 8, 31, 12, tzinfo=UTC)).date().isoformat() == "2023-02-28"
    assert asked.until(datetime(2022, 7, 1, 22, 30, tzinfo=UTC)).date().isoformat() == "2023-01-02"


def test_who_decided_does_not_answer(desk: Desk) -> None:
    desk.someone("eve", Role.MODERATOR)
    case = Case(desk)
    desk.decide(case.now, "publish", by="eve")
    desk.decide(case.now, "hide")
    desk.decide(case.now, "refuse", by="bob")
    case.ask()
    before = case.states()
    for who in ("ada", "bob"):  # who hid it, and who refused it then
        refused = case.answer(by=who)
        assert (refused.status_code, refused.json()["code"]) == (409, "same_person")
        assert "Une autre personne doit la relire" in desk.people[who].get(f"/equipe/recours/{case.appeal.id}").text
    assert case.states() == before
    assert case.answer(by="eve").status_code == 201


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"version": 2}, 409, "stale"),
        ({"version": None}, 422, "missing"),
        ({"statement": ""}, 422, "missing"),
        ({"statement": None}, 422, "missing"),
        ({"outcome": "perhaps"}, 422, "enum"),
        ({"statement": "x" * 2001}, 422, "too_long"),
    ],
)
def test_a_bad_answer_changes_nothing(desk: Desk, sent: dict[str, Any], status: int, code: str) -> None:
    case = Case(desk)
    desk.decide(case.now, "refuse")
    case.ask()
    before = case.states()
    refused = case.answer(**sent)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.json()["detail"]
    assert case.states() == before
    missing = desk.people["bob"].post(
        f"/api/v1/moderation/appeals/{NOBODY}/decisions", json={"version": 1, "outcome": "upheld", "statement": "x"}
    )
    assert missing.status_code == 404


def test_two_answers_at_once_are_one(desk: Desk) -> None:
    desk.someone("eve", Role.MODERATOR)
    case = Case(desk)
    desk.decide(case.now, "refuse")
    case.ask()
    assert [case.answer(by="bob").status_code, case.answer("upheld", by="eve").status_code] == [201, 409]
    stale = case.answer("upheld", by="eve").json()
    assert (stale["code"], stale["version"], stale["by"]) == ("stale", 2, "bob")
    key = {"Idempotency-Key": "0190f7c2-0000-7000-8000-000000000001"}
    other = Case(desk)
    desk.decide(other.now, "refuse")
    other.ask()
    said = {"version": 1, "outcome": "upheld", "statement": "Relu."}
    where = f"/api/v1/moderation/appeals/{other.appeal.id}/decisions"
    answers = [desk.people["bob"].post(where, json=said, headers=key) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


def test_an_alert_a_claim_and_a_language_nobody_reads_stop_it(desk: Desk) -> None:
    case = Case(desk, language="ti", body="ሰላም")
    desk.decide(case.now, "refuse")
    case.ask()
    unread = case.answer()
    assert (unread.status_code, unread.json()["code"]) == (422, "language_unread")
    desk.someone("eve", Role.MODERATOR)
    desk.claim(case.now, by="eve")
    assert case.answer("upheld").json()["code"] == "claimed"
    desk.world.clock.move(timedelta(minutes=16))
    desk.alert(case.now)
    before = case.states()
    assert case.answer("upheld").json()["code"] == "alert_open"
    assert case.states() == before


def test_what_was_taken_back_or_corrected_is_not_read_again(desk: Desk) -> None:
    """Withdrawn and put back: one may ask again. Corrected: a new decision comes, with its own appeal."""
    world = desk.world
    case = Case(desk)
    desk.decide(case.now, "return")
    case.ask()
    held = receipt(case.code)
    assert world.client.post("/api/v1/receipt/withdrawal", headers=held).status_code == 200
    assert (case.now.open_appeals, desk.rows(Appeal)) == (0, [])
    assert world.client.delete("/api/v1/receipt/withdrawal", headers=held).status_code == 200
    assert case.ask().status_code == 201
    world.client.put("/api/v1/receipt/revision", json={"body": "Mieux dit."}, headers=held)
    assert (case.now.open_appeals, case.view()["appeal"]) == (0, None)
    desk.decide(case.now, "return")
    assert case.ask("kanarienvogel").status_code == 201
    assert world.client.post("/api/v1/receipt/erasure", json={"scope": "everything"}, headers=held).status_code == 200
    assert (case.now.open_appeals, desk.rows(Appeal)) == (0, [])
    dropped = [entry.action for entry in desk.rows(AuditEntry, kind="appeal")]
    assert dropped.count("appeal_dropped") == 3
    answered = Case(desk)
    desk.decide(answered.now, "refuse")
    answered.ask()
    answered.answer("upheld")
    world.client.post("/api/v1/receipt/erasure", json={"scope": "everything"}, headers=receipt(answered.code))
    assert (answered.appeal.words_sealed, answered.appeal.statement) == (None, None)


def test_what_is_hidden_and_appealed_is_decided_on_the_appeals_page(desk: Desk) -> None:
    case = Case(desk)
    desk.decide(case.now, "publish")
    desk.decide(case.now, "hide")
    case.ask()
    for action in ("restore", "refuse"):
        refused = desk.decide(case.now, action, by="bob")
        assert (refused.status_code, refused.json()["code"]) == (409, "appeal_open")
    page = desk.people["bob"].get(f"/equipe/moderation/{case.id}").text
    assert 'value="restore"' not in page
    assert "/equipe/recours" in page


def test_hidden_words_come_back_when_the_redaction_is_reversed(desk: Desk) -> None:
    case = Case(desk, body="Léa habite rue du Port.")
    hidden = desk.decide(
        case.now, "publish", redactions=[{"start": 0, "end": 3, "label": "prénom"}], reason="personal",
        statement="Un prénom.",
    )  # fmt: skip
    assert hidden.status_code == 201, hidden.text
    public = f"/api/v1/contributions/{case.reference}"
    assert desk.world.client.get(public).json()["body"] == "[prénom] habite rue du Port."
    assert "appeal" in case.view()["can"]
    assert case.ask().status_code == 201
    assert case.answer(by="ada").json()["code"] == "same_person"
    assert case.answer().status_code == 201
    desk.world.app.forget()
    shown_now = desk.world.client.get(public).json()
    assert (shown_now["body"], shown_now["edited_by_moderation"]) == ("Léa habite rue du Port.", False)
    assert desk.rows(Original) == []
    assert case.view()["state"] == "published"


def test_media_choices_that_stood_are_kept_and_others_wait(desk: Desk) -> None:
    case = Case(desk)
    chosen = desk.photo(case.now, choice=MediaChoice.PUBLISH, alt="Un banc.")
    other = desk.photo(case.now)
    desk.decide(case.now, "refuse")
    case.ask()
    assert case.answer().status_code == 201
    media = {one.seq: one.choice for one in desk.rows(Media)}
    assert media == {chosen.seq: MediaChoice.PUBLISH, other.seq: None}
    public = desk.world.client.get(f"/api/v1/contributions/{case.reference}").json()
    assert [one["id"] for one in public["media"]] == [str(chosen.id)]


def test_what_two_people_must_publish_waits_for_a_second(desk: Desk) -> None:
    case = Case(desk)
    desk.decide(case.now, "refuse", sensitive=True)
    case.ask()
    assert case.answer().json()["state"] == "second_review"
    assert desk.decide(case.now, "publish", by="bob").json()["code"] == "same_person"


def test_the_pages_do_the_same_without_javascript(desk: Desk) -> None:
    """Asked by its author, listed, answered; a refused form keeps its words, also when the page ran out."""
    case, author, bob = Case(desk), desk.world.client, desk.people["bob"]
    author.post("/suivre", data={"code": case.code})
    assert author.get(f"{PAGE}/relecture").headers["location"].endswith("notice=not_now")
    desk.decide(case.now, "refuse")
    page = author.get(PAGE).text
    assert 'href="/suivre/contribution/relecture"' in page
    assert "12 octobre 2022" in page
    assert 'href="/charte#personal"' in page
    assert "Aucune machine n’a pris part" in page
    assert "ne changent pas" in author.post(f"{PAGE}/relecture", data={"words": "ne changent pas" * 200}).text
    stranger = desk.world.browser()
    ended = stranger.post(f"{PAGE}/relecture", data={"words": "Ce n’est pas un nom."})
    assert (ended.status_code, "Ce n’est pas un nom." in ended.text) == (401, True)
    resumed = stranger.post("/suivre", data={"code": case.code, "words": "Ce n’est pas un nom."})
    assert (resumed.status_code, "Ce n’est pas un nom." in resumed.text) == (200, True)
    sent = author.post(f"{PAGE}/relecture", data={"words": "Ce n’est pas un nom."})
    assert sent.headers["location"].endswith("?notice=appealed")
    twice = author.post(f"{PAGE}/relecture", data={"words": "Encore."})
    assert (twice.status_code, "Encore." in twice.text) == (409, True)
    assert case.reference in bob.get("/equipe/recours").text
    assert "Recours" in bob.get("/equipe").text
    where = f"/equipe/recours/{case.appeal.id}"
    read = shown(bob.get(where).text)
    assert "Ce n’est pas un nom." in read
    assert "Un nom est écrit à la troisième ligne." in read
    empty = bob.post(f"{where}/decision", data={"version": 1, "outcome": "upheld", "statement": " "})
    assert (empty.status_code, 'href="#statement"' in empty.text) == (422, True)
    stale = bob.post(f"{where}/decision", data={"version": 9, "outcome": "upheld", "statement": "Gardé ici."})
    assert (stale.status_code, "Gardé ici." in stale.text) == (409, True)
    done = bob.post(f"{where}/decision", data={"version": 1, "outcome": "reversed", "statement": "Relu."})
    assert done.headers["location"] == "/equipe/recours?notice=reversed"
    assert case.now.state is State.PUBLISHED
    assert "La décision a été changée." in bob.get(where).text
    assert [one.action for one in desk.rows(Transition, contribution_seq=case.seq)][-1] == "reverse"


def test_of_two_contradictory_answers_one_is_taken(desk: Desk) -> None:
    """And of two appeals sent at once one is made."""
    desk.someone("eve", Role.MODERATOR)
    for _ in range(5):
        case = Case(desk, **CONTACT)
        desk.decide(case.now, "refuse")
        assert sorted(made.status_code for made in at_once(case.ask, case.ask)) == [201, 409]
        appeal_id = str(case.appeal.id)
        answers = at_once(lambda c=case: c.answer("upheld", by="bob"), lambda c=case: c.answer("reversed", by="eve"))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        assert len(desk.rows(AuditEntry, object_id=appeal_id)) == 2
        told = [one for one in desk.rows(Message, contribution_seq=case.seq) if one.template == "decided"]
        assert len(told) == 2
        assert (case.now.state is State.PUBLISHED, case.now.open_appeals) == (case.appeal.state == "reversed", 0)


def test_the_page_says_whether_a_program_took_part_and_what_is_gone_how_to_appeal(desk: Desk) -> None:
    case, author = Case(desk), desk.world.client
    with database.writing() as session:
        session.add(
            Signal(contribution_seq=case.seq, revision=1, kind="phone", place="body", detector="x 1", created_at=NOW)
        )
    desk.decide(case.now, "publish")
    desk.decide(case.now, "hide")
    assert case.view()["statement"]["by_machine"] is True
    author.post("/suivre", data={"code": case.code})
    page = shown(author.get(PAGE).text)
    assert "Un programme avait signalé quelque chose. C’est une personne qui a lu et décidé." in page
    gone = author.get(f"/paroles/{case.reference}")
    assert (gone.status_code, "faire relire par quelqu’un d’autre" in gone.text) == (410, True)
    author.post("/api/v1/receipt/withdrawal", headers=receipt(case.code))
    assert "faire relire" not in author.get(f"/paroles/{case.reference}").text
