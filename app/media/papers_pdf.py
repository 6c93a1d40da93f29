"""Reading a PDF through PDFium (built without JavaScript): text by where it stands, pictures as they are seen.

For `papers_child.py`. Nothing is run and nothing attached is opened: only characters and pixels are asked for.
"""

import ctypes
import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from app.media import papers_pictures as pictures
from app.media.papers_layout import Line, blocks_of, in_order
from app.media.papers_text import Refused, compose

MOST_PAGES = 200
MOST_CHARS = 60_000  # of one page: more is no page anybody wrote
SCAN = 0.8  # a picture over so much of its page is the page itself, which is not published
WRONG_PASSWORD = 4
LETTERS = re.compile(r"[^\W\d_]")


def read(source: Path, out_dir: Path) -> dict[str, Any]:
    """`{title, body, pictures: [{name, alt}], pages}`; Refused when there is no text to take."""
    document = _open(source)
    if len(document) > MOST_PAGES:
        raise Refused("paper_pages")
    lines: list[Line] = []
    images: list[pictures.Found] = []
    seen = Seen()
    for number in range(len(document)):
        page = document[number]
        lines += _lines(page, number, seen)
        images += _pictures(page, seen)
        page.close()
    text = "".join(line.text for line in lines)
    if len(LETTERS.findall(text)) < 20 or seen.unreadable > seen.characters / 3:
        raise Refused("paper_scanned" if seen.pictures or seen.characters else "paper_empty")
    title, body = compose(blocks_of(lines, pages=len(document)))
    made = pictures.write(pictures.choose(images, pages=len(document)), out_dir)
    return {"title": title, "body": body, "pictures": made, "pages": len(document)}


def _open(source: Path) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(str(source))
    except pdfium.PdfiumError as fault:
        # Passwords only: a PDF that may be read but not changed opens without one.
        protected = getattr(fault, "err_code", 0) in (WRONG_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise Refused("paper_protected" if protected else "paper_broken") from None


@dataclass
class Seen:
    characters: int = 0
    unreadable: int = 0  # drawn with a font that does not say which letters its shapes are
    pictures: int = 0
    pixels: int = 0


def _lines(page: pdfium.PdfPage, number: int, seen: Seen) -> list[Line]:
    """The page's lines in the order of the file, those of another direction (margins, watermarks) left out."""
    text = page.get_textpage()
    count = text.count_chars()
    if count > MOST_CHARS:
        raise Refused("paper_too_large")
    found: list[LineBegun] = []
    begun: LineBegun | None = None
    for index in range(max(count, 0)):
        code = raw.FPDFText_GetUnicode(text, index)
        if code in (10, 13):
            begun = None
            continue
        if code == 0:
            continue
        if begun is None or begun.line.cut:
            quarter = round(raw.FPDFText_GetCharAngle(text, index) / (math.pi / 2)) % 4
            begun = LineBegun(text, number, quarter)
            found.append(begun)
        begun.add(index, code, seen)
    text.close()
    for each in found:
        each.line.text = in_order(each.places)
    usual = Counter(each.quarter for each in found for _ in each.line.text).most_common(1)
    lines = [each.line for each in found if usual and each.quarter == usual[0][0] and each.line.text.strip()]
    _place(lines, page, usual[0][0] if usual else 0)
    return [line for line in lines if -0.02 <= line.height <= 1.02]


def _place(lines: list[Line], page: pdfium.PdfPage, quarter: int) -> None:
    """Where each line stands on its page: 0 at the bottom, 1 at the top."""
    left, bottom, right, top = page.get_mediabox()
    corners = [_turned(x, y, quarter) for x in (left, right) for y in (bottom, top)]
    low, high = min(y for _, y in corners), max(y for _, y in corners)
    for line in lines:
        line.height = (line.base - low) / ((high - low) or 1)


def _turned(x: float, y: float, quarter: int) -> tuple[float, float]:
    """As if the line ran from left to right."""
    return ((x, y), (-y, x), (-x, -y), (y, -x))[quarter]


class LineBegun:
    """A line while its characters come."""

    def __init__(self, text: pdfium.PdfTextPage, page: int, quarter: int) -> None:
        self.text, self.quarter = text, quarter
        self.line = Line(page=page)
        self.places: list[tuple[str, float]] = []
        self.sizes: Counter[float] = Counter()
        self.bold = 0
        self.style: tuple[float, bool] | None = None

    def add(self, index: int, code: int, seen: Seen) -> None:
        line = self.line
        if code in (0xFFFE, 2):  # PDFium's own sign for a hyphen at the end of a line
            line.cut = True
            return
        letter = chr(code)
        if letter.isspace():
            self.places.append((" ", 0.0))
            self.style = None
            return
        seen.characters += 1
        seen.unreadable += raw.FPDFText_HasUnicodeMapError(self.text, index) == 1
        x, y = ctypes.c_double(), ctypes.c_double()
        raw.FPDFText_GetCharOrigin(self.text, index, x, y)
        box = raw.FS_RECTF()
        raw.FPDFText_GetLooseCharBox(self.text, index, box)
        corners = [_turned(a, b, self.quarter) for a in (box.left, box.right) for b in (box.bottom, box.top)]
        line.left = min(line.left, *(a for a, _ in corners))
        line.right = max(line.right, *(a for a, _ in corners))
        self.places.append((letter, _turned(x.value, y.value, self.quarter)[0]))
        if self.style is None:  # once a word
            self.style = _style(self.text, index)
        size, bold = self.style
        if not self.sizes:
            line.base = _turned(x.value, y.value, self.quarter)[1]
        self.sizes[size] += 1
        self.bold += bold
        line.size = self.sizes.most_common(1)[0][0]
        line.bold = self.bold * 10 >= self.sizes.total() * 9


def _style(text: pdfium.PdfTextPage, index: int) -> tuple[float, bool]:
    """(size as seen, bold) of a character."""
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text, index, matrix)
    size = raw.FPDFText_GetFontSize(text, index) * (math.hypot(matrix.b, matrix.d) or 1)
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    raw.FPDFText_GetFontInfo(text, index, name, 128, flags)
    bold = re.search(rb"bold|black|heavy", name.value, re.IGNORECASE) or flags.value & (1 << 18)
    return round(size * 2) / 2, bool(bold)


