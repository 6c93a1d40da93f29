"""Papers for tests, made on the spot: DOCX by python-docx, ODT and PDF by hand, a real PDF by Chromium."""

import io
import random
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Inches
from PIL import Image

CHROMIUM = "/usr/bin/chromium-headless-shell"
TITLE = "Un banc pour tous, une table pour chacun"
SAID = (
    "Nous demandons une politique d’hospitalité inconditionnelle, des professionnels sociaux formés et des "
    "permanences décentralisées dans chaque quartier. Efficacité, œuvre, cœur, Noël."
)


def picture(width: int, height: int, seed: int = 1, kind: str = "JPEG", **more: Any) -> bytes:
    """Patches of colour: two of them differ by their seed."""
    draw = random.Random(seed)
    image = Image.new("RGB", (width, height), "white")
    for _ in range(40):
        x, y = draw.randrange(width), draw.randrange(height)
        image.paste(tuple(draw.randrange(256) for _ in range(3)), (x, y, x + width // 4, y + height // 4))
    made = io.BytesIO()
    image.save(made, kind, **more)
    return made.getvalue()


def halves(width: int = 600, height: int = 400) -> bytes:
    """Red on the left, blue on the right: a cut shows."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()


# --- DOCX


def word(path: Path, *, paragraphs: int = 1, pictures: tuple[bytes, ...] = ()) -> Path:
    """A paper of a collective as Word writes it."""
    document = docx.Document()
    document.core_properties.author = "Autrice secrète"
    document.add_heading(TITLE, 0)
    document.add_heading("Qui nous sommes", 1)
    for _ in range(paragraphs):
        document.add_paragraph(SAID)
    document.add_heading("Ce que nous proposons", 2)
    for each in ("des bancs avec dossier", "de l’eau"):
        document.add_paragraph(each, style="List Bullet")
    table = document.add_table(2, 2)
    for at, words in enumerate(("Lieu", "Heure", "Bellevue", "12 h")):
        table.cell(at // 2, at % 2).text = words
    for each in pictures:
        document.add_picture(io.BytesIO(each), width=Inches(2))
    document.sections[0].header.paragraphs[0].text = "En-tête de chaque page"
    document.save(str(path))
    return path


def word_with_secrets(path: Path) -> Path:
    """What its author hid, deleted, commented or cut off, and what Word repeats."""
    document = docx.Document()
    shown = document.add_paragraph("On lit ceci")
    hidden = shown.add_run(" CACHÉ")
    hidden.font.hidden = True
    w = nsdecls("w")
    shown._p.append(parse_xml(f'<w:del {w} w:id="1" w:author="x"><w:r><w:delText>EFFACÉ</w:delText></w:r></w:del>'))
    shown._p.append(parse_xml(f'<w:ins {w} w:id="2" w:author="x"><w:r><w:t> et cela.</w:t></w:r></w:ins>'))
    shown._p.append(parse_xml(f"<w:r {w}><w:instrText>INSTRUCTION</w:instrText></w:r>"))
    document.add_comment(shown.runs[0], text="COMMENTAIRE", author="x", initials="x")
    document.add_paragraph("SOMMAIRE\t3").style = _toc(document)
    document.add_picture(io.BytesIO(halves()), width=Inches(2))
    inline = document.inline_shapes[0]._inline
    inline.docPr.set("descr", "Un mur bleu")
    fill = inline.graphic.graphicData.pic.blipFill
    fill.insert(1, parse_xml(f'<a:srcRect {nsdecls("a")} l="50000"/>'))
    document.save(str(path))
    return path


def _toc(document: Any) -> Any:
    style = document.styles.add_style("toc 1", 1)
    style.element.get_or_add_pPr()
    assert style.element.find(qn("w:name")).get(qn("w:val")) == "toc 1"
    return style


# --- ODT

NAMES = (
    " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{rest}:1.0"'
        for prefix, rest in {
            "office": "office",
            "text": "text",
            "table": "table",
            "draw": "drawing",
            "style": "style",
            "fo": "xsl-fo-compatible",
            "svg": "svg-compatible",
        }.items()
    )
    + ' xmlns:xlink="http://www.w3.org/1999/xlink"'
)
ODT_TYPE = "application/vnd.oasis.opendocument.text"


def odt(path: Path, text: str, *, styles: str = "", parts: dict[str, bytes] | None = None, manifest: str = "") -> Path:
    """`text`: what stands inside office:text; `styles`: inside office:automatic-styles."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{text}</office:text></office:body></office:document-content>"
    )
    return package(path, {"mimetype": ODT_TYPE.encode(), "content.xml": content.encode(), "META-INF/manifest.xml": (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f"{manifest}</manifest:manifest>"
    ).encode()} | (parts or {}))  # fmt: skip


def package(path: Path, parts: dict[str, bytes], *, packed: bool = True) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


# --- PDF by hand


def pdf(
    path: Path, content: bytes = b"", *, pages: int = 1, catalog: bytes = b"", extra: tuple[bytes, ...] = ()
) -> Path:
    """One content for all pages; objects of `extra` are numbered from 6 on."""
    first = 6 + len(extra)
    kids = b" ".join(b"%d 0 R" % (first + at) for at in range(pages))
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R"
        b" /Resources << /Font << /F1 4 0 R /F2 5 0 R >> >> >>"
    )
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        font % b"Helvetica",
        font % b"Helvetica-Bold",
        *extra,
        *([page] * pages),
    ]
    made, places = io.BytesIO(), []
    made.write(b"%PDF-1.7\n")
    for number, each in enumerate(objects, 1):
        places.append(made.tell())
        made.write(b"%d 0 obj\n%s\nendobj\n" % (number, each))
    table = made.tell()
    made.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    made.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    made.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    path.write_bytes(made.getvalue())
    return path


def written(*lines: str, size: int = 11, font: str = "F1", top: int = 700, left: int = 60) -> bytes:
    """Lines of text one under the other, for `pdf`."""
    shown = "".join(f"({line}) Tj T* " for line in lines)
    return f"BT /{font} {size} Tf {size * 1.3:.1f} TL {left} {top} Td {shown}ET\n".encode("cp1252")


# --- PDF by Chromium

PAGE = """<!doctype html><html lang="{lang}" dir="{direction}"><meta charset="utf-8"><style>
@page {{ size: A4; margin: 20mm }} body {{ font: 11pt/1.4 serif; text-align: justify }}
h1 {{ font-size: 22pt }} h2 {{ font-size: 15pt }} .two {{ columns: 2 }}
header {{ position: fixed; top: -12mm; font-size: 8pt }} footer {{ position: fixed; bottom: -12mm; font-size: 8pt }}
.frame {{ width: 300px; height: 200px; overflow: hidden }}
.frame img {{ margin-left: -300px; width: 600px; height: 400px }}
</style>{body}</html>"""


def printed(folder: Path, body: str, *, name: str = "paper", lang: str = "fr", direction: str = "ltr") -> Path:
    """What a browser prints of a page; pictures of `folder` may be named in it."""
    source, made = folder / f"{name}.html", folder / f"{name}.pdf"
    source.write_text(PAGE.format(lang=lang, direction=direction, body=body))
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    command += ["--no-pdf-header-footer", f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={made}"]
    subprocess.run([*command, source.as_uri()], check=True, capture_output=True, timeout=60)
    return made
