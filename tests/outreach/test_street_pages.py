"""What the public reads of outings: pages, feed, poster, figures. No path says where or when few spoke."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pypdf
import pytest
import sqlalchemy as sa
from sqlmodel import select

from app import db, i18n
from app.models import Contribution, EventKind, OutingState, State
from app.models.publication import bump
from app.outreach import told_queries
from tests import factories
from tests.conftest import NOW, World
from tests.contributions.residents import shown
from tests.outreach import told

ATOM = "{http://www.w3.org/2005/Atom}"
SLUG = "malakoff-2022-04-12"
HERE = f"/dans-la-rue/{SLUG}"
# Where and when it was, in every way it could be said; the outing begins at 06:53 and ends at 08:47, in the city.
HOURS = ("06:53", "08:47", "04:53", "06:47", "06 h 53", "6:53 AM")
PLACES = (told.PLACE, "Agnes Varda", told.ADDRESS, "Cloître", "rendez-vous/au-centre")


@contextmanager
def counted() -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    sa.event.listen(db.engine(), "before_cursor_execute", note)
    yield asked
    sa.event.remove(db.engine(), "before_cursor_execute", note)


def made(people: int, words: int, **fields: Any) -> None:
    with db.writing() as session:
        begins = {"starts_at": NOW - timedelta(hours=1, minutes=7), "ends_at": NOW + timedelta(minutes=47)}
        event = factories.event(session, slug="au-centre", kind=EventKind.MEDIATION, place_name=told.PLACE, **begins)
        outing = told.outing(session, people=people, words=words, event_seq=event.seq, **begins)
        told.tell(session, outing, **fields)
        bump(session)


def voices() -> list[str]:
    """References of what is published."""
    with db.reading() as session:
        return list(session.exec(select(Contribution.reference).where(Contribution.state == State.PUBLISHED)))


def pdf(world: World, path: str) -> str:
    answer = world.client.get(path)
    assert answer.headers["content-type"] == "application/pdf", answer.text[:200]
    [page] = pypdf.PdfReader(BytesIO(answer.content)).pages
    assert [round(float(side)) for side in page.mediabox[2:]] == [842, 1191]  # A3
    return page.extract_text()


def everything(world: World) -> str:
    """Every public path that could say something of the outing, in two languages."""
    paths = ("/dans-la-rue", "/dans-la-rue.atom", HERE, f"{HERE}/affiche", "/en/dans-la-rue", f"/en{HERE}")
    texts = [world.client.get(path) for path in paths]
    assert [(text.status_code, path) for text, path in zip(texts, paths, strict=True) if text.status_code != 200] == []
    return "\n".join([*(text.text for text in texts), pdf(world, f"{HERE}/affiche.pdf")])


def test_five_spoke_and_all_of_it_is_told(world: World) -> None:
    made(5, 3, changes="Un banc est posé devant le centre.")
    html = world.client.get(HERE).text
    page = shown(html)
    for said in (
        told.PLACE, "12 avril 2022", "08:53 – 10:47", "5 personnes ont parlé.", "Du prix des légumes.", "Un banc est",
        "Parole numéro 1.", "Parole numéro 3.", "Porteur de paroles",
    ):  # fmt: skip
        assert said in page, said
    assert "/rendez-vous/au-centre" in html
    for path in ("/rendez-vous/au-centre", f"/paroles/{voices()[0]}"):
        assert f'href="{HERE}"' in world.client.get(path).text, path
    assert "Parole numéro 4." not in page
    assert "noindex" not in html
    everywhere = everything(world)
    assert "Moins de cinq" not in everywhere
    assert told.PLACE in world.client.get("/dans-la-rue").text
    feed = ElementTree.fromstring(world.client.get("/dans-la-rue.atom").content)  # noqa: S314 - our own
    [entry] = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == f"{told.PLACE}, 12 avril 2022"
    assert "Du prix des légumes." in (entry.findtext(f"{ATOM}content") or "")


@pytest.mark.parametrize("people", [0, 4])
def test_where_fewer_than_five_spoke_no_path_says_where_or_when_or_shows_their_words(world: World, people: int) -> None:
    made(people, people, changes="Une réponse au 12, rue du Cloître.", heard="À l’espace Agnès Varda.")
    with db.writing() as session:
        session.connection().execute(sa.text("UPDATE outing SET changes = 'Un banc est posé.'"))
        bump(session)
    world.app.forget()
    everywhere = everything(world)
    for secret in (*PLACES, *HOURS, "08:53", "10:47", "Parole numéro", f"{people} personne"):
        assert secret not in everywhere, secret
    assert "Moins de cinq personnes ont parlé." in everywhere
    assert "Un banc est posé." in everywhere
    assert HERE not in world.client.get("/rendez-vous/au-centre").text
    for said in voices():
        alone = "".join(world.client.get(f"{path}/{said}").text for path in ("/paroles", "/api/v1/contributions"))
        assert not any(secret in alone for secret in (HERE, *PLACES, *HOURS, "08:53"))


def test_who_falls_below_five_is_kept_back_at_once(world: World) -> None:
    """Somebody had their words erased, and the page was there with the place on it."""
    made(5, 5)
    assert told.PLACE in world.client.get(HERE).text
    with db.writing() as session:
        session.connection().execute(sa.text("UPDATE outing SET collected = 4"))
        bump(session)
    world.app.forget()
    page = world.client.get(HERE).text
    assert told.PLACE not in page
    assert "Parole numéro" not in page


def test_words_chosen_come_first_and_what_is_hidden_is_gone(world: World) -> None:
    made(5, 0)
    with db.writing() as session:
        outing = session.execute(sa.select(told_queries.Outing)).scalar_one()
        mediator = factories.staff(session)
        for number in range(told_queries.PAGE + 3):
            told.said(session, outing, mediator, chosen=number == 1, state=State.PUBLISHED, body=f"Voix {number}.")
        told.said(session, outing, mediator, state=State.HIDDEN, body="Caché.")
        bump(session)
    with counted() as asked:
        page = world.client.get(HERE).text
    assert len(asked) - 1 <= 5, asked  # beside the cache's own
    voices = re.findall(r"<blockquote[^>]*>(Voix \d+)\.", page)
    assert voices[:3] == ["Voix 1", "Voix 26", "Voix 25"]
    assert len(voices) == told_queries.PAGE
    older = re.search(rf'href="({HERE}\?after=\d+)"', page)
    assert older is not None
    rest = re.findall(r"<blockquote[^>]*>(Voix \d+)\.", world.client.get(older[1]).text)
    assert sorted([*voices, *rest]) == sorted(f"Voix {n}" for n in range(told_queries.PAGE + 3))
    assert "Caché." not in page
    for wrong in ("x", "-1", "9" * 30, "١"):
        assert world.client.get(HERE, params={"after": wrong}).status_code == 200


def test_the_list_goes_on_page_by_page_in_few_questions(world: World) -> None:
    with db.writing() as session:
        for number in range(told_queries.PAGE + 2):
            outing = told.outing(session, people=0, place_name=f"Lieu {number}", place_address="", collected=9)
            told.tell(session, outing, slug=f"lieu-{number}", at=NOW + timedelta(minutes=number))
        told.outing(session, place_name="Pas encore")
        bump(session)
    with counted() as asked:
        first = world.client.get("/dans-la-rue").text
    assert len(asked) - 1 <= 5, asked
    named = re.findall(r"<bdi>(Lieu \d+)</bdi>", first)
    assert (named[0], len(named)) == (f"Lieu {told_queries.PAGE + 1}", told_queries.PAGE)
    older = re.search(r'href="(/dans-la-rue\?after=[^"]+)"', first)
    assert older is not None
    assert re.findall(r"<bdi>(Lieu \d+)</bdi>", world.client.get(older[1]).text) == ["Lieu 1", "Lieu 0"]
    assert "Pas encore" not in first
    assert world.client.get("/dans-la-rue?after=nulle-part").status_code == 200


def test_what_is_not_told_or_cancelled_has_no_page_and_no_poster_before_something_changes(world: World) -> None:
    made(5, 5)
    assert [world.client.get(f"{HERE}/affiche{end}").status_code for end in ("", ".pdf")] == [404, 404]
    for values in ({"told_at": None}, {"state": OutingState.CANCELLED.value, "told_at": NOW}):
        with db.writing() as session:
            session.connection().execute(sa.update(told_queries.Outing).values(**values))  # type: ignore[arg-type]
            bump(session)
        world.app.forget()
        assert [world.client.get(path).status_code for path in (HERE, f"{HERE}/affiche")] == [404, 404]
        assert told.PLACE not in world.client.get("/dans-la-rue").text + world.client.get("/dans-la-rue.atom").text
    assert world.client.get("/dans-la-rue/nulle-part").status_code == 404


def test_a_quartier_that_is_nobodys_address_is_never_said(world: World) -> None:
    """Somebody without a home lives in a quartier that is none: few are in it."""
    made(2, 2)
    with db.writing() as session:
        session.connection().execute(sa.text("UPDATE outing SET quartier = 'no-home'"))
        bump(session)
    world.app.forget()
    page = world.client.get(HERE).text
    with i18n.speaking("fr"):
        assert re.search(r'<h1 id="name"><bdi>Dans la rue</bdi>', page)
    assert "no-home" not in page


def test_naughty_words_stay_words_on_page_feed_and_poster(world: World) -> None:
    naughty = '<script>alert(1)</script> #read("/etc/passwd") $x$ ]] {{ 7*7 }} \u202e\ufeff 👩‍🌾 &amp;'
    made(6, 0, heard=naughty, changes=naughty)
    for path in (HERE, "/dans-la-rue", f"{HERE}/affiche"):
        assert "<script>alert" not in world.client.get(path).text
    feed = ElementTree.fromstring(world.client.get("/dans-la-rue.atom").content)  # noqa: S314 - our own
    assert naughty in (feed.findtext(f"{ATOM}entry/{ATOM}content") or "")
    assert '#read("/etc/passwd") $x$ ]]' in pdf(world, f"{HERE}/affiche.pdf")


def test_people_met_in_the_street_are_counted_and_small_outings_are_only_a_number_of_outings(world: World) -> None:
    for page in ("/transparence/moderation", "/dans-la-rue"):
        assert "Personnes qui ont parlé" not in world.client.get(page).text
    with db.writing() as session:
        told.outing(session, people=1, collected=12, stopped=40)
        told.outing(session, collected=3, stopped=9)
        told.outing(session, collected=20, state=OutingState.CANCELLED)
        told.outing(session)  # nobody spoke
        bump(session)
    world.app.forget()
    for page in ("/transparence/moderation", "/dans-la-rue"):
        facts = re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", world.client.get(page).text)
        street = [(label, number) for label, number in facts if "orties" in label or "Personnes" in label]
        assert [number for _label, number in street] == ["1", "40", "13", "1"], page
