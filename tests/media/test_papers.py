"""Papers of collectives on real files: what comes out, what stays in, what is refused with which words."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import Image
from pypdf import Transformation
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from app.media import papers, sandbox
from app.media.papers import LIMITS, PaperRefused, extract
from tests.media import paper_files
from tests.media.paper_files import SAID, TITLE, halves, odt, package, pdf, picture, printed, word, written


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def refusal(source: Path, out: Path, **limits: Any) -> str:
    with pytest.raises(PaperRefused) as refused:
        extract(source, out, limits=replace(LIMITS, **limits))
    assert refused.value.message == papers.MESSAGES[refused.value.code]
    assert refused.value.status == 422
    return refused.value.code


def colours(file: Path) -> set[str]:
    """Which of red, blue, white and black a picture shows."""
    names = {"red": (255, 0, 0), "blue": (0, 0, 255), "white": (255, 255, 255), "black": (0, 0, 0)}
    with Image.open(file) as opened:
        seen = opened.convert("RGB").resize((24, 16), Image.Resampling.NEAREST).getcolors() or []
    return {
        n for _, c in seen for n, want in names.items() if max(abs(a - b) for a, b in zip(c, want, strict=True)) < 60
    }


def size(file: Path) -> tuple[int, int]:
    with Image.open(file) as opened:
        return opened.size


# --- What comes out


def test_a_word_document_becomes_title_headings_lists_and_pictures(tmp_path: Path, out: Path) -> None:
    photo, tall = picture(800, 600), picture(300, 500, seed=2, kind="PNG")
    source = word(tmp_path / "a.docx", pictures=(photo, picture(80, 80, kind="PNG"), tall, photo))
    paper = extract(source, out)
    assert paper.title == TITLE
    assert paper.body == "\n\n".join([
        "Qui nous sommes", SAID, "Ce que nous proposons", "– des bancs avec dossier\n– de l’eau",
        "Lieu · Heure\nBellevue · 12 h",
    ])  # fmt: skip
    sizes = [size(each) for each in paper.pictures]
    assert sizes == [(800, 600), (300, 500)], "the logo and the double are left out"


def test_what_was_hidden_deleted_commented_or_cut_off_stays_in_the_file(tmp_path: Path, out: Path) -> None:
    paper = extract(paper_files.word_with_secrets(tmp_path / "a.docx"), out)
    assert paper.body == "On lit ceci et cela."
    assert [colours(each) for each in paper.pictures] == [{"blue"}]
    assert paper.alts == ["Un mur bleu"]


def test_nothing_of_the_file_but_pixels_is_in_its_pictures(tmp_path: Path, out: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "CANARI", 6
    photo = picture(800, 600, exif=exif)
    paper = extract(word(tmp_path / "a.docx", pictures=(photo,)), out)
    assert b"CANARI" not in paper.pictures[0].read_bytes()
    assert size(paper.pictures[0]) == (600, 800), "upright"


def test_an_odt_becomes_title_headings_lists_notes_and_pictures(tmp_path: Path, out: Path) -> None:
    text = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>EFFACÉ</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        f'<text:p text:style-name="P1">{TITLE}</text:p>'
        "<text:table-of-content><text:index-body><text:p>SOMMAIRE</text:p></text:index-body></text:table-of-content>"
        '<text:h text:outline-level="1">Qui nous sommes</text:h>'
        '<text:p>Un <text:span>groupe</text:span><text:s text:c="2"/>uni'
        "<text:note><text:note-citation>1</text:note-citation>"
        "<text:note-body><text:p>Depuis 2019.</text:p></text:note-body></text:note>."
        "<office:annotation><text:p>COMMENTAIRE</text:p></office:annotation>"
        '<text:span text:style-name="H1">CACHÉ</text:span></text:p>'
        "<text:list><text:list-item><text:p>des bancs</text:p><text:list><text:list-item><text:p>avec dossier</text:p>"
        "</text:list-item></text:list></text:list-item></text:list>"
        '<text:section text:display="none"><text:p>CACHÉ AUSSI</text:p></text:section>'
        '<text:p><draw:frame draw:style-name="fr1"><draw:image xlink:href="Pictures/a.png"/>'
        "<svg:desc>Un mur bleu</svg:desc></draw:frame></text:p>"
        "<text:p><draw:frame><draw:text-box><text:p>Encadré</text:p></draw:text-box></draw:frame>Après.</text:p>"
    )
    styles = (
        '<style:style style:name="P1" style:parent-style-name="Title"/>'
        '<style:style style:name="H1"><style:text-properties text:display="none"/></style:style>'
        '<style:style style:name="fr1"><style:graphic-properties fo:clip="rect(0cm, 0cm, 0cm, 7.938cm)"/></style:style>'
    )
    source = odt(tmp_path / "a.odt", text, styles=styles, parts={"Pictures/a.png": halves()})
    paper = extract(source, out)
    assert paper.title == TITLE
    assert paper.body == "\n\n".join([
        "Qui nous sommes", "Un groupe uni [1].", "– des bancs\n– avec dossier", "Après.", "Encadré", "[1] Depuis 2019.",
    ])  # fmt: skip
    assert [colours(each) for each in paper.pictures] == [{"blue"}], "300 of 600 pixels at 96 dpi are cut off"
    assert paper.alts == ["Un mur bleu"]


@pytest.fixture(scope="module")
def real_pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pages with columns, running header and footer, pictures: as a browser prints them."""
    folder = tmp_path_factory.mktemp("printed")
    (folder / "a.jpg").write_bytes(picture(800, 600))
    (folder / "logo.png").write_bytes(picture(80, 80, kind="PNG"))
    (folder / "halves.png").write_bytes(halves())
    body = (
        f"<header>Cahier d’acteur du collectif</header><footer>Avril 2022</footer><h1>{TITLE}</h1>"
        f'<p><img src="logo.png" width="40"></p><h2>Qui nous sommes</h2><p>{SAID * 3}</p><p>{SAID * 2}</p>'
        f'<h2>Deux colonnes</h2><div class="two"><p>{SAID * 5}</p><p>{SAID * 4}</p></div>'
        '<p><img src="a.jpg" width="400"></p>'
        f"<h2>Nous proposons</h2><ol><li>un banc</li><li>{SAID}</li></ol><p><b>Un lieu ouvert</b></p><p>{SAID * 9}</p>"
        f'<div class="frame"><img src="halves.png"></div><h2>Pour finir</h2><p>{SAID * 12}</p>'
    )
    return printed(folder, body)


