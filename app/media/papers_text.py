"""What the readers of papers agree on: blocks in reading order, put together as a title and plain text.

Imported by `papers_child.py` alone, so it imports nothing of the app.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MOST_TEXT = 500_000  # characters: about 200 pages
LONGEST_TITLE = 200
LONGEST_HEADING = 160
ITEM = "– "
# What stands before an item of a list, whoever made the file; U+F0B7 is the bullet of Word's Symbol font.
BULLET = re.compile(r"^(?:[•●○▪■◦‣⁃∙·*\-–—\uf0a7\uf0b7\uf0d8➢✓☐]|o(?=\s)|\d{1,2}[.)](?=\s)|[a-z]\)(?=\s))\s*(?=\S)")
LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2060\ufeff\ufff9-\ufffc\ufffe\uffff\ue000-\uf8ff]")
# A hyphen at the end of a line is part of the word before these, or after those: « peut-être », « rendez-vous ».
KEPT_BEFORE = re.compile(
    r"(?:je|tu|ils?|elles?|on|nous|vous|moi|toi|lui|leur|ce|ci|là|la|le|les|y|en|t|même|mêmes|être)\b"
)
KEPT_AFTER = re.compile(
    r"\b(?:au|ci|là|celui|celle|ceux|demi|mi|non|sous|vice|ex|anti|avant|après|arrière|chef|porte|auto|socio|contre"
    r"|grand|grands|petit|petits|haut|bas|vis|à|peut|quelques|saint|sainte|rez|savoir|mal|bien|vingt|trente|quarante"
    r"|cinquante|soixante|quatre|dix)$",
    re.IGNORECASE,
)


class Refused(Exception):
    """Args: the stable code."""


@dataclass
class Block:
    """`kind`: title, heading, text, item (of a list), row (of a table). `tight`: right under the one before."""

    kind: str
    text: str
    tight: bool = False


def compose(blocks: Iterable[Block]) -> tuple[str, str]:
    """(title, body): the title stands alone; headings are lines of their own, items begin with a dash."""
    kept = [Block(block.kind, text, block.tight) for block in blocks if (text := tidy(block.text))]
    title = _take_title(kept)
    body = ""
    before = ""
    for block in kept:
        together = block.tight or (block.kind == before and block.kind in ("item", "row"))
        body += ("" if not body else "\n" if together else "\n\n") + (ITEM if block.kind == "item" else "") + block.text
        before = block.kind
        if len(body) > MOST_TEXT:
            raise Refused("paper_too_long")
    return title, body


def tidy(text: str) -> str:
    """Composed letters, one space between words, no character that says nothing."""
    text = unicodedata.normalize("NFC", CONTROL.sub("", text.translate(LIGATURES).replace("\u00ad", "")))
    return "\n".join(line for each in text.split("\n") if (line := re.sub(r"[ \t]+", " ", each).strip()))


def _take_title(blocks: list[Block]) -> str:
    """The title as the file marks it, or a heading before any text."""
    marked = next((block for block in blocks if block.kind == "title"), None)
    first = blocks[0] if blocks and blocks[0].kind == "heading" else None
    found = marked or first
    for block in blocks:
        if block is not found and block.kind == "title":
            block.kind = "heading"
    if found is None or len(found.text) > LONGEST_TITLE:
        if found:
            found.kind = "text"
        return ""
    blocks.remove(found)
    return found.text.replace("\n", " ")


def join_lines(text: str, following: str, *, cut: bool) -> str:
    """Two lines of one paragraph. `cut`: the first ends in a hyphen, which goes unless it belongs to the word."""
    if not cut:
        return f"{text} {following}"
    stem = text.rstrip("-‐\u00ad\ufffe")
    if _keeps_hyphen(stem, following):
        return f"{stem}-{following}"
    return stem + following


def _keeps_hyphen(stem: str, following: str) -> bool:
    if not stem or not following:
        return True
    if not stem[-1].isalpha() or not following[0].islower():
        return True  # 2021-2022, Loire-Atlantique
    return bool(KEPT_BEFORE.match(following) or KEPT_AFTER.search(stem))
