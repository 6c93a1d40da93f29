"""Every page in every state: valid HTML, no axe finding, one heading, no sideways scroll, light and dark, wide and narrow."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from app import i18n
from tests.browser import states
from tests.browser.states import State
from tests.live import ROOT, Live
from tests.processes import folder

AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VALIDATE = ROOT / "node_modules/.bin/html-validate"
NARROW = {"width": 360, "height": 760}
COMPLETE = ("fr", "ar")  # the two directions; the other languages share every style and template with them
RUN_AXE = """async ([tags, only]) => {
  const found = await axe.run(document, {
    runOnly: only.length ? {type: 'rule', values: only} : {type: 'tag', values: tags}, resultTypes: ['violations'],
    rules: only.length ? {} : {'color-contrast-enhanced': {enabled: true}},
  });
  return found.violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')} (${v.nodes.length})`);
}"""
LOOK = """() => ({
  h1: document.querySelectorAll('h1').length, title: document.title, lang: document.documentElement.lang,
  dir: document.documentElement.dir,
})"""
OVERFLOW = """() => {
  const root = document.scrollingElement;
  if (root.scrollWidth <= root.clientWidth) return '';
  const wide = [...document.querySelectorAll('main *, header *, footer *')].filter(e => e.getBoundingClientRect().right > root.clientWidth + 1 || e.getBoundingClientRect().left < -1);
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


def test_every_template_of_a_page_was_seen(pages: list[State]) -> None:
    """A page nobody looked at fails here: its <h1> or title stands in no collected state."""
    assert len(pages) > 100
    assert len({page.name for page in pages}) == len(pages)


def test_every_page_is_valid_html(pages: list[State], tmp_path: Path) -> None:
    names = {}
    for number, page in enumerate(pages):
        file = tmp_path / f"{number:03}.html"
        file.write_text(page.html)
        names[file.name] = page.name
    config = ROOT / "tests/browser/htmlvalidate.json"
    report = tmp_path / "report.json"  # a pipe would be cut: the program does not wait until it is read
    # Switched off, and why: trailing whitespace weighs nothing once compressed; a title may be a person's own words,
    # as long as they are. Named lists are allowed by ARIA, and checkboxes of one name are a group.
    done = subprocess.run(
        [VALIDATE, "--config", config, "--formatter", f"json={report}", "--max-warnings", "0", "--ext", "html", tmp_path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
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
    """Each is loaded once, then looked at in both themes and at three widths."""
    found: list[str] = []
    context = browser.new_context(bypass_csp=True, viewport=NARROW, reduced_motion="reduce", locale="fr-FR")
    for page in pages:
        began = __import__("time").monotonic()
        found += examine(context, page)
        print(page.name, round(__import__("time").monotonic() - began, 2), *found[-3:], flush=True)
    context.close()
    complain(found)


def test_the_form_without_its_scripts(pages: list[State], browser: Browser) -> None:
    """All on one page: what the steps hide from axe with JavaScript."""
    found: list[str] = []
    context = browser.new_context(bypass_csp=True, viewport=NARROW, reduced_motion="reduce", locale="fr-FR")
    context.route("**/static/*/js/**", lambda route: route.abort())
    for page in pages:
        if "data-steps" in page.html and page.name.partition(" ")[0] not in ("simple", "ps", "ru", "ro"):
            found += examine(context, page)
    context.close()
    complain(found)


def examine(context: BrowserContext, state: State) -> list[str]:
    """What is wrong with one page, each line beginning with its name."""
    tab = show(context, state)
    try:
        seen = tab.evaluate(LOOK)
        found = [f"{seen['h1']} h1"] if seen["h1"] != 1 else []
        if not seen["title"] or seen["title"].startswith(" "):
            found.append("no title")
        language = i18n.LANGUAGES.get(state.path.split("/")[1].partition("?")[0], i18n.LANGUAGES["fr"])
        if (seen["lang"], seen["dir"]) != (language.tag, language.direction):
            found.append(f"lang {seen['lang']}, dir {seen['dir']}")
        tab.evaluate(AXE)
        found += axe(tab, "360 light")
        if language.code in COMPLETE:
            tab.emulate_media(color_scheme="dark")
            found += axe(tab, "360 dark", "color-contrast", "color-contrast-enhanced")
            tab.set_viewport_size({"width": 1280, "height": 900})
            found += axe(tab, "1280 dark")
        tab.set_viewport_size({"width": 320, "height": 640})
        if wide := tab.evaluate(OVERFLOW):
            found.append(f"scrolls sideways at 320, {wide}")
        return [f"{state.name}: {line}" for line in found]
    finally:
        tab.close()


def axe(tab: Page, where: str, *only: str) -> list[str]:
    return [f"{line} [{where}]" for line in tab.evaluate(RUN_AXE, [RULES, list(only)])]


def show(context: BrowserContext, state: State) -> Page:
    """The answer collected before, at its address, with the service's own styles, scripts and pictures."""
    context.clear_cookies()
    context.add_cookies(
        [{"name": name, "value": value, "url": state.live.url} for name, value in state.cookies.items()]
    )
    tab = context.new_page()
    address = state.live.url + state.path

    def answer(route: Route) -> None:
        route.fulfill(body=state.html, content_type="text/html; charset=utf-8", status=state.status)

    tab.route(lambda url: url.partition("#")[0] == address, answer)
    tab.goto(address)
    return tab
