"""Captions written in the browser without leaving the keyboard, and without JavaScript as a plain form."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import caption_states
from tests.browser.conftest import Open, Visitor, recruit
from tests.browser.test_story import until
from tests.live import Live


@pytest.fixture
def editor(visit: Open, live: Live) -> Visitor:
    """A moderator at the editor of a film of two seconds, nothing written yet."""
    team, moderator, path = visit(width=1280), recruit(live), caption_states.address(live)
    moderator.enrol(team)
    page = team.go(path)
    page.wait_for_selector("html.js")
    page.wait_for_function("document.querySelector('video').readyState > 0")
    return team


def rows(page: Page) -> list[list[str]]:
    """Start, end and text of every caption that has words."""
    found: list[list[str]] = page.evaluate(
        """() => [...document.querySelectorAll('[data-cue]')]
             .map(row => ['start', 'end', 'text'].map(name => row.querySelector(`[name="${name}[]"]`).value))
             .filter(row => row[2])"""
    )
    return found


def seek(page: Page, seconds: float) -> None:
    page.evaluate(f"document.querySelector('video').currentTime = {seconds}")
    until(lambda: abs(page.evaluate("document.querySelector('video').currentTime") - seconds) < 0.01)


def text(page: Page, number: int) -> Any:
    return page.locator("[data-cue]").nth(number).locator("textarea")


def test_captions_by_key(editor: Visitor) -> None:
    page, press = editor.page, editor.page.keyboard.press
    text(page, 0).fill("Bonjour à tous. Une grande table.")
    press("F4")
    seek(page, 1.8)
    press("F8")
    assert rows(page) == [["0:00.000", "0:01.800", "Bonjour à tous. Une grande table."]]
    assert page.evaluate("document.activeElement === document.querySelectorAll('[data-cue] textarea')[1]")

    text(page, 0).focus()
    text(page, 0).evaluate("area => area.setSelectionRange(15, 15)")
    seek(page, 0.75)
    press("Control+Enter")
    cut = [["0:00.000", "0:00.750", "Bonjour à tous."], ["0:00.750", "0:01.800", "Une grande table."]]
    assert rows(page) == cut
    assert page.locator("[data-cue]").nth(1).locator("legend").inner_text() == "Sous-titre 2"
    until(lambda: page.locator("[data-cue][aria-current=true]").count() == 1)  # the one that is being said
    shown = "[...document.querySelector('video').textTracks].at(-1).cues"
    assert page.evaluate(f"[...{shown}].map(cue => cue.text)") == ["Bonjour à tous.", "Une grande table."]

    press("Alt+ArrowUp")
    press("Control+Shift+Enter")
    assert rows(page) == [["0:00.000", "0:01.800", "Bonjour à tous. Une grande table."]]
    press("Control+Enter")
    assert rows(page) == cut
    press("Alt+Enter")
    page.keyboard.type("Le dimanche.")
    assert page.evaluate("document.activeElement.closest('[data-cue]').querySelector('input').value") == "0:01.800"
    press("Alt+Delete")
    assert rows(page) == cut

    press("F2")
    until(lambda: not page.evaluate("document.querySelector('video').paused"))
    press("F2")
    until(lambda: page.evaluate("document.querySelector('video').paused"))

    press("Control+s")
    page.wait_for_url("**notice=saved")
    assert "Les sous-titres sont enregistrés." in editor.text()
    assert rows(page) == cut
    editor.press("Accepter après relecture")
    page.wait_for_url("**notice=accepted")
    public = page.evaluate("fetch(document.querySelector('[download]').href).then(answer => answer.text())")
    assert public == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:00.750\nBonjour à tous.\n\n00:00:00.750 --> 00:00:01.800\nUne grande table.\n"
    )


def test_keys_with_other_modifiers_do_nothing(editor: Visitor) -> None:
    page = editor.page
    text(page, 0).fill("Un deux")
    text(page, 0).evaluate("area => area.setSelectionRange(2, 2)")
    for key in ("Control+F4", "Alt+F8", "Control+Alt+Enter", "Shift+F4", "Enter"):
        page.keyboard.press(key)
    assert rows(page) == [["", "", "Un\n deux"]]


def test_the_same_by_the_buttons_and_nothing_typed_is_lost_by_mistake(editor: Visitor) -> None:
    page = editor.page
    text(page, 0).fill("Bonjour")
    seek(page, 0.5)
    page.get_by_role("button", name="Il finit maintenant").click()
    assert rows(page) == [["", "0:00.500", "Bonjour"]]
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="À lire", exact=True).first.click()
    until(lambda: asked == ["beforeunload"])
    assert rows(page) == [["", "0:00.500", "Bonjour"]]
    page.locator("[data-cue] input").first.fill("0:00.100")
    editor.press("Enregistrer le brouillon")
    page.wait_for_url("**notice=saved")
    assert asked == ["beforeunload"]


def test_captions_without_javascript(visit: Open, live: Live) -> None:
    team, moderator, path = visit(javascript=False), recruit(live), caption_states.address(live)
    moderator.enrol(team)
    page = team.go(path)
    assert not page.is_visible("[data-do]")
    for name, value in (("start", "0:00"), ("end", "0:01,5"), ("text", "Bonjour.")):
        page.locator(f"[name='{name}[]']").first.fill(value)
    team.press("Ajouter des lignes")
    assert page.locator("[data-cue]").count() == 18
    team.press("Accepter après relecture")
    assert "Les sous-titres sont acceptés, et le texte à lire est fait." in team.text()
    assert page.locator("[name='end[]']").first.input_value() == "0:01.500"
