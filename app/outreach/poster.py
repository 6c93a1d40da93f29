"""The poster for the place where people spoke, *Ce que vous avez dit, ce qui change*: the same as page and as PDF."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app import i18n, qr
from app.assises.sheets import short
from app.i18n import gettext as _

SHEET = Path(__file__).with_name("poster.typ")
MOST_QUOTES = 4
QUOTE = 220  # characters: read in passing


def poster(card: Mapping[str, Any], words: Sequence[Mapping[str, Any]], *, home: str, follow: str) -> dict[str, Any]:
    """`card`: of told_words; `words`: of public shape, those chosen first; `home`: the page's whole address."""
    language = i18n.current()
    quotes = [quote for each in words if (quote := _quote(each))]
    return {
        "lang": language.tag.split("-")[0], "dir": language.direction,
        "heading": _("Ce que vous avez dit, ce qui change"), "where": card["where"], "date": card["date"],
        "mark": _("Exemple inventé") if card["invented"] else "", "people": card["people"],
        "heard_title": _("Ce que vous avez dit"), "heard": card["heard"], "quotes": quotes[:MOST_QUOTES],
        "changes_title": _("Ce qui change"), "changes": card["changes"],
        "code": qr.svg(home),
        "links": [
            {"says": _("Le récit entier"), "address": short(home)},
            {"says": _("Suivre ma contribution"), "address": short(follow)},
        ],
    }  # fmt: skip


def _quote(words: Mapping[str, Any]) -> dict[str, str] | None:
    """Its own words, in their language; None where there is nothing to read."""
    said = words["body"] or next((each["transcript"] for each in words["media"] if each["transcript"]), "")
    if not said:
        return None
    if len(said) > QUOTE:
        said = said[:QUOTE].rsplit(maxsplit=1)[0].rstrip(" ,;:") + " …"
    name = words["author"]["organisation"] or words["author"]["name"] or ""
    return {"words": said, "name": name, "lang": words["language"].split("-")[0], "dir": words["direction"]}
