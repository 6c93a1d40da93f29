"""Every page in every state: valid HTML, no axe finding, no sideways scroll, light and dark, wide and narrow."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page

from app import i18n
from tests.browser import states
from tests.browser.states import State
from tests.live import ROOT, Live
from tests.processes import folder
from tests.quality.access import TABLE

NO_PAGES = ("/api/", "/static/", "/media/", "/healthz", "/readyz", "/metrics")
NO_PAGE = {
    "/dans-la-rue.atom",
    "/dans-la-rue/{slug}/affiche.pdf",
    "/assises/changements.atom",
    "/assises/parcours.geojson",
    "/assises/jour/{date}.pdf",
    "/assises/parcours.pdf",
    "/assises/schedule.ics",
    "/assises/schedule.xml",
    "/assises/seances/{slug}.ics",
    "/assises/hors-ligne.js",
    "/assises/mon-programme/{token}.ics",
    "/equipe/collecte/carte/{language}",
    "/equipe/collecte/hors-ligne.js",
    "/equipe/collecte/icone-{size}.png",
    "/equipe/collecte/manifest.webmanifest",
    "/equipe/rendez-vous/{event_id}/porte/etat",
    "/equipe/rendez-vous/{event_id}/porte/hors-ligne.js",
    "/ma-place/{token}/rendez-vous.ics",
    "/paroles.atom",
    "/rendez-vous.ics",
    "/rendez-vous/flux",
    "/rendez-vous/{slug}.ics",
    "/equipe/moderation/etat",
    "/equipe/moderation/suite",
}  # a feed, a calendar, JSON, a script, a way on
AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VALIDATE = ROOT / "node_modules/.bin/html-validate"
# What a wide window may change of the same page: what shows, where it stands, what can be reached.
WIDE = (
    "color-contrast-enhanced",
    "target-size",
    "scrollable-region-focusable",
    "aria-hidden-focus",
    "link-name",
    "button-name",
    "list",
    "region",
    "landmark-unique",
    "heading-order",
    "empty-heading",
    "skip-link",
    "tabindex",
)
NARROW = {"width": 360, "height": 760}
# The languages share styles and templates: the dark theme and the wide window are looked at in French, once together,
# in the first two states of each page and status; and of the short languages one.
BOTH, TWICE = "fr", 2
AXED = ("fr", "ar", "prs")  # both directions, and the short path; the others are looked at for what does not fit
SEEN_SHORT = "prs"
UNSEEN = {code for code, language in i18n.LANGUAGES.items() if not language.complete} - {SEEN_SHORT}
# The stricter contrast (7:1) is asked; whatever passes it passes the other. No rule here needs style sheets fetched.
RUN_AXE = """async ([tags, only]) => {
  const found = await axe.run(document, {
    runOnly: only.length ? {type: 'rule', values: only} : {type: 'tag', values: tags}, resultTypes: ['violations'],
    rules: only.length ? {} : {'color-contrast-enhanced': {enabled: true}, 'color-contrast': {enabled: false}},
    preload: false,
  });
  const places = nodes => nodes.slice(0, 3).map(node => node.target.join(' ')).join(' | ');
  return found.violations.map(one => `${one.id}: ${places(one.nodes)} (${one.nodes.length})`);
}"""
LOOK = """() => ({
  h1: document.querySelectorAll('h1').length, title: document.title, lang: document.documentElement.lang,
  dir: document.documentElement.dir,
})"""
OVERFLOW = """() => {
  const root = document.scrollingElement;
  if (root.scrollWidth <= root.clientWidth) return '';
  const outside = ({left, right}) => right > root.clientWidth + 1 || left < -1;
  const every = [...document.querySelectorAll('main *, header *, footer *')];
  const wide = every.filter(e => outside(e.getBoundingClientRect()));
  return `${root.scrollWidth} px: ${wide.slice(-3).map(e => e.tagName + '.' + e.className).join(', ')}`;
}"""


@pytest.fixture(scope="module")
def bare() -> Iterator[Live]:
    with folder("bare") as home:
        made = Live(home, settings={"DIALOGUE_NOW": "2022-09-15T10:00:00+02:00"})
        with made.serving():
            yield made


@pytest.fixture(scope="module")
def pages(live: Live, bare: Live) -> list[State]:
    return list(states.everything(live, bare))


def test_no_page_goes_unlooked_at(pages: list[State], live: Live) -> None:
    """Every route that answers with a page was asked for; a new one fails here until states.py knows it."""
    assert len({page.name for page in pages}) == len(pages)
    asked = {bare_path(page) for page in pages}
    missing = {
        template
        for (method, template) in TABLE
        if method == "GET"
        and not template.startswith(NO_PAGES)
        and template not in NO_PAGE
        and not any(re.fullmatch(pattern(template), path) for path in asked)
    }
    assert missing == set()


def bare_path(page: State) -> str:
    """Without language and query."""
    return page.path.partition("?")[0].removeprefix(page.language.prefix) or "/"


def test_every_page_is_valid_html(pages: list[State], tmp_path: Path) -> None:
    """In both directions and one short language: the others are made of the same templates."""
    names = {}
    for number, page in enumerate(pages):
        if page.language.code not in AXED:
            continue
        file = tmp_path / f"{number:03}.html"
        file.write_text(page.html)
        names[file.name] = page.name
    config = ROOT / "tests/browser/htmlvalidate.json"
    report = tmp_path / "report.json"  # a pipe would be cut: the program does not wait until it is read
    # Switched off, and why: trailing whitespace weighs nothing once compressed; a title may be a person's own words,
    # as long as they are. Named lists are allowed by ARIA, and checkboxes of one name are a group.
    done = subprocess.run(
        [
            VALIDATE,
            "--config",
            config,
            "--formatter",
            f"json={report}",
            "--max-warnings",
            "0",
            "--ext",
            "html",
            tmp_path,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.exists(), done.stderr
    found = [
        f"{names[Path(file['filePath']).name]}, line {said['line']}: {said['ruleId']}: {said['message']}"
        for file in json.loads(report.read_text())
        for said in file["messages"]
    ]
    complain(found)


def complain(found: list[str]) -> None:
    """Fails with all of it; the same complaint of forty pages is said once. A line is « page: complaint »."""
    grouped: dict[str, list[str]] = {}
    for line in found:
        grouped.setdefault(line.partition(": ")[2], []).append(line)
    if grouped:
        pytest.fail("\n".join(f"{lines[0]}  × {len(lines)}" for lines in grouped.values()), pytrace=False)


def test_every_page_in_the_browser(pages: list[State], browser: Browser) -> None:
    """Each is loaded once, then looked at in both themes (light narrow, dark wide) and at three widths."""
    found: list[str] = []
    tab, times = window(browser), Counter[tuple[str, int]]()
    for page in pages:
        if page.language.code not in UNSEEN:
            kind = template_of(page), page.status
            times[kind] += page.language.code == BOTH
            found += examine(tab, page, dark=page.language.code == BOTH and times[kind] <= TWICE)
    tab.context.close()
    complain(found)


def test_the_form_without_its_scripts(pages: list[State], browser: Browser) -> None:
    """All on one page: what the steps hide from axe with JavaScript."""
    found: list[str] = []
    tab = window(browser)
    for page in pages:
        if "data-steps" in page.html and page.language.code in AXED:
            found += examine(tab, page, scripts=False)
    tab.context.close()
    complain(found)


def window(browser: Browser) -> Page:
    """One tab for all pages; what one kept in the browser is forgotten before the next."""
    context = browser.new_context(bypass_csp=True, viewport=NARROW, reduced_motion="reduce", locale="fr-FR")
    context.add_init_script("if (location.protocol !== 'about:') { sessionStorage.clear(); localStorage.clear(); }")
    return context.new_page()


def template_of(page: State) -> str:
    """The route it answers."""
    path = bare_path(page)
    return next((template for _, template in TABLE if re.fullmatch(pattern(template), path)), path)


def pattern(template: str) -> str:
    return re.sub(r"{\w+}", "[^/]+", template)


def examine(tab: Page, state: State, *, scripts: bool = True, dark: bool = False) -> list[str]:
    """What is wrong with one page, each line beginning with its name. `dark`: wide, and in the dark theme too."""
    found: list[str] = []
    try:
        tab.set_viewport_size(NARROW)
        tab.emulate_media(color_scheme="light")
        states.show(tab, state, scripts=scripts)
        seen = tab.evaluate(LOOK)
        if seen["h1"] != 1:
            found.append(f"{seen['h1']} h1")
        if not seen["title"] or seen["title"].startswith(" "):
            found.append("no title")
        language = state.language
        if (seen["lang"], seen["dir"]) != (language.tag, language.direction):
            found.append(f"lang {seen['lang']}, dir {seen['dir']}")
        if language.code in AXED:
            tab.add_script_tag(content=AXE)
            found += axe(tab, "360 light")
        if dark:
            tab.emulate_media(color_scheme="dark")
            tab.set_viewport_size({"width": 1280, "height": 900})
            found += axe(tab, "1280 dark", *WIDE)
        tab.set_viewport_size({"width": 320, "height": 640})
        if wide := tab.evaluate(OVERFLOW):
            found.append(f"scrolls sideways at 320, {wide}")
    except Error as broken:
        found.append(f"left for {tab.url}: {broken.message.splitlines()[0]}")
    return [f"{state.name}: {line}" for line in found]


def axe(tab: Page, where: str, *only: str) -> list[str]:
    return [f"{line} [{where}]" for line in tab.evaluate(RUN_AXE, [RULES, list(only)])]
