"""From the lines of a PDF to headings, paragraphs and lists. For `papers_child.py`.

A PDF knows where each letter stands, not what is a paragraph. What repeats at the edge of pages goes; a line that
ends before the next word would have fitted ended on purpose; what is larger or bold on a line of its own is a heading.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from app.media.papers_text import BULLET, LONGEST_HEADING, Block, join_lines

EDGE = 0.12  # of the page's height, where running headers and page numbers stand
NUMBER = re.compile(r"^\W*(?:page|p\.)?\s*\d{1,4}(?:\s*(?:/|sur|of|de|–|-)\s*\d{1,4})?\W*$", re.IGNORECASE)
ENDED = re.compile(r"[.!?…:;»”\"')]\s*$")
RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
NUMBERS = re.compile(r"[0-9٠-٩][0-9٠-٩.,/]*")
HYPHEN = re.compile(r"\w[-‐\u00ad]\s*$")
NEAR = 40.0  # points: lines that begin so close to one another stand in the same column


@dataclass
class Line:
    """One line as drawn: points, upright, y upwards. `cut`: it ends inside a word. `height`: 0 bottom, 1 top."""

    page: int
    text: str = ""
    left: float = 1e9
    right: float = -1e9
    base: float = 0.0
    size: float = 0.0
    bold: bool = False
    cut: bool = False
    height: float = 0.5
    column: bool = False  # another line stands beside it


def blocks_of(lines: list[Line], *, pages: int) -> list[Block]:
    """Blocks in reading order, headings and the title told apart."""
    lines = [_in_reading_direction(line) for line in without_running(lines, pages=pages)]
    if not lines:
        return []
    page = Layout(lines)
    groups: list[list[Line]] = [[lines[0]]]
    for before, line in pairwise(lines):
        if page.parts(before, line, groups[-1]):
            groups.append([])
        groups[-1].append(line)
    blocks = [page.block(group) for group in groups]
    for (above, block), (below, following) in pairwise(zip(groups, blocks, strict=True)):
        following.tight = block.kind == following.kind == "text" and page.tight(above, below)
    return page.with_title(groups, blocks)


def in_order(places: list[tuple[str, float]]) -> str:
    """A line's letters as they are read, from (letter, how far to the right it stands).

    PDFium gives some words of right-to-left scripts from left to right: their places tell.
    """
    text = "".join(letter for letter, _ in places)
    if not RIGHT_TO_LEFT.search(text):
        return text
    words: list[list[tuple[str, float]]] = [[]]
    for each in places:
        if each[0] == " ":
            words.append([])
        else:
            words[-1].append(each)
    return " ".join(_word(word) for word in words)


def _word(places: list[tuple[str, float]]) -> str:
    text = "".join(letter for letter, _ in places)
    letters = [place for letter, place in places if RIGHT_TO_LEFT.match(letter)]
    if len(letters) < 2 or letters[0] > letters[-1]:
        return text
    return NUMBERS.sub(lambda found: found[0][::-1], text[::-1])


def without_running(lines: list[Line], *, pages: int) -> list[Line]:
    """Without page numbers, and without what stands at the edge of several pages at the same height."""
    where: dict[tuple[str, int], set[int]] = defaultdict(set)
    for line in lines:
        if _at_edge(line):
            where[_running(line)].add(line.page)
    repeated = {key for key, on in where.items() if len(on) >= 2 and len(on) >= 0.4 * pages}
    return [line for line in lines if not (_at_edge(line) and (_running(line) in repeated or _is_number(line)))]


def _at_edge(line: Line) -> bool:
    return not EDGE < line.height < 1 - EDGE


def _running(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", line.text.casefold()).strip(), round(line.height * 100)


def _is_cut(line: Line) -> bool:
    return line.cut or bool(HYPHEN.search(line.text))


def _is_number(line: Line) -> bool:
    return bool(NUMBER.match(line.text.strip()))


def _in_reading_direction(line: Line) -> Line:
    """Arabic and Hebrew mirrored, so that every line begins at its left."""
    if len(RIGHT_TO_LEFT.findall(line.text)) * 2 > len(line.text):
        line.left, line.right = -line.right, -line.left
    return line


def mark_columns(lines: list[Line]) -> None:
    """Says of each line whether another stands beside it: its column is narrower than the page."""
    by_height = sorted(lines, key=lambda line: (line.page, line.base))
    for at, line in enumerate(by_height):
        for other in by_height[at + 1 : at + 40]:
            if other.page != line.page or other.base - line.base > line.size:
                break
            if other.left >= line.right or line.left >= other.right:
                line.column = other.column = True


class Layout:
    """What is usual in this paper, and what each line is by that."""

    def __init__(self, lines: list[Line]) -> None:
        sizes: Counter[float] = Counter()
        for line in lines:
            sizes[line.size] += len(line.text)
        self.body = sizes.most_common(1)[0][0] or 10.0
        steps = [a.base - b.base for a, b in pairwise(lines) if a.page == b.page and a.size == b.size == self.body]
        steps = [step for step in steps if self.body * 0.5 < step < self.body * 3]
        self.pitch = median(steps) if steps else self.body * 1.3
        body_bold = sum(len(line.text) for line in lines if line.bold and line.size == self.body)
        self.bold_tells = body_bold * 2 < sizes[self.body]
        self.rights: dict[tuple[float, bool, int], float] = {}
        mark_columns(lines)
        for line in lines:
            for near in range(-1, 2):
                key = (line.size, line.column, round(line.left / NEAR) + near)
                self.rights[key] = max(self.rights.get(key, line.right), line.right)

    def parts(self, before: Line, line: Line, group: list[Line]) -> bool:
        """Whether a new block begins with `line`."""
        if _is_cut(before) and before.size == line.size:
            return False
        if self._rank(before) != self._rank(line) or BULLET.match(line.text.strip()):
            return True
        step = before.base - line.base
        if before.page == line.page and abs(step) < line.size * 0.3:
            return False  # the same line, drawn in two pieces
        if self._rank(line) > 0:
            return before.page != line.page or not 0 < step < line.size * 1.8
        if before.page != line.page or step < 0:  # another page or column: the paragraph goes on unless it ended
            return bool(ENDED.search(before.text)) or self._short(before, line)
        if step > self.pitch * 1.35 or self._short(before, line):
            return True
        indent = line.left - group[0].left
        return 0.8 * line.size < indent < 5 * line.size and len(group) > 1 and bool(ENDED.search(before.text))

    def _rank(self, line: Line) -> float:
        """0 for text; for what may be a heading, its size."""
        if line.size >= self.body * 1.15:
            return line.size
        return self.body * 1.01 if line.bold and self.bold_tells and line.size >= self.body else 0

    def _short(self, line: Line, following: Line) -> bool:
        """It ends before the first word of the next would have fitted."""
        edge = self.rights[line.size, line.column, round(line.left / NEAR)]
        first = following.text.strip().split(" ")[0]
        letter = (following.right - following.left) / max(len(following.text.strip()), 1)
        return line.right + letter * (len(first) + 1.5) < edge

    def tight(self, above: list[Line], below: list[Line]) -> bool:
        """Lines that end on purpose, right under one another: an address, a list without signs."""
        last, first = above[-1], below[0]
        return last.page == first.page and len(above) == 1 and 0 < last.base - first.base <= self.pitch * 1.35

    def block(self, group: list[Line]) -> Block:
        text = group[0].text.strip()
        for before, line in pairwise(group):
            text = join_lines(text, line.text.strip(), cut=_is_cut(before))
        if self._rank(group[0]) and len(text) <= LONGEST_HEADING and not text.endswith((",", ";")):
            return Block("heading", text)
        if found := BULLET.match(text):
            return Block("item", text[found.end() :])
        return Block("text", text)

    def with_title(self, groups: list[list[Line]], blocks: list[Block]) -> list[Block]:
        """The largest heading of the first page is the title, if it is clearly larger than the text."""
        first = groups[0][0].page
        heads = [
            (group[0].size, block)
            for group, block in zip(groups, blocks, strict=True)
            if block.kind == "heading" and group[0].page == first and group[0].size >= self.body * 1.3
        ]
        if heads:
            max(heads, key=lambda each: each[0])[1].kind = "title"
        return blocks
