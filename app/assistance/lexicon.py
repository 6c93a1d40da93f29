"""Words of danger and slurs: patterns kept in `words/*.toml`, one file a language, found whatever the spelling.

In a pattern, `*` at the end or the beginning of a word stands for any letters, ` .. ` for up to three words.
Case, accents, vowel signs and the letters that Arabic, Dari and Pashto writers use for one another do not count.
A negation changes nothing: « je ne veux pas mourir » is read by a person too.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.assistance.found import Found

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("fr", "en", "ar", "prs", "ps", "uk", "ru", "ro", "ti")  # easy French is French
SLURS = "slurs"
# A letter that shows which lists to read; a text may mix several.
SCRIPTS = {
    "latin": re.compile(r"[a-zà-ɏ]", re.IGNORECASE),
    "arabic": re.compile(r"[\u0600-\u06ff]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "ethiopic": re.compile(r"[\u1200-\u137f]"),
}
WRITTEN = {
    "fr": "latin", "en": "latin", "ro": "latin", SLURS: "latin",
    "ar": "arabic", "prs": "arabic", "ps": "arabic", "uk": "cyrillic", "ru": "cyrillic", "ti": "ethiopic",
}  # fmt: skip
# One letter for those that stand for one another.
SAME = {
    **dict.fromkeys("أإآٱ", "ا"), **dict.fromkeys("ىيیېۍئے", "ي"), **dict.fromkeys("كکګگ", "ك"),
    **dict.fromkeys("ةهھۀە", "ه"), "ؤ": "و", "ـ": "", "\u200c": "", "\u200d": "", "\u200f": "", "\u200e": "",
    "œ": "oe", "æ": "ae", "’": "'", "ʼ": "'", "\u00ad": "", "ı": "i", "ё": "е", "ґ": "г",
    # Letters of one sound in Tigrinya are written one for the other.
    **{chr(0x1210 + n): chr(0x1200 + n) for n in range(7)}, **{chr(0x1280 + n): chr(0x1200 + n) for n in range(7)},
    **{chr(0x1220 + n): chr(0x1230 + n) for n in range(7)}, **{chr(0x12D0 + n): chr(0x12A0 + n) for n in range(7)},
    **{chr(0x1340 + n): chr(0x1338 + n) for n in range(7)}, **dict.fromkeys("ሃሓኃ", "ሀ"), **dict.fromkeys("ኣዓ", "አ"),
}  # fmt: skip


LEADING = {"ar": "[وف]?"}  # « and » is written together with what follows


@dataclass(frozen=True)
class Entry:
    """One group of patterns: the kind they are a signal of, and for slurs which sort."""

    kind: str
    sort: str
    pattern: re.Pattern[str]


def dangers(text: str) -> Iterator[Found]:
    """Words of danger in every language whose letters the text uses."""
    for language in LANGUAGES:
        yield from _search(text, language)


def slurs(text: str) -> Iterator[Found]:
    yield from _search(text, SLURS)


def _search(text: str, name: str) -> Iterator[Found]:
    if not SCRIPTS[WRITTEN[name]].search(text):
        return
    plain, places = folded(text)
    for entry in entries(name):
        for match in entry.pattern.finditer(plain):
            yield Found(
                entry.kind, places[match.start()], places[match.end() - 1] + 1,
                {"sort": entry.sort} if entry.sort else {"language": name},
            )  # fmt: skip


@lru_cache(maxsize=8)
def folded(text: str) -> tuple[str, list[int]]:
    """The text without case, accents and variants, and for each of its letters where it stood."""
    plain: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for part in _plain(letter):
            plain.append(part)
            places.append(place)
    return "".join(plain), places


@lru_cache(maxsize=4096)
def _plain(letter: str) -> str:
    same = SAME.get(letter)
    if same is None:
        parts = unicodedata.normalize("NFKD", letter.casefold())
        same = "".join(SAME.get(part, part) for part in parts if not unicodedata.combining(part))
    return same


@lru_cache(maxsize=32)
def entries(name: str) -> tuple[Entry, ...]:
    """The groups of one list."""
    return tuple(
        Entry(group["kind"], group.get("sort", ""), _compiled(group["patterns"], LEADING.get(name, "")))
        for group in read(name)["group"]
    )


def read(name: str) -> dict[str, Any]:
    """A list as its file has it, with its examples."""
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def _compiled(patterns: list[str], leading: str) -> re.Pattern[str]:
    # The longest first: of two that begin alike the one that says more is marked.
    wholes = sorted((_expression(pattern) for pattern in patterns), key=len, reverse=True)
    return re.compile(rf"(?<!\w){leading}(?:{'|'.join(wholes)})(?!\w)")


def _expression(pattern: str) -> str:
    words = [re.escape(folded(word)[0]).replace(r"\*", r"\w*") for word in pattern.split(" ") if word != ".."]
    gaps = [r"\W+(?:\w+\W+){0,3}" if gap else r"\W+" for gap in _gaps(pattern)]
    return "".join(word + gap for word, gap in zip(words, [*gaps, ""], strict=True))


def _gaps(pattern: str) -> list[bool]:
    """Between each word and the next: whether others may stand there."""
    tokens = pattern.split(" ")
    return [tokens[n + 1] == ".." for n in range(len(tokens) - 1) if tokens[n] != ".."]
