"""A collective's paper in the form, without JavaScript: its words are read over, then sent; bad ones are answered."""

import io
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from app import db as database
from app.media import paper_rules
from app.models import Contribution, Media, MediaKind, MediaState, Revision, Upload
from tests import factories
from tests.conftest import World
from tests.contributions.residents import FORM, count, errors_on, shown
from tests.media.paper_files import SAID, TITLE, odt, picture, word

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where the database says nothing new
NOTICE = "Voici le texte de votre document. Relisez-le, corrigez-le, puis envoyez."
GROUP = FORM | {"kind": "collective", "body": ""}


@pytest.fixture
def paper(tmp_path: Path) -> bytes:
    return word(tmp_path / "cahier.docx", pictures=(picture(640, 480), picture(300, 400, seed=2))).read_bytes()


@pytest.fixture
def long_paper(tmp_path: Path) -> bytes:
    return word(tmp_path / "long.docx", paragraphs=70).read_bytes()


def take(world: World, content: bytes, name: str = "cahier.docx", to: str = "/participer/document", **more: Any) -> Any:
    posted = {key: value for key, value in (GROUP | more).items() if value is not None}
    return world.client.post(to, data=posted, files=[("paper", (name, content, "application/octet-stream"))])


def value(page: str, name: str) -> str:
    """What a field of the page holds."""
    area = re.search(rf'<textarea [^>]*name="{re.escape(name)}"[^>]*>\n(.*?)</textarea>', page, re.S)
    if area:
        return unescape(area[1])
    found = re.search(rf'<input [^>]*name="{re.escape(name)}" value="([^"]*)"', page)
    return unescape(found[1]) if found else ""


def tokens(page: str) -> list[str]:
    return re.findall(r'name="upload" value="([^"]+)" checked', page)


def as_shown(page: str, **more: Any) -> dict[str, Any]:
    """What a browser would post of this page."""
    fields = ("title", "body", "paper_taken", "author.organisation")
    return FORM | {"kind": "collective", "upload": tokens(page)} | {f: value(page, f) for f in fields} | more


def documents() -> list[Media]:
    with database.reading() as db:
        return list(db.exec(select(Media).where(Media.kind == MediaKind.DOCUMENT)).all())


def test_a_group_takes_the_text_of_its_paper_reads_it_over_and_sends_it(world: World, paper: bytes) -> None:
    filled = take(world, paper, **{"author.organisation": "Le collectif", "question": "q2"})
    assert filled.status_code == 200
    assert NOTICE in shown(filled.text)
    assert value(filled.text, "title") == TITLE
    assert value(filled.text, "body").startswith("Qui nous sommes\n\nNous demandons")
    assert value(filled.text, "author.organisation") == "Le collectif"
    assert re.search(r'name="question" value="q2" checked', filled.text)
    assert re.search(r'name="kind" value="collective" checked', filled.text)
    assert errors_on(filled.text) == []
    assert len(tokens(filled.text)) == 3, "the paper and its two pictures"
    sent = world.client.post("/participer", data=as_shown(filled.text, body="Corrigé par nous."))
    assert sent.status_code == 303
    with database.reading() as db:
        made = db.exec(select(Contribution)).one()
        words = db.exec(select(Revision)).one()
        media = db.exec(select(Media).where(Media.contribution_seq == made.seq).order_by(Media.position)).all()
    assert (made.kind, made.organisation) == ("collective", "Le collectif")
    assert (words.title, words.body) == (TITLE, "Corrigé par nous.")
    assert [each.kind for each in media] == ["document", "photo", "photo"]
    document = media[0]
    assert (document.state, document.transcript, document.derivatives) == (MediaState.READY, None, {})
    assert b"".join(world.adapters.storage.open(document.original or "")) == paper
    world.run_jobs()
    with database.reading() as db:
        assert {each.state for each in db.exec(select(Media)).all()} == {MediaState.READY}


@ONE
@pytest.mark.parametrize("to", ["/participer", "/participer/brouillon"], ids=["sent", "put aside"])
def test_a_paper_chosen_and_sent_at_once_is_read_over_first(world: World, paper: bytes, to: str) -> None:
    filled = take(world, paper, to=to)
    assert (filled.status_code, value(filled.text, "title")) == (200, TITLE)
    assert count(Contribution) == 0


@ONE
def test_what_was_typed_stays(world: World, paper: bytes) -> None:
    filled = take(world, paper, body="Mes mots d’abord.", title="Mon titre")
    assert value(filled.text, "title") == "Mon titre"
    assert value(filled.text, "body").startswith(f"Mes mots d’abord.\n\n{TITLE}\n\nQui nous sommes")


