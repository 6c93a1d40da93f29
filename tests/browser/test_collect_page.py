"""A mediator with a phone: pairs it, goes where there is no network, meets people, comes back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page
from sqlmodel import select

from app import db
from app.adapters.clock import real_now
from app.models import Staff
from app.outreach import pairing, tickets
from app.outreach.outing_schemas import SheetsIn
from tests import factories
from tests.browser.collecting import ask, photo
from tests.browser.conftest import Open, Visitor, recruit, window
from tests.browser.test_pages import AXE, OVERFLOW, RULES, RUN_AXE
from tests.live import Live
from tests.media import published

COUNT = """() => { window.touches = 0; document.addEventListener('click', ({ isTrusted, target }) => {
  if (isTrusted && !target.closest('textarea')) window.touches += 1; }, true) }"""
# What a wet finger meets: the control, or the label around it.
SMALL = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('.skip'))
  .map((one) => [one, (one.closest('label') ?? one).getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.height < 56 || box.width < 56))
  .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${Math.round(box.width)} x ${Math.round(box.height)}`)"""
FULL = """() => { const add = IDBObjectStore.prototype.add; IDBObjectStore.prototype.add = function (...given) {
  const request = add.apply(this, given);
  if (this.name === 'blobs') this.transaction.abort();
  return request; } }"""


@dataclass
class Phone:
    """A paired phone at a market, and what its mediator holds in the other hand."""

    visitor: Visitor
    tickets: list[str]

    @property
    def page(self) -> Page:
        return self.visitor.page

    def do(self, act: str) -> None:
        self.page.click(f"[data-do={act}]:visible")

    def at(self, screen: str) -> Locator:
        found = self.page.locator(f"[data-screen={screen}]:visible")
        found.wait_for()
        return found

    def say(self, words: str, *labels: str) -> None:
        """A card's words, and what is ticked on it."""
        self.at("card")
        self.page.fill("#card-words", words)
        for label in labels:
            self.page.get_by_label(label).check()

    def save(self) -> str:
        self.do("save")
        return self.at("receipt").inner_text()

    def waiting(self) -> int:
        return int(self.page.inner_text("[data-count=waiting]"))

    def sent(self) -> None:
        self.page.wait_for_function("() => document.querySelector('[data-count=waiting]').textContent === '0'")


@pytest.fixture(scope="module")
def market(browser: Browser, live: Live) -> Iterator[Phone]:
    mediator, prefix = recruit(live, "mediator"), "QAI"
    published.stage(live)
    with db.writing() as session:
        staff = session.exec(select(Staff).where(Staff.email == mediator.email)).one()
        outing = factories.outing(session, staff, place_name="Quai de la Fosse", prefix=prefix)
        sheets = SheetsIn.model_validate({"sheets": 1, "after": 0})
        made = tickets.make(session, outing, sheets, by=staff, now=factories.NOW)
        code = pairing.make_code(session, staff, by=staff, at=real_now(), now=factories.NOW)
    db.dispose()
    visitor = window(browser, live, permissions=["microphone"])
    phone = Phone(visitor, [one.code.words for one in made])
    phone.visitor.go(f"/equipe/collecte#{code}")
    assert phone.at("pair").get_by_label("Le code de liaison").input_value() == code.replace("-", "")
    assert "#" not in phone.page.url
    phone.page.fill("#pair-name", "Téléphone bleu")
    phone.do("pair")
    phone.at("outing").get_by_role("button", name="Quai de la Fosse").click()
    phone.at("home")
    phone.page.wait_for_function("() => document.querySelector('[data-codes]').textContent.startsWith('100')")
    yield phone
    assert visitor.problems == []
    visitor.context.close()


