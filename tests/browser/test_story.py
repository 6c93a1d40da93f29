"""From a person's words to the public page and back, in a real browser, without JavaScript and with it."""

import io
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests import factories
from tests.browser.conftest import Open, Visitor, recruit
from tests.live import Live
from tests.media import pictures

ALT = "Une table dressée sous un arbre"
SHARES = "navigator.share = async (what) => { window.shared = what; };"  # the headless browser has nobody to send to
SECONDS_TO_VANISH = SECONDS_TO_SHOW = 2.0


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """As a phone makes it: with the place, the device and the author inside."""
    return pictures.photo(tmp_path / "table.jpg")


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_the_whole_story(visit: Open, live: Live, photo: Path, javascript: bool) -> None:
    words = f"Une grande table le dimanche, place du marché. {secrets.token_hex(6)}"
    resident, public = visit(javascript=javascript), visit(javascript=javascript, width=1280)
    team = visit(javascript=javascript, width=1280)

    code = (write_with_steps if javascript else write_on_one_page)(resident, words, photo)
    moderator = recruit(live)
    moderator.enrol(team)
    team.go("/equipe")
    team.press("Se déconnecter")
    moderator.log_in(team)

    item = find_in_queue(team, words)
    wait_for_photo(team, item)
    publish(team)
    reference, media = read_in_public(public, words)
    assert words in feed(live)

    follow(resident, code)
    assert "Publié" in resident.text()
    hide(team, item)
    vanishes(live, reference, media, words)
    page = public.go(f"/paroles/{reference}", expect=410)
    assert words not in page.content()

    resident.go("/suivre/contribution")
    assert "Retiré de la publication" in resident.text()
    assert "On peut reconnaître une personne" in resident.text()
    assert "Un nom se lit sur le mur." in resident.text()


def write_on_one_page(resident: Visitor, words: str, photo: Path) -> str:
    """An address is cut short the first time: words, photo and consent stay."""
    page = resident.go("/participer")
    page.check("input[name=question][value=q1]")
    page.fill("#body", words)
    page.set_input_files("#media", photo)
    page.check("#consents-age")
    page.check("#consents-publication")
    page.fill("#contact-email", "zoe@exemple")
    resident.press("Envoyer")
    assert "Cette adresse ne semble pas complète" in page.inner_text("[data-errors]")
    assert page.input_value("#body") == words
    assert page.locator("[data-kept]").count() == 1
    assert page.is_checked("#consents-publication")
    page.get_by_label("Que voit-on sur cette photo ?").fill(ALT)
    page.fill("#contact-email", "zoe@exemple.fr")
    resident.press("Envoyer")
    return receipt(resident)


def write_with_steps(resident: Visitor, words: str, photo: Path) -> str:
    """One question a screen; the photo leaves at once and is described in the meantime."""
    resident.page.add_init_script(SHARES)
    page = resident.open_form()
    page.check("input[name=question][value=q1]")
    step(page)
    page.fill("#body", words)
    step(page)
    page.set_input_files("#media", photo)
    page.get_by_label("Que voit-on sur cette photo ?").fill(ALT)
    for _ in range(page.locator("[data-step]").count() - 3):
        step(page)
    page.check("#consents-age")
    page.get_by_role("button", name="Envoyer", exact=True).click()
    assert page.is_visible("#consents-publication-missing"), "said beside the box, before anything is sent"
    page.check("#consents-publication")
    resident.press("Envoyer")
    page.wait_for_url("**/participer/merci/*")
    page.get_by_role("button", name="M’envoyer le code").click()
    code = page.inner_text("#receipt-code").replace("\n", " ")
    assert page.evaluate("shared") == {"text": f"{code}\n{resident.live.url}/suivre"}
    return receipt(resident)


def step(page: Page) -> None:
    page.get_by_role("button", name="Continuer", exact=True).click()


def receipt(resident: Visitor) -> str:
    """The code, which is never in the address, and shown no more once noted."""
    page = resident.page
    page.wait_for_url("**/participer/merci/*")
    assert "Bien arrivé" in resident.text()
    code, address = page.inner_text("#receipt-code").replace("\n", " "), page.url
    assert re.fullmatch(r"([a-z]+ ){4}\d\d", code), code
    assert not any(word in address for word in code.split()[:4])
    resident.press("J’ai noté mon code, fermer cette page")
    assert page.url.partition("?")[0] == resident.live.url + "/"
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 410
    assert code not in page.content()
    return code


def find_in_queue(team: Visitor, words: str) -> str:
    """The address of the item that shows these words, page after page."""
    page = team.go("/equipe/moderation")
    while True:
        row = page.locator("li.chapter", has_text=words)
        if row.count():
            row.locator("h2 a").click()
            page.wait_for_load_state()
            return page.url.removeprefix(team.live.url)
        team.press("La suite")


def wait_for_photo(team: Visitor, item: str) -> None:
    deadline = time.monotonic() + 30
    while not team.page.locator("input[value=publish][name^=media]").count():
        assert time.monotonic() < deadline, "the photo never became ready"
        time.sleep(0.3)
        team.go(item)