def _pictures(page: pdfium.PdfPage, seen: Seen) -> list[pictures.Found]:
    """Each picture as a reader sees it on the page: cut as the author cut it, with what covers it on top.

    The file behind may hold more than is shown: a face under a black bar, the edges of a cropped photo.
    """
    found = []
    left, bottom, right, top = page.get_bbox()
    area = (right - left) * (top - bottom) or 1
    for each in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]):
        seen.pictures += 1
        pixels = each.get_px_size()
        box = _box(each, (left, bottom, right, top))
        wide, high = box[2] - box[0], box[3] - box[1]
        if not pictures.large_enough(*pixels) or min(wide, high) < 1 or wide * high > SCAN * area:
            continue
        scale = min(
            max(pixels) / max(each.get_bounds()[2] - each.get_bounds()[0], 1), pictures.LONGEST / max(wide, high)
        )
        if min(wide, high) * scale < pictures.SMALLEST * 0.9 or seen.pixels > 2 * pictures.PIXELS:
            continue
        around = (box[0] - left, box[1] - bottom, right - box[2], top - box[3])
        turns = page.get_rotation() // 90
        crop = tuple(around[(side + turns) % 4] for side in range(4))
        image = page.render(scale=scale, crop=crop).to_pil()
        seen.pixels += image.width * image.height
        found.append(pictures.Found(pictures.flat(image)))
    return found


Box = tuple[float, float, float, float]


def _box(each: pdfium.PdfImage, page: Box) -> Box:
    """Where the picture is seen: its bounds within what it is clipped to, out of the forms it stands in."""
    box = _within(each.get_bounds(), _clip(each))
    inside = each.container
    while inside is not None:
        box = inside.get_matrix().on_rect(*box)
        box = _within(box, _clip(inside)) if inside.container is None else box
        inside = inside.container
    return _within(box, page)


def _clip(each: pdfium.PdfObject) -> Box | None:
    """The bounds of the path that clips an object."""
    path = raw.FPDFPageObj_GetClipPath(each)
    xs, ys = [], []
    x, y = ctypes.c_float(), ctypes.c_float()
    for one in range(min(raw.FPDFClipPath_CountPaths(path), 10) if path else 0):
        corners = []
        for at in range(min(raw.FPDFClipPath_CountPathSegments(path, one), 200)):
            if raw.FPDFPathSegment_GetPoint(raw.FPDFClipPath_GetPathSegment(path, one, at), x, y):
                corners.append((x.value, y.value))
        if corners:
            xs.append((min(a for a, _ in corners), max(a for a, _ in corners)))
            ys.append((min(b for _, b in corners), max(b for _, b in corners)))
    if not xs:
        return None
    return max(a for a, _ in xs), max(b for b, _ in ys), min(a for _, a in xs), min(b for _, b in ys)


def _within(box: Box, other: Box | None) -> Box:
    if other is None:
        return box
    return max(box[0], other[0]), max(box[1], other[1]), min(box[2], other[2]), min(box[3], other[3])
