"""The draft in the tab: it survives a reload, and nothing of it stays after sending or quitting."""

from tests.browser.conftest import Open, no_script_problems
from tests.browser.test_story import receipt, step, until


def test_the_draft_survives_a_reload_and_quitting_forgets_it(visit: Open) -> None:
    """In the tab only; Escape three times empties it all and leads elsewhere."""
    resident = visit()
    page = resident.open_form()
    page.check("input[name=question][value=q2]")
    step(page)
    page.fill("#body", "Je dors dans ma voiture.")
    until(lambda: "voiture" in (page.evaluate("sessionStorage.getItem('draft:contribution')") or ""))
    page.reload()
    assert page.input_value("#body") == "Je dors dans ma voiture."
    assert page.is_checked("input[name=question][value=q2]")
    assert page.evaluate("localStorage.length") == 0

    page.evaluate("document.querySelector('#kind-collective').click()")  # another screen, chosen before a second reload
    until(lambda: "collective" in page.evaluate("sessionStorage.getItem('draft:contribution')"))
    page.reload()
    until(lambda: not page.evaluate("document.querySelector('[data-when]').hidden"))
    page.goto(
        resident.live.url + "/participer?question=q3"
    )  # « Répondre » on the home page: this one, with the same words
    until(lambda: page.input_value("#body") == "Je dors dans ma voiture.")
    assert page.is_checked("input[name=question][value=q3]")

    resident.context.route("https://**", lambda route: route.fulfill(body="ailleurs"))
    with no_script_problems(resident):
        for _ in range(3):
            page.keyboard.press("Escape")
        page.wait_for_url("https://**")
    page.go_back()  # to the screen before: the browser has kept what was typed there
    page.wait_for_load_state()
    until(lambda: page.input_value("#body") == "")
    assert not page.is_checked("input[name=question][value=q2]")
    page.goto(resident.live.url + "/participer")
    assert page.input_value("#body") == ""
    assert "voiture" not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")


def test_quitting_by_the_link_forgets_what_was_kept_longer(visit: Open) -> None:
    resident = visit()
    page = resident.open_form()
    page.check("input[name=question][value=q2]")
    step(page)
    page.fill("#body", "Je dors dans ma voiture.")
    page.get_by_role("button", name="Oui, gardez-le").click()
    assert page.evaluate("localStorage.length") == 1
    resident.context.route("https://**", lambda route: route.fulfill(body="ailleurs"))
    with no_script_problems(resident):
        page.click("[data-quit]")
        page.wait_for_url("https://**")
    page.go_back()  # to the screen before: the browser has kept what was typed there
    page.wait_for_load_state()
    until(lambda: page.input_value("#body") == "")
    assert not page.is_checked("input[name=question][value=q2]")
    page.goto(resident.live.url + "/participer")
    assert page.input_value("#body") == ""
    assert "voiture" not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")


def test_a_sent_draft_is_forgotten(visit: Open) -> None:
    resident = visit()
    page = resident.open_form()
    page.check("input[name=question][value=q3]")
    step(page)
    page.fill("#body", "Une laverie gratuite.")
    for _ in range(page.locator("[data-step]").count() - 2):
        step(page)
    page.check("#consents-publication")
    page.check("#consents-age")
    page.press("#consents-age", "Enter")  # it sends, no other of the form's buttons
    receipt(resident)
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0