def test_a_morning_without_network_is_all_there_at_noon(market: Phone, live: Live) -> None:
    page = market.page
    page.context.set_offline(True)
    page.evaluate(COUNT)
    market.do("new")
    market.say("Une table ouverte, le dimanche.")
    assert "QAI-001" in market.save()
    market.do("next")
    assert page.evaluate("touches") <= 3  # one person, from home to the next one
    page.set_input_files("[data-files] >> nth=0", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    market.say("Plus de bancs.", "À l’écran", "Montrer mon visage")
    page.click("[data-who] summary")
    page.fill("#card-name", "Mina")
    page.get_by_label("Malakoff – Saint-Donatien").check()
    page.dblclick("[data-do=save]")  # a wet screen
    market.at("receipt")
    shown = page.inner_text("[data-receipt-words]"), page.inner_text("[data-receipt-digits]")
    assert page.locator("[data-receipt-qr] path").count() == 1
    market.do("next")
    assert page.input_value("#card-name") == ""
    assert page.inner_html("[data-receipt-words]") == ""  # of the person before
    market.do("voice")
    market.do("voice-stop")
    page.wait_for_selector("[data-media-list] audio")
    market.save()
    market.do("next")
    market.say("Un terrain de foot.", "Moins de 15 ans", "Cette personne est en danger")
    assert not page.is_visible("[data-do=voice]")
    assert page.is_visible("a[href='tel:112']")
    market.save()
    page.click("[data-screen=receipt] [data-see=home]")
    assert market.waiting() == 4
    page.context.set_offline(False)
    market.sent()
    found = "FROM collected JOIN outing ON outing.seq = outing_seq WHERE prefix = 'QAI'"
    assert ask(live, f"SELECT count(*), sum(read_back), sum(under_15), sum(sealed) {found}") == (4, 4, 1, 4)
    held = "SELECT count(*), count(held_at) FROM collectedmedia JOIN collected ON collected.seq = collected_seq"
    assert ask(live, f"{held} JOIN outing ON outing.seq = outing_seq WHERE prefix = 'QAI'") == (2, 2)
    for code, words in ((market.tickets[0], "Une table"), (shown[0], "Plus de bancs"), (shown[1], "Plus de bancs")):
        followed = httpx.post(f"{live.url}/suivre", data={"code": code}, follow_redirects=True)
        assert words in followed.text, code


def test_a_panel_holds_many_voices_and_a_ticket_is_given_once(market: Phone, live: Live) -> None:
    page = market.page
    page.context.set_offline(True)
    market.do("new")
    page.set_input_files("[data-files] >> nth=1", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo(20)})
    market.say("Premier mot du panneau.", "Plusieurs paroles sur cette photo", "Aucun")
    page.get_by_label("Je n’ai pas pu relire").check()
    market.do("save")
    page.wait_for_function("() => document.querySelector('#card-words').value === ''")
    assert page.locator("[data-media-list] img").count() == 1  # the same photo, for the next words
    assert page.is_checked("input[name=receipt][value=none]")
    page.get_by_label("Plusieurs paroles").uncheck()
    market.say("Second mot.", "Un ticket")
    page.fill("#card-ticket", "1")
    market.do("save")
    problem = page.locator("[data-problem]")
    assert "déjà donné" in problem.inner_text()
    page.fill("#card-ticket", "400")
    market.do("save")
    page.wait_for_function("() => document.querySelector('[data-problem]').textContent.includes('Il n’y a que')")
    page.fill("#card-ticket", "2")
    assert "QAI-002" in market.save()
    page.click("[data-screen=receipt] [data-see=home]")
    assert market.waiting() == 2
    page.context.set_offline(False)
    market.sent()
    photos = """SELECT count(*), count(DISTINCT collectedmedia.sha256), sum(read_back) FROM collectedmedia
      JOIN collected ON collected.seq = collected_seq JOIN revision USING (contribution_seq) WHERE body LIKE '% mot%'"""
    assert ask(live, photos) == (2, 1, 1)