def test_a_pdf_becomes_title_headings_paragraphs_and_pictures(real_pdf: Path, out: Path) -> None:
    paper = extract(real_pdf, out)
    assert paper.title == TITLE
    assert paper.body == "\n\n".join([
        "Qui nous sommes", SAID * 3, SAID * 2, "Deux colonnes", SAID * 5, SAID * 4, "Nous proposons",
        f"– un banc\n– {SAID}", "Un lieu ouvert", SAID * 9, "Pour finir", SAID * 12,
    ])  # fmt: skip
    assert len(paper.pictures) == 2
    assert colours(paper.pictures[1]) == {"blue"}, "as its page shows it, not as the file holds it"


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_drawn_sideways_reads_the_same(out: Path, tmp_path: Path, turn: int) -> None:
    content = written("Un banc", size=24, font="F2", top=760) + written(*[SAID[:70]] * 4) + written("7", top=20)
    turned = pypdf.PdfWriter()
    for page in pypdf.PdfReader(pdf(tmp_path / "a.pdf", content)).pages:
        wide, high = (842, 595) if turn != 180 else (595, 842)
        sheet = turned.add_blank_page(wide, high)
        move = {90: (842, 0), 180: (595, 842), 270: (0, 595)}[turn]
        sheet.merge_transformed_page(page, Transformation().rotate(turn).translate(*move))
        sheet.rotate(turn)
    turned.write(tmp_path / "turned.pdf")
    paper = extract(tmp_path / "turned.pdf", out)
    assert (paper.title, paper.body) == ("Un banc", " ".join([SAID[:70]] * 4))


def test_an_arabic_pdf_reads_from_right_to_left(tmp_path: Path, out: Path) -> None:
    words = "نريد مدينة تستقبل الجميع بدون شروط، ومكاتب في كل حي ومقاعد في كل شارع منذ 2019 مع Nantes."
    source = printed(tmp_path, f"<h1>مقعد للجميع</h1><p>{words}</p>", lang="ar", direction="rtl")
    paper = extract(source, out)
    assert (paper.title, paper.body) == ("مقعد للجميع", words)


