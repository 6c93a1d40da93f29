"""One's own programme on a phone: kept with a script and without one, opened again when there is no network."""

import sqlite3
import uuid

import pytest
from playwright.sync_api import Error, Page, expect

from tests.browser.conftest import Open, no_script_problems
from tests.live import Live

MINE = "/assises/mon-programme"
FIRST = "/assises/seances/se-loger-d-abord"
COPIES = """async () => Promise.all((await caches.keys()).map(async name =>
  [name, (await (await caches.open(name)).keys()).map(one => new URL(one.url).pathname)]))"""


def keep(page: Page, slug: str) -> None:
    card = page.locator(".seance", has=page.locator(f"a[href$='/{slug}']"))
    card.get_by_role("button", name="Garder").click()
    expect(card.get_by_role("button", name="Retirer")).to_be_visible()
    expect(card).to_have_class("seance seance-free kept" if "lettre" not in slug else "seance seance-open kept")


def released(live: Live) -> None:
    """Another release, the same but for its name."""
    columns = "words, urgent, programme, changes, by, at"
    with sqlite3.connect(live.data / "dialogue.sqlite", timeout=20) as base:
        base.execute(
            f"INSERT INTO release (id, name, {columns}) SELECT ?, ?, {columns} FROM release ORDER BY seq DESC LIMIT 1",
            (uuid.uuid4().hex, f"Encore {uuid.uuid4().hex[:6]}"),
        )
        base.execute("UPDATE publication SET version = version + 1")


def test_kept_said_and_opened_again_without_network(visit: Open, live: Live) -> None:
    visitor = visit()
    page = visitor.go(FIRST)
    page.wait_for_function(f"async path => (await ({COPIES})()).some(([, paths]) => paths.includes(path))", arg=FIRST)
    visitor.go("/assises")
    keep(page, "manger-bien-quand-on-a-peu")
    said = page.locator(".kept-said")
    expect(said).to_contain_text("C’est dans votre programme.")
    keep(page, "une-lettre-qui-marche")
    expect(said).to_contain_text(
        "« Manger bien quand on a peu » et « Écrire une lettre qui marche » sont en même temps"
    )
    said.get_by_role("link", name="Mon programme (2)").click()
    expect(page.locator(".mine .seance.kept")).to_have_count(2)
    expect(page.locator("[data-offline-copy]")).to_contain_text("s’ouvrent aussi sans réseau")

    visitor.context.set_offline(True)
    for path, words in (
        (MINE, "Manger bien"),
        ("/assises", "Écrire une lettre"),
        (FIRST, "loger"),
    ):
        page.goto(live.url + path)
        expect(page.locator("main > .switched")).to_contain_text(
            "Hors ligne : voici le programme tel qu’il était le 9 avril"
        )
        expect(page.locator("main")).to_contain_text(words)
        assert page.evaluate("getComputedStyle(document.querySelector('.page')).display") == "grid"
    for path in ("/rendez-vous", "/equipe/assises", "/assises/schedule.ics"):
        with pytest.raises(Error), no_script_problems(visitor):
            page.goto(live.url + path)
    visitor.context.set_offline(False)

    before = page.evaluate(COPIES)[0][0] if page.goto(live.url + "/assises") else ""
    released(live)
    page.wait_for_timeout(1100)  # the page cache asks once a second
    visitor.go("/assises")
    page.wait_for_function(
        f"async before => {{ const kept = await ({COPIES})(); return kept.length === 1 && kept[0][0] !== before; }}",
        arg=before,
    )
    assert {"/assises", MINE, FIRST} <= set(page.evaluate(COPIES)[0][1])

    visitor.go(MINE)
    page.get_by_role("button", name="Effacer la copie").click()
    expect(page.locator("[data-offline-copy]")).to_contain_text("ne garde pas de copie")
    visitor.go("/assises")
    page.wait_for_timeout(500)
    assert page.evaluate(COPIES) == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0


def test_kept_and_let_go_without_a_script(visit: Open) -> None:
    visitor = visit(javascript=False)
    page = visitor.go(FIRST)
    page.get_by_role("button", name="Garder").click()
    expect(page.locator("h1")).to_have_text("Mon programme")
    expect(page.locator(".mine .seance")).to_contain_text("Se loger d’abord")
    page.get_by_role("button", name="Retirer").click()
    expect(page.locator("main")).to_contain_text("Vous n’avez encore rien gardé.")
