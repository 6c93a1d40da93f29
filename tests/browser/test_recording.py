"""Speaking instead of writing: Chromium's own pretended microphone beeps into the form."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open, Visitor, no_script_problems
from tests.browser.phone import CRAWLING, Network, held, says, sending, sound, to_media, to_the_end, until
from tests.browser.test_pages import AXE, OVERFLOW, RULES, RUN_AXE
from tests.browser.test_story import receipt
from tests.live import Live
from tests.media import pictures


def button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def spoken(page: Page) -> float:
    minutes, _, seconds = page.inner_text("[data-recorder-now]").partition(":")
    return int(minutes) * 60 + int(seconds)


def speak(visitor: Visitor, seconds: int = 1) -> None:
    """Opens the recorder and speaks so long; it still listens."""
    page = visitor.page
    page.locator("label", has_text="Parler").click()
    button(page, "Commencer à parler")
    page.get_by_text("Parlez, nous vous écoutons.").first.wait_for()
    until(lambda: spoken(page) >= seconds)


def test_speak_pause_listen_start_over_and_send(visit: Open, live: Live) -> None:
    resident = visit()
    to_media(resident)
    page = resident.page
    speak(resident)
    assert "Il reste 59:5" in page.inner_text("[data-recorder-left]")
    levels = "[...document.querySelectorAll('.level i')].some(bar => bar.style.getPropertyValue('--loud') > 0)"
    page.wait_for_function(levels)

    button(page, "Pause")
    assert page.is_visible("text=En pause. Prenez votre temps.")
    before = spoken(page)
    page.wait_for_timeout(1200)
    assert spoken(page) == before, "a pause is not counted"
    button(page, "Continuer à parler")
    until(lambda: spoken(page) > before)
    button(page, "J’ai fini")

    says(resident, "Bien reçu.")
    player = page.locator(".medium audio")
    until(lambda: 1 <= player.evaluate("player => player.duration") <= 5)
    player.evaluate("async player => { await player.play(); player.pause() }")
    first = page.input_value("input[name=upload]")

    button(page, "Recommencer")
    assert page.locator(".medium").count() == 0
    button(page, "Commencer à parler")
    until(lambda: spoken(page) >= 1)
    button(page, "Pause")
    button(page, "Recommencer")
    until(lambda: spoken(page) >= 1)
    button(page, "J’ai fini")
    says(resident, "Bien reçu.")
    assert page.input_value("input[name=upload]") != first
    page.check("input[name=voices][value=text_only]")
    to_the_end(resident)
    resident.press("Envoyer")
    media = held(live, receipt(resident))
    assert [(each["kind"], each["voice"]) for each in media] == [("audio", "text_only")]
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0


def test_what_was_said_survives_a_reload_and_the_next_screen(visit: Open) -> None:
    resident = visit()
    to_media(resident)
    page = resident.page
    speak(resident, 3)
    page.reload()
    page.get_by_text("L’enregistrement s’est arrêté. Ce que vous avez dit est gardé.").wait_for()
    says(resident, "Bien reçu.")

    speak(resident)
    button(page, "Continuer")
    button(page, "Revenir")
    until(lambda: page.locator(".medium[data-state=done]").count() == 2)


def test_quitting_leaves_nothing_of_a_voice_on_the_phone_or_the_service(visit: Open, live: Live) -> None:
    resident = visit()
    to_media(resident)
    page = resident.page
    speak(resident)
    button(page, "J’ai fini")
    says(resident, "Bien reçu.")
    address = page.evaluate("JSON.parse(sessionStorage.getItem('draft:media'))[0].url")
    resident.context.route("https://**", lambda route: route.fulfill(body="ailleurs"))
    with no_script_problems(resident):
        page.click("[data-quit]")
        page.wait_for_url("https://**")
    page.goto(live.url + "/participer#parler")
    assert page.locator(".medium").count() == 0
    assert page.evaluate("Object.keys({...sessionStorage, ...localStorage})") == ["left"]
    head = {"method": "HEAD", "headers": {"Tus-Resumable": "1.0.0"}}
    with no_script_problems(resident):
        assert page.evaluate("([url, head]) => fetch(url, head).then(answer => answer.status)", [address, head]) in (
            404,
            410,
        )


def test_by_keyboard_alone(visit: Open) -> None:
    resident = visit()
    page = resident.go("/participer#parler")
    page.wait_for_selector("[data-record=start]:focus")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-record=stop]:focus")
    until(lambda: spoken(page) >= 1)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.is_visible("text=En pause. Prenez votre temps.")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".medium audio:focus")
    says(resident, "Bien reçu.")


def test_a_refused_microphone_is_said_and_another_way_shown(visit: Open) -> None:
    resident = visit()
    resident.context.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    page = resident.go("/participer#parler")
    button(page, "Commencer à parler")
    page.get_by_text("Votre navigateur ne laisse pas cette page écouter.").first.wait_for()
    with page.expect_file_chooser():
        button(page, "Choisir ce son")


def test_each_way_in_of_the_home_page_opens_its_own_place(visit: Open) -> None:
    resident = visit()
    for way, place in (
        ("Écrire", "#body"),
        ("Parler", "[data-recorder]"),
        ("Filmer", "#filmer"),
        ("Envoyer une photo", "#photo"),
    ):
        page = resident.go("/")
        resident.press(way)
        page.wait_for_selector(f"{place}:visible")
        page.wait_for_function("place => document.querySelector(place).getBoundingClientRect().top > 0", arg=place)
        assert page.inner_text(".step-count") == "Étape 1 sur 7"
        button(page, "Continuer")
        assert page.is_visible("text=De quoi voulez-vous parler ?")
        button(page, "Revenir")
        assert page.is_visible(place)


def findings(page: Page) -> list[str]:
    """What axe finds, contrast of 7:1 included, and what stands out sideways."""
    page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN_AXE, [RULES, []])
    sideways: str = page.evaluate(OVERFLOW)
    return found + ([sideways] if sideways else [])


@pytest.mark.parametrize(("language", "theme"), [("", "dark"), ("/ar", "light")])
def test_every_state_can_be_used_by_everybody(visit: Open, tmp_path: Path, language: str, theme: str) -> None:
    resident = visit(color_scheme=theme)
    page, network, seen = resident.page, Network(resident), {}

    def look(state: str) -> None:
        seen[state] = findings(page)

    page = resident.go(f"{language}/participer#parler")
    page.wait_for_selector("[data-record=start]:focus")
    look("asked to speak")
    page.click("[data-record=start]")
    page.wait_for_selector("[data-recorder][data-state=recording]")
    look("speaking")
    page.click("[data-record=pause]")
    look("paused")
    page.click("[data-record=stop]")
    page.wait_for_selector(".medium[data-state=done]")
    page.set_input_files("#media", {"name": "lettre.docx", "mimeType": "application/msword", "buffer": b"PK"})
    page.wait_for_selector(".medium[data-state=refused]")
    page.set_input_files("#media", pictures.photo(tmp_path / "banc.jpg"))
    page.wait_for_selector(".medium[data-state=done] img")
    look("a voice, a photo, a file refused")
    network.slow(CRAWLING)
    page.set_input_files("#media", {"name": "voix.wav", "mimeType": "audio/wav", "buffer": sound()})
    sending(resident)
    look("on its way")
    page.context.set_offline(True)
    page.wait_for_selector(".medium[data-state=lost]")
    look("no network")
    wrong = {state: found for state, found in seen.items() if found}
    assert wrong == {}, wrong