def test_a_corrected_paper_takes_the_place_of_the_one_before(world: World, paper: bytes, tmp_path: Path) -> None:
    first = take(world, paper)
    again = take(world, paper, **as_shown(first.text))
    assert value(again.text, "body") == value(first.text, "body")
    assert len(tokens(again.text)) == 3, "no picture twice"
    other = odt(tmp_path / "b.odt", f"<text:p>Autre texte. {SAID}</text:p>").read_bytes()
    changed = take(world, other, "cahier.odt", **as_shown(again.text, body="Changé à la main."))
    assert value(changed.text, "body") == f"Changé à la main.\n\nAutre texte. {SAID}"
    sent = world.client.post("/participer", data=as_shown(changed.text))
    assert sent.status_code == 303
    with database.reading() as db:
        tied = db.exec(select(Media).where(Media.contribution_seq != None, Media.kind == "document")).all()  # noqa: E711
    assert len(tied) == 1


@ONE
def test_at_most_five_media_with_the_paper(world: World, tmp_path: Path) -> None:
    many = word(tmp_path / "a.docx", pictures=tuple(picture(300, 300, seed=n) for n in range(5))).read_bytes()
    filled = take(world, many)
    assert len(tokens(filled.text)) == 5
    assert world.client.post("/participer", data=as_shown(filled.text)).status_code == 303


@ONE
def test_what_a_picture_shows_comes_along(world: World, tmp_path: Path) -> None:
    frame = (
        '<text:p>Un mur.<draw:frame><draw:image xlink:href="Pictures/a.jpg"/><svg:desc>Un mur bleu</svg:desc>'
        "</draw:frame></text:p>"
    )
    content = odt(tmp_path / "a.odt", frame, parts={"Pictures/a.jpg": picture(400, 300)}).read_bytes()
    filled = take(world, content, "mur.odt")
    token = tokens(filled.text)[1]
    assert value(filled.text, f"alt.{token}") == "Un mur bleu"


# --- Longer than a contribution


def test_a_long_paper_is_kept_whole_and_asks_for_a_summary(world: World, long_paper: bytes) -> None:
    filled = take(world, long_paper, body="")
    assert filled.status_code == 200
    words = shown(filled.text)
    assert "Votre document est gardé en entier." in words
    assert "Écrivez ici un résumé de 1500 caractères au plus." in words
    assert value(filled.text, "body") == ""
    assert 'data-counter="1500"' in filled.text
    kept = documents()[0].transcript or ""
    assert kept.startswith(f"{TITLE}\n\nQui nous sommes\n\nNous demandons")
    assert len(kept) > 10_000
    for body, code in (("", "body"), ("a" * 1501, "body")):
        refused = world.client.post("/participer", data=as_shown(filled.text, body=body))
        assert refused.status_code == 422
        assert [name for name, _ in errors_on(refused.text)] == [code]
        assert "Relire le texte entier" in shown(refused.text)
    assert "1501 caractères, 1500 au plus" in errors_on(refused.text)[0][1]
    assert world.client.post("/participer", data=as_shown(filled.text, body="En bref.")).status_code == 303


def test_the_public_reads_the_summary_then_the_whole_text(world: World, long_paper: bytes) -> None:
    filled = take(world, long_paper, body="")
    world.client.post("/participer", data=as_shown(filled.text, body="En bref."))
    with database.writing() as db:
        made = db.exec(select(Contribution)).one()
        document = db.exec(select(Media).where(Media.kind == MediaKind.DOCUMENT)).one()
        factories.set_state(db, made, factories.State.PUBLISHED)
        factories.publishing.publish(db, made, now=factories.NOW)
        reference = made.reference
        assert document.original
    world.app.forget()
    page = world.browser().get(f"/paroles/{reference}").text
    assert "En bref." in page
    assert "Texte entier" not in page, "not chosen by a moderator"
    with database.writing() as db:
        document = db.exec(select(Media).where(Media.kind == MediaKind.DOCUMENT)).one()
        document.choice = factories.MediaChoice.TRANSCRIPT
        db.add(document)
    world.app.forget()
    page = world.browser().get(f"/paroles/{reference}").text
    assert "Texte entier" in shown(page)
    assert page.count("Ce que nous proposons") == 1
    told = world.client.get(f"/api/v1/contributions/{reference}").json()["media"]
    assert [(each["kind"], each["urls"]) for each in told] == [("document", {})]
    assert told[0]["transcript"].startswith(TITLE)


