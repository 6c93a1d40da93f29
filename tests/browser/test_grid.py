"""An organiser places sessions of the Assises: by mouse and keyboard, in three actions at most; plain fields too."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, Visitor, recruit
from tests.live import Live

PAGE = "/equipe/assises"


def organiser(visit: Open, live: Live, token: str = "", **options: object) -> Visitor:
    visitor = visit(width=1280, **options)
    visitor.context.set_extra_http_headers({"Authorization": f"Bearer {token}"})
    return visitor


def test_a_session_is_placed_by_mouse_by_keyboard_and_by_plain_fields(visit: Open, live: Live) -> None:
    someone = recruit(live, "organiser")
    token = live.dialogue("token", "add", someone.email, "--name", "essai")
    visitor = organiser(visit, live, token, reduced_motion="reduce")
    page = visitor.go(PAGE)
    card = page.locator("[data-grid] .grid-card").nth(1)
    title = card.get_attribute("data-title")
    rooms = page.locator("table").first.locator("thead th").all_inner_texts()
    # One action: dragged to a free line of the third room.
    line = page.locator('tr[data-at$="T09:15"]').first
    line.scroll_into_view_if_needed()
    card.scroll_into_view_if_needed()
    start, end = card.bounding_box(), line.locator("td").nth(2).bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 40, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(end["x"] + 40, end["y"] + 8, steps=6)
    page.mouse.up()
    expect(page.locator("[data-grid-status]")).to_contain_text(f"{title} : 10 juin 2022 à 09:15")
    expect(placed(page)).to_contain_text("09:15–")
    assert "posee=" in page.url
    # Three by keyboard: taken in hand, one line up and one room back, put down.
    placed(page).focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-grid-keys]")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-grid-status]")).to_contain_text(f"10 juin 2022, 09:00, {rooms[3]} : libre")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-grid-status]")).to_contain_text(f"09:00, {rooms[2]}")
    page.keyboard.press("Enter")
    expect(page.locator("[data-grid-status]")).to_contain_text(f"{title} : 10 juin 2022 à 09:00, {rooms[2]}")
    expect(placed(page)).to_be_focused()
    # Escape gives up: nothing moved.
    page.keyboard.press("Enter")
    expect(page.locator("[data-grid-keys]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/equipe/assises$"))
    expect(page.locator(f'[data-title="{title}"] .grid-hours')).to_contain_text("09:00–")
    # By the plain fields, without JavaScript.
    plain = organiser(visit, live, token, javascript=False)
    plain.go(PAGE)
    plain.page.locator(f'[data-title="{title}"] a').click()
    plain.page.fill("#starts_at", "2022-06-11T09:30")
    plain.press("Placer ici")
    assert f"{title} : 11 juin 2022 à 09:30" in plain.text()


def placed(page: Page) -> Locator:
    return page.locator("[data-placed] a")