def test_hyphens_at_line_ends_are_mended_and_those_of_the_word_kept(tmp_path: Path, out: Path) -> None:
    lines = [
        "Nous demandons une politi-", "que pour tous, peut-", "être en Loire-", "Atlantique, de 2021-",
        "2022. C’est la rencon-", "tre de toutes et tous.",
    ]  # fmt: skip
    paper = extract(pdf(tmp_path / "a.pdf", written(*lines)), out)
    assert paper.body == (
        "Nous demandons une politique pour tous, peut-être en Loire-Atlantique, de 2021-2022."
        " C’est la rencontre de toutes et tous."
    )


def test_page_numbers_and_running_lines_go(tmp_path: Path, out: Path) -> None:
    content = written("Cahier du collectif", top=815, size=9) + written(SAID[:70]) + written("Page 3 sur 9", top=30)
    paper = extract(pdf(tmp_path / "a.pdf", content, pages=3), out)
    assert "Cahier du collectif" not in paper.body
    assert "Page 3" not in paper.body
    assert paper.body.count("Nous demandons") == 3


def test_a_long_paper_of_two_hundred_pages_is_read_in_time(tmp_path: Path, out: Path) -> None:
    paper = extract(pdf(tmp_path / "a.pdf", written(*[SAID[:70]] * 30), pages=200), out)
    assert paper.body.count("Nous demandons") == 6000


def test_script_forms_and_attached_files_are_left_alone(real_pdf: Path, tmp_path: Path, out: Path) -> None:
    armed = pypdf.PdfWriter(clone_from=real_pdf)
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('CANARI')")}
    armed.root_object[NameObject("/OpenAction")] = DictionaryObject(script)
    armed.add_attachment("secret.txt", b"CANARI")
    armed.add_metadata({"/Author": "CANARI", "/Title": "CANARI"})
    armed.write(tmp_path / "armed.pdf")
    paper = extract(tmp_path / "armed.pdf", out)
    assert paper.title == TITLE
    assert "CANARI" not in paper.body
    assert not any(b"CANARI" in each.read_bytes() for each in out.iterdir())


def test_a_pdf_that_only_forbids_changes_is_read(real_pdf: Path, tmp_path: Path, out: Path) -> None:
    locked = pypdf.PdfWriter(clone_from=real_pdf)
    locked.encrypt("", "owner", algorithm="AES-256")
    locked.write(tmp_path / "locked.pdf")
    assert extract(tmp_path / "locked.pdf", out).title == TITLE


# --- What is refused


def _protected(folder: Path) -> Path:
    locked = pypdf.PdfWriter(clone_from=pdf(folder / "plain.pdf", written(SAID[:60])))
    locked.encrypt("mot de passe", algorithm="AES-128")
    locked.write(folder / "locked.pdf")
    return folder / "locked.pdf"


def _scanned(folder: Path) -> Path:
    page = Image.open(io.BytesIO(picture(900, 1200)))
    page.save(folder / "scan.pdf", "PDF", resolution=110)
    return folder / "scan.pdf"


def _bytes(folder: Path, content: bytes) -> Path:
    (folder / "file").write_bytes(content)
    return folder / "file"


def _entities(folder: Path, declared: str, used: str) -> Path:
    good = odt(folder / "good.odt", f"<text:p>{SAID}</text:p>")
    with zipfile.ZipFile(good) as archive:
        content = archive.read("content.xml").decode()
    content = content.replace("?><", f"?><!DOCTYPE x [{declared}]><", 1).replace(SAID, used)
    return package(folder / "bad.odt", {"mimetype": paper_files.ODT_TYPE.encode(), "content.xml": content.encode()})


