"""What a device keeps: whole or not there, unreadable to whoever finds it, and never twice."""

import base64
import random
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.browser.collecting import DEVICE, SAID, photo, prepare
from tests.live import Live
from tests.outreach.phone import Phone

KEY = """async () => {
  const { publicKey } = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  await kit.store.keep('key', { kty, crv, x, y, kid: 'k', alg: 'ECDH-ES', use: 'enc' });
}"""
TRY = """async ([said, files, more]) => {
  try { return await kit.save(said, files, more); } catch ({ name, uuid, refused }) { return { name, uuid, refused }; }
}"""
# As the first version of the page left it: media inside their record, nothing read back.
FIRST = """() => new Promise((done, failed) => {
  const asked = indexedDB.open('collecte', 1);
  asked.onupgradeneeded = () => {
    for (const name of ['kept', 'draft']) asked.result.createObjectStore(name);
    for (const name of ['records', 'lines']) asked.result.createObjectStore(name, { keyPath: 'uuid' });
    asked.result.createObjectStore('codes', { autoIncrement: true });
    const records = asked.transaction.objectStore('records');
    for (let n = 0; n < 5; n += 1) records.add({
      uuid: `u${n}`, jose: 'a.b', sha256: 's', owner: 'm', outing: null, made_at: `2022-04-0${n + 1}`,
      stage: 'text', tries: 0, next: 0, trouble: null, bytes: 4,
      media: ['p', 'q'].map((client_id) => ({ client_id, size: 2, data: new Uint8Array([7, n]) })),
    });
  };
  asked.onsuccess = () => { asked.result.close(); done(); };
  asked.onerror = () => failed(asked.error);
})"""
# Chromium's own limit cannot be lowered for a window of its own.
FULL = """() => {
  const add = IDBObjectStore.prototype.add;
  IDBObjectStore.prototype.add = function (value, ...key) {
    if (value.byteLength > 1e6) throw new DOMException('full', 'QuotaExceededError');
    return add.call(this, value, ...key);
  };
}"""
WHOLE = """async uuid => {
  const { jose, sha256, media, proven } = await kit.store.record(uuid);
  const sum = async ({ client_id }) => kit.seal.sha256(await kit.store.blob(uuid, client_id));
  const sums = await Promise.all(media.map(sum));
  return proven && await kit.seal.sha256(jose) === sha256 && media.every((one, index) => one.sum === sums[index]);
}"""


@pytest.fixture
def page(browser: Browser, live: Live) -> Iterator[Page]:
    context = browser.new_context()
    yield prepared(context.new_page(), live)
    context.close()


def prepared(page: Page, live: Live) -> Page:
    prepare(page, live, DEVICE)
    page.evaluate(KEY)
    return page


def declared(*files: bytes) -> list[dict[str, Any]]:
    return [
        {"client_id": f"m{number}", "type": "image/jpeg", "text": base64.b64encode(one).decode()}
        for number, one in enumerate(files)
    ]