def test_what_was_begun_is_there_again_and_what_is_full_is_said(market: Phone, tmp_path: Path) -> None:
    page = market.page
    market.do("new")
    market.do("save")
    assert page.inner_text("[data-problem]").startswith("Écrivez quelques mots")
    market.say("Commencé, puis le téléphone a sonné.")
    page.go_back()  # the phone's own: home, not away
    market.at("home")
    page.locator("[data-draft-waits]:visible").wait_for()
    page.reload()
    market.do("resume")
    market.at("card")
    assert page.input_value("#card-words").startswith("Commencé")
    page.context.set_offline(True)
    page.set_input_files("[data-files] >> nth=0", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.evaluate(FULL)
    assert "Les mots sont gardés, pas la photo" in market.save()
    page.click("[data-screen=receipt] [data-see=home]")
    page.click("details.collect-part > summary")
    with page.expect_download() as download:
        market.do("export")
    lines = Path(download.value.path()).read_text().splitlines()
    assert '"nouvelles-solidarites/collecte"' in lines[0]
    assert len(lines) == 2
    assert "Commencé" not in "".join(lines)
    page.click("[data-queue-box] > summary")
    market.do("drop")
    page.click("[data-confirm-no]")
    assert market.waiting() == 1
    market.do("drop")
    page.click("[data-confirm-yes]")
    market.sent()
    page.context.set_offline(False)
    page.reload()
    market.at("home")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_screen_can_be_used_by_everybody(market: Phone, theme: str) -> None:
    page, seen = market.page, {}
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.evaluate(AXE)

    def look(state: str) -> None:
        found = [*page.evaluate(RUN_AXE, [RULES, []]), page.evaluate(OVERFLOW), *page.evaluate(SMALL)]
        seen[state] = [one for one in found if one]

    page.context.set_offline(True)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    look("home")
    page.click("[data-do=change-outing]")
    look("where")
    page.go_back()
    market.do("new")
    page.set_input_files("[data-files] >> nth=0", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    market.say("Un mot " * 20, "Cette personne est en danger", "Un ticket")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    market.do("voice")
    page.wait_for_selector("[data-do=voice-stop]:visible")
    look("speaking, with all of it")
    market.do("voice-stop")
    page.wait_for_selector("[data-media-list] audio")
    page.fill("#card-ticket", "")
    market.do("save")
    page.wait_for_selector("[data-problem]:visible")
    look("refused")
    page.get_by_label("À l’écran").check()
    market.save()
    look("code on screen")
    page.click("[data-see=help]")
    look("help")
    market.do("back")
    page.click("[data-screen=receipt] [data-see=home]")
    page.evaluate("document.querySelector('[data-queue-box]').open = true")
    market.do("drop")
    look("sure?")
    page.click("[data-confirm-yes]")
    market.sent()
    page.context.set_offline(False)
    assert [f"{state}: {one}" for state, found in seen.items() for one in found] == []


def test_a_phone_that_is_nobodys_says_what_to_do(visit: Open, live: Live) -> None:
    person = visit()
    page = person.go("/equipe/collecte")
    page.wait_for_selector("[data-screen=pair]:visible")
    page.click("summary:has-text('Je suis connecté')")
    page.context.set_offline(True)
    page.click("[data-do=pair-session]")
    assert page.inner_text("[data-problem]").startswith("Pas de réseau")
    page.context.set_offline(False)
    recruit(live, "mediator").give_password(person)
    page = person.go("/equipe/collecte")
    page.click("summary:has-text('Je suis connecté')")
    page.click("[data-do=pair-session]")
    page.wait_for_selector("[data-screen=outing]:visible")
    assert "Aucune sortie" in page.inner_text("[data-screen=outing]")
    page.get_by_role("button", name="Sans sortie prévue").click()
    page.wait_for_selector("[data-screen=home]:visible")
    plain = visit(javascript=False)
    plain.go("/equipe/collecte")
    assert re.search("fiches en papier", plain.text())
