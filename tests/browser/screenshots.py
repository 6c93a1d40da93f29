"""`make screenshots`: every page in every state as a picture, in screenshots/. `ARGS=paroles` for those so named.

French at 360, 768 and 1280 px, light and dark; Arabic at 360 and 1280 px; the other languages at 360 px.
"""

import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import states
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.live import ROOT, Live
from tests.processes import folder

SHOTS = {
    "fr": [(360, "light"), (360, "dark"), (768, "light"), (1280, "light"), (1280, "dark")],
    "ar": [(360, "light"), (1280, "light")],
}
OTHERS = [(360, "light")]
CLOSED = "2022-09-15T10:00:00+02:00"


def main(wanted: str, target: Path) -> int:
    """How many pictures were taken."""
    with folder("shots") as full, folder("bare") as nothing, sync_playwright() as playwright:
        live, bare = Live(full), Live(nothing, settings={"DIALOGUE_NOW": CLOSED})
        live.dialogue("demo")
        with live.serving(), bare.serving():
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            found = [state for state in states.everything(live, bare) if wanted in state.name]
            taken = sum(picture(browser, state, target) for state in found)
            browser.close()
    return taken


def picture(browser: Browser, state: states.State, target: Path) -> int:
    """The whole page at each width and theme of its language."""
    language = state.language.code
    name = re.sub(r"\W+", "-", state.name).strip("-") or "page"
    shots = SHOTS.get(language, OTHERS)
    for width, theme in shots:
        context = browser.new_context(
            bypass_csp=True, viewport={"width": width, "height": 800}, color_scheme=theme, reduced_motion="reduce"
        )
        tab = context.new_page()
        states.show(tab, state)
        tab.screenshot(path=target / language / f"{name}-{width}-{theme}.png", full_page=True)
        context.close()
    return len(shots)


if __name__ == "__main__":
    folder_of_pictures = ROOT / "screenshots"
    count = main(" ".join(sys.argv[1:]), folder_of_pictures)
    sys.stdout.write(f"{count} pictures in {folder_of_pictures.relative_to(ROOT)}/\n")
