"""The Atom feed: valid, absolute, of what is published alone."""

from xml.etree import ElementTree

from app.db import writing
from app.models import MediaKind, State, Voice
from tests import factories
from tests.conftest import World
from tests.media import published

ATOM = "{http://www.w3.org/2005/Atom}"
ENCLOSURE = f"{ATOM}link[@rel='enclosure']"


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


def test_sound_and_video_are_enclosed_with_their_words(world: World) -> None:
    with writing() as db:
        published.publish(db, world.adapters.storage, MediaKind.VIDEO, MediaKind.PHOTO, body="Voici.")
        published.publish(db, world.adapters.storage, MediaKind.AUDIO, voice=Voice.TEXT_ONLY)
        published.publish(db, world.adapters.storage, MediaKind.AUDIO)
    sound, silent, film = read(world).findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}content") for entry in (sound, silent, film)] == [
        published.SAID,
        published.SAID,
        f"Voici.\n\n{published.SAID}",
    ]
    enclosed = [
        [(link.attrib["type"], link.attrib["href"].rpartition("/")[2]) for link in entry.findall(ENCLOSURE)]
        for entry in (sound, silent, film)
    ]
    assert enclosed == [[("audio/mp4", "sound.m4a")], [], [("video/mp4", "480.mp4"), ("image/jpeg", "400.jpg")]]


def test_an_empty_feed_is_a_feed(world: World) -> None:
    feed = read(world)
    assert feed.findall(f"{ATOM}entry") == []
    assert feed.findtext(f"{ATOM}updated") == "2022-04-12T00:00:00+00:00"
