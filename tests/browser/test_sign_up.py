"""Taking a place on a small screen with the keyboard alone, in a real browser, with JavaScript and without."""

import secrets
import time

import httpx
import pytest

from tests.browser.conftest import Open, Visitor
from tests.live import Live

A_MINUTE = 60.0


@pytest.fixture
def meeting(live: Live) -> str:
    """One of the demonstration with places left."""
    events = httpx.get(f"{live.url}/api/v1/events", params={"places": "1"}).json()["items"]
    return next(str(event["url"]) for event in events if event["registration"]["open"] and event["seats_left"])


def tab_to(visitor: Visitor, id: str) -> None:
    """Presses the tabulator until the element with that id is reached."""
    for _ in range(60):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("document.activeElement?.id") == id:
            return
    raise AssertionError(f"{id} is never reached")


def tab_and_type(visitor: Visitor, **values: str) -> None:
    for id, text in values.items():
        tab_to(visitor, id)
        visitor.page.keyboard.press("Control+A")
        visitor.page.keyboard.type(text)


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_taking_a_place_by_keyboard_and_giving_it_up(visit: Open, live: Live, meeting: str, javascript: bool) -> None:
    visitor = visit(javascript=javascript)
    page = visitor.go(meeting)
    began = time.monotonic()
    tab_and_type(visitor, name="Zoé", email="zoe@exemple")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inscription")
    assert "Cette adresse ne semble pas complète" in page.inner_text("[data-errors]")
    assert page.input_value("#name") == "Zoé"
    tab_and_type(visitor, email=f"{secrets.token_hex(4)}@exemple.fr", people="2")
    tab_to(visitor, "consents-data")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inscription/*")
    assert "Vous avez une place" in visitor.text()
    assert "2 places sont notées pour vous" in visitor.text()
    assert time.monotonic() - began < A_MINUTE
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    visitor.press("Ouvrir mon inscription")
    page.locator("summary", has_text="Je ne viendrai pas").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Votre inscription est annulée").wait_for()
