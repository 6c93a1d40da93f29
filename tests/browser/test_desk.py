"""The desk by keyboard, in a real browser: five seconds to think again, and what others do meanwhile."""

import secrets
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests import factories
from tests.browser.conftest import Open, Visitor, no_script_problems, recruit, window
from tests.live import Live

SECONDS_TO_GREY = 6.0  # two where nothing else runs; here other tests do
LIST = "/equipe/moderation?limit=100"


READY = "[data-desk][data-ready]"


@pytest.fixture(scope="module")
def token(live: Live) -> str:
    return live.dialogue("token", "add", recruit(live).email, "--name", "essai")


@pytest.fixture(scope="module")
def logged_in(browser: Browser, live: Live) -> Any:
    """The cookies of a moderator."""
    visitor = window(browser, live)
    recruit(live).enrol(visitor)
    kept = visitor.context.storage_state()
    visitor.context.close()
    return kept


@pytest.fixture
def colleague(live: Live, token: str) -> Iterator[httpx.Client]:
    """Another moderator, through the API."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=live.url + "/api/v1", headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def ada(visit: Open, logged_in: Any) -> Visitor:
    return visit(width=1280, storage_state=logged_in)


def open_page(ada: Visitor, path: str) -> Page:
    """With its scripts awake."""
    page = ada.go(path)
    page.wait_for_selector(READY, state="attached")
    return page


def said(live: Live, **more: Any) -> dict[str, Any]:
    body = factories.said(f"Une table au marché. {secrets.token_hex(6)}", **more)
    answer = httpx.post(f"{live.url}/api/v1/contributions", json=body)
    return dict(answer.json())


def state(colleague: httpx.Client, one: dict[str, Any]) -> str:
    items = colleague.get("/moderation/queue", params={"limit": 100}).json()["items"]
    return "waiting" if one["id"] in {item["id"] for item in items} else "decided"


def test_what_somebody_else_takes_or_decides_greys_out(ada: Visitor, colleague: httpx.Client, live: Live) -> None:
    one = said(live)
    page = open_page(ada, LIST)
    row, waiting = page.locator(f"[data-item='{one['id']}']"), page.locator("[data-count=waiting]")
    before = int(waiting.inner_text())
    began = time.monotonic()
    assert colleague.post(f"/moderation/{one['id']}/claim").status_code == 201
    row.locator("[data-held]").get_by_text("s’en occupe jusqu’au").wait_for()
    assert time.monotonic() - began < SECONDS_TO_GREY
    assert "taken" in (row.get_attribute("class") or "")
    assert one["reference"] in page.locator(".pending [role=status]").inner_text()
    began = time.monotonic()
    publish = {"version": 1, "revision": 1, "action": "publish"}
    assert colleague.post(f"/moderation/{one['id']}/decisions", json=publish).status_code == 201
    page.wait_for_function(
        "n => document.querySelector('[data-count=waiting]').textContent === String(n)", arg=before - 1
    )
    assert time.monotonic() - began < SECONDS_TO_GREY
    assert "Publié" in row.inner_text()
    row.locator("h2 a").focus()
    page.keyboard.press("p")
    page.locator(".pending [role=status]", has_text="ne peut pas être publiée d’ici").wait_for()
    assert page.locator(".pending li").count() == 0, "what was decided by somebody else is not decided here"


def test_publishing_by_key_may_be_undone_and_is_sent_when_one_leaves(
    ada: Visitor, colleague: httpx.Client, live: Live
) -> None:
    one, _following = said(live), said(live)
    page = open_page(ada, f"/equipe/moderation/{one['id']}")
    page.locator("#statement").press_sequentially("pxz?")
    assert (page.locator("#statement").input_value(), page.locator(".pending li, dialog[open]").count()) == ("pxz?", 0)
    page.locator("h1").click()
    page.keyboard.press("Control+p")
    page.keyboard.press("p")
    page.wait_for_function("one => document.querySelector('h1').textContent !== one", arg=one["reference"])
    assert one["reference"] in page.locator(".pending li").inner_text()
    page.keyboard.press("z")
    page.locator("h1", has_text=one["reference"]).wait_for()
    assert (page.locator(".pending li").count(), state(colleague, one)) == (0, "waiting")
    page.keyboard.press("x")
    page.wait_for_function("() => document.activeElement.name === 'reason'")
    assert page.is_checked("input[name=action][value=refuse]")
    page.locator("h1").click()
    page.keyboard.press("p")
    page.locator(".pending li").wait_for()
    ada.go("/equipe")
    deadline = time.monotonic() + 4  # not the five seconds: at once
    while state(colleague, one) != "decided":
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_the_service_refuses_is_said_and_comes_back(ada: Visitor, colleague: httpx.Client, live: Live) -> None:
    """Nobody of the team reads this language; the other item stays where it is."""
    one = said(live, language="ti")
    page = open_page(ada, LIST)
    page.locator(f"[data-item='{one['id']}'] h2 a").focus()
    with no_script_problems(ada):
        page.keyboard.press("p")
        trouble = page.locator(".pending .trouble")
        trouble.wait_for()
    assert "Personne dans l’équipe ne lit cette langue" in trouble.inner_text()
    assert "leaving" not in (page.locator(f"[data-item='{one['id']}']").get_attribute("class") or "")
    trouble.get_by_role("button", name="Revoir").click()
    page.locator("h1", has_text=one["reference"]).wait_for()
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 1
    page.get_by_label("Utiliser ces raccourcis").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    assert not page.is_checked("input[name=action][value=refuse]")
    assert state(colleague, one) == "waiting"
