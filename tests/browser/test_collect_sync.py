"""What a device has collected leaves it once, whole, and only against its receipt; whatever goes wrong is a state."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.collecting import SAID, ask, pair, photo, prepare
from tests.browser.conftest import Visitor, no_script_problems, window
from tests.live import Live

OF = "FROM collectedmedia JOIN collected ON collected.seq = collected_seq WHERE collected.id = ?"
HELD = f"SELECT count(*), count(held_at) {OF}"
BODY = """SELECT body FROM revision JOIN collected ON collected.contribution_seq = revision.contribution_seq
  WHERE collected.id = ?"""
# One bit of the sealed photo, as a bad memory card would; done twice, it is as it was.
ALTER = """uuid => new Promise((done) => {
  indexedDB.open('collecte').onsuccess = ({ target: { result: base } }) => {
    const transaction = base.transaction('blobs', 'readwrite');
    const blobs = transaction.objectStore('blobs');
    blobs.get([uuid, "m0"]).onsuccess = ({ target: { result: data } }) => {
      data[99] ^= 1;
      blobs.put(data, [uuid, "m0"]);
    };
    transaction.oncomplete = () => { base.close(); done(); };
  };
})"""
GONE = """id => kit.store.note(id, (record) => ({ media: record.media.map((one) => (
  { ...one, url: '/api/v1/uploads/gone' })) }))"""


@pytest.fixture(scope="module")
def phone(browser: Browser, live: Live) -> Iterator[Visitor]:
    """One mediator's, for all tests here: each leaves nothing that waits."""
    visitor = window(browser, live)
    prepare(visitor.page, live, pair(visitor))
    visitor.page.evaluate("async () => { kit.begin(); await kit.sync.wake(); }")
    yield visitor
    assert visitor.problems == []
    visitor.context.close()


def send(page: Page) -> dict[str, Any]:
    """All that waits, now; how it stands then."""
    found: dict[str, Any] = page.evaluate("async () => { await kit.sync.now(); return kit.sync.status() }")
    return found


def save(page: Page, body: str, *files: bytes, **more: Any) -> str:
    declared = [
        {"client_id": f"m{n}", "type": "image/jpeg", "text": base64.b64encode(one).decode()}
        for n, one in enumerate(files)
    ]
    found: dict[str, str] = page.evaluate(
        "([said, files, more]) => kit.save(said, files, more)", [SAID | {"body": body}, declared, more]
    )
    return found["uuid"]


