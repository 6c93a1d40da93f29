"""Words hidden by a moderator: chosen in the text, or typed without a script; what the public then reads."""

from typing import Any

import httpx
from playwright.sync_api import Page

from tests import factories
from tests.browser.conftest import Open, Visitor, recruit
from tests.browser.states import client
from tests.live import Live

BODY = "👩‍👩‍👧 Je suis Zoé Tamarisque. Zoé aime les tables rondes."


def said(live: Live) -> dict[str, Any]:
    with client(live) as anyone:
        answer: httpx.Response = anyone.post("/api/v1/contributions", json=factories.said(BODY, title="Chez Zoé"))
    made: dict[str, Any] = answer.json()
    return made


def public(live: Live, one: dict[str, Any]) -> tuple[str, str]:
    with client(live) as anyone:
        shown = anyone.get(f"/api/v1/contributions/{one['reference']}").json()
    return shown["title"], shown["body"]


def opened(visit: Open, live: Live, one: dict[str, Any], **options: Any) -> Visitor:
    team = visit(width=1280, **options)
    recruit(live).enrol(team)
    page = team.go(f"/equipe/moderation/{one['id']}")
    page.click("details.redact > summary")
    return team


def select(page: Page, selector: str, words: str, *, last: bool = False) -> None:
    """As a person does: the words are marked in the field that has the focus."""
    page.focus(selector)
    page.evaluate(
        """([selector, words, last]) => {
          const field = document.querySelector(selector);
          const at = last ? field.value.lastIndexOf(words) : field.value.indexOf(words);
          field.setSelectionRange(at, at + words.length);
        }""",
        [selector, words, last],
    )


def test_words_chosen_in_the_text_are_hidden(visit: Open, live: Live) -> None:
    one = said(live)
    team = opened(visit, live, one)
    page = team.page
    page.wait_for_function("document.querySelectorAll('.redact-row').length === 0")  # the blank rows are for others
    page.get_by_role("button", name="Cacher les mots choisis").click()
    assert "Choisissez d’abord" in page.inner_text(".redact [data-status]")

    page.focus("#redact-body")
    page.keyboard.press("Control+Home")
    select(page, "#redact-body", "Zoé Tamarisque. ")  # the space after is left out
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")  # and the full stop
    page.get_by_role("button", name="Cacher les mots choisis").click()
    assert page.inner_text(".redact-row [data-quote]") == "Zoé Tamarisque"
    page.keyboard.type("prénom")  # the row's label has the focus

    select(page, "#redact-body", "Tamarisque")
    page.get_by_role("button", name="Cacher les mots choisis").click()
    assert "déjà cachés" in page.inner_text(".redact [data-status]")
    select(page, "#redact-body", "rondes")
    page.get_by_role("button", name="Cacher les mots choisis").click()
    page.locator(".redact-row").last.get_by_role("button", name="Ne plus cacher").click()
    assert page.locator(".redact-row").count() == 1
    select(page, "#redact-body", "Zoé", last=True)
    page.get_by_role("button", name="Cacher les mots choisis").click()
    select(page, "#redact-title", "Zoé")
    page.get_by_role("button", name="Cacher les mots choisis").click()
    page.keyboard.type("prénom")
    page.get_by_role("radio", name="Publier", exact=True).check()
    team.press("Décider")
    assert public(live, one) == ("Chez [prénom]", "👩‍👩‍👧 Je suis [prénom]. […] aime les tables rondes.")


def test_words_typed_without_a_script_are_hidden(visit: Open, live: Live) -> None:
    one = said(live)
    team = opened(visit, live, one, javascript=False)
    page = team.page
    page.fill("#redactions-0-words", "Zoé")
    page.fill("#redactions-0-label", "prénom")
    page.get_by_role("radio", name="Publier", exact=True).check()
    team.press("Décider")
    assert "écrits 2 fois" in page.inner_text("#redactions-0")
    page.locator("#redactions-0").get_by_label("Partout").check()
    team.press("Décider")
    assert public(live, one) == ("Chez Zoé", "👩‍👩‍👧 Je suis [prénom] Tamarisque. [prénom] aime les tables rondes.")
