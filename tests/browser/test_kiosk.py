"""A device handed over: a person sees their own card and nothing else, before nor after; figures bring it back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.collecting import pair
from tests.browser.conftest import Open, Visitor, window
from tests.browser.test_pages import AXE, axe
from tests.live import Live

FIGURES = "4271"
GIVE = """async device => {
  const script = document.querySelector('script[src$="/collect/app.js"]').src;
  const { open } = await import(script.replace('app.js', 'store.js'));
  const store = await open();
  await store.setDevice(device);
}"""
HOME = "[data-screen=home]:not([hidden])"
SEEN = "() => document.body.innerText"
# What a passer-by could still read: fields of any form, also those put away.
TYPED = "() => [...document.querySelectorAll('input, textarea')].map(one => one.value).join(' ')"


@pytest.fixture(scope="module")
def device(browser: Browser, live: Live) -> Iterator[dict[str, object]]:
    visitor = window(browser, live)
    yield pair(visitor)
    visitor.context.close()


@pytest.fixture
def phone(visit: Open, device: dict[str, object]) -> Visitor:
    visitor = visit()
    page = visitor.go("/equipe/collecte")
    page.locator("[data-screen=pair]:not([hidden])").wait_for()
    page.evaluate(GIVE, device)
    page.reload()
    page.locator(HOME).wait_for()
    return visitor


def hand_over(page: Page, language: str) -> None:
    page.click("[data-do=kiosk]")
    page.select_option("#kiosk-language", language)
    page.fill("#kiosk-new", FIGURES)
    page.click("[data-kiosk-setup] [type=submit]")
    page.locator(f"[data-own-card][lang={language}]").wait_for()


def begin(page: Page, words: str) -> None:
    """As far as their own words."""
    page.click("[data-send]")
    if page.locator("[name='k.question']").first.is_visible():
        page.click("[name='k.question'] >> nth=0")
        page.click("[data-send]")
    page.fill("#k-body", words)


def finish(page: Page, name: str) -> None:
    page.click("[data-send]")
    page.fill("#k-name", name)
    page.click("[data-send]")
    page.click("[data-send]")
    assert page.locator("[data-missing]").count() == 1, "nothing without their agreement"
    page.check("[name='k.publication']")
    page.check("[name='k.age']")
    page.click("[data-send]")
    page.locator("[data-card-done]:not([hidden])").wait_for()


def nothing_of(page: Page, *words: str) -> None:
    shown = page.evaluate(SEEN) + page.evaluate(TYPED)
    assert [one for one in words if one in shown] == []


def test_one_person_after_the_other_in_their_own_languages(phone: Visitor) -> None:
    page = phone.page
    hand_over(page, "ar")
    assert not page.locator("header, [data-screen=home]").first.is_visible()
    page.evaluate(AXE)
    assert axe(page, "the card") == []
    begin(page, "كلمات عن الحي")
    page.go_back()
    assert page.input_value("#k-body") == "كلمات عن الحي", "the way back leads nowhere else"
    finish(page, "Amal")
    code = page.inner_text("[data-card-words]")
    page.click("[data-card-done] [data-card-over]")
    nothing_of(page, "كلمات عن الحي", "Amal", *([code] if code else []))
    page.click("[data-tongue=uk]")
    page.locator("[data-own-card][lang=uk]").wait_for()
    begin(page, "Тут немає лавки")
    page.reload()  # as after a fall: still in their hands, and empty
    page.locator("[data-own-card][lang=uk]").wait_for()
    nothing_of(page, "Тут немає лавки")
    assert not page.locator(HOME).count()


def test_the_figures_bring_it_back_and_cannot_be_guessed(phone: Visitor) -> None:
    page = phone.page
    hand_over(page, "fr")
    begin(page, "Une table longue.")
    page.click("[data-kiosk-out]")
    for wrong in range(5):
        page.fill("#kiosk-pin", f"000{wrong}")
        page.keyboard.press("Enter")
        page.wait_for_function("() => !document.querySelector('#kiosk-pin').value")
    page.locator("[data-kiosk-said]", has_text="30").wait_for()
    page.reload()
    page.locator("[data-own-card]").wait_for()
    page.click("[data-kiosk-out]")
    page.fill("#kiosk-pin", FIGURES)
    page.keyboard.press("Enter")
    page.locator("[data-kiosk-said]", has_text="secondes").wait_for()
    assert not page.locator(HOME).count(), "even the right ones wait"
    page.clock.install()
    page.clock.fast_forward(31_000)
    page.fill("#kiosk-pin", FIGURES)
    page.keyboard.press("Enter")
    page.locator(HOME).wait_for()
    assert page.locator("[data-own-card]").count() == 0


def test_what_they_began_is_finished_together(phone: Visitor) -> None:
    page = phone.page
    hand_over(page, "fr")
    begin(page, "Une table longue.")
    page.click("[data-kiosk-out]")
    page.fill("#kiosk-pin", FIGURES)
    page.keyboard.press("Enter")
    page.locator("[data-screen=card]:not([hidden])").wait_for()
    assert page.input_value("#card-words") == "Une table longue."
    page.go_back()
    page.locator(HOME).wait_for()


def test_words_that_nobody_finishes_are_gone(phone: Visitor) -> None:
    page = phone.page
    page.evaluate("() => { document.querySelector('[data-kiosk]').dataset.idle = '1' }")
    hand_over(page, "fr")
    begin(page, "Une table longue.")
    idle = page.locator("[data-card-idle]:not([hidden])")
    idle.wait_for()
    page.click("[data-card-stay]")
    assert page.input_value("#k-body") == "Une table longue."
    idle.wait_for()
    page.click("[data-card-idle] [data-card-over]")
    nothing_of(page, "Une table longue.")
    assert page.locator("[data-own-card] form > [data-part]").first.is_visible()