LAUGHS = '<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BAD = {
    "nothing": ("paper_empty", lambda f: _bytes(f, b"")),
    "a photo": ("paper_kind", lambda f: _bytes(f, picture(300, 300))),
    "plain text": ("paper_kind", lambda f: _bytes(f, SAID.encode())),
    "another archive": ("paper_kind", lambda f: package(f / "a.zip", {"a.txt": SAID.encode()})),
    "a spreadsheet": (
        "paper_kind",
        lambda f: package(
            f / "a.ods", {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"}
        ),
    ),
    "an old .doc": ("paper_old_format", lambda f: _bytes(f, OLE + b"\0" * 5000)),
    "a DOCX with a password": (
        "paper_protected",
        lambda f: _bytes(f, OLE + b"\0" * 900 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 900),
    ),
    "an ODT with a password": (
        "paper_protected",
        lambda f: odt(
            f / "a.odt", "x", manifest="<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
        ),
    ),
    "a PDF with a password": ("paper_protected", _protected),
    "a scanned PDF": ("paper_scanned", _scanned),
    "a PDF of blank pages": ("paper_empty", lambda f: pdf(f / "a.pdf", b"", pages=3)),
    "an empty DOCX": ("paper_empty", lambda f: package(f / "a.docx", {"word/document.xml": b"<w/>"})),
    "an ODT of pictures": (
        "paper_scanned",
        lambda f: odt(
            f / "a.odt",
            '<text:p><draw:frame><draw:image xlink:href="Pictures/a.png"/></draw:frame></text:p>',
            parts={"Pictures/a.png": halves()},
        ),
    ),
    "half a DOCX": ("paper_broken", lambda f: _bytes(f, word(f / "a.docx").read_bytes()[:9000])),
    "half a PDF": ("paper_broken", lambda f: _bytes(f, b"%PDF-1.7\n" + b"\xff\x00garbage" * 300)),
    "XML cut short": ("paper_broken", lambda f: package(f / "a.docx", {"word/document.xml": b"<w:document><w:body>"})),
    "entities that explode": ("paper_broken", lambda f: _entities(f, LAUGHS, "&i;")),
    "an external entity": ("paper_broken", lambda f: _entities(f, '<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;")),
    "XML 100,000 deep": (
        "paper_broken",
        lambda f: odt(f / "a.odt", "<text:section>" * 100_000 + "</text:section>" * 100_000),
    ),
    "a ZIP bomb": (
        "paper_too_large",
        lambda f: odt(f / "a.odt", "<text:p>" + "a" * 30_000_000 + "</text:p>"),
    ),
    "a picture that explodes": (
        "paper_too_large",
        lambda f: odt(
            f / "a.odt",
            '<text:p>a<draw:frame><draw:image xlink:href="Pictures/a.png"/></draw:frame></text:p>',
            parts={"Pictures/a.png": b"\0" * 40_000_000},
        ),
    ),
    "6,000 parts": (
        "paper_too_large",
        lambda f: package(f / "a.docx", {f"{n}": b"" for n in range(6000)}, packed=False),
    ),
    "10,000 pages": ("paper_pages", lambda f: pdf(f / "a.pdf", written("a"), pages=10_000)),
    "a novel": ("paper_too_long", lambda f: odt(f / "a.odt", f"<text:p>{SAID * 20}</text:p>" * 160)),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_papers_are_refused_with_a_code_and_a_sentence(kind: str, tmp_path: Path, out: Path) -> None:
    code, make = BAD[kind]
    assert refusal(make(tmp_path), out) == code


def test_a_pdf_whose_streams_explode_is_held_by_the_limits(tmp_path: Path, out: Path) -> None:
    """A gigabyte of spaces in a stream of a megabyte."""
    import zlib

    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 10_000_000) for _ in range(100)) + packer.flush()
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
    source = pdf(tmp_path / "a.pdf", extra=(stream,))
    source.write_bytes(source.read_bytes().replace(b"/Contents 3 0 R", b"/Contents 6 0 R"))
    assert refusal(source, out, memory=700_000_000) in {
        "paper_too_large",
        "paper_timeout",
        "paper_empty",
        "paper_broken",
    }


def test_time_is_limited(tmp_path: Path, out: Path) -> None:
    source = pdf(tmp_path / "a.pdf", written(*[SAID[:70]] * 40), pages=200)
    assert refusal(source, out, seconds=0.4) == "paper_timeout"


@pytest.fixture
def without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "usable", lambda: False)


@pytest.mark.usefixtures("without_bubblewrap")
def test_papers_are_read_where_bubblewrap_is_not(tmp_path: Path, out: Path) -> None:
    assert extract(word(tmp_path / "a.docx"), out).title == TITLE