def save(page: Page, body: str, *files: bytes, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(TRY, [SAID | {"body": body}, declared(*files), more])
    return found


def queue(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("() => kit.store.queue()")
    return found


def draft(page: Page, card: str, body: str, *files: bytes) -> None:
    page.evaluate(
        """([said, files]) => kit.store.saveDraft(said, files.map(({ text, ...one }) => (
          { ...one, blob: new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]) })))""",
        [{"card": card, "body": body}, declared(*files)],
    )


def test_a_card_is_one_record_and_its_draft_goes_with_it(page: Page) -> None:
    picture = photo(60, 200)
    draft(page, "one", "Un banc", picture)
    assert page.evaluate("async () => (await kit.store.draft()).said") == {"card": "one", "body": "Un banc"}
    assert page.evaluate("async () => (await kit.store.draft()).files[0].blob.size") == len(picture)
    both = page.evaluate(
        "async ([said, files]) => Promise.all([1, 2].map(() => kit.save(said, files, { card: 'one' })))",
        [SAID | {"body": "Un banc"}, declared(picture)],
    )
    assert both[0] == both[1]
    [one] = queue(page)
    assert (one["media"], one["stage"], one["owner"], one["trouble"]) == (1, "text", "m", None)
    assert page.evaluate(WHOLE, one["uuid"])
    draft(page, "one", "Un banc")  # a late save of what is kept already
    assert page.evaluate("() => kit.store.draft()") is None
    draft(page, "two", "La personne suivante")
    save(page, "À la borne", card="kiosk")
    assert page.evaluate("async () => (await kit.store.draft()).said.card") == "two"


def test_what_cannot_be_kept_is_refused_in_its_own_way(page: Page) -> None:
    assert save(page, "Vide", b"")["name"] == "EmptyFile"
    assert queue(page) == []
    page.evaluate(FULL)
    full = save(page, "Les mots restent", secrets.token_bytes(2_000_000), b"petit")
    assert full["name"] == "StorageFull"
    assert full["refused"] == ["m0"]
    [one] = queue(page)
    assert (one["uuid"], one["media"]) == (full["uuid"], 1)
    only = save(page, "", secrets.token_bytes(2_000_000))
    assert (only["name"], only.get("uuid"), only["refused"]) == ("StorageFull", None, ["m0"])
    assert len(queue(page)) == 1
    page.evaluate("() => kit.store.setDevice(null)")
    page.evaluate("() => kit.store.keep('key', null)")
    assert save(page, "Sans clé")["name"] == "NoKey"


def test_a_code_is_given_once(page: Page) -> None:
    page.evaluate("() => kit.store.addCodes([...Array(30).keys()].map((n) => ({ words: `mot-${n}` })))")
    given = page.evaluate("() => Promise.all([...Array(32).keys()].map(() => kit.store.takeCode()))")
    assert sorted(one["words"] for one in given if one) == sorted(f"mot-{number}" for number in range(30))
    assert given.count(None) == 2
    assert page.evaluate("() => kit.store.codesLeft()") == 0


def test_a_filled_queue_of_the_first_version_is_taken_over(browser: Browser, live: Live) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(live.url + "/besoin-aide")
    page.evaluate(FIRST)
    prepared(page, live)
    assert [(one["uuid"], one["media"]) for one in queue(page)] == [(f"u{number}", 2) for number in range(5)]
    assert page.evaluate("async () => [...await kit.store.blob('u3', 'q')]") == [7, 3]
    assert page.evaluate("async () => (await kit.store.ready()).every(({ media }) => media.every((one) => !one.data))")
    context.close()


def playwright_of(browser: Browser) -> Playwright:
    return cast(Playwright, SimpleNamespace(chromium=browser.browser_type))


def test_whoever_finds_the_phone_reads_nothing(browser: Browser, live: Live, tmp_path: Path) -> None:
    """Fifty finalised records: none of their words on its disk; what is not sealed, beside them, is found there."""
    with Phone(playwright_of(browser), tmp_path / "profile", live.url).on() as phone:
        page = prepared(phone.page, live)
        page.evaluate("() => kit.store.addCodes([...Array(50).keys()].map((n) => ({ words: `code-canari-${n}-x` })))")
        for number in range(50):
            words = f"canari{number:02}parole"
            draft(page, f"carte{number}", f"{words} brouillon", f"{words}brouillonphoto".encode())
            page.evaluate("() => kit.store.takeCode()")
            save(page, words, f"{words}photo".encode() * 50, card=f"carte{number}")
            page.evaluate(
                "([name, value]) => kit.store.keep(name, value)", [f"control{number}", f"temoin{number:02}clair"]
            )
        assert len(queue(page)) == 50
    disk = b"".join(file.read_bytes() for file in (tmp_path / "profile").rglob("*") if file.is_file())
    both = disk + disk.replace(b"\0", b"")  # as two bytes a letter, too
    assert all(f"temoin{number:02}clair".encode() in both for number in range(50))
    assert [number for number in range(50) if f"canari{number:02}".encode() in both] == []
    assert b"code-canari" not in both


def test_killed_while_saving_there_is_the_record_or_the_card(browser: Browser, live: Live, tmp_path: Path) -> None:
    phone = Phone(playwright_of(browser), tmp_path / "profile", live.url)
    drawn, pictures, kept = random.Random(7), [secrets.token_bytes(400_000) for _ in range(2)], 0
    for turn in range(3):
        phone.start()
        page = prepared(phone.page, live)
        found = queue(page)
        assert len(found) in (kept, kept + 1)
        if turn:
            assert (page.evaluate("() => kit.store.draft()") is None) is (len(found) == kept + 1)
        kept = len(found)
        assert all(page.evaluate(WHOLE, one["uuid"]) and one["media"] == 2 for one in found)
        if turn == 2:
            break
        draft(page, f"card{turn}", "Ici", *pictures)
        page.evaluate(
            "([said, files, more]) => { kit.save(said, files, more); }",
            [SAID | {"body": "Ici"}, declared(*pictures), {"card": f"card{turn}"}],
        )
        time.sleep(drawn.uniform(0, 0.1))
        phone.kill()
    phone.close()
