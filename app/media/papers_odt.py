"""The text of an ODT (OASIS OpenDocument): headings, lists, tables, notes, pictures. For `papers_office.py`."""

import posixpath
import re
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

from app.media.papers_pictures import Shown
from app.media.papers_text import Block, Refused

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
# Contents and indexes repeat the text; tracked changes hold what was deleted; comments are for their author.
LEFT_OUT = {
    *(f"{TEXT}{name}" for name in ("table-of-content", "alphabetical-index", "illustration-index", "table-index")),
    *(f"{TEXT}{name}" for name in ("user-index", "bibliography", "tracked-changes", "sequence-decls", "note-citation")),
    *(f"{OFFICE}{name}" for name in ("annotation", "annotation-end", "forms", "event-listeners", "scripts")),
    *(f"{SVG}{name}" for name in ("title", "desc")),
    f"{TEXT}hidden-text",
    f"{TEXT}hidden-paragraph",
}
WITHIN = {f"{TEXT}{name}" for name in ("section", "index-body", "numbered-paragraph")}
LENGTH = re.compile(r"(-?[\d.]+)(cm|mm|in|pt|px|pc)?")
POINTS = {"cm": 28.3465, "mm": 2.83465, "in": 72.0, "pt": 1.0, "px": 0.75, "pc": 12.0}

Xml = Callable[[str], Element | None]


def read(xml: Xml) -> tuple[list[Block], list[Shown]]:
    content = xml("content.xml")
    body = content.find(f"{OFFICE}body/{OFFICE}text") if content is not None else None
    if content is None or body is None:
        raise Refused("paper_empty")
    paper = Paper([root for root in (content, xml("styles.xml")) if root is not None])
    paper.take(body)
    return paper.blocks + paper.notes, paper.shown


class Paper:
    def __init__(self, roots: list[Element]) -> None:
        self.blocks: list[Block] = []
        self.notes: list[Block] = []
        self.shown: list[Shown] = []
        self.styles = {style.get(f"{STYLE}name", ""): style for root in roots for style in root.iter(f"{STYLE}style")}
        # What one sees is cut by the frame's own style; the picture's size decides what its lengths mean.
        self.hidden = {name for name, style in self.styles.items() if _is_hidden(style)}

    def take(self, container: Element, *, listed: bool = False) -> None:
        for part in container:
            if part.tag in LEFT_OUT:
                continue
            if part.tag in (f"{TEXT}p", f"{TEXT}h"):
                self._paragraph(part, listed=listed)
            elif part.tag == f"{TEXT}list":
                for item in part:
                    self.take(item, listed=True)
            elif part.tag == f"{TABLE}table":
                self._table(part)
            elif part.tag in WITHIN and part.get(f"{TEXT}display") in (None, "true"):
                self.take(part, listed=listed)
            elif part.tag.startswith(DRAW):
                boxes: list[Element] = []
                self._drawn(part, boxes)
                self._boxes(boxes)

    def _paragraph(self, paragraph: Element, *, listed: bool) -> None:
        boxes: list[Element] = []
        text = "".join(self._text(paragraph, boxes))
        style = self._style_names(paragraph.get(f"{TEXT}style-name", ""))
        if "Title" in style:
            kind = "title"
        elif paragraph.tag == f"{TEXT}h":
            kind = "heading"
        else:
            kind = "item" if listed else "text"
        self.blocks.append(Block(kind, text))
        self._boxes(boxes)

    def _style_names(self, name: str) -> set[str]:
        """The style and those it follows; automatic ones (P1) hide the name people chose."""
        names: set[str] = set()
        while name and name not in names:
            names.add(name)
            style = self.styles.get(name)
            name = style.get(f"{STYLE}parent-style-name", "") if style is not None else ""
        return names

    def _text(self, part: Element, boxes: list[Element]) -> Iterator[str]:
        yield _words(part.text)
        for each in part:
            if each.tag in (f"{TEXT}s", f"{TEXT}tab"):
                yield " "
            elif each.tag == f"{TEXT}line-break":
                yield "\n"
            elif each.tag == f"{TEXT}note":
                yield self._note(each)
            elif each.tag.startswith(DRAW) and each.tag != f"{DRAW}a":
                self._drawn(each, boxes)
            elif each.tag not in LEFT_OUT and each.get(f"{TEXT}style-name") not in self.hidden:
                yield from self._text(each, boxes)
            yield _words(each.tail)

    def _note(self, note: Element) -> str:
        boxes: list[Element] = []
        body = note.find(f"{TEXT}note-body")
        text = " ".join("".join(self._text(each, boxes)) for each in body) if body is not None else ""
        self.notes.append(Block("row", f"[{len(self.notes) + 1}] {text.strip()}"))
        return f" [{len(self.notes)}]"

    def _boxes(self, boxes: list[Element]) -> None:
        for box in boxes:
            self.take(box)

    def _table(self, table: Element) -> None:
        rows = list(table.iter(f"{TABLE}table-row"))
        if all(len(row.findall(f"{TABLE}table-cell")) < 2 for row in rows):
            for row in rows:
                for cell in row.findall(f"{TABLE}table-cell"):
                    self.take(cell)
            return
        for row in rows:
            cells = []
            for cell in row.findall(f"{TABLE}table-cell"):
                boxes: list[Element] = []
                parts = (each for each in cell.iter() if each.tag in (f"{TEXT}p", f"{TEXT}h"))
                words = ("".join(self._text(each, boxes)).strip() for each in parts)
                cells.append(" ".join(each for each in words if each))
            self.blocks.append(Block("row", " · ".join(cell for cell in cells if cell).replace("\n", " ")))

    def _drawn(self, part: Element, boxes: list[Element]) -> None:
        """A group holds others; a shape may hold text; a frame a text, or a picture, first as it was put in."""
        if part.tag != f"{DRAW}frame":
            if part.find(f"{TEXT}p") is not None:
                boxes.append(part)
                return
            for each in part:
                if each.tag.startswith(DRAW):
                    self._drawn(each, boxes)
            return
        boxes += part.findall(f"{DRAW}text-box")
        image = part.find(f"{DRAW}image")
        name = image.get(f"{XLINK}href", "") if image is not None else ""
        if name and "://" not in name:
            told = part.find(f"{SVG}desc")
            told = told if told is not None else part.find(f"{SVG}title")
            alt = (told.text or "") if told is not None else ""
            self.shown.append(Shown(posixpath.normpath(name), alt.strip(), cut=self._cut(part), inches=True))

    def _cut(self, frame: Element) -> tuple[float, float, float, float]:
        """What the frame's style cuts off each side, in points of the picture at its own resolution."""
        for name in self._style_names(frame.get(f"{DRAW}style-name", "")):
            style = self.styles.get(name)
            for properties in style if style is not None else ():
                clip = properties.get(f"{FO}clip", "")
                if clip.startswith("rect(") and len(sides := _lengths(clip[5:])) == 4:
                    top, right, bottom, left = sides
                    return left, top, right, bottom
        return 0.0, 0.0, 0.0, 0.0


def _words(text: str | None) -> str:
    """White space of the XML is one space, as the standard says."""
    return re.sub(r"[ \t\r\n]+", " ", text or "")


def _lengths(text: str) -> list[float]:
    return [float(number) * POINTS.get(unit or "pt", 1.0) for number, unit in LENGTH.findall(text)]


def _is_hidden(style: Element) -> bool:
    return any(properties.get(f"{TEXT}display") == "none" for properties in style)
