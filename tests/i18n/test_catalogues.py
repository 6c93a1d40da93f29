"""Every language has the words it promises: the complete ones all of them, the others those of the short path.

The msgids are extracted here, in memory, with the mapping `make messages` uses.
"""

import fnmatch
import re
import tomllib
from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from app.i18n import LANGUAGES, LOCALES

ROOT = LOCALES.parents[1]
COMPLETE = [code for code, one in LANGUAGES.items() if one.complete and code != "fr"]
SHORT = [code for code, one in LANGUAGES.items() if not one.complete]
# What the short path shows: home, form, consent, receipt, help, and what goes wrong on the way.
SHORT_PATH = (
    "templates/base.html",
    "templates/home.html",
    "templates/ui/*.html",
    "templates/errors/*.html",
    "templates/pages/besoin-aide.html",
    "templates/contributions/form.html",
    "templates/contributions/_paper*.html",
    "templates/contributions/closed.html",
    "templates/contributions/received.html",
    "templates/contributions/draft.html",
    "templates/outreach/card.html",
    "app/forms.py",
    "app/errors.py",
    "app/consultation/pages.py",
    "app/contributions/drafts.py",
    "app/contributions/form_pages.py",
    "app/contributions/paper_pages.py",
    "app/contributions/schemas.py",
    "app/media/rules.py",
    "app/media/images.py",
    "app/media/paper_rules.py",
    "app/media/papers.py",
    "app/media/uploads.py",
)
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w*\}")

Msgid = str | tuple[str, str]


@cache
def extracted() -> dict[Msgid, set[str]]:
    """Every msgid of the pages and where it stands."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    found: dict[Msgid, set[str]] = {}
    for file, _line, message, _comments, _context in extract_from_dir(
        ROOT,
        method_map=[(one["pattern"], one["method"]) for one in mappings],
        options_map={
            one["pattern"]: {k: v for k, v in one.items() if k not in ("pattern", "method")} for one in mappings
        },
        directory_filter=lambda path: Path(path).relative_to(ROOT).parts[0] in ("app", "templates"),
    ):
        found.setdefault(message if isinstance(message, str) else tuple(message[:2]), set()).add(file)
    return found


def short_path() -> list[Msgid]:
    return [msgid for pattern in SHORT_PATH for msgid, files in extracted().items() if fnmatch.filter(files, pattern)]


@cache
def catalogue(code: str) -> Catalog:
    with (LOCALES / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file)


def forms(said: str | Iterable[str] | None) -> list[str]:
    return [said or ""] if isinstance(said, str | None) else list(said)


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def problems(msgids: Iterable[Msgid], words: Catalog) -> list[str]:
    """Sentences about what this catalogue lacks."""
    wrong = []
    for msgid in msgids:
        message = words.get(msgid if isinstance(msgid, str) else msgid[0])
        if message is None:
            wrong.append(f"not there: {msgid!r}")
            continue
        said = forms(message.string)
        if message.fuzzy:
            wrong.append(f"fuzzy: {msgid!r}")
        if len(said) != (1 if isinstance(msgid, str) else words.num_plurals) or not all(one.strip() for one in said):
            wrong.append(f"not translated, or not in every form: {msgid!r}")
            continue
        # «One photo» may leave its number out; the last form, of most numbers, may not.
        wanted = placeholders(forms(msgid)[-1])
        if placeholders(said[-1]) != wanted or any(placeholders(one) - wanted for one in said):
            wrong.append(f"other placeholders: {msgid!r} → {said!r}")
    return wrong


@pytest.mark.parametrize("code", COMPLETE)
def test_a_complete_language_says_everything(code: str) -> None:
    assert problems(extracted(), catalogue(code)) == []


@pytest.mark.parametrize("code", COMPLETE)
def test_a_complete_language_has_its_plural_forms(code: str) -> None:
    assert catalogue(code).num_plurals == get_plural(LANGUAGES[code].dates)[0]


@pytest.mark.parametrize("code", SHORT)
def test_a_short_language_says_the_short_path(code: str) -> None:
    assert problems(short_path(), catalogue(code)) == []


def test_easy_french_has_no_parentheses_and_no_percentages() -> None:
    said = [one for message in catalogue("simple") if message.id for one in forms(message.string)]
    assert [one for one in said if re.search(r"[()%]", PLACEHOLDER.sub("", one))] == []


def test_the_extraction_sees_templates_and_python() -> None:
    files = {file.split("/")[0] for where in extracted().values() for file in where}
    assert files == {"app", "templates"}
    for pattern in SHORT_PATH:
        assert any(fnmatch.filter(where, pattern) for where in extracted().values()), f"{pattern} has no words left"


ONE, SEVERAL = "%(n)s mot", "%(n)s mots"


@pytest.mark.parametrize(
    ("msgid", "said", "flags"),
    [
        pytest.param("autre", "autre", (), id="absent"),
        pytest.param(ONE, "", (), id="empty"),
        pytest.param(ONE, "  ", (), id="blank"),
        pytest.param(ONE, "%(n)s word", ("fuzzy",), id="fuzzy"),
        pytest.param(ONE, "a word", (), id="placeholder lost"),
        pytest.param(ONE, "%(m)s word", (), id="placeholder renamed"),
        pytest.param((ONE, SEVERAL), ("%(n)s word", ""), (), id="plural form empty"),
        pytest.param((ONE, SEVERAL), ("%(n)s word", "words"), (), id="plural placeholder lost"),
    ],
)
def test_each_fault_is_seen(msgid: Msgid, said: str | tuple[str, ...], flags: tuple[str, ...]) -> None:
    """Negative control: the same words without the fault pass."""
    asked = [(ONE, SEVERAL)] if isinstance(msgid, tuple) else [ONE]
    words = Catalog(locale="en", fuzzy=False)
    sound = deepcopy(words)
    sound.add(asked[0], ("%(n)s word", "%(n)s words") if isinstance(asked[0], tuple) else "%(n)s word")
    words.add(msgid, said, flags=flags)
    assert problems(asked, sound) == []
    assert len(problems(asked, words)) == 1
