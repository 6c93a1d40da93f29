"""Up to fifty decisions at once, each by itself; never publishing media."""

from typing import Any

from app import audit, db
from app.models import MediaChoice, State
from tests.moderation.conftest import CONTACT, Desk


def looked_at(*several: Any, action: str = "publish", **more: Any) -> list[dict[str, Any]]:
    return [{"id": str(x.id), "version": x.version, "revision": x.revision, "action": action} | more for x in several]


def send(desk: Desk, decisions: list[dict[str, Any]], *, by: str = "ada") -> Any:
    return desk.people[by].post("/api/v1/moderation/decisions", json={"decisions": decisions})


def test_each_is_taken_or_refused_by_itself(desk: Desk) -> None:
    good, gone, held, danger, pictured, quiet = (desk.have(**CONTACT) for _ in range(6))
    desk.decide(gone, "refuse", by="bob")
    desk.claim(held, by="bob")
    desk.alert(danger)
    desk.photo(pictured)
    desk.photo(quiet, choice=MediaChoice.WITHHOLD)
    said = looked_at(good, gone, held, danger, pictured)
    said += looked_at(quiet, action="refuse", reason="off_topic", statement="Cela parle d’autre chose.")
    said += [*looked_at(good), {"id": "rien", "version": 1, "revision": 1, "action": "publish"}]
    said += looked_at(desk.have(), action="return")
    answer = send(desk, said)
    assert (answer.status_code, answer.json()["decided"]) == (201, 2)
    results = answer.json()["results"]
    assert [(one["status"], one["code"], one["state"]) for one in results] == [
        (201, None, "published"), (409, "stale", "refused"), (409, "claimed", "pending"),
        (409, "alert_open", "pending"), (409, "media_alone", "pending"), (201, None, "refused"),
        (409, "stale", "published"), (404, "not_found", None),
        (422, "invalid", "pending"),
    ]  # fmt: skip
    assert [error["field"] for error in results[-1]["errors"]] == ["reason", "statement"]
    assert (results[1]["version"], results[0]["version"]) == (2, 2)
    assert desk.traces(good) == desk.traces(quiet) == {"transitions": 1, "audit": 1, "messages": 1}
    assert desk.traces(pictured) == {"transitions": 0, "audit": 0, "messages": 0}
    assert desk.now(held).claimed_by is not None
    with db.reading() as session:
        assert audit.verify(session)[1] is None


def test_fifty_at_most_and_one_at_least(desk: Desk) -> None:
    one = desk.have()
    for many, code in ((51, "too_many"), (0, "missing")):
        answer = send(desk, looked_at(one) * many)
        assert (answer.status_code, answer.json()["code"], answer.json()["errors"][0]["field"]) == (
            422,
            code,
            "decisions",
        )
    wrong = send(desk, looked_at(one, reason="opinion"))
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "decisions.0.reason")
    assert desk.now(one).version == 1
    several = [desk.have() for _ in range(50)]
    assert send(desk, looked_at(*several)).json()["decided"] == 50


def test_the_same_key_decides_once(desk: Desk) -> None:
    one = desk.have(**CONTACT)
    desk.people["ada"].headers["Idempotency-Key"] = "0190d1f2-0000-7000-8000-000000000009"
    first, again = send(desk, looked_at(one)), send(desk, looked_at(one))
    assert (again.status_code, again.json()) == (201, first.json())
    assert desk.traces(one) == {"transitions": 1, "audit": 1, "messages": 1}


def test_the_page_asks_then_decides_and_says_what_it_could_not(desk: Desk) -> None:
    first, second, other = desk.have(body="La même chose."), desk.have(body="La même chose !"), desk.have(language="en")
    ada, path = desk.people["ada"], "/equipe/moderation/decisions"
    ticked = [f"{one.id}:{one.version}:{one.revision}" for one in (first, second)]
    asked = ada.post(path, data={"item": ticked})
    assert (asked.status_code, asked.text.count('name="item"'), "La même chose !" in asked.text) == (200, 2, True)
    assert "Il manque quelque chose" not in asked.text
    refused = ada.post(path, data={"item": ticked, "action": "burn", "statement": "Gardez ceci."})
    assert (refused.status_code, "Gardez ceci." in refused.text) == (422, True)
    assert ada.post(path, data={"item": "rien", "action": "publish"}).status_code == 422
    assert ada.post(path, data={"item": [ticked[0]] * 51, "action": "publish"}).status_code == 422
    merged = ada.post(path, data={"item": ticked[1:], "action": "merge", "into": first.reference})
    assert (merged.status_code, merged.headers["location"]) == (303, "/equipe/moderation?notice=bulk")
    desk.photo(other)
    ticked = [f"{one.id}:{one.version}:{one.revision}" for one in (first, second, other)]
    done = ada.post(path, data={"item": ticked, "action": "publish"})
    assert done.status_code == 409
    assert "1 parole est décidée" in done.text
    assert (second.reference in done.text, "se décide seul" in done.text) == (True, True)
    assert [desk.now(one).state for one in (first, second, other)] == [State.PUBLISHED, State.MERGED, State.PENDING]


def test_a_reason_alone_says_the_charters_words(desk: Desk) -> None:
    one = desk.have()
    data = {"item": f"{one.id}:1:1", "action": "refuse", "reason": "off_topic"}
    assert desk.people["ada"].post("/equipe/moderation/decisions", data=data).status_code == 303
    from app.models import Transition

    assert desk.rows(Transition, contribution_seq=one.seq)[-1].statement
