"""Two doors, one network that goes: everybody is counted once, and nothing tapped is lost."""

import sqlite3
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Visitor, no_script_problems, recruit
from tests.live import Live

SLUG = "prevenir-l-isolement-des-seniors"
WAITS = "à envoyer"


@pytest.fixture(scope="module")
def door(live: Live) -> str:
    """The address of one meeting's door, nobody there yet."""
    id = uuid.UUID(hex=ask(live, f"SELECT id FROM event WHERE slug = '{SLUG}'"))
    return f"/equipe/rendez-vous/{id}/porte"


def ask(live: Live, question: str) -> str:
    with sqlite3.connect(f"file:{live.data / 'dialogue.sqlite'}?mode=ro", uri=True) as base:
        return str(base.execute(question).fetchone()[0])


def at(visitor: Visitor, door: str) -> Page:
    """The page of the door, logged in, kept for when there is no network."""
    recruit(visitor.live, "mediator").give_password(visitor)
    page = visitor.go(door)
    page.locator("[data-door-kept]", has_text="peut se rouvrir sans réseau").wait_for()
    return page


def tap(page: Page, first: int, last: int) -> None:
    for number in range(first, last):
        row = page.locator("[data-guest]").nth(number)
        row.locator("form:not([hidden]) button", has_text="Est là").click()
        row.locator("[data-door-here]", has_text="là depuis").wait_for()


def test_twenty_arrivals_at_two_doors_through_a_cut(visit: Open, live: Live, door: str) -> None:
    one, two = visit(), visit()
    north, south = at(one, door), at(two, door)
    for visitor in (one, two):
        visitor.context.set_offline(True)
    tap(north, 0, 7)
    status = north.locator("[data-door-status]")
    expect(status).to_contain_text("Sans réseau : 7 à envoyer")
    north.reload()  # the phone had put the page to sleep
    expect(status).to_contain_text("7 à envoyer")
    tap(north, 7, 13)
    north.locator("[data-guest]").nth(12).get_by_role("button", name="Annuler").click()
    north.fill("#people", "2")
    north.get_by_role("button", name="Compter").click()
    tap(south, 6, 20)
    expect(south.locator("[data-door-status]")).to_contain_text("14 à envoyer")
    for visitor in (two, one):
        visitor.context.set_offline(False)
    for page in (south, north):
        expect(page.locator("[data-door-status]")).to_have_text("Tout est envoyé.")
    came = f"FROM arrival JOIN event ON event.seq = event_seq WHERE slug = '{SLUG}'"
    assert ask(live, f"SELECT count(*) {came}") == "21"
    assert ask(live, f"SELECT count(DISTINCT registration_seq) {came}") == "20"
    there = ask(live, f"SELECT sum(arrival.people) {came}")
    for page in (north, south):
        page.reload()
        expect(page.locator("[data-door-count=there]")).to_have_text(there)
        expect(page.locator(".door-list .came")).to_have_count(20)


def test_the_session_ends_and_nothing_is_lost(visit: Open, door: str) -> None:
    helper = visit()
    page = at(helper, door)
    left = page.locator("[data-guest]:not(.came)").first.get_attribute("data-guest")
    helper.context.set_offline(True)
    row = page.locator(f"[data-guest='{left}']")
    code = row.get_attribute("data-code") or ""
    page.fill("#code", code.lower())
    page.locator("form", has=page.locator("#code")).get_by_role("button", name="Est là").click()
    expect(row).to_have_class("came waits")
    with no_script_problems(helper):  # 401, by intention
        helper.context.clear_cookies()
        helper.context.set_offline(False)
        page.get_by_role("link", name="Se connecter").wait_for()
        assert "Rien n’est perdu : 1" in page.inner_text("[data-door-status]")
        recruit(helper.live, "mediator").give_password(helper)
    page = helper.go(door)
    expect(page.locator("[data-door-status]")).to_have_text("Tout est envoyé.")
    expect(page.locator(f"[data-guest='{left}']")).to_have_class("came")
    late = {"name": "Bo", "email": "bo@exemple.fr", "consents": {"data": True}}
    made = page.request.post(f"{helper.live.url}/api/v1/events/{SLUG}/registrations", data=late).json()
    for code, words in (("50 %", "aucune inscription"), (made["manage_token"], "C’est noté")):
        page.fill("#code", code)  # the second signed up since the page came: on no list here, and counted
        page.locator("#code").press("Enter")
        expect(page.locator("[data-door-told]")).to_contain_text(words)
    page.fill("#q", "zzz")
    expect(page.locator("[data-door-found]")).to_have_text("0 dans la liste")
    page.get_by_role("button", name="Effacer la liste de ce téléphone").click()
    expect(page.locator("[data-door-kept]")).to_have_text("La liste est effacée de ce téléphone.")
    assert page.evaluate("caches.keys()") == []
