"""The Atom feed: valid, absolute, of what is published alone."""

from xml.etree import ElementTree

from app.db import writing
from app.models import State
from tests import factories
from tests.conftest import World

ATOM = "{http://www.w3.org/2005/Atom}"


def read(world: World, query: str = "") -> ElementTree.Element:
    answer = world.client.get(f"/paroles.atom{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.text)  # noqa: S314 - our own answer


def test_the_feed_has_what_rfc_4287_asks(world: World) -> None:
    with writing() as db:
        made = factories.contribution(db, state=State.PUBLISHED, body="Des mots <b> & d’autres.", title="Un titre")
        factories.contribution(db, state=State.HIDDEN, body="Cachés.")
        factories.contribution(db, body="Pas encore lus.")
    feed = read(world)
    assert feed.findtext(f"{ATOM}id") == "http://testserver/paroles.atom"
    assert feed.findtext(f"{ATOM}updated") == "2022-04-12T08:00:00+00:00"
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    [entry] = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == f"urn:uuid:{made.id}"
    assert entry.findtext(f"{ATOM}title") == "Un titre"
    assert entry.findtext(f"{ATOM}content") == "Des mots <b> & d’autres."
    assert entry.findtext(f"{ATOM}updated") == "2022-04-12T08:00:00+00:00"
    links = [link.attrib["href"] for link in feed.iter(f"{ATOM}link")]
    assert f"http://testserver/paroles/{made.reference}" in links
    assert all(link.startswith("http://testserver/") for link in links)


def test_the_feed_can_be_of_one_question(world: World) -> None:
    with writing() as db:
        factories.contribution(db, state=State.PUBLISHED, body="Première.", question="q1")
        factories.contribution(db, state=State.PUBLISHED, body="Troisième.", question="q3")
    words = [entry.findtext(f"{ATOM}content") for entry in read(world, "?question=q3").findall(f"{ATOM}entry")]
    assert words == ["Troisième."]


def test_an_empty_feed_is_a_feed(world: World) -> None:
    feed = read(world)
    assert feed.findall(f"{ATOM}entry") == []
    assert feed.findtext(f"{ATOM}updated") == "2022-04-12T00:00:00+00:00"
