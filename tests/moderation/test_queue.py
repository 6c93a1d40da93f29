"""The queue: order, filters, pages, shape, who may see it, and how many queries it takes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from app import db
from app.consultation.content import consultation
from app.models import Channel, Contribution, MediaState, Role, Signal, State
from app.moderation import queue_order
from app.moderation.queue_order import Rank
from tests.conftest import NOW
from tests.moderation.conftest import Desk


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every SELECT sent meanwhile, but for the page cache's look at the publication's version once a second."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT") and "FROM publication" not in statement.replace("\n", " "):
            seen.append(statement)

    sa.event.listen(db.engine(), "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(db.engine(), "before_cursor_execute", note)


def ids(answer: Any) -> list[str]:
    return [item["id"] for item in answer.json()["items"]]


def test_an_item_says_everything_the_contract_says(desk: Desk) -> None:
    one = desk.have(body="Une table.", title="Dimanche", language="en")
    photo = desk.photo(one, alt="Un banc.")
    desk.claim(one)
    body = desk.queue().json()
    assert body["next"] is None
    [item] = body["items"]
    [medium] = item.pop("media")
    assert item == {
        "id": str(one.id), "reference": one.reference, "state": "pending", "version": 1,
        "revision": {"number": 1, "title": "Dimanche", "body": "Une table.", "language": "en"},
        "channel": "online", "kind": "individual", "question": "q1",
        "received_at": NOW.isoformat(),
        "due_at": (NOW + timedelta(hours=consultation().limits.review_hours)).isoformat(),
        "claim": {"by": "ada", "until": (NOW + timedelta(minutes=15)).isoformat()}, "signals": [],
    }  # fmt: skip
    assert {name: medium[name] for name in ("id", "kind", "state", "alt")} == {
        "id": str(photo.id), "kind": "photo", "state": "ready", "alt": "Un banc.",
    }  # fmt: skip
    assert medium["urls"]["400.webp"] == f"/media/{photo.opaque}/400.webp"


def test_a_claim_that_ran_out_is_not_shown(desk: Desk) -> None:
    desk.claim(desk.have())
    desk.world.clock.move(timedelta(minutes=16))
    assert desk.queue().json()["items"][0]["claim"] is None


def flagged(desk: Desk, one: Contribution, **counts: int) -> str:
    """As the rules of signals, notices and appeals count them."""
    with db.writing() as session:
        session.connection().execute(sa.update(Contribution).where(col(Contribution.seq) == one.seq).values(**counts))
    return str(one.id)


def test_what_is_urgent_comes_first_and_pages_lose_nothing(desk: Desk) -> None:
    """Alerts, dangers, reports of what is public, late ones, appeals, then the oldest: whatever the size of a page."""
    hours = consultation().limits.review_hours
    desk.world.clock.move(timedelta(hours=hours + 10))
    recent = [desk.have(now=NOW + timedelta(hours=hours - n)) for n in range(3)]
    second = desk.have(now=NOW + timedelta(hours=hours - 9), state=State.SECOND_REVIEW)
    late = [desk.have(now=NOW + timedelta(minutes=n)) for n in range(2)]
    appeals = [desk.have(state=state) for state in (State.REFUSED, State.RETURNED)]
    notice, danger, alert = desk.have(state=State.PUBLISHED), desk.have(), desk.have(state=State.PUBLISHED)
    desk.have(state=State.PUBLISHED)
    withdrawn = desk.have(state=State.WITHDRAWN)
    desk.alert(alert)
    for one in (notice, alert, withdrawn):
        flagged(desk, one, open_notices=2)
    for one in appeals:
        flagged(desk, one, open_appeals=1)
    flagged(desk, danger, dangers=1, open_appeals=1)
    expected = [alert, danger, notice, *late, *appeals, second, *reversed(recent)]
    for limit in (1, 3, 20):
        assert walked(desk, limit) == [str(one.id) for one in expected], limit
    answer = desk.queue().json()
    assert answer["waiting"] == len(expected)
    # Received with the late ones, the danger too; what was withdrawn is under no flag.
    assert answer["flags"] == {"alert": 1, "danger": 1, "notice": 2, "late": 3, "appeal": 3}
    assert [signal["kind"] for signal in answer["items"][1]["signals"]] == ["danger", "appeal"]
    with db.writing() as session:
        for one, kind in ((recent[0], "email"), (late[0], "phone"), (late[1], "link")):
            session.add(
                Signal(
                    contribution_seq=one.seq or 0, revision=1, kind=kind, place="body", detector="essai 1",
                    created_at=NOW, state="dismissed" if kind == "link" else "open",
                )
            )  # fmt: skip
    for flag, wanted in {
        "personal": [late[0], recent[0]], "link": [],
        "alert": [alert], "danger": [danger], "notice": [alert, notice], "late": [danger, *late],
        "appeal": [danger, *appeals],
    }.items():  # fmt: skip
        assert ids(desk.queue(signals=flag)) == [str(one.id) for one in wanted], flag
    assert ids(desk.queue(state="refused")) == [str(appeals[0].id)]
    text = desk.people["ada"].get("/equipe/moderation").text
    assert (text.count("En retard :"), "Signalé 2 fois" in text, "Signe de danger" in text) == (3, True, True)
    assert "Remarqué par un programme : numéro de téléphone" in text


def walked(desk: Desk, limit: int) -> list[str]:
    """Every page, one after the other."""
    found: list[str] = []
    after = None
    while True:
        answer = desk.queue(limit=limit, **({"after": after} if after else {}))
        found += ids(answer)
        after = answer.json()["next"]
        if after is None:
            return found


def test_what_becomes_late_while_one_turns_pages_is_not_lost(desk: Desk) -> None:
    made = [str(desk.have(now=NOW + timedelta(hours=n)).id) for n in range(4)]
    first = desk.queue(limit=1).json()
    desk.world.clock.move(timedelta(hours=consultation().limits.review_hours + 3, minutes=30))  # all but the last
    rest = desk.queue(limit=10, after=first["next"]).json()["items"]
    assert [item["id"] for item in [*first["items"], *rest]] == made


@pytest.mark.parametrize("part", list(Rank))
def test_each_part_of_the_queue_is_read_on_one_index(desk: Desk, part: Rank) -> None:
    """Never sorted, never the whole table: that is why its size does not matter."""
    if desk.world.dialect != "sqlite":
        return
    for one in queue_order.parts([], flag=None, before=NOW):
        if one.rank is part:
            query = sa.select(col(Contribution.seq)).where(*one.where).order_by(*queue_order.OLDEST).limit(21)
            with db.reading() as session:
                compiled = query.compile(session.connection(), compile_kwargs={"literal_binds": True})
                plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}").all()
            assert all("USING" in row[3] and "INDEX" in row[3] and "TEMP" not in row[3] for row in plan), plan


def test_what_has_no_file_may_be_ticked_and_decided_together(desk: Desk) -> None:
    words, pictured, public = desk.have(), desk.have(), desk.have(state=State.PUBLISHED)
    desk.photo(pictured)
    flagged(desk, public, open_notices=1)
    page = desk.people["ada"].get("/equipe/moderation").text
    assert re.findall(r'name="item" form="together" value="([^"]+)"', page) == [f"{words.id}:1:1"]
    asked = desk.people["ada"].post("/equipe/moderation/decisions", data={"item": f"{words.id}:1:1"})
    assert (asked.status_code, words.reference in asked.text) == (200, True)


def test_equal_times_lose_and_repeat_nothing(desk: Desk) -> None:
    made = {str(desk.have().id) for _ in range(5)}
    seen, after = [], None
    while True:
        answer = desk.queue(limit=2, **({"after": after} if after else {}))
        seen += ids(answer)
        after = answer.json()["next"]
        if after is None:
            break
    assert (len(seen), set(seen)) == (5, made)


def test_what_waits_is_shown_unless_a_state_is_asked_for(desk: Desk) -> None:
    made = {state: str(desk.have(state=state).id) for state in State}
    assert set(ids(desk.queue())) == {made[State.PENDING], made[State.SECOND_REVIEW]}
    assert ids(desk.queue(state="returned")) == [made[State.RETURNED]]
    assert set(ids(desk.queue(state=["hidden", "refused"]))) == {made[State.HIDDEN], made[State.REFUSED]}
    assert desk.queue().json()["counts"] == {state.value: 1 for state in State}


def test_filters(desk: Desk) -> None:
    street = desk.have(channel=Channel.STREET)
    english = desk.have(language="en", body="A table.")
    other = desk.have(question="q2")
    pictured = desk.have()
    desk.photo(pictured, state=MediaState.PROCESSING)
    together = desk.have(kind="collective", author={"organisation": "Le quai", "people_count": 4})
    desk.claim(other, by="ada")
    desk.claim(english, by="bob")

    def only(**filters: Any) -> list[str]:
        return ids(desk.queue(**filters))

    assert only(channel="street") == [str(street.id)]
    assert only(language="en") == [str(english.id)]
    assert only(question="q2") == [str(other.id)]
    assert only(has_media="true") == [str(pictured.id)]
    assert str(pictured.id) not in only(has_media="false")
    assert only(kind="collective") == [str(together.id)]
    assert only(mine="true") == [str(other.id)]
    assert only(channel="street", language="en") == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("state", "burnt", "enum"),
        ("channel", "pigeon", "enum"),
        ("question", "q99", "unknown_question"),
        ("language", "français", "unknown_language"),
        ("limit", "101", "less_than_equal"),
        ("limit", "0", "greater_than_equal"),
        ("has_media", "peut-être", "bool_parsing"),
        ("after", "Zm9v", "bad_cursor"),
        ("after", "é", "bad_cursor"),
        ("after", "W3RydWUsICJ4IiwgMV0", "bad_cursor"),
    ],
)
def test_a_filter_that_means_nothing_is_named(desk: Desk, name: str, value: str, code: str) -> None:
    answer = desk.queue(**{name: value})
    assert (answer.status_code, [error["code"] for error in answer.json()["errors"]]) == (422, [code])
    assert answer.json()["errors"][0]["field"].startswith(name)


@pytest.mark.parametrize("role", list(Role))
def test_who_sees_the_desk(desk: Desk, role: Role) -> None:
    one = desk.have()
    client = desk.someone("quelqu’un", role)
    allowed = role in {Role.MODERATOR, Role.ADMINISTRATOR}
    said = {"version": 1, "revision": 1, "action": "publish"}
    answers = [
        client.get("/api/v1/moderation/queue"),
        client.post(f"/api/v1/moderation/{one.id}/claim"),
        client.delete(f"/api/v1/moderation/{one.id}/claim"),
        client.get("/equipe/moderation"),
        client.get(f"/equipe/moderation/{one.id}"),
        client.post(f"/api/v1/moderation/{one.id}/decisions", json=said),
    ]
    assert [answer.status_code for answer in answers] == ([200, 201, 204, 200, 200, 201] if allowed else [404] * 6)


def test_nobody_without_a_credential(desk: Desk) -> None:
    one = desk.have()
    visitor = desk.world.browser()
    assert visitor.get("/api/v1/moderation/queue").status_code == 401
    assert visitor.post(f"/api/v1/moderation/{one.id}/decisions", json={}).status_code == 401
    for address in ("/equipe/moderation", f"/equipe/moderation/{one.id}", "/equipe/alertes"):
        answer = visitor.get(address)
        assert (answer.status_code, "next=" in answer.headers["location"]) == (303, True)


@pytest.mark.parametrize(
    "address", ["/api/v1/moderation/queue", "/equipe/moderation", "/equipe/moderation?has_media=true"]
)
def test_the_number_of_queries_does_not_grow(desk: Desk, address: str) -> None:
    def fill() -> None:
        one = desk.have()
        desk.photo(one)
        desk.photo(one, position=1)
        desk.claim(one)

    fill()
    with counted() as at_one:
        assert desk.people["ada"].get(address).status_code == 200
    fill()
    fill()
    with counted() as at_three:
        assert desk.people["ada"].get(address).status_code == 200
    assert (len(at_three), len(at_one) <= 5) == (len(at_one), True)
