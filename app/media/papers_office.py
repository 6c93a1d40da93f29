"""Reading DOCX and ODT: both are XML in a ZIP. For `papers_child.py`.

Only the parts named here are opened, each to a limit; XML with a DTD (external or exploding entities) is refused.
Left out on purpose: what the author deleted, hid or commented, tables of contents, headers and footers, fields'
code, macros, embedded files.
"""

import zipfile
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from app.media import papers_docx, papers_odt
from app.media import papers_pictures as pictures
from app.media.papers_text import Refused, compose

MOST_PARTS = 5_000
MOST_XML = 16_000_000  # bytes of one part; a paper of 200 pages takes two million
MOST_PICTURE = 30_000_000
MOST_PICTURES = 60  # opened, of which five are kept


class Package:
    """The ZIP, read with limits whatever its directory declares."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = set(archive.namelist())
        if len(archive.infolist()) > MOST_PARTS:
            raise Refused("paper_too_large")
        if any(part.flag_bits & 1 for part in archive.infolist()):
            raise Refused("paper_protected")

    def part(self, name: str, most: int = MOST_XML) -> bytes:
        """Empty when there is none."""
        if name not in self.names:
            return b""
        with self.archive.open(name) as opened:
            content = opened.read(most + 1)
        if len(content) > most:
            raise Refused("paper_too_large")
        return content

    def xml(self, name: str) -> Element | None:
        content = self.part(name)
        if not content:
            return None
        try:
            root: Element = fromstring(content, forbid_dtd=True)
        except (ParseError, DefusedXmlException):
            raise Refused("paper_broken") from None
        return root


def read(source: Path, out_dir: Path) -> dict[str, Any]:
    """`{title, body, pictures}`; Refused when it is another kind of archive, or has no text."""
    try:
        with zipfile.ZipFile(source) as archive:
            package = Package(archive)
            reader = _reader(package)
            blocks, shown = reader(package.xml)
            found = _pictures(package, shown)
    except (zipfile.BadZipFile, NotImplementedError, RecursionError, EOFError):
        raise Refused("paper_broken") from None
    title, body = compose(blocks)
    if not any(letter.isalpha() for letter in title + body):
        raise Refused("paper_scanned" if found else "paper_empty")
    return {"title": title, "body": body, "pictures": pictures.write(pictures.choose(found), out_dir)}


def _reader(package: Package) -> Any:
    if "word/document.xml" in package.names:
        return papers_docx.read
    kind = package.part("mimetype", 200)
    if "content.xml" not in package.names or not kind.startswith(b"application/vnd.oasis.opendocument.text"):
        raise Refused("paper_kind")
    if b"encryption-data" in package.part("META-INF/manifest.xml"):
        raise Refused("paper_protected")
    return papers_odt.read


def _pictures(package: Package, shown: list[pictures.Shown]) -> list[pictures.Found]:
    """Those that are pictures of pixels, cut as the author cut them: the file may hold more than was shown."""
    found = []
    for each in shown[:MOST_PICTURES]:
        content = package.part(each.name, MOST_PICTURE)
        if content and (image := pictures.opened(content, each)) is not None:
            found.append(pictures.Found(image, each.alt))
    return found
