"""What a resident sees of the Assises: the programme and its filters, one session, what changed, now and next."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import sqlalchemy as sa

from app import db
from app.assises import differences, draft, timetable
from app.assises.frozen import FrozenProgramme, FrozenRoom, FrozenSession, freeze
from app.consultation.content import consultation
from app.models import Event, EventKind, ProgrammeSession, Release, Room, SessionKind, Speaker
from app.models.base import new_id
from app.models.publication import bump
from tests import factories
from tests.conftest import NOW, World

MOST_BYTES, MOST_QUERIES = 60_000, 5
ATOM = "{http://www.w3.org/2005/Atom}"
MINUTES = timedelta(minutes=1)
EIGHT = datetime(2022, 6, 10, 7, tzinfo=UTC)


def released(name: str = "Premier programme", *, draft_of: int = 0, **fields: Any) -> list[ProgrammeSession]:
    """Releases the draft as it stands, as one row; `draft_of` makes it first."""
    with db.writing() as session:
        made = factories.programme(session, sessions=draft_of, **fields) if draft_of else []
        frozen = draft.frozen(session, now=NOW)
        session.add(Release(name=name, programme=freeze(frozen), by="test", at=NOW))
        bump(session)
        return made


def meeting(session: ProgrammeSession, **fields: Any) -> None:
    """The event of a session, as a release makes it."""
    with db.writing() as writing:
        start = session.starts_at or NOW
        factories.event(
            writing, id=session.id, slug=session.slug, kind=EventKind.SESSION, title=session.title, starts_at=start,
            ends_at=start + session.minutes * MINUTES, **fields,
        )  # fmt: skip


@contextmanager
def counted() -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    sa.event.listen(db.engine(), "before_cursor_execute", note)
    yield asked
    sa.event.remove(db.engine(), "before_cursor_execute", note)


def titles(page: str) -> list[str]:
    return re.findall(r'<h3><a href="[^"]+"><bdi lang="fr">(.*?)</bdi></a></h3>', page)


def test_300_sessions_are_one_light_page_of_few_questions(world: World) -> None:
    made = released(draft_of=300, rooms=12, seats=40, offers=["lsf", "step_free"])
    with db.writing() as session:
        for each in made:
            session.add(
                Event(
                    id=each.id, slug=each.slug, kind=EventKind.SESSION, title=each.title, capacity=40,
                    starts_at=each.starts_at, ends_at=each.starts_at + 45 * MINUTES, state="published",
                    created_at=NOW, changed_at=NOW,
                )
            )  # fmt: skip
    world.app.forget()
    with counted() as asked:
        page = world.client.get("/assises")
    assert len([each for each in asked if each.lstrip().upper().startswith("SELECT")]) <= MOST_QUERIES, asked
    assert len(gzip.compress(page.content, 6)) <= MOST_BYTES
    assert sorted(titles(page.text)) == sorted(f"Séance {n + 1}" for n in range(300))


def test_the_programme_says_day_hour_room_who_and_whether_there_is_room(world: World) -> None:
    assert "Le programme n’est pas encore publié." in world.client.get("/assises").text
    assert world.client.get("/assises/seances/seance-1").status_code == 404
    with db.writing() as session:
        made = factories.programme(session, sessions=9, days=1)
        made[0].title, made[0].seats = "Se loger d’abord", 20
        made[1].cancelled, made[1].said = True, "La personne est malade."
        made[2].room_seq = None
        session.flush()
        session.get_one(Room, made[0].room_seq).offers = ["step_free"]
    released()
    meeting(made[0], capacity=20, taken=18)
    world.app.forget()
    page = world.client.get("/assises").text
    assert titles(page)[:4] == ["Se loger d’abord", "Séance 2", "Séance 3", "Séance 4"]
    assert re.findall(r'<th scope="col"><bdi>(.*?)</bdi>', page) == [
        "Salle 1",
        "Salle 2",
        "Salle 3",
        "Salle à préciser",
    ]
    for words in (
        "vendredi 10 juin 2022</h2>", '<time datetime="2022-06-10T09:00:00+02:00">09:00</time>', "Il reste 2 places",
        'colspan="4"><bdi lang="fr">Déjeuner</bdi>', "seance-cancelled", "<bdi>Voix 1</bdi>", "Accès sans marche",
        "Version « Premier programme »", "Conférence",
    ):  # fmt: skip
        assert words in page, words
    world.clock.at = EIGHT + 10 * MINUTES
    world.app.forget()
    assert world.client.get("/assises").text.count("C’est en ce moment") == 2, "the cancelled one is not on"


def test_filters_are_links_and_an_unknown_one_is_said(world: World) -> None:
    audience = consultation().audiences[0].id
    with db.writing() as session:
        made = factories.programme(session, sessions=39)
        made[0].audiences, made[1].offers = [audience], ["lsf"]
    released()
    found = {
        "day=2022-06-11": 3, "track=vivre": 13, f"audience={audience}": 1, "offer=lsf": 1, "track=relier&offer=lsf": 1,
        "track=agir&offer=lsf": 0, "": 39,
    }  # fmt: skip
    for query, many in found.items():
        page = world.client.get(f"/assises?{query}").text
        assert len(titles(page)) == many, query
        assert ("noindex" in page) is bool(query)
    unknown = {
        "track=rien": "Ce thème n’est pas dans le programme. Voici le programme sans ce choix.",
        "day=2022-06-31": "Ce jour n’est pas dans le programme.",
        "offer=piscine&audience=robots": "Ce choix n’existe pas.",
    }
    for query, sentence in unknown.items():
        page = world.client.get(f"/assises?{query}").text
        assert sentence in page
        assert len(titles(page)) == 39
    assert '/assises?track=vivre&amp;offer=lsf"' in world.client.get("/assises?track=vivre").text


def test_a_session_page_says_all_of_it_and_takes_people_in(world: World) -> None:
    with db.writing() as session:
        made = factories.programme(
            session, sessions=6, seats=2, body="Nous parlerons du toit.", audience="Pour tout le monde"
        )
        hidden = session.exec(sa.select(Speaker).where(Speaker.name == "Voix 2")).scalar_one()
        hidden.consent_at, hidden.about = None, "Une vie secrète"
    released()
    for each in made:
        meeting(each, capacity=2)
    page = world.client.get("/assises/seances/seance-1").text
    for words in ("Nous parlerons du toit.", "Voix 1", "Pour tout le monde", "Salle 1", "En même temps", "Séance 3"):
        assert words in page, words
    assert "Séance 4" not in page
    said = {"name": "Éloïse", "email": "eloise@exemple.fr", "consents.data": "true", "people": "2"}
    assert 'action="/rendez-vous/seance-1/inscription"' in page
    taken = world.client.post("/rendez-vous/seance-1/inscription", data=said)
    assert taken.status_code == 303, taken.text
    assert "Tout le programme" in world.client.get(taken.headers["location"]).text
    assert 'href="/assises"' in world.client.post("/rendez-vous/seance-4/inscription", data={}).text
    world.app.forget()
    assert "Complet" in world.client.get("/assises").text
    assert "Me mettre en liste d’attente" in world.client.get("/assises/seances/seance-1").text
    silent = world.client.get("/assises/seances/seance-2").text
    assert "Prend la parole" in silent
    assert "Voix 2" not in silent + world.client.get("/assises").text
    assert "secrète" not in silent
    assert world.client.get("/assises/seances/rien").status_code == 404


def test_the_hall_sees_what_is_on_and_what_comes_next(world: World) -> None:
    with db.writing() as session:
        made = factories.programme(session, sessions=9, days=2, rooms=2)
        made[1].cancelled = True
    assert world.client.get("/assises/maintenant").status_code == 404
    released()
    before = world.client.get("/assises/maintenant")
    assert before.headers["refresh"] == "30"
    assert "vendredi 10 juin 2022</h1>" in before.text
    assert "Mis à jour à 10:00" in before.text
    world.clock.at = EIGHT + 10 * MINUTES
    world.app.forget()
    page = world.client.get("/assises/maintenant?arret=1")
    assert "refresh" not in page.headers
    rows = re.findall(r'hall-when">(.*?) <span.*?lang="fr">(.*?)<', page.text, re.DOTALL)
    assert rows == [
        ("Maintenant", "Séance 1"),
        ("Ensuite", "Séance 3"),
        ("Maintenant", "Séance 2"),
        ("Ensuite", "Séance 4"),
    ]
    assert page.text.count("Annulé") == 1
    world.clock.at = EIGHT + 200 * MINUTES
    world.app.forget()
    assert "Déjeuner</bdi> – 13:00" in world.client.get("/assises/maintenant").text
    world.clock.at = EIGHT + timedelta(days=9)
    world.app.forget()
    assert "Les Assises sont terminées" in world.client.get("/assises/maintenant").text


def test_what_changed_is_said_release_by_release_and_fed(world: World) -> None:
    assert world.client.get("/assises/changements").status_code == 404
    assert ElementTree.fromstring(world.client.get("/assises/changements.atom").content).findall(f"{ATOM}entry") == []  # noqa: S314
    made = released(draft_of=6)
    with db.writing() as session:
        old = draft.frozen(session, now=NOW)
        moved, gone = session.get_one(ProgrammeSession, made[0].seq), session.get_one(ProgrammeSession, made[1].seq)
        moved.starts_at, gone.cancelled = EIGHT + 300 * MINUTES, True
        new = draft.frozen(session, now=NOW)
        changes = [each.as_json() for each in differences.between(old, new)]
        session.add(
            Release(name="Un & deux", words="Pardon !", programme=freeze(new), changes=changes, by="test", at=NOW)
        )
        bump(session)
    world.app.forget()
    page = world.client.get("/assises/changements").text
    assert page.index("Un &amp; deux") < page.index("Premier programme")
    assert "10 juin 2022 à 14:00 au lieu de 09:00" in page
    assert '<a href="/assises/seances/seance-2">Annulé : Séance 2</a>' in page
    feed = ElementTree.fromstring(world.client.get("/assises/changements.atom").content)  # noqa: S314
    assert [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")] == [
        "Un & deux",
        "Premier programme",
    ]
    assert "Annulé : Séance 2" in (feed.find(f"{ATOM}entry").findtext(f"{ATOM}content") or "")  # type: ignore[union-attr]
    told = world.client.get("/api/v1/programme").json()
    assert [each["title"] for each in told["sessions"] if each["cancelled"]] == ["Séance 2"]
    assert {each["sequence"] for each in told["sessions"]} == {0, 1}
    assert told["sessions"][0]["speakers"][0]["name"].startswith("Voix")
    refused = world.client.get("/api/v1/programme?track=rien")
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_track")


def test_sessions_stay_out_of_the_meetings_which_lead_to_the_assises(world: World) -> None:
    for path in ("/", "/rendez-vous"):
        assert 'href="/assises"' not in world.client.get(path).text
    [made, *others] = released(draft_of=6, title="Se loger")
    meeting(made)
    with db.writing() as session:
        factories.event(session, title="Manger ensemble")
    world.app.forget()
    for path in ("/", "/rendez-vous"):
        page = world.client.get(path).text
        assert 'href="/assises"' in page
        assert "6 séances au programme." in page
        assert "Du 10 juin 2022 au 11 juin 2022" in page
    elsewhere = ("/", "/rendez-vous", "/rendez-vous/mois/2022-06", "/rendez-vous/carte", "/rendez-vous/flux",
                 "/rendez-vous.ics", "/rendez-vous?kind=session", "/api/v1/events")  # fmt: skip
    for path in elsewhere:
        assert "Se loger" not in world.client.get(path).text, path
    assert "Temps des Assises" not in world.client.get("/rendez-vous").text
    assert 'href="/assises"' not in world.client.get("/rendez-vous?kind=visit").text
    with db.writing() as session:  # its own name was taken by another meeting
        factories.event(session, id=others[0].id, slug="seance-2-de-plus", kind=EventKind.SESSION)
    assert world.client.get("/assises/seances/seance-2-de-plus").headers["location"] == "/assises/seances/seance-2"
    for nobody in ("manger-ensemble", "x" * 90, "%00"):
        assert world.client.get(f"/assises/seances/{nobody}").status_code == 404
    told = world.client.get("/api/v1/programme").json()["sessions"]
    assert [each["sign_up_url"] for each in told][:3] == [
        "/api/v1/events/seance-1/registrations", "/api/v1/events/seance-2-de-plus/registrations", None,
    ]  # fmt: skip
    moved = world.client.get("/ar/rendez-vous/seance-1")
    assert (moved.status_code, moved.headers["location"]) == (308, "/ar/assises/seances/seance-1")
    assert world.client.get("/api/v1/events/seance-1").json()["url"] == "/assises/seances/seance-1"
    assert "/assises/seances/seance-1" in world.client.get("/rendez-vous/seance-1.ics").text
    world.clock.at = EIGHT + timedelta(days=9)
    world.app.forget()
    assert 'href="/assises"' not in world.client.get("/rendez-vous").text


def test_a_cell_spans_what_begins_while_it_lasts_and_holds_whatever_overlaps() -> None:
    rooms = tuple(FrozenRoom(id=new_id(), name=name) for name in ("A", "B"))

    def at(minute: int, minutes: int, room: int) -> FrozenSession:
        return FrozenSession(
            id=new_id(), slug="x", kind=SessionKind.TALK, title=f"{minute}", room=rooms[room].id,
            starts_at=EIGHT + minute * MINUTES, minutes=minutes, changed_at=NOW,
        )  # fmt: skip

    sessions = (at(0, 90, 0), at(0, 30, 1), at(30, 30, 1), at(45, 60, 1), at(120, 30, 0))
    [day] = timetable.days(FrozenProgramme(rooms=rooms, sessions=sessions), sessions)
    shape = [[(cell.span, [each.title for each in cell.sessions]) for cell in row.cells] for row in day.rows]
    assert shape == [
        [(3, ["0"]), (1, ["0"])],
        [(2, ["30", "45"])],
        [],
        [(1, ["120"]), (1, [])],
    ]
    widths = [sum(cell.span for row in day.rows for cell in row.cells)]
    assert widths == [len(day.rows) * 2], "every place of the table is covered once"
