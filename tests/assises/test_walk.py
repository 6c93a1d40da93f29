"""The walk: what the public sees of its stops, as a page and as GeoJSON, and how organisers write them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from app import audit, db
from app.assises import walk, walk_words
from app.i18n import speaking
from app.models import Media, Role, Stop
from app.models.publication import bump
from tests import factories
from tests.conftest import World
from tests.contributions.residents import errors_on, shown
from tests.media.pictures import encoded, photo, quarters

DESK = "/equipe/assises/parcours"
NEW = f"{DESK}/nouvelle-etape"
JUNE = datetime(2022, 6, 10, 8, tzinfo=UTC)  # 10:00 in the city
OPEN = {"opens": JUNE.isoformat(), "closes": (JUNE + timedelta(hours=8)).isoformat()}
TYPED = {
    "name": "Le Solilab",
    "words": "On y répare, on y mange.",
    "place_address": "8 rue Saint-Domingue",
    "point": "47.2003, -1.5724",
    "offers": ["step_free"],
    "shown": "true",
    "hours.0.opens": "2022-06-11T10:00",
    "hours.0.closes": "11/06/2022 18:00",
    "hours.1.opens": "2022-06-10T10:00",
    "hours.1.closes": "2022-06-10T18:00",
}


def have(*names: str, **fields: Any) -> list[Stop]:
    """Shown, from south to north, some 111 m from one to the next."""
    known: dict[str, Any] = {"shown": True, "longitude": -1.55}
    with db.writing() as session:
        made = [
            Stop(**(known | {"name": name, "position": n, "latitude": 47.2 + n / 1000} | fields))
            for n, name in enumerate(names)
        ]
        session.add_all(made)
        bump(session)
        session.flush()
    return made


def organiser(world: World, role: Role = Role.ORGANISER) -> Any:
    with db.writing() as session:
        return world.as_staff(factories.token(session, factories.staff(session, role)))


def stops() -> list[Stop]:
    with db.reading() as session:
        return list(session.exec(select(Stop).order_by(col(Stop.position))))


def path(stop: Stop) -> str:
    return f"{DESK}/{stop.id}"


def order(world: World) -> list[str]:
    world.app.forget()
    return re.findall(r'id="nom-\d+"><bdi lang="fr">([^<]+)', world.client.get("/assises/parcours").text)


def test_the_page_says_where_when_and_how_far_in_five_questions_at_most(world: World) -> None:
    assert "pas encore prêt" in shown(world.client.get("/assises/parcours").text)
    have("Solilab", "Gare", "Île", hours=[OPEN], words="<b>Une cour", offers=["step_free"], access_notes="Une rampe.")
    have("Cachée", shown=False)
    have("Sans place", position=9, latitude=None, longitude=None, invented=True)
    world.app.forget()
    asked: list[str] = []
    listener = lambda *call: asked.append(call[2])  # noqa: E731
    sa.event.listen(db.engine(), "before_cursor_execute", listener)
    page = world.client.get("/assises/parcours").text
    sa.event.remove(db.engine(), "before_cursor_execute", listener)
    assert len([one for one in asked if one.lstrip().startswith(("SELECT", "UPDATE"))]) <= 5
    assert "&lt;b&gt;Une cour" in page
    said = shown(page)
    assert "4 étapes" in said
    assert "220 m en tout à vol d’oiseau" in said
    assert said.count("L’étape suivante est à 110 m à vol d’oiseau.") == 2
    assert "Ouvre le vendredi 10 juin 2022 à 10:00" in said
    assert "vendredi 10 juin 2022, de 10:00 à 18:00" in said
    assert "Les heures ne sont pas encore connues." in said
    assert "Accès sans marche" in said
    assert "Exemple inventé" in said
    assert "Cachée" not in said
    assert page.count("data-lat=") == 3
    assert "img-src 'self' https://" in world.client.get("/assises/parcours").headers["content-security-policy"]
    assert world.client.get("/ar/assises/parcours").status_code == 200


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (JUNE - timedelta(days=1), "Ouvre le vendredi 10 juin 2022 à 10:00"),
        (JUNE - timedelta(hours=1), "Ouvre aujourd’hui à 10:00"),
        (JUNE, "Ouvert maintenant, jusqu’à 18:00"),
        (JUNE + timedelta(hours=8), "Ouvre le samedi 11 juin 2022 à 10:00"),
        (JUNE + timedelta(days=3), "C’est passé"),
    ],
)
def test_open_now_or_when_next(now: datetime, said: str) -> None:
    later = {name: (datetime.fromisoformat(at) + timedelta(days=1)).isoformat() for name, at in OPEN.items()}
    stop = Stop(name="Solilab", hours=[later, OPEN])
    assert walk_words.shapes(walk.Walk("", [stop], {}), now)[0]["standing"] == said


def test_distances_are_as_the_crow_flies_and_rounded_to_what_legs_notice() -> None:
    solilab, station = (
        Stop(name="a", latitude=47.2003, longitude=-1.5724),
        Stop(name="b", latitude=47.2173, longitude=-1.5417),
    )
    between, nowhere = walk.apart(solilab, station), Stop(name="c")
    assert between == pytest.approx(2991, abs=15)  # worked out by hand: 1,890 m north, 2,319 m east
    assert walk.apart(solilab, nowhere) is None
    assert walk.length([solilab, nowhere, station]) == between
    whole = walk.Walk("", [solilab, station], {})
    assert walk_words.whole(whole) == "3 km"
    with speaking("en"):
        assert walk_words.whole(whole).startswith("3")
    assert walk_words.whole(walk.Walk("", [nowhere], {})) == ""


def test_geojson_gives_each_stop_in_order_longitude_first(world: World) -> None:
    have("Solilab", hours=[OPEN], offers=["lsf"])
    have("Cachée", shown=False)
    have("﷽ \u202e Sans place", latitude=None, longitude=None)
    answer = world.client.get("/assises/parcours.geojson")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/geo+json")
    found = answer.json()
    first, last = found["features"]
    assert (found["type"], first["type"], last["geometry"]) == ("FeatureCollection", "Feature", None)
    assert first["geometry"] == {"type": "Point", "coordinates": [-1.55, 47.2]}
    assert first["properties"]["hours"] == [
        {"opens": "2022-06-10T10:00:00+02:00", "closes": "2022-06-10T18:00:00+02:00"}
    ]
    assert [each["properties"]["number"] for each in found["features"]] == [1, 2]


def test_a_stop_is_written_shown_changed_and_dropped(world: World) -> None:
    team = organiser(world)
    made = team.post(NEW, data=TYPED)
    assert made.status_code == 303
    (stop,) = stops()
    assert (stop.latitude, stop.longitude, stop.offers, stop.shown) == (47.2003, -1.5724, ["step_free"], True)
    assert [one["opens"] for one in stop.hours] == ["2022-06-10T08:00:00+00:00", "2022-06-11T08:00:00+00:00"]
    assert order(world) == ["Le Solilab"]
    page = team.get(path(stop)).text
    assert 'name="hours.1.closes" value="2022-06-11T18:00"' in page
    assert 'name="hours.3.opens"' in page
    kept = {name: value for name, value in TYPED.items() if not name.startswith(("hours.1", "shown"))}
    assert team.post(path(stop), data=kept | {"version": "1"}).status_code == 303
    assert order(world) == []
    assert len(stops()[0].hours) == 1
    late = team.post(path(stop), data=kept | {"version": "1", "name": "Autre nom", "hours.0.opens": "2022-06-11T09:00"})
    assert late.status_code == 409
    said = shown(late.text)
    for words in ("Rien de ce que vous avez écrit n’est perdu", "Le Solilab", "Autre nom", "11 juin 2022 à 09:00"):
        assert words in said, words
    assert 'value="Autre nom"' in late.text
    assert team.post(f"{path(stop)}/suppression", data={"version": "1"}).status_code == 409
    assert team.post(f"{path(stop)}/suppression", data={"version": "2"}).status_code == 303
    gone = team.post(path(stop), data=kept | {"version": "2"})
    assert (gone.status_code, "Rien de ce que vous avez écrit n’est perdu" in shown(gone.text)) == (409, True)
    assert f'action="{NEW}"' in gone.text
    assert stops() == []
    with db.reading() as session:
        assert audit.verify(session)[1] is None


def test_what_cannot_be_is_refused_with_its_field_and_nothing_is_lost(world: World) -> None:
    team = organiser(world)
    wrong = {
        "name": ("x" * 300, "name"),
        "point": ("là-bas", "point"),
        "offers": ("une piscine", "offers"),
        "words": ("x" * 3001, "words"),
        "hours.0.closes": ("2022-06-11T09:00", "hours-0-closes"),  # before it opens
        "hours.1.opens": ("", "hours-1-closes"),  # one hour alone
        "hours.2.opens": ("2022-03-27T02:30", "hours-2-opens"),  # no such hour
    }
    for name, (value, field) in wrong.items():
        answer = team.post(NEW, data=TYPED | {name: value})
        assert (answer.status_code, errors_on(answer.text)[0][0]) == (422, field), name
        assert "8 rue Saint-Domingue" in answer.text
    assert errors_on(team.post(NEW, data={}).text)[0][0] == "name"
    long = team.post(NEW, data=TYPED | {"hours.0.closes": "2022-06-14T18:00"})
    assert "Faites une ligne par jour" in shown(long.text)
    odd = team.post(NEW, data={"name": "", "hours": "x", "hours.999999999999.opens": "y", "photos": "z"})
    assert odd.status_code == 422
    assert stops() == []


def test_stops_are_put_in_order_one_place_at_a_time(world: World) -> None:
    team, (one, two, three) = organiser(world), have("Un", "Deux", "Trois")
    moved = team.post(f"{path(three)}/ordre", data={"way": "up", "place": "3"})
    assert (moved.status_code, moved.headers["location"]) == (303, f"{DESK}?notice=saved#up-{three.id}")
    assert order(world) == ["Un", "Trois", "Deux"]
    assert team.post(f"{path(one)}/ordre", data={"way": "down", "place": "1"}).status_code == 303
    assert order(world) == ["Trois", "Un", "Deux"]
    assert team.post(f"{path(three)}/ordre", data={"way": "up", "place": "1"}).status_code == 303  # already first
    late = team.post(f"{path(two)}/ordre", data={"way": "up", "place": "2"})  # somebody moved it meanwhile
    assert (late.status_code, "Rien n’a bougé" in shown(late.text)) == (409, True)
    assert team.post(f"{path(two)}/ordre", data={"way": "sideways", "place": "3"}).status_code == 422
    assert order(world) == ["Trois", "Un", "Deux"]


def test_the_words_above_are_one_persons_at_a_time(world: World) -> None:
    team = organiser(world)
    seen = re.findall(r'name="seen" value="(\w+)"', team.get(DESK).text)[0]
    assert team.post(DESK, data={"walk_words": "On part du Solilab.", "seen": seen}).status_code == 303
    have("Solilab")
    world.app.forget()
    assert "On part du Solilab." in world.client.get("/assises/parcours").text
    late = team.post(DESK, data={"walk_words": "Mes mots", "seen": seen})
    assert late.status_code == 409
    assert "Mes mots" in late.text
    assert "On part du Solilab." in late.text
    assert team.post(DESK, data={"walk_words": "x" * 2001, "seen": seen}).status_code == 422
    assert organiser(world, Role.MODERATOR).get(DESK).status_code == 404


def test_a_photo_is_shown_with_its_words_while_its_stop_is(world: World, tmp_path: Path) -> None:
    team, (stop,) = organiser(world), have("Solilab")
    files = [
        ("files", ("cour.jpg", photo(tmp_path / "cour.jpg").read_bytes(), "image/jpeg")),
        ("files", ("notes.txt", b"pas une photo", "text/plain")),
    ]
    mixed = team.post(path(stop), data={"name": "Solilab", "shown": "true", "version": "1"}, files=files)
    assert (mixed.status_code, errors_on(mixed.text)[0][0]) == (422, "files")
    world.run_jobs()
    with db.reading() as session:
        (one,) = session.exec(select(Media)).all()
    file = f"/media/{one.opaque}/400.jpg"
    assert (one.stop_seq, one.choice, world.client.get(file).status_code) == (stop.seq, None, 404)
    assert "dites en une phrase" in shown(team.get(path(stop)).text)
    said = {
        "name": "Solilab", "shown": "true", f"photos.{one.id}.alt": "Une cour pavée.", f"photos.{one.id}.face": "show",
    }  # fmt: skip
    now = str(stops()[0].version)
    assert team.post(path(stop), data=said | {"version": now}).status_code == 303
    assert 'value="Une cour pavée."' in team.get(path(stop)).text
    world.app.forget()
    assert 'alt="Une cour pavée."' in world.client.get("/assises/parcours").text
    assert world.client.get(file).status_code == 200
    hidden = {name: value for name, value in said.items() if name != "shown"}
    assert team.post(path(stop), data=hidden | {"version": str(int(now) + 1)}).status_code == 303
    assert world.client.get(file).status_code == 404
    world.clock.move(timedelta(days=200))
    world.sweep()
    world.run_jobs()
    assert team.get(file).status_code == 200  # belongs to somebody
    assert team.post(f"{path(stop)}/suppression", data={"version": str(int(now) + 2)}).status_code == 303
    world.run_jobs()
    with db.reading() as session:
        assert session.exec(select(Media)).all() == []


def test_too_many_photos_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.media.attached.MOST", 1)
    team, (stop,) = organiser(world), have("Solilab")
    files = [("files", (f"{n}.png", encoded(quarters(), "PNG"), "image/png")) for n in range(2)]
    answer = team.post(path(stop), data={"name": "Solilab", "version": "1"}, files=files)
    assert (answer.status_code, errors_on(answer.text)[0][0]) == (422, "files")