def test_a_correction_stays_a_summary(world: World, long_paper: bytes) -> None:
    filled = take(world, long_paper, body="")
    sent = world.client.post("/participer", data=as_shown(filled.text, body="En bref."))
    code = re.search(r'id="receipt-code"[^>]*>(.*?)</p>', world.client.get(sent.headers["location"]).text, re.S)
    assert code
    words = "-".join(re.findall(r"<span>([^<]+)</span>", code[1]))
    headers = {"Authorization": f"Receipt {words}"}
    long = world.client.put("/api/v1/receipt/revision", json={"body": "a" * 1501}, headers=headers)
    assert (long.status_code, long.json()["errors"][0]["code"]) == (422, "summary_too_long")
    assert world.client.put("/api/v1/receipt/revision", json={"body": "Mieux dit."}, headers=headers).status_code == 201


# --- Whose paper


def test_a_paper_belongs_to_a_group(world: World, paper: bytes) -> None:
    filled = take(world, paper)
    refused = world.client.post("/participer", data=as_shown(filled.text, kind="individual"))
    assert refused.status_code == 422
    assert [name for name, _ in errors_on(refused.text)] == ["kind"]
    assert value(refused.text, "body") == value(filled.text, "body")
    token = tokens(filled.text)[0]
    told = world.client.post("/api/v1/contributions", json=factories.said(media=[token])).json()
    assert told["errors"][0]["code"] == "document_needs_collective"
    assert count(Contribution) == 0


@ONE
def test_nobody_is_served_the_paper(world: World, paper: bytes) -> None:
    take(world, paper)
    document = documents()[0]
    for path in (
        f"/media/{document.opaque}/cahier.docx",
        f"/media/{document.opaque}/original",
        f"/media/{document.original}",
    ):
        assert world.client.get(path).status_code == 404


# --- Refused


@ONE
def test_without_a_document_the_form_says_so_and_keeps_all(world: World) -> None:
    refused = world.client.post("/participer/document", data=GROUP | {"body": "Mes mots"}, files=[])
    assert refused.status_code == 422
    assert errors_on(refused.text) == [("paper", "Choisissez d’abord un document.")]
    assert value(refused.text, "body") == "Mes mots"


BAD = {
    "a photo": (picture(300, 300), 422, "Nous ne savons pas lire ce document."),
    "a password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        422,
        "Ce document est protégé par un mot de passe. Enregistrez-le sans mot de passe, puis envoyez-le de nouveau.",
    ),
    "broken": (b"%PDF-1.7\n" + b"\xff" * 3000, 422, "Ce document est abîmé ou incomplet."),
    "empty": (b"", 422, "Ce document est vide."),
    "21 MB": (b"%PDF-1.7\n" + b"\0" * 21_000_000, 413, "Il peut peser 20 Mo au plus."),
}


@ONE
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_paper_is_refused_with_words_and_the_rest_kept(world: World, kind: str) -> None:
    content, status, sentence = BAD[kind]
    refused = take(world, content, body="Mes mots")
    assert refused.status_code == status
    assert [name for name, _ in errors_on(refused.text)] == ["paper"]
    assert sentence in errors_on(refused.text)[0][1]
    assert value(refused.text, "body") == "Mes mots"
    assert (count(Media), count(Upload)) == (0, 0)


@ONE
def test_a_full_or_lost_store_is_no_loss_of_words(world: World, paper: bytes) -> None:
    world.adapters.storage.full = True  # type: ignore[attr-defined]
    refused = take(world, paper, body="Mes mots")
    assert refused.status_code == 507
    assert value(refused.text, "body") == "Mes mots"
    assert count(Media) == 0


@ONE
def test_too_many_papers_from_one_place_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.contributions import paper_pages

    monkeypatch.setattr(paper_pages, "MOST", 1)
    take(world, b"", body="Mes mots")
    refused = take(world, b"", body="Mes mots")
    assert (refused.status_code, value(refused.text, "body")) == (429, "Mes mots")


# --- By themselves (tus)


def test_a_paper_that_came_by_itself_has_its_words_beside_it(world: World, paper: bytes) -> None:
    from app.media import rules as media_rules

    stored = media_rules.store(io.BytesIO(paper), name="a.docx", adapters=world.adapters, papers=True)
    with database.writing() as db:
        token = media_rules.keep(db, stored, now=world.adapters.clock())["upload"]
    world.run_jobs()
    document = documents()[0]
    assert (document.state, document.derivatives) == (MediaState.READY, {})
    assert (document.transcript or "").startswith(f"{TITLE}\n\nQui nous sommes")
    with database.reading() as db:
        assert paper_rules.whole_ones(db, [token]) == []
    said = factories.said(kind="collective", media=[token], body="a" * 4000)
    assert world.client.post("/api/v1/contributions", json=said).status_code == 201