def queue(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("() => kit.store.queue()")
    return found


def of(uuid: str) -> str:
    return uuid.replace("-", "")


def test_words_and_photos_arrive_byte_for_byte_and_leave_the_device(phone: Visitor, live: Live) -> None:
    page, words = phone.page, "Été : « le banc » — naïf 🌳\u202e, <b>ça</b>\t\n\u0000fin"
    pictures = photo(), photo(40)
    uuid = save(page, words.replace("\u0000", ""), *pictures)
    assert send(page) == {"state": "idle"}
    row = ask(live, BODY, of(uuid))
    assert "« le banc » — naïf 🌳" in row[0]
    assert "<b>ça</b>" in row[0]
    assert ask(live, HELD, of(uuid)) == (2, 2)
    for number, picture in enumerate(pictures):
        found = ask(live, f"SELECT sha256, size {OF} AND client_id = ?", of(uuid), f"m{number}")
        assert found == (hashlib.sha256(picture).hexdigest(), len(picture))
    assert queue(page) == []
    assert page.evaluate("id => kit.store.blob(id, 'm0')", uuid) is None
    [line] = [one for one in page.evaluate("() => kit.store.lines()") if one["uuid"] == uuid]
    assert line["media"] == 2
    assert line["reference"]
    assert page.evaluate("() => kit.store.codesLeft()") == 100


def answer(status: int, body: str, kind: str = "application/problem+json") -> dict[str, Any]:
    return {"status": status, "body": body, "content_type": kind}


def refused(status: int, code: str) -> dict[str, Any]:
    return answer(status, json.dumps({"code": code, "detail": f"Refus : {code}."}))


PORTAL = answer(200, "<h1>Bienvenue sur le Wi-Fi de la gare</h1>", "text/html")
# What every request meets, and how things stand then.
EVERYWHERE: list[tuple[dict[str, Any] | str, str]] = [
    (PORTAL, "portal"),
    (answer(200, '{"ok": true}', "application/json"), "portal"),
    (answer(302, "", "text/html") | {"headers": {"Location": "/besoin-aide"}}, "portal"),
    (answer(511, "", "text/html"), "portal"),
    (answer(403, "<p>Interdit</p>", "text/html"), "portal"),
    (answer(503, "<p>Bad gateway</p>", "text/html"), "server"),
    (refused(500, "internal"), "server"),
    (refused(401, "device_revoked"), "revoked"),
    (refused(401, "unauthorized"), "login"),
    ("connectionrefused", "certificate"),
    ("failed", "certificate"),
]


def test_each_thing_that_goes_wrong_is_a_state_and_keeps_the_record(phone: Visitor, live: Live) -> None:
    page = phone.page
    page.context.set_offline(True)
    uuids = [save(page, f"Rien ne se perd {number}", *([photo(20, 64)] if number == 1 else [])) for number in range(4)]
    assert send(page)["state"] == "offline"
    with no_script_problems(phone):
        page.route("**/api/v1/**", meeting(PORTAL))
        page.context.set_offline(False)
        for met, state in EVERYWHERE:
            page.unroute_all(behavior="wait")
            page.route("**/api/v1/**", meeting(met))
            assert send(page)["state"] == state, met
            assert len(queue(page)) == 4, met
        page.unroute_all(behavior="wait")
    assert send(page) == {"state": "idle"}
    assert queue(page) == []
    for uuid in uuids:
        assert ask(live, "SELECT count(*) FROM collected WHERE id = ?", of(uuid)) == (1,)


def meeting(met: dict[str, Any] | str) -> Callable[[Route], None]:
    return lambda route: route.abort(met) if isinstance(met, str) else route.fulfill(**met)


def test_one_stuck_record_never_stands_in_the_way(phone: Visitor, live: Live) -> None:
    """Refused, answered with noise, cut off, or given an answer that is for another body: the others leave."""
    page = phone.page
    page.context.set_offline(True)
    stuck = {save(page, f"Bloqué {code}"): code for code in ("refused", "noise", "cut", "other body")}
    good = [save(page, f"Passe {number}") for number in range(3)]

    def meddle(route: Route) -> None:
        code = next((code for uuid, code in stuck.items() if uuid in route.request.url), "")
        if code == "refused":
            route.fulfill(**refused(409, "other_content"))
        elif code == "noise":
            route.fulfill(**PORTAL)
        elif code == "cut":
            route.abort("connectionreset")
        elif code:
            said = json.loads(route.fetch().text()) | {
                "body_sha256": "0" * 64
            }  # it was taken in, its answer is not the one
            route.fulfill(**answer(201, json.dumps(said), "application/json"))
        else:
            route.continue_()

    with no_script_problems(phone):
        page.route("**/api/v1/collect/*", meddle)
        page.context.set_offline(False)
        for _ in range(3):
            send(page)
        left = {one["uuid"]: one for one in queue(page)}
        assert set(left) == set(stuck)
        [wrong] = [one for one in left.values() if one["trouble"]]
        assert wrong["trouble"] == {"code": "other_content", "words": "Refus : other_content."}
        assert all(one["tries"] >= 1 for one in left.values())
        page.unroute_all(behavior="wait")
    assert send(page) == {"state": "idle"}
    assert queue(page) == []
    for uuid in [*stuck, *good]:
        assert ask(live, "SELECT count(*) FROM collected WHERE id = ?", of(uuid)) == (1,)


def test_an_altered_medium_waits_and_a_lost_address_is_asked_for_anew(phone: Visitor, live: Live) -> None:
    page = phone.page
    page.context.set_offline(True)
    uuid = save(page, "Une photo abîmée", photo(30, 64))
    page.evaluate(ALTER, uuid)
    with no_script_problems(phone):
        page.context.set_offline(False)
        send(page)
        [waits] = queue(page)
        assert (waits["stage"], waits["trouble"]["code"]) == ("media", "medium_altered")
        assert ask(live, HELD, of(uuid)) == (1, 0)
        page.evaluate(ALTER, uuid)
        page.evaluate(GONE, uuid)
        assert send(page) == {"state": "idle"}
    assert queue(page) == []
    assert ask(live, HELD, of(uuid)) == (1, 1)


def test_another_persons_records_wait_for_them(phone: Visitor) -> None:
    page = phone.page
    page.evaluate("async () => kit.store.keep('people', { ...await kit.store.kept('people'), somebody: 'Ada' })")
    uuid = save(page, "À quelqu’un d’autre", owner="somebody")
    assert send(page) == {"state": "other_person", "name": "Ada"}
    assert [one["uuid"] for one in queue(page)] == [uuid]
    page.evaluate("id => kit.store.remove(id)", uuid)
    assert queue(page) == []


def test_the_file_a_device_writes_is_taken_in_and_then_the_device_lets_go(phone: Visitor, live: Live) -> None:
    page = phone.page
    page.context.set_offline(True)
    picture = photo(200, 1600)
    assert len(picture) > 750_000  # more than one piece
    uuids = [save(page, "Dans un fichier", picture), save(page, "Sans photo")]
    text = page.evaluate("async () => (await kit.file(kit.store)).text()")
    assert max(map(len, text.splitlines())) < 1_050_000
    assert "Sans photo" not in text
    file = live.home / "queue.jsonl"
    file.write_text(text)
    live.dialogue("collect", "import", str(file))
    assert ask(live, HELD, of(uuids[0])) == (1, 1)
    page.context.set_offline(False)
    assert send(page) == {"state": "idle"}
    assert queue(page) == []
    for uuid in uuids:
        assert ask(live, "SELECT count(*) FROM collected WHERE id = ?", of(uuid)) == (1,)
