"""Who has an item: leases, taking over with a trace, and what pages that stay open learn of it."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from app import db
from app.models import AuditEntry, Contribution, Role, Staff, State
from app.moderation import claims, queries, queue_queries
from tests.conftest import NOW
from tests.moderation.conftest import Desk
from tests.moderation.test_queue import counted, flagged


def press(desk: Desk, one: Contribution, act: str, *, by: str = "ada") -> Any:
    return desk.people[by].post(f"/equipe/moderation/{one.id}/{act}")


def holder(desk: Desk, one: Contribution) -> str | None:
    claim = next(item for item in desk.queue().json()["items"] if item["id"] == str(one.id))["claim"]
    return claim and claim["by"]


def test_a_lease_is_renewed_by_whoever_holds_it_and_a_decision_outlives_it(desk: Desk) -> None:
    one = desk.have()
    assert press(desk, one, "prise").status_code == 303
    desk.world.clock.move(timedelta(minutes=14))
    assert press(desk, one, "prise").status_code == 303
    desk.world.clock.move(timedelta(minutes=14))
    assert (holder(desk, one), press(desk, one, "prise", by="bob").status_code) == ("ada", 409)
    desk.world.clock.move(timedelta(minutes=2))
    assert holder(desk, one) is None
    answer = desk.decide(one, "publish")
    assert (answer.status_code, desk.now(one).claimed_by) == (201, None)


def test_a_decision_with_an_expired_claim_is_refused_once_somebody_else_holds_it(desk: Desk) -> None:
    one = desk.have()
    desk.claim(one)
    desk.world.clock.move(timedelta(minutes=16))
    desk.claim(one, by="bob")
    answer = desk.decide(one, "publish")
    assert (answer.status_code, answer.json()["code"], answer.json()["by"]) == (409, "claimed", "bob")
    assert desk.now(one).state is State.PENDING


def test_taking_over_leaves_a_trace_and_the_former_holder_sees_it(desk: Desk) -> None:
    one = desk.have()
    desk.claim(one)
    assert "Reprendre" in desk.people["bob"].get(f"/equipe/moderation/{one.id}").text
    assert press(desk, one, "reprise", by="bob").status_code == 303
    assert holder(desk, one) == "bob"
    [entry] = desk.rows(AuditEntry, action="claim_taken_over")
    assert entry.object_id == str(one.id)
    assert entry.hashes["from"] != entry.actor
    assert desk.now(one).version == one.version
    seen = desk.people["ada"].get(f"/equipe/moderation/etat?ids={one.id}").json()["items"][str(one.id)]
    assert (seen["mine"], seen["held"].startswith("bob s’en occupe jusqu’au")) == (False, True)
    refused = desk.decide(one, "publish")
    assert (refused.status_code, refused.json()["by"]) == (409, "bob")
    # Again, or what nobody holds: a claim like any other, nothing to trace.
    assert press(desk, one, "reprise", by="bob").status_code == 303
    press(desk, one, "rendre", by="bob")
    assert press(desk, one, "reprise").status_code == 303
    assert (holder(desk, one), len(desk.rows(AuditEntry, action="claim_taken_over"))) == ("ada", 1)


def test_of_two_who_take_over_at_once_each_took_it_from_somebody(desk: Desk) -> None:
    """One holds it in the end, and the journal says from whom each had it: no take-over is lost."""
    desk.someone("cléo", Role.MODERATOR)
    one = desk.have()
    desk.claim(one)
    start = threading.Barrier(2)

    def reach(by: str) -> None:
        start.wait()
        press(desk, one, "reprise", by=by)

    both = [threading.Thread(target=reach, args=(name,)) for name in ("bob", "cléo")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    last = holder(desk, one)
    entries = desk.rows(AuditEntry, action="claim_taken_over")
    assert last in {"bob", "cléo"}
    assert 1 <= len(entries) <= 2


def test_given_back_between_look_and_grasp(desk: Desk) -> None:
    """Who reads an old row and finds the item free takes it as anybody would, without a trace."""
    one = desk.have()
    desk.claim(one)
    with db.reading() as session:
        as_read = queries.visible(session, str(one.id))
        session.expunge_all()
    press(desk, one, "rendre")
    with db.writing() as session:
        claims.take_over(session, session.merge(as_read, load=False), by=person(desk, "bob"), now=desk.world.clock())
    assert holder(desk, one) == "bob"
    assert desk.rows(AuditEntry, action="claim_taken_over") == []


def person(desk: Desk, name: str) -> Staff:
    return next(each for each in desk.rows(Staff) if each.name == name)


def live(desk: Desk, *shown: Contribution, by: str = "ada", **headers: str) -> Any:
    return desk.people[by].get(
        "/equipe/moderation/etat", params={"ids": ",".join(str(one.id) for one in shown)}, headers=headers
    )


def test_what_changed_is_said_and_nothing_when_nothing_did(desk: Desk) -> None:
    one, other = desk.have(), desk.have()
    first = live(desk, one, other)
    assert (first.status_code, first.json()["counts"]["waiting"]) == (200, 2)
    known = {"If-None-Match": first.headers["etag"]}
    assert live(desk, one, other, **known).status_code == 304
    desk.claim(one, by="bob")
    held = live(desk, one, other, **known).json()
    assert held["items"][str(one.id)]["held"].startswith("bob")
    assert held["items"][str(other.id)]["held"] == ""
    desk.decide(one, "publish", by="bob")
    flagged(desk, other, dangers=1)
    decided = live(desk, one, other).json()
    assert {name: decided["items"][str(one.id)][name] for name in ("state", "version", "held")} == {
        "state": "published", "version": 2, "held": "",
    }  # fmt: skip
    assert "Publié" in decided["items"][str(one.id)]["badge"]
    counts = decided["counts"]
    assert (counts["waiting"], counts["published"], counts["flag-danger"]) == (1, 1, 1)
    page = desk.people["ada"].get("/equipe/moderation").text
    for name in ("waiting", "published", "flag-danger"):
        assert f'data-count="{name}">{counts[name]}<' in page


def test_it_takes_two_queries_however_many_are_shown(desk: Desk) -> None:
    shown = [desk.have() for _ in range(3)]
    with counted() as at_one:
        live(desk, shown[0])
    with counted() as at_three:
        live(desk, *shown)
    who = 1  # the credential
    assert len(at_one) == len(at_three) <= 2 + who


@pytest.mark.parametrize("ids", ["rien", ",".join(["0" * 32] * 101)])
def test_items_that_cannot_be_are_named(desk: Desk, ids: str) -> None:
    assert desk.people["ada"].get("/equipe/moderation/etat", params={"ids": ids}).status_code == 422


def test_from_one_item_to_the_next_in_the_same_list(desk: Desk) -> None:
    a, b, c = (desk.have(now=NOW + timedelta(hours=n), question="q2") for n in range(3))
    other = desk.have(now=NOW + timedelta(hours=1, minutes=30))
    urgent = desk.have(now=NOW + timedelta(hours=5), question="q2")
    flagged(desk, urgent, dangers=1)

    def following(one: Contribution, **more: Any) -> str:
        answer = desk.people["ada"].get("/equipe/moderation/suite", params={"item": str(one.id)} | more)
        assert answer.status_code == 303
        return str(answer.headers["location"])

    path = "/equipe/moderation/{}".format
    assert [following(one) for one in (urgent, a, b)] == [path(a.id), path(b.id), path(other.id)]
    assert following(b, question="q2") == path(c.id) + "?question=q2"
    assert following(a, back="true") == path(urgent.id)
    assert following(c) == "/equipe/moderation?notice=end"
    desk.claim(b, by="bob")
    assert following(a) == path(other.id)
    assert following(other, back="true") == path(a.id)
    text = desk.people["ada"].get(path(a.id) + "?question=q2").text
    assert f"/equipe/moderation/suite?item={a.id}&amp;question=q2" in text


def test_what_comes_next_is_the_most_urgent_that_one_may_decide(desk: Desk) -> None:
    """Never what stands under an alert, never the second look at one's own decision."""
    oldest, second, appealed, alerted, urgent = (desk.have() for _ in range(5))
    flagged(desk, urgent, dangers=1)
    desk.alert(alerted)
    assert desk.decide(appealed, "refuse").status_code == 201
    flagged(desk, appealed, open_appeals=1)
    assert desk.decide(second, "send_to_second").status_code in (201, 422)
    expected = {"ada": oldest, "bob": urgent}
    desk.claim(urgent, by="bob")
    for name, wanted in expected.items():
        with db.reading() as session:
            assert queue_queries.next_item(session, by=person(desk, name), now=desk.world.clock()) == wanted.id


def test_earlier_words_of_the_same_address_are_shown_and_never_the_address(desk: Desk) -> None:
    mine = {"contact": {"email": "lea@exemple.fr"}}
    before, taken_back = desk.have(state=State.PUBLISHED, **mine), desk.have(state=State.WITHDRAWN, **mine)
    stranger, by_phone = desk.have(contact={"email": "leo@exemple.fr"}), desk.have(contact={"phone": "0612345678"})
    one = desk.have(contact={"email": " LEA@exemple.fr"})
    text = desk.people["ada"].get(f"/equipe/moderation/{one.id}").text
    assert "Du même auteur" in text
    assert [each.reference for each in (before, taken_back, stranger, by_phone) if each.reference in text] == [
        before.reference
    ]
    assert "exemple.fr" not in text.lower()
    for alone in (stranger, by_phone):
        assert "Du même auteur" not in desk.people["ada"].get(f"/equipe/moderation/{alone.id}").text