def publish(team: Visitor) -> None:
    """The author's description of the photo is proposed; the moderator may word it better."""
    page = team.page
    described = page.locator("textarea[name$='.alt']")
    assert described.input_value() == ALT
    page.check("input[value=publish][name^=media]")
    described.fill(ALT + ".")
    page.check("input[name=action][value=publish]")
    team.press("Décider")
    assert "Publié" in team.text() or "notice" in page.url


def read_in_public(public: Visitor, words: str) -> tuple[str, str]:
    """On the list and on its own page, with its photo, which says nothing of where it was taken."""
    page = public.go("/paroles")
    card = page.locator(".wall > *", has_text=words)
    deadline = time.monotonic() + SECONDS_TO_SHOW
    while not card.count() and time.monotonic() < deadline:  # a page kept in memory may be that old
        public.go("/paroles")
    assert card.count() == 1
    address = card.locator("a[href*='/paroles/NS-']").first.get_attribute("href") or ""
    public.go(address)
    assert words in public.text()
    picture = page.locator("figure img")
    assert picture.get_attribute("alt") == ALT + "."
    media = picture.get_attribute("src") or ""
    for source in {media, *re.findall(r"/media/[^ \"]+", page.locator("figure").inner_html())}:
        innocent(page.request.get(public.live.url + source).body())
    return address.rpartition("/")[2], media


def innocent(picture: bytes) -> None:
    with Image.open(io.BytesIO(picture)) as image:
        assert image.getexif() == {}
        assert {"exif", "xmp", "icc_profile", "comment"} & set(image.info) == set()
    assert pictures.CANARY.encode() not in picture


def feed(live: Live) -> str:
    return httpx.get(f"{live.url}/paroles.atom").text


def follow(resident: Visitor, code: str) -> None:
    page = resident.go("/suivre")
    page.fill("#code", code.upper())
    resident.press("Ouvrir")
    assert page.url == resident.live.url + "/suivre/contribution"


def hide(team: Visitor, item: str) -> None:
    page = team.go(item)
    page.check("input[name=action][value=hide]")
    page.check("input[name=reason][value=personal]")
    page.fill("#statement", "Un nom se lit sur le mur.")
    team.press("Décider")


def vanishes(live: Live, reference: str, media: str, words: str) -> None:
    """From the page, the list, the feed, the API and the photo's own address, and within two seconds."""
    began = time.monotonic()
    with httpx.Client(base_url=live.url) as client:
        while True:
            seen = (
                client.get(f"/paroles/{reference}").status_code,
                client.get(f"/api/v1/contributions/{reference}").status_code,
                client.get(media).status_code,
                [
                    path
                    for path in ("/", "/paroles", "/paroles.atom", "/api/v1/contributions")
                    if words in client.get(path).text
                ],
            )
            if seen == (410, 410, 404, []):
                return
            assert time.monotonic() - began < SECONDS_TO_VANISH, seen
            time.sleep(0.1)


def said(live: Live, words: str) -> str:
    """The receipt code of words sent as JSON."""
    answer = httpx.post(f"{live.url}/api/v1/contributions", json=factories.said(words))
    assert answer.status_code == 201
    return str(answer.json()["receipt_code"])


def test_correcting_after_it_was_returned_then_withdrawing_and_coming_back(visit: Open, live: Live) -> None:
    words = f"Mon voisin Paul Untel dort dehors. {secrets.token_hex(6)}"
    code, team, resident = said(live, words), visit(javascript=False, width=1280), visit(javascript=False)
    moderator = recruit(live)
    moderator.enrol(team)
    item = find_in_queue(team, words)
    team.page.check("input[name=action][value=return]")
    team.page.check("input[name=reason][value=personal]")
    team.page.fill("#statement", "Le nom de votre voisin est écrit.")
    team.press("Décider")

    follow(resident, code)
    assert "À corriger" in resident.text()
    assert "Le nom de votre voisin est écrit." in resident.text()
    resident.press("Corriger mes mots")
    better = words.replace("Paul Untel ", "")
    resident.page.fill("#body", "")
    resident.press("Envoyer")
    assert resident.page.locator("[data-errors]").count() == 1
    resident.page.fill("#body", better)
    resident.press("Envoyer")
    assert "En cours de lecture" in resident.text()

    team.go(item)
    assert better in team.text()
    team.page.check("input[name=action][value=publish]")
    team.press("Décider")
    resident.go("/suivre/contribution")
    assert "Publié" in resident.text()
    resident.go("/suivre/contribution/retrait")
    resident.press("Oui, retirer")
    assert "Vos mots sont retirés." in resident.text()
    vanishes_from_list(live, better)
    resident.press("Remettre mes mots")
    assert "Publié" in resident.text()
    comes_back(live, better)


def vanishes_from_list(live: Live, words: str) -> None:
    until(lambda: words not in httpx.get(f"{live.url}/paroles").text)


def comes_back(live: Live, words: str) -> None:
    until(lambda: words in httpx.get(f"{live.url}/paroles").text)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_TO_VANISH
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)
