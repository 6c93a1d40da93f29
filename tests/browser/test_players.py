"""Sound and video in a real browser: nothing fetched before somebody plays, captions on, everything by keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response

from app import db
from app.models import MediaKind
from tests.browser.conftest import Open
from tests.browser.player_states import LATER, staged
from tests.live import Live
from tests.media import published

KB = 1024
PICTURES = (".webp", ".jpg", ".svg")
STATE = "all => all.map(one => [one.networkState, one.readyState, one.preload])"


@pytest.fixture(scope="module")
def references(live: Live) -> dict[str, str]:
    return staged(live)


@pytest.fixture(scope="module")
def ten(live: Live) -> None:
    """The newest page of the list: ten media with captions, and what was said for an hour."""
    storage = published.stage(live)
    with db.writing() as session:
        for number in range(10):
            kind = MediaKind.VIDEO if number % 2 else MediaKind.AUDIO
            published.publish(session, storage, kind, languages=("fr", "ar"), transcript=published.SAID * 800)
    db.dispose()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="fr-FR", viewport={"width": 360, "height": 800})
    yield context.new_page()
    context.close()


def weighed(tab: Page, address: str) -> dict[str, int]:
    """What a first visit receives, by address, on the wire; pictures aside."""
    answers: list[Response] = []
    tab.on("response", lambda answer: answers.append(answer))
    tab.goto(address, wait_until="networkidle")
    tab.mouse.wheel(0, 20_000)  # what is lazy comes too
    tab.wait_for_load_state("networkidle")
    sizes = {answer.url: answer.request.sizes() for answer in answers if not answer.url.endswith(PICTURES)}
    return {url: size["responseHeadersSize"] + size["responseBodySize"] for url, size in sizes.items()}


@pytest.mark.usefixtures("ten")
def test_a_page_with_ten_media_is_light_before_anything_is_played(tab: Page, live: Live) -> None:
    tab.wait_for_timeout(LATER * 1000)
    weights = weighed(tab, live.url + "/paroles")
    assert tab.locator("video, audio").count() >= 10
    assert sum(weights.values()) <= 60 * KB, weights
    assert not [url for url in weights if "/media/" in url]
    assert {tuple(state) for state in tab.locator("video, audio").evaluate_all(STATE)} <= {
        (0, 0, "none"),
        (1, 0, "none"),
    }


def played(tab: Page, selector: str) -> dict[str, Any]:
    """Plays by keyboard for a moment, goes to its last half second, and says what came of it."""
    player = tab.locator(selector).first
    player.evaluate("one => { one.muted = true }")
    player.focus()
    tab.keyboard.press("Space")
    tab.wait_for_function("one => one.currentTime > 0.2", arg=player.element_handle())
    player.evaluate("one => { one.currentTime = 1.5 }")
    tab.wait_for_function("one => one.ended || one.currentTime > 1.6", arg=player.element_handle())
    said: dict[str, Any] = player.evaluate(
        """one => ({file: one.currentSrc.split('/').pop(), lasts: Math.round(one.duration), wide: one.videoWidth,
        words: [...one.textTracks].map(track => [track.language, track.mode, track.cues ? track.cues.length : 0])})"""
    )
    return said


def test_a_film_plays_by_keyboard_with_its_captions(visit: Open, live: Live, references: dict[str, str]) -> None:
    phone = visit()
    phone.go(f"/paroles/{references['film']}")
    said = played(phone.page, "video")
    assert said == {
        "file": "480.mp4", "lasts": 2, "wide": 320, "words": [["ar", "showing", 1], ["fr", "disabled", 0]],
    }  # fmt: skip
    desk = visit(width=1280)
    desk.go(f"/paroles/{references['film']}")
    assert played(desk.page, "video")["file"] == "720.mp4"
    assert published.SAID in desk.text()


def test_a_sound_plays_and_its_captions_show(visit: Open, references: dict[str, str]) -> None:
    visitor = visit()
    visitor.go(f"/paroles/{references['sound']}")
    assert played(visitor.page, "audio") == {"file": "sound.opus", "lasts": 2, "wide": None, "words": []}
    visitor.go(f"/paroles/{references['sound with captions']}")
    said = played(visitor.page, "video")
    assert (said["file"], said["words"]) == ("sound.opus", [["fr", "showing", 1], ["uk", "disabled", 0]])


def test_words_stand_where_a_voice_must_not_be_heard(visit: Open, references: dict[str, str]) -> None:
    visitor = visit()
    for name in ("words of a voice", "words of a film"):
        visitor.go(f"/paroles/{references[name]}")
        assert visitor.page.locator("video, audio").count() == 0
        assert published.SAID in visitor.text()


def test_without_javascript_nothing_is_missing(visit: Open, references: dict[str, str]) -> None:
    visitor = visit(javascript=False)
    visitor.go(f"/paroles/{references['everything']}")
    assert visitor.page.locator("video[controls]").count() == 3  # two films, and the sound that has captions
    assert visitor.page.locator("track").count() == 3
