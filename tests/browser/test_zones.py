"""Zones drawn by a moderator: with the keyboard, with the mouse, in figures; and the picture the public then gets."""

import time
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open, Visitor, recruit
from tests.browser.media_states import sent, waiting
from tests.browser.states import JPEG, client
from tests.live import Live


@pytest.fixture
def desk(live: Live) -> httpx.Client:
    """The API as a moderator."""
    token = live.dialogue("token", "add", recruit(live, "moderator").email, "--name", "essai")
    return client(live, headers={"Authorization": f"Bearer {token}"})


def prepared(live: Live, desk: httpx.Client) -> dict[str, Any]:
    """Words with one photo, both waiting at the desk."""
    return waiting(live, desk, sent(live, JPEG, "t.jpg"))[0]


def numbers(page: Page, row: int) -> list[float]:
    fields = page.locator("[data-zone]").nth(row)
    return [float(fields.locator(f"[name$='.{side}']").input_value()) for side in ("x", "y", "width", "height")]


def opened(visit: Open, live: Live, item: dict[str, Any]) -> Visitor:
    team = visit(width=1280)
    recruit(live).enrol(team)
    page = team.go(f"/equipe/moderation/{item['id']}")
    page.wait_for_selector("html.js")
    assert not page.is_visible("[data-layer]"), "veiled until it is asked for"
    page.click("details.veil > summary")
    page.wait_for_selector("[data-layer]")
    return team


def test_zones_by_keyboard_by_mouse_and_in_figures(visit: Open, live: Live, desk: httpx.Client) -> None:
    item = prepared(live, desk)
    team = opened(visit, live, item)
    page = team.page
    page.wait_for_function("document.querySelectorAll('[data-zone]').length === 0")  # the blank row is for others

    page.get_by_role("button", name="Ajouter une zone").click()
    assert numbers(page, 0) == [0.4, 0.4, 0.2, 0.2]
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert numbers(page, 0) == [0.38, 0.39, 0.21, 0.22]
    assert "Zone 1 : à gauche 38 %, en haut 39 %, largeur 21 %, hauteur 22 %." in page.inner_text("[data-status]")

    page.locator("[data-layer]").scroll_into_view_if_needed()
    box = page.locator("[data-layer]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.1)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.3, steps=4)
    page.mouse.up()
    assert numbers(page, 1) == pytest.approx([0.7, 0.1, 0.2, 0.2], abs=0.02)
    assert page.locator("[data-layer] rect").count() == 2
    page.keyboard.press("Delete")  # what was just traced has the focus
    assert (page.locator("[data-layer] rect").count(), page.locator("[data-zone]").count()) == (1, 1)
    assert numbers(page, 0) == [0.38, 0.39, 0.21, 0.22]
    assert "Zone enlevée." in page.inner_text("[data-status]")

    page.locator("[data-layer] rect").first.press("Enter")
    page.keyboard.type("0")
    page.locator("[data-zone] [name$='.x']").fill("0")
    assert page.locator("[data-layer] rect").first.get_attribute("x") == "0"

    page.get_by_role("radio", name="Publier en floutant").check()
    page.get_by_label("Ce que l’on voit, en une phrase").fill("Quatre couleurs")
    page.get_by_role("checkbox", name="J’ai regardé").check()
    page.get_by_role("radio", name="Publier", exact=True).last.check()
    team.press("Décider")
    assert "C’est publié." in team.text()
    hidden(live, item["reference"])


def hidden(live: Live, reference: str) -> None:
    """The public gets the blurred picture once it is made, and none before."""
    deadline = time.monotonic() + 60
    with client(live) as anyone:
        while not (media := anyone.get(f"/api/v1/contributions/{reference}").json()["media"]):
            assert time.monotonic() < deadline, "the blurred picture was never made"
            time.sleep(0.3)
        assert media[0]["blurred"] is True
        assert anyone.get(media[0]["urls"]["400.jpg"]).status_code == 200
