"""Sheets to print: the page and the PDF say the same, whatever was typed; a PDF is made once and can be read aloud."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
import sqlalchemy as sa
from sqlmodel import select

from app import i18n
from app.assises import by_day, cards, printing, sheets
from app.assises.frozen import FrozenPause, FrozenRoom
from app.db import writing
from app.media import program
from app.models import ProgrammeSession, Speaker, Stop
from app.models.publication import bump
from tests import factories
from tests.assises.test_exports import AT, HALL, START, released, session
from tests.conftest import NOW, World

BLNS = Path(__file__).parents[2] / "node_modules" / "big-list-of-naughty-strings" / "blns.json"
DAY = "/assises/jour/2022-06-10"
HOME = "https://dialogue.example/assises"
A4 = (595, 842)


def read(text: bytes) -> Any:
    return pypdf.PdfReader(BytesIO(text))


def words(pdf: Any) -> str:
    return " ".join(page.extract_text() for page in pdf.pages)


def sheet(of: Any, names: Any = None) -> dict[str, Any]:
    [on] = by_day.days(of.programme)
    shown = {str(one.id): cards.card(one, of.programme, names or {}, {}, AT) for one in on.sessions}
    return sheets.day(of, on, shown, home=HOME)


def test_the_page_and_the_pdf_say_the_same_and_follow_a_consent(world: World) -> None:
    assert [world.client.get(DAY + end).status_code for end in ("", ".pdf")] == [404, 404]
    with writing() as db:
        factories.programme(db, sessions=8, seats=20, offers=["lsf"], invented=True)
        lost = db.exec(select(ProgrammeSession)).all()[7]
        lost.cancelled, lost.said, lost.room_seq = True, "La salle est fermée.", None
        factories.released(db, name="Première version")
    html, answer = world.client.get(DAY), world.client.get(DAY + ".pdf")
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/pdf", "public, no-cache")
    pdf = read(answer.content)
    for said in (
        "Vendredi 10 juin 2022", "Déjeuner", "Séance 1", "Séance 8", "Salle 2", "Salle à préciser", "Annulé",
        "La salle est fermée.", "Voix 1", "Sur inscription", "Exemple inventé", "langue des signes", "09:45",
        "Première version", "testserver/assises", "– 09:45",
    ):  # fmt: skip
        assert said in html.text, said
        assert said in words(pdf), said
    assert words(pdf).index("Séance 3") < words(pdf).index("Séance 4")  # by hour, then in the order of rooms
    assert [world.client.get(f"/assises/jour/{wrong}").status_code for wrong in ("2022-06-12", "hier")] == [404, 404]
    with writing() as db:
        db.connection().execute(sa.update(Speaker).values(consent_at=None))
        bump(db)
    world.app.forget()
    assert "Voix 1" not in world.client.get(DAY).text
    assert "Voix 1" not in words(read(world.client.get(DAY + ".pdf").content))


def test_a_pdf_can_be_read_aloud_and_printed_in_black() -> None:
    one = session(summary="Ce que nous pouvons faire.", cancelled=True, said="Souffrante.")
    many = [session(title=f"Se loger {n}", starts_at=START + timedelta(minutes=15 * n)) for n in range(30)]
    of = released(one, *many, pauses=(FrozenPause(title="Déjeuner", starts_at=START, ends_at=START),))
    texts = {}
    for code, lang in (("fr", "fr"), ("ar", "ar"), ("simple", "fr")):
        with i18n.speaking(code):
            pdf = read(printing.pdf(f"essai-{code}", sheet(of), at=of.at))
        assert pdf.trailer["/Root"]["/Lang"] == lang
        assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"].value
        assert pdf.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"].value  # PDF/UA asks for it
        assert pdf.metadata.title.endswith(" · Les Assises")
        assert {tuple(round(side) for side in page.mediabox[2:]) for page in pdf.pages} == {A4}
        texts[code] = words(pdf)
        colours = {op for page in pdf.pages for _, op in page.get_contents().operations if op in (b"rg", b"RG", b"scn")}
        assert b"rg" not in colours
    assert "10 juin 2022" in texts["fr"]
    assert "10 juin 2022" not in texts["ar"]
    assert texts["fr"].count("Heure") == len(read(printing.pdf("essai-fr", sheet(of), at=of.at)).pages)  # on each page


def test_what_is_typed_is_never_the_printer_s_language() -> None:
    typed = [
        '#panic("non")',
        "$x^2$",
        "*gras* _penché_",
        '#read("/etc/passwd")',
        "= Titre",
        "<ancre>",
        '"',
        "\\#",
        "//",
    ]
    naughty = [each for each in json.loads(BLNS.read_text()) if each.strip()]
    rooms = tuple(FrozenRoom(id=HALL, name=each) for each in typed[:1])
    of = released(*[session(title=each, summary=each) for each in typed], rooms=rooms, title=typed[0], way=typed[3])
    text = words(read(printing.pdf("essai", sheet(of), at=of.at)))
    for each in typed:
        assert each in text
    assert "root:" not in text
    of = released(*[session(title=each, summary=each, body=each) for each in naughty])
    assert len(read(printing.pdf("essai", sheet(of), at=of.at)).pages) > 10
    of = released(session(title="L" * 5000))  # it may not fit; it must not break
    assert read(printing.pdf("essai", sheet(of), at=of.at)).pages


def test_a_sheet_is_made_once_for_many_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    true = program.ask

    def counted(*arguments: Any, **options: Any) -> dict[str, Any]:
        made.append(options["writes"].name)
        return true(*arguments, **options)

    monkeypatch.setattr(program, "ask", counted)
    monkeypatch.setattr(printing, "PATIENCE", 60)
    first, second = released(session(title="Une")), released(session(title="Deux"))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: printing.pdf("foule", sheet(first), at=AT), range(8)))
    assert (len(made), len(set(found))) == (1, 1)
    assert printing.pdf("foule", sheet(second), at=AT) != found[0]
    assert len(made) == 2
    for n in range(printing.MOST):
        printing._kept[f"autre-{n}"] = ("", b"")
    printing.pdf("foule", sheet(second), at=AT)
    printing.pdf("autre", sheet(first), at=AT)
    assert len(printing._kept) <= printing.MOST
    assert len(made) == 3
    # While one is made slowly, who wants another is sent on, and who wants one that is there has it.
    monkeypatch.setattr(printing, "PATIENCE", 0.01)
    with printing._making:
        assert printing.pdf("autre", sheet(first), at=AT)
        with pytest.raises(program.Lost):
            printing.pdf("encore une autre", sheet(first), at=AT)


def test_a_sheet_that_cannot_be_made_is_the_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise program.Refused("timeout")

    monkeypatch.setattr(program, "ask", refuse)
    printing._kept.clear()
    with writing() as db:
        factories.released(db)
    answer = world.client.get(DAY + ".pdf")
    assert (answer.status_code, answer.headers["location"], answer.headers["cache-control"]) == (303, DAY, "no-store")
    assert world.client.get("/assises/parcours.pdf").headers["location"] == "/assises/parcours"


def test_the_walk_on_a_sheet(world: World) -> None:
    hours = [{"opens": START.isoformat(), "closes": (START + timedelta(hours=3)).isoformat()}]
    with writing() as db:
        db.add(Stop(name="Solilab", words="On y répare.", shown=True, latitude=47.2, longitude=-1.56, hours=hours,
                    place_address="8 rue Saint-Domingue", access_notes="De plain-pied.", offers=["lsf"]))  # fmt: skip
        db.add(Stop(name="Bourse", shown=True, position=1, latitude=47.21, longitude=-1.56, invented=True))
        db.add(Stop(name="Caché", shown=False))
    answer = world.client.get("/assises/parcours.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    text = words(read(answer.content))
    for said in (
        "1. Solilab", "2. Bourse", "On y répare.", "8 rue Saint-Domingue", "De plain-pied.", "langue des signes",
        "10 juin 2022", "à vol d’oiseau", "Exemple inventé", "testserver/assises/parcours", "12 avril 2022",
    ):  # fmt: skip
        assert said in text, said
    assert "Caché" not in text
    assert NOW.date() == read(answer.content).metadata.creation_date.date()
