"""The text of a DOCX (ECMA-376): paragraphs, styles, lists, tables, notes, pictures. For `papers_office.py`."""

import posixpath
import re
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

from app.media.papers_pictures import Shown
from app.media.papers_text import Block, Refused

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
V = "{urn:schemas-microsoft-com:vml}"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
# Deleted, moved away, or what a reader without the newer feature would get: not, or not twice, in the text.
LEFT_OUT = {f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{W}delText", f"{MC}Fallback", f"{W}rPr", f"{W}pPr"}
HEADING = re.compile(r"^(heading|titre|überschrift)\s*\d", re.IGNORECASE)
TITLE = re.compile(r"^(title|titre|titre principal)$", re.IGNORECASE)
CONTENTS = re.compile(r"^(toc|tm|table of figures)\b", re.IGNORECASE)
LIST = re.compile(r"^(list |liste |paragraphe de liste)", re.IGNORECASE)
MACHINE = re.compile(r"automati|generated|AI-|\bIA\b", re.IGNORECASE)  # Word's own guess of what a picture shows

Xml = Callable[[str], Element | None]


def read(xml: Xml) -> tuple[list[Block], list[Shown]]:
    document = xml("word/document.xml")
    if document is None:
        raise Refused("paper_empty")
    if document.tag.startswith("{" + STRICT):
        raise Refused("paper_kind")  # "Strict Open XML", which next to nobody saves
    body = document.find(f"{W}body")
    paper = Paper(xml)
    if body is not None:
        paper.take(body)
    return paper.blocks + paper.notes_told(), paper.shown


class Paper:
    def __init__(self, xml: Xml) -> None:
        self.blocks: list[Block] = []
        self.shown: list[Shown] = []
        self.styles = {style.get(f"{W}styleId", ""): style for style in _all(xml("word/styles.xml"), f"{W}style")}
        self.targets = {
            each.get("Id", ""): posixpath.normpath(posixpath.join("word", each.get("Target", "")))
            for each in xml("word/_rels/document.xml.rels") or ()
            if each.get("TargetMode") != "External"
        }
        self.notes = {
            (kind, each.get(f"{W}id", "")): each
            for kind in ("footnote", "endnote")
            for each in _all(xml(f"word/{kind}s.xml"), f"{W}{kind}")
        }
        self.noted: list[Element] = []

    def take(self, container: Element) -> None:
        """The paragraphs of a container, in their order."""
        for part in container:
            if part.tag == f"{W}p":
                self._paragraph(part)
            elif part.tag == f"{W}tbl":
                self._table(part)
            elif part.tag == f"{W}sdt" and part.find(f".//{W}docPartGallery") is None:
                self._inside(part, f"{W}sdtContent")
            elif part.tag in (f"{W}ins", f"{W}moveTo", f"{W}smartTag", f"{W}customXml"):
                self.take(part)

    def _inside(self, part: Element, tag: str) -> None:
        for content in part.findall(tag):
            self.take(content)

    def _paragraph(self, paragraph: Element) -> None:
        name, level, listed = self._style(paragraph)
        if CONTENTS.match(name):
            return
        boxes: list[Element] = []
        text = "".join(self._text(paragraph, boxes))
        if TITLE.match(name):
            kind = "title"
        elif level is not None or HEADING.match(name):
            kind = "heading"
        else:
            kind = "item" if listed else "text"
        self.blocks.append(Block(kind, text))
        for box in boxes:
            self.take(box)

    def _style(self, paragraph: Element) -> tuple[str, int | None, bool]:
        """(name of the style, outline level, in a list), as the paragraph says or the styles it follows."""
        properties = paragraph.find(f"{W}pPr")
        ident = _value(properties, f"{W}pStyle")
        level, listed = _level(properties), _listed(properties)
        name = ""
        for _ in range(10):  # a style may be based on another, and a broken file on itself
            style = self.styles.get(ident)
            if style is None:
                break
            name = name or _value(style, f"{W}name")
            inner = style.find(f"{W}pPr")
            level = _level(inner) if level is None else level
            listed = _listed(inner) if listed is None else listed
            ident = _value(style, f"{W}basedOn")
        return name, level, bool(listed if listed is not None else LIST.match(name))

    def _text(self, part: Element, boxes: list[Element]) -> Iterator[str]:
        for each in part:
            if each.tag in LEFT_OUT:
                continue
            if each.tag == f"{W}r" and _hidden(each):
                continue
            if each.tag == f"{W}t":
                yield each.text or ""
            elif each.tag in (f"{W}tab", f"{W}ptab"):
                yield " "
            elif each.tag in (f"{W}br", f"{W}cr"):
                yield "\n" if each.get(f"{W}type") in (None, "textWrapping") else ""
            elif each.tag == f"{W}noBreakHyphen":
                yield "-"
            elif each.tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                yield self._note(each)
            elif each.tag == f"{W}txbxContent":
                boxes.append(each)
            else:
                self._picture(each)
                yield from self._text(each, boxes)

    def _note(self, reference: Element) -> str:
        kind = "footnote" if reference.tag.endswith("footnoteReference") else "endnote"
        note = self.notes.get((kind, reference.get(f"{W}id", "")))
        if note is None or note.get(f"{W}type") is not None:
            return ""
        self.noted.append(note)
        return f" [{len(self.noted)}]"

    def notes_told(self) -> list[Block]:
        """The notes, numbered, at the end."""
        told = []
        for number, note in enumerate(self.noted, 1):
            boxes: list[Element] = []
            text = " ".join("".join(self._text(each, boxes)) for each in note.findall(f"{W}p"))
            told.append(Block("row", f"[{number}] {text.strip()}"))
        return told

    def _table(self, table: Element) -> None:
        """A row is a line; a table of one cell is a frame around text."""
        rows = [row for row in table if row.tag == f"{W}tr"]
        if all(len(row.findall(f"{W}tc")) < 2 for row in rows):
            for row in rows:
                self._inside(row, f"{W}tc")
            return
        for row in rows:
            cells = []
            for cell in row.findall(f"{W}tc"):
                boxes: list[Element] = []
                words = ("".join(self._text(each, boxes)) for each in cell.iter(f"{W}p"))
                cells.append(" ".join(text for each in words if (text := each.strip())))
            self.blocks.append(Block("row", " · ".join(cell for cell in cells if cell).replace("\n", " ")))

    def _picture(self, part: Element) -> None:
        if part.tag in (f"{WP}inline", f"{WP}anchor"):
            words = part.find(f"{WP}docPr")
            alt = (words.get("descr") or "") if words is not None else ""
            for fill in part.iter():
                blip = fill.find(f"{A}blip") if fill.tag.endswith("}blipFill") else None
                if blip is not None:
                    cut = fill.find(f"{A}srcRect")
                    sides = [_percent(cut.get(side)) if cut is not None else 0.0 for side in "ltrb"]
                    self._show(blip.get(f"{R}embed", ""), "" if MACHINE.search(alt) else alt, tuple(sides))
        elif part.tag == f"{V}imagedata":
            self._show(part.get(f"{R}id", ""), "", (0.0, 0.0, 0.0, 0.0))

    def _show(self, ident: str, alt: str, cut: tuple[float, ...]) -> None:
        if name := self.targets.get(ident):
            self.shown.append(Shown(name, alt.strip(), (cut[0], cut[1], cut[2], cut[3])))


def _all(root: Element | None, tag: str) -> list[Element]:
    return root.findall(tag) if root is not None else []


def _value(part: Element | None, tag: str) -> str:
    found = part.find(tag) if part is not None else None
    return found.get(f"{W}val", "") if found is not None else ""


def _level(properties: Element | None) -> int | None:
    """0–8; 9 is Word's "body text"."""
    value = _value(properties, f"{W}outlineLvl")
    return int(value) if value.isdigit() and int(value) < 9 else None


def _listed(properties: Element | None) -> bool | None:
    numbering = properties.find(f"{W}numPr") if properties is not None else None
    return None if numbering is None else _value(numbering, f"{W}numId") != "0"


def _hidden(run: Element) -> bool:
    vanish = run.find(f"{W}rPr/{W}vanish")
    return vanish is not None and vanish.get(f"{W}val") not in ("0", "false", "off")


def _percent(value: str | None) -> float:
    """Thousandths of a per cent, or "12%", as a fraction."""
    try:
        return float(value.rstrip("%")) / 100 if value and value.endswith("%") else float(value or 0) / 100_000
    except ValueError:
        return 0.0
