"""What a resident sees: the list and its filters, one meeting, a month, places, feed, calendar, home page."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import icalendar
import pytest
import sqlalchemy as sa

from app import db
from app.consultation.content import consultation
from app.events import queries
from app.models import Access, Event, EventKind, EventState, Mode
from tests import factories
from tests.conftest import NOW, World

ATOM = "{http://www.w3.org/2005/Atom}"
MOST_BYTES, MOST_QUERIES = 60_000, 5
HOUR = timedelta(hours=1)


def made(**fields: Any) -> str:
    with db.writing() as session:
        return factories.event(session, **fields).slug


def at(when: datetime, **fields: Any) -> str:
    return made(starts_at=when, ends_at=when + 2 * HOUR, **fields)


def titles(page: str) -> list[str]:
    """Of the cards, in order."""
    return re.findall(r'<bdi lang="fr">(.*?)</bdi></a></h', page)


def test_the_list_has_what_is_to_come_soonest_first_and_no_draft(world: World) -> None:
    at(NOW + 30 * HOUR, title="Demain", capacity=12, taken=11)
    at(NOW + 900 * HOUR, title="En mai", capacity=5, taken=5, waiting=3, state=EventState.PUBLISHED)
    at(NOW - HOUR, title="Maintenant", capacity=None)
    at(NOW - 50 * HOUR, title="Avant-hier")
    at(NOW + 40 * HOUR, title="Caché", state=EventState.DRAFT)
    at(NOW + 50 * HOUR, title="Tombé à l’eau", state=EventState.CANCELLED)
    page = world.client.get("/rendez-vous").text
    assert titles(page) == ["Maintenant", "Demain", "Tombé à l’eau", "En mai"]
    assert re.findall(r"legend-big month-name\">(.*?)<", page) == ["avril 2022", "mai 2022"]
    for words in (
        "Il reste 1 place<",
        "Complet : 3 inscriptions en attente",
        "C’est en ce moment",
        "Annulé",
        "mercredi 13 avril 2022, de 16:00 à 18:00",
    ):
        assert words in page, words
    assert titles(world.client.get("/rendez-vous?when=past").text) == ["Avant-hier"]
    assert "noindex" not in page


def test_300_meetings_are_all_there_page_after_page_light_and_in_few_questions(world: World) -> None:
    with db.writing() as session:
        for n in range(300):
            day = NOW + timedelta(hours=n // 2)  # two at the same moment: the cursor tells them apart
            factories.event(
                session, title=f"Rencontre {n}", starts_at=day, ends_at=day + HOUR, offers=["lsf", "step_free"]
            )
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    sa.event.listen(db.engine(), "before_cursor_execute", note)
    first = world.client.get("/rendez-vous")
    sa.event.remove(db.engine(), "before_cursor_execute", note)
    assert len([each for each in asked if each.lstrip().upper().startswith("SELECT")]) <= MOST_QUERIES
    assert len(gzip.compress(first.content, 6)) <= MOST_BYTES
    seen, page = titles(first.text), first.text
    while following := re.search(r'rel="next" href="([^"]+)"', page):
        page = world.client.get(following[1].replace("&amp;", "&")).text
        seen += titles(page)
    assert seen == [f"Rencontre {n}" for n in range(300)]
    assert "Revenir au début" in page
    world.clock.at += timedelta(days=30)
    world.app.forget()
    past = world.client.get("/api/v1/events?when=past&limit=100").json()
    rest = world.client.get(f"/api/v1/events?when=past&limit=100&after={past['next']}").json()
    assert [each["title"] for each in (past["items"] + rest["items"])][::199] == ["Rencontre 299", "Rencontre 100"]
    assert titles(world.client.get("/rendez-vous?after=nimporte").text) == []


def test_filters_are_links_and_each_finds_its_own(world: World) -> None:
    quartier = consultation().public_quartiers[0].id
    saturday = datetime(2022, 4, 16, 8, tzinfo=UTC)
    at(saturday, title="Samedi", kind=EventKind.VISIT, quartier=quartier, offers=["lsf", "interpreter:ar"])
    at(NOW + 26 * HOUR, title="Mercredi", mode=Mode.BOTH, capacity=3, taken=3, closes_at=NOW + 20 * HOUR)
    at(NOW + 400 * HOUR, title="Avril encore", access=Access.INVITED)
    at(NOW + 900 * HOUR, title="Mai", mode=Mode.ONLINE, capacity=None)
    found = {
        "when=week": ["Mercredi", "Samedi"], "when=weekend": ["Samedi"], "date=2022-04-12": [],
        "when=month": ["Mercredi", "Samedi", "Avril encore"], "when=past&date=2022-04-16": ["Samedi"],
        "date=2022-04-16": ["Samedi"], "kind=visit": ["Samedi"], f"quartier={quartier}": ["Samedi"],
        "offer=lsf": ["Samedi"], "offer=interpreter:ar": ["Samedi"], "mode=online": ["Mercredi", "Mai"],
        "places=1": ["Samedi", "Mai"],
        "kind=visit&mode=online": [], "kind=fete&offer=x&date=hier": ["Mercredi", "Samedi", "Avril encore", "Mai"],
    }  # fmt: skip
    for query, expected in found.items():
        assert titles(world.client.get(f"/rendez-vous?{query}").text) == expected, query
    page = world.client.get("/rendez-vous?kind=visit&date=2022-04-16").text
    chosen = re.findall(r'<li><a href="([^"]+)">([^<]+)<svg', page)
    assert ("/rendez-vous?kind=visit", "16 avril 2022") in chosen
    assert "noindex" in page
    assert "Nous n’avons rien trouvé" in world.client.get("/rendez-vous?kind=visit&mode=online").text
    assert "/rendez-vous?kind=visit&amp;when=weekend" in page, "a span lifts the day"


def test_when_nothing_is_planned_it_says_so(world: World) -> None:
    for path in ("/rendez-vous", "/rendez-vous/carte"):
        assert "Il n’y a pas encore de rendez-vous." in world.client.get(path).text
    assert "Rien ce mois-ci." in world.client.get("/rendez-vous/mois/2022-04").text
    assert not icalendar.Calendar.from_ical(world.client.get("/rendez-vous.ics").text).walk("VEVENT")


def test_one_meeting_says_all_one_needs_to_come(world: World) -> None:
    slug = at(
        NOW + 30 * HOUR, title='Thé </script><b>"', summary="Deux heures.", body="On parle.\nOn écoute.",
        mode=Mode.BOTH, audience="Tout le monde", way="Tram 1",
        access_notes="Plain-pied", place_address="1 rue du Port",
        online_url="https://salle.example/secret", offers=["hearing_loop"], contact="02 40 00 00 00", capacity=10,
        facilitators=["Personne d’essai"], latitude=47.2, longitude=-1.5,
    )  # fmt: skip
    answer = world.client.get(f"/rendez-vous/{slug}")
    for words in (
        "On parle.\nOn écoute.", "Tout le monde", "Tram 1", "Plain-pied", "1 rue du Port", "Boucle magnétique",
        "02 40 00 00 00", "Il reste 10 places", f"/rendez-vous/{slug}.ics", "Vous recevez le lien",
    ):  # fmt: skip
        assert words in answer.text, words
    for secret in ("salle.example", "Personne d’essai", "<b>"):
        assert secret not in answer.text
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.text)
    said = json.loads(data)
    assert (said["@type"], said["name"], said["startDate"]) == (
        "Event",
        'Thé </script><b>"',
        "2022-04-13T16:00:00+02:00",
    )
    assert said["url"] == f"http://testserver/rendez-vous/{slug}"
    assert [place["@type"] for place in said["location"]] == ["Place", "VirtualLocation"]
    assert said["remainingAttendeeCapacity"] == 10
    assert "salle.example" not in world.client.get(f"/api/v1/events/{slug}").text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": EventState.CANCELLED, "said": "La salle est fermée."}, ["Annulé", "La salle est fermée."]),
        ({"state": EventState.POSTPONED, "said": "Plus tard."}, ["Reporté", "Plus tard."]),
        ({"capacity": 3, "taken": 5}, ["Complet : liste d’attente ouverte", "Me mettre en liste d’attente"]),
        ({"access": Access.INVITED}, ["Sur invitation"]),
        ({"opens_at": NOW + HOUR}, ["Inscriptions à partir du 12 avril 2022"]),
        ({"closes_at": NOW}, ["Inscriptions terminées"]),
        ({"starts_at": NOW - HOUR, "ends_at": NOW + HOUR}, ["C’est en ce moment", "Ce rendez-vous a commencé."]),
        ({"starts_at": NOW - 2 * HOUR, "ends_at": NOW - HOUR}, ["C’est passé"]),
        (  # open for several days, and one may still come
            {"starts_at": NOW - HOUR, "ends_at": NOW + 48 * HOUR, "closes_at": NOW + HOUR, "capacity": None},
            ["Il y a de la place pour tout le monde", 'name="consents.data"'],
        ),
    ],
)
def test_where_one_cannot_just_sign_up_it_says_why(world: World, fields: dict[str, Any], words: list[str]) -> None:
    page = world.client.get(f"/rendez-vous/{made(**fields)}").text
    for each in words:
        assert each in page
    assert "Il reste" not in page


def test_a_draft_or_an_unknown_name_is_not_found(world: World) -> None:
    draft = made(state=EventState.DRAFT)
    for slug in (draft, "rien", "RIEN", "%00", "a" * 200, "é"):
        for path in (f"/rendez-vous/{slug}", f"/rendez-vous/{slug}.ics", f"/api/v1/events/{slug}"):
            assert world.client.get(path).status_code == 404, path
    assert "Ce rendez-vous n’existe pas" in world.client.get(f"/rendez-vous/{draft}").text


def test_a_month_has_its_days_and_leads_to_its_neighbours(world: World) -> None:
    at(datetime(2022, 3, 31, 21, 59, tzinfo=UTC), title="Fin mars")
    at(datetime(2022, 3, 31, 22, 30, tzinfo=UTC), title="Début avril")
    made(
        title="Deux jours", starts_at=datetime(2022, 4, 29, 8, tzinfo=UTC), ends_at=datetime(2022, 4, 30, 8, tzinfo=UTC)
    )
    page = world.client.get("/rendez-vous/mois/2022-04").text
    days = re.findall(r'class="month-day"><span>([\w]+) </span>(\d+)</p>\s*<ul>(.*?)</ul>', page, re.DOTALL)
    found = [
        (weekday, day, re.findall(r"(\d\d:\d\d) <bdi lang=\"fr\">(.*?)<", inside)) for weekday, day, inside in days
    ]
    # What begins two minutes before April ends in it: it is there on the first.
    assert found[0] == ("vendredi", "1", [("23:59", "Fin mars"), ("00:30", "Début avril")])
    assert [(day, [name for _, name in inside]) for _, day, inside in found[1:]] == [
        ("29", ["Deux jours"]),
        ("30", ["Deux jours"]),
    ]
    assert "/rendez-vous/mois/2022-03" in page
    assert "/rendez-vous/mois/2022-05" not in page, "nothing there, nor later"
    for wrong in ("2022-13", "2022-00", "1900-01", "9999-01", "hier", "2022-4"):
        assert world.client.get(f"/rendez-vous/mois/{wrong}").status_code == 404


def test_places_say_what_the_map_says_and_only_there_may_pictures_come_from_elsewhere(world: World) -> None:
    for hour in (30, 60):
        at(NOW + hour * HOUR, title=f"À la maison {hour}", place_name="Maison", latitude=47.2, longitude=-1.5)
    at(NOW + 20 * HOUR, title="Chez soi", mode=Mode.ONLINE)
    page = world.client.get("/rendez-vous/carte")
    names = re.findall(r"<h2><bdi>(.*?)</bdi>", page.text)
    assert names == ["Maison", "En ligne"], "what is on the map first, once each"
    assert titles(page.text) == ["À la maison 30", "À la maison 60", "Chez soi"]
    assert 'data-lat="47.2" data-lon="-1.5"' in page.text
    assert "img-src 'self' https://data.geopf.fr data:" in page.headers["content-security-policy"]
    assert "geopf" not in world.client.get("/rendez-vous").headers["content-security-policy"]
    world.app.fastapi.state.settings = world.settings.model_copy(update={"map_tiles": ""})
    world.app.forget()
    without = world.client.get("/rendez-vous/carte")
    assert "data-map" not in without.text
    assert "geopf" not in without.headers["content-security-policy"]


def test_the_feed_and_the_calendar_hold_what_is_to_come(world: World) -> None:
    slug = at(NOW + 30 * HOUR, title="Thé & <b>")
    at(NOW + 40 * HOUR, title="Annulé hier", state=EventState.CANCELLED, changed_at=NOW + HOUR, sequence=2)
    at(NOW - 100 * HOUR, title="La semaine passée")
    at(NOW + 40 * HOUR, title="Caché", state=EventState.DRAFT)
    answer = world.client.get("/rendez-vous/flux")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.text)  # noqa: S314 - our own answer
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["Thé & <b>", "Annulé : Annulé hier"]
    assert feed.findtext(f"{ATOM}updated") == "2022-04-12T09:00:00+00:00"
    links = [link.attrib["href"] for link in feed.iter(f"{ATOM}link")]
    assert f"http://testserver/rendez-vous/{slug}" in links
    assert all(link.startswith("http://testserver/") for link in links)
    calendar = world.client.get("/rendez-vous.ics")
    assert calendar.headers["content-type"] == "text/calendar; charset=utf-8"
    found: Any = icalendar.Calendar.from_ical(calendar.text).walk("VEVENT")
    assert [str(each["summary"]) for each in found] == ["La semaine passée", "Thé & <b>", "Annulé : Annulé hier"]
    one: Any = icalendar.Calendar.from_ical(world.client.get(f"/rendez-vous/{slug}.ics").text).walk("VEVENT")
    assert str(one[0]["url"]) == f"http://testserver/rendez-vous/{slug}"


def test_home_shows_the_next_three_and_the_menu_leads_to_all(world: World) -> None:
    empty = world.client.get("/").text
    assert "Les prochains rendez-vous" in empty, "those of the content, until there are events"
    assert 'href="/rendez-vous"' in empty
    for n in range(5):
        at(NOW + (n + 1) * 30 * HOUR, title=f"Rencontre {n}")
    at(NOW + HOUR, title="Annulée", state=EventState.CANCELLED)
    world.app.forget()
    page = world.client.get("/").text
    assert titles(page) == [f"Rencontre {n}" for n in range(3)]
    assert "Il reste" not in page, "a sign-up would empty the home page's place in the cache"
    assert "/rendez-vous?when=past" in world.client.get("/plan-du-site").text


def test_open_is_a_matter_of_state_access_and_time() -> None:
    one = Event(
        slug="x", kind=EventKind.MEETING, state=EventState.PUBLISHED, title="x", capacity=5, taken=7, starts_at=NOW,
        ends_at=NOW + HOUR, created_at=NOW, changed_at=NOW, opens_at=NOW - 9 * HOUR,
    )  # fmt: skip
    assert queries.seats_left(one) == 0, "a lowered capacity evicts nobody, and owes nothing"
    before = NOW - HOUR
    assert [queries.is_open(one, now) for now in (NOW - 10 * HOUR, NOW - 9 * HOUR, before, NOW)] == [
        False,
        True,
        True,
        False,
    ]
    one.closes_at = before
    assert not queries.is_open(one, before)
    one.closes_at, one.access = None, Access.INVITED
    assert not queries.is_open(one, before)
    one.access, one.state = Access.OPEN, EventState.DRAFT
    assert not queries.is_open(one, before)
