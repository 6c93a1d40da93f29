"""Organisers write events: what is refused, what people are told and when, two at the same event, copies, warnings."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app import db
from app.events import edit_copies, edit_queries
from app.models import AuditEntry, Event, EventMessage, EventState, Message, Place, Registration, Role
from tests import factories
from tests.conftest import NOW, World

PAGE = "/equipe/rendez-vous"
TYPED = {
    "title": "Une grande table",
    "kind": "workshop",
    "mode": "in_person",
    "access": "open",
    "starts_at": "2022-05-03T18:00",
    "ends_at": "2022-05-03T20:00",
    "place_name": "Maison de quartier",
    "capacity": "12",
}


@pytest.fixture
def hand(world: World) -> Any:
    """A browser of an organiser."""
    return someone(world, "Nour")


def someone(world: World, name: str, *roles: Role) -> Any:
    with db.writing() as session:
        person = factories.staff(session, *(roles or (Role.ORGANISER,)), name=name)
        return world.as_staff(factories.token(session, person))


def published(**fields: Any) -> Event:
    with db.writing() as session:
        return factories.event(session, **fields)


def with_people(event: Event, *states: Place) -> None:
    with db.writing() as session:
        for number, state in enumerate(states, 1):
            factories.registration(session, event, state=state, name=f"P{number}", email=f"p{number}@exemple.fr")


def fresh(event: Any) -> Event:
    with db.reading() as session:
        return session.get_one(Event, event.seq)


def messages() -> list[tuple[str, int]]:
    with db.reading() as session:
        rows = session.exec(select(EventMessage).order_by(EventMessage.seq)).all()
        return [
            (row.kind, len(session.exec(select(Message).where(Message.event_message_seq == row.seq)).all()))
            for row in rows
        ]


def made(hand: Any, **fields: Any) -> Event:
    answer = hand.post(PAGE, data=TYPED | fields)
    assert answer.status_code == 303, answer.text
    with db.reading() as session:
        return edit_queries.one(session, UUID(answer.headers["location"].split("/")[3].split("?")[0]))


def as_typed(hand: Any, event: Event, **changed: Any) -> dict[str, Any]:
    """What the browser would post: the form as it is shown, with some fields changed."""
    html = hand.get(f"{PAGE}/{event.id}").text
    html = html[html.index('id="edit"') :]
    found: dict[str, Any] = {}
    for name, value in re.findall(
        r'<input type="(?:text|hidden|url|datetime-local)"[^>]*name="(\w+)" value="([^"]*)"', html
    ):
        found.setdefault(name, value)
    found |= dict(re.findall(r'<input type="radio"[^>]*name="(\w+)" value="([^"]*)" checked', html))
    found |= {
        name: value.strip()
        for name, value in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    }
    return {name: value for name, value in found.items() if name not in ("times",)} | changed


def test_a_draft_is_written_and_published(world: World, hand: Any) -> None:
    """Typed in Paris, kept in UTC; the public sees it once it says where."""
    assert hand.get(f"{PAGE}/nouveau").status_code == 200
    event = made(
        hand, place_name="", facilitators="Ada\n\nLin ", offers=["lsf", "step_free"], point="47,2184 ; -1,5536"
    )
    assert (event.state, event.slug, event.version) == (EventState.DRAFT, "une-grande-table", 1)
    assert event.starts_at == datetime(2022, 5, 3, 16, tzinfo=UTC)
    assert (event.facilitators, event.offers, event.capacity) == (["Ada", "Lin"], ["step_free", "lsf"], 12)
    assert (event.latitude, event.longitude) == (47.2184, -1.5536)
    refused = hand.post(f"{PAGE}/{event.id}/publication", data={"version": 1})
    assert (refused.status_code, 'href="#place_name"' in refused.text) == (422, True)
    kept = as_typed(hand, event, place_name="Salle Sud")
    assert hand.post(f"{PAGE}/{event.id}", data=kept).status_code == 303
    before = public_version()
    assert hand.post(f"{PAGE}/{event.id}/publication", data={"version": 2}).status_code == 303
    now = fresh(event)
    assert (now.state, now.sequence, now.published_at, now.version) == (EventState.PUBLISHED, 0, NOW, 3)
    assert (now.facilitators, now.latitude, now.longitude) == (["Ada", "Lin"], 47.2184, -1.5536)
    assert public_version() == before + 1
    assert made(hand).slug == "une-grande-table-2022-05-03"
    assert made(hand).slug.startswith("une-grande-table-")
    with db.reading() as session:
        acts = session.exec(select(AuditEntry.action).where(AuditEntry.object_id == str(event.id))).all()
    assert list(acts) == ["event_created", "event_changed", "event_published"]
    assert messages() == []


def public_version() -> int:
    with db.reading() as session:
        return int(session.connection().execute(sa.text("SELECT version FROM publication")).scalar_one())


WRONG = (
    ("title", "x" * 300, "C’est trop long : 300 caractères, 120 au plus"),
    ("title", " ", "Donnez un titre"),
    ("starts_at", "2022-03-27T02:30", "Cette heure n’existe pas"),
    ("starts_at", "30/10/2022 2h30", "Cette heure existe deux fois"),
    ("starts_at", "demain", "Écrivez le jour et l’heure"),
    ("starts_at", "2022-02-30T10:00", "Écrivez le jour et l’heure"),
    ("ends_at", "2022-05-03T17:00", "La fin vient avant le début"),
    ("ends_at", "", "Dites quel jour et à quelle heure"),
    ("closes_at", "2022-05-04T10:00", "se fermeraient après la fin"),
    ("opens_at", "2022-05-03T19:00", "s’ouvriraient après le début"),
    ("capacity", "0", "Il faut au moins une place"),
    ("capacity", "douze", "Écrivez un nombre"),
    ("capacity", "9" * 30, "Le nombre doit être au plus 100000"),
    ("quartier", "atlantide", "Choisissez un des quartiers"),
    ("quartier", "no-home", "Choisissez un des quartiers"),
    ("offers", "champagne", "Choisissez parmi ce qui est proposé"),
    ("kind", "fete", "Choisissez une des réponses"),
    ("point", "ici", "Écrivez deux nombres"),
    ("online_url", "javascript:alert(1)", "Cette adresse n’est pas complète"),
)


def test_what_cannot_be_is_said_beside_its_field(world: World, hand: Any) -> None:
    for field, typed, words in WRONG:
        sent = TYPED | {"body": "Des mots <b>gardés</b>."} | {field: typed}
        answer = hand.post(PAGE, data=sent)
        said = (answer.status_code, words in answer.text, f'href="#{field}"' in answer.text)
        assert said == (422, True, True), (field, typed, said)
        assert "Des mots &lt;b&gt;gardés&lt;/b&gt;." in answer.text
        assert field in ("quartier", "offers", "kind") or typed.strip() in answer.text
    assert words in hand.post(f"{PAGE}/apercu", data=sent).text
    with db.reading() as session:
        assert session.exec(select(Event)).all() == []


def test_a_moved_event_shows_its_message_first_then_tells_everybody(world: World, hand: Any) -> None:
    event = published(title="Soupe", facilitators=["Ada"])
    with_people(event, Place.CONFIRMED, Place.CONFIRMED, Place.WAITING)
    sent = as_typed(hand, event, starts_at="2022-05-10T18:00", ends_at="2022-05-10T20:00", place_name="Salle <Sud>")
    asked = hand.post(f"{PAGE}/{event.id}", data=sent)
    assert asked.status_code == 200
    for words in (
        "Ce qui change",
        "Maison de quartier",
        "Salle &lt;Sud&gt;",
        "10 mai 2022",
        "3 personnes inscrites",
        "Nouvelle date",
    ):
        assert words in asked.text, words
    assert (fresh(event).version, messages()) == (1, [])
    again = hand.post(f"{PAGE}/{event.id}", data=sent | {"words": "La salle est inondée.", "act": "look"})
    assert again.text.count("La salle est inondée.") == 2, "in the message and in the box"
    online = hand.post(f"{PAGE}/{event.id}", data=sent | {"mode": "online"})
    assert online.text.count("Ce rendez-vous change : en ligne.") == 2, "a suggestion"
    back = hand.post(f"{PAGE}/{event.id}", data=sent | {"words": "La salle est inondée.", "act": "back"})
    assert (back.status_code, 'value="2022-05-10T18:00"' in back.text) == (200, True)
    assert (fresh(event).version, messages()) == (1, [])
    long = hand.post(f"{PAGE}/{event.id}", data=sent | {"words": "x" * 1501, "seen": "1"})
    assert (long.status_code, "x" * 1501 in long.text, 'href="#words"' in long.text) == (422, True, True)
    carried = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', again.text))
    assert carried["place_name"] == "Salle &lt;Sud&gt;"
    before = public_version()
    gone = hand.post(f"{PAGE}/{event.id}", data=sent | {"words": "La salle est inondée.", "seen": "1"})
    assert gone.headers["location"].endswith("notice=told")
    now = fresh(event)
    assert (now.version, now.sequence, now.place_name, now.facilitators) == (2, 1, "Salle <Sud>", ["Ada"])
    assert (messages(), public_version()) == ([("moved", 3)], before + 1)
    with db.reading() as session:
        told = session.exec(select(EventMessage)).one()
    assert (told.words, told.before["place_name"], told.sequence) == ("La salle est inondée.", "Maison de quartier", 1)
    world.run_jobs()
    assert sum("change" in str(mail["Subject"]) for mail in world.mails) == 3
    assert hand.post(f"{PAGE}/{event.id}", data=sent | {"seen": "1"}).status_code == 409, "the same again"
    assert messages() == [("moved", 3)]


def test_what_people_need_not_be_told_is_saved_at_once(world: World, hand: Any) -> None:
    event = published()
    with_people(event, Place.CONFIRMED)
    assert hand.post(f"{PAGE}/{event.id}", data=as_typed(hand, event, body="Autre chose.")).status_code == 303
    assert (fresh(event).sequence, messages()) == (0, [])
    nobody = published(slug="vide")
    moved = as_typed(hand, nobody, starts_at="2022-05-10T18:00", ends_at="2022-05-10T20:00")
    assert hand.post(f"{PAGE}/{nobody.id}", data=moved).status_code == 303
    assert (fresh(nobody).sequence, messages()) == (1, [])
    over = published(slug="fini", starts_at=NOW - timedelta(days=2), ends_at=NOW - timedelta(days=1), taken=1)
    assert hand.post(f"{PAGE}/{over.id}", data=as_typed(hand, over, place_name="Ailleurs")).status_code == 303
    assert messages() == []


def test_two_organisers_at_one_event(world: World, hand: Any) -> None:
    """The second sees what the first wrote beside their own words, and loses nothing."""
    event, other = published(), someone(world, "Lin")
    mine = as_typed(hand, event, title="Mon titre", body="Mes mots.")
    assert other.post(f"{PAGE}/{event.id}", data=as_typed(other, event, title="Son titre")).status_code == 303
    both = hand.post(f"{PAGE}/{event.id}", data=mine)
    assert both.status_code == 409
    for words in ("Lin a enregistré le", "Son titre", "Mes mots.", 'value="Mon titre"', 'name="version" value="2"'):
        assert words in both.text, words
    assert fresh(event).title == "Son titre"
    assert hand.post(f"{PAGE}/{event.id}", data=mine | {"version": "2"}).status_code == 303
    assert (fresh(event).title, fresh(event).version) == ("Mon titre", 3)
    assert hand.post(f"{PAGE}/{event.id}/annulation", data={"version": 2, "seen": "1"}).status_code == 409
    assert hand.post(f"{PAGE}/{event.id}", data=mine | {"version": "x"}).status_code == 422


def test_postponed_then_published_anew_then_cancelled(world: World, hand: Any) -> None:
    event = published()
    with_people(event, Place.CONFIRMED)
    asked = hand.get(f"{PAGE}/{event.id}/report")
    assert (asked.status_code, "Reporter et prévenir" in asked.text) == (200, True)
    assert hand.post(f"{PAGE}/{event.id}/report", data={"version": 1, "words": "Grève."}).status_code == 200
    assert messages() == []
    assert (
        hand.post(f"{PAGE}/{event.id}/report", data={"version": 1, "words": "Grève.", "seen": "1"}).status_code == 303
    )
    assert (fresh(event).state, fresh(event).said, fresh(event).sequence) == (EventState.POSTPONED, "Grève.", 1)
    moved = as_typed(hand, event, starts_at="2022-05-10T18:00", ends_at="2022-05-10T20:00")
    assert hand.post(f"{PAGE}/{event.id}", data=moved).status_code == 303, "they wait for a date, once it is published"
    asked = hand.post(f"{PAGE}/{event.id}/publication", data={"version": 3})
    assert (asked.status_code, "Publier et prévenir" in asked.text, "Nouvelle date" in asked.text) == (200, True, True)
    assert hand.post(f"{PAGE}/{event.id}/publication", data={"version": 3, "seen": "1"}).status_code == 303
    assert (fresh(event).state, fresh(event).said) == (EventState.PUBLISHED, "")
    assert (
        hand.post(f"{PAGE}/{event.id}/annulation", data={"version": 4, "words": "x" * 1501, "seen": "1"}).status_code
        == 422
    )
    assert (
        hand.post(f"{PAGE}/{event.id}/annulation", data={"version": 4, "words": "Fermé.", "seen": "1"}).status_code
        == 303
    )
    assert (fresh(event).state, fresh(event).said) == (EventState.CANCELLED, "Fermé.")
    assert messages() == [("postponed", 1), ("moved", 1), ("cancelled", 1)]
    for path, sent in (("annulation", {"seen": "1"}), ("report", {"seen": "1"}), ("publication", {"seen": "1"})):
        refused = hand.post(f"{PAGE}/{event.id}/{path}", data={"version": 5} | sent)
        assert (refused.status_code, "n’en est plus là" in refused.text) == (409, True)
    assert hand.get(f"{PAGE}/{event.id}/report").status_code == 409
    assert len(messages()) == 3


def test_more_seats_let_those_who_wait_in_and_fewer_evict_nobody(world: World, hand: Any) -> None:
    event = published(capacity=1)
    with_people(event, Place.CONFIRMED, Place.WAITING)
    assert hand.post(f"{PAGE}/{event.id}", data=as_typed(hand, event, capacity="2")).status_code == 303
    assert (fresh(event).taken, fresh(event).waiting, fresh(event).version) == (2, 0, 2)
    assert hand.post(f"{PAGE}/{event.id}", data=as_typed(hand, event, capacity="1")).status_code == 303
    assert (fresh(event).taken, fresh(event).capacity) == (2, 1)
    assert "Personne ne perd la sienne" in hand.get(f"{PAGE}/{event.id}").text
    with db.writing() as session:
        factories.registration(session, event, state=Place.OFFERED)
    later = {"starts_at": "2022-05-10T18:00", "ends_at": "2022-05-10T20:00", "capacity": "3", "seen": "1"}
    assert hand.post(f"{PAGE}/{event.id}", data=as_typed(hand, event, **later)).status_code == 303
    with db.reading() as session:
        assert {each.state for each in session.exec(select(Registration))} == {Place.CONFIRMED}


def test_copies_and_series_keep_the_hour_of_the_clock(world: World, hand: Any) -> None:
    """27 March 2022 lies between: 18:00 stays 18:00. An hour that does not exist there is said, and nothing made."""
    event = made(hand, starts_at="2022-03-20T18:00", ends_at="2022-03-20T19:00", opens_at="2022-03-01T09:00")
    copied = hand.post(f"{PAGE}/{event.id}/copie")
    with db.reading() as session:
        copy = edit_queries.one(session, UUID(copied.headers["location"].split("/")[3].split("?")[0]))
    assert (copy.starts_at, copy.title, copy.state) == (
        datetime(2022, 4, 17, 16, tzinfo=UTC),
        event.title,
        EventState.DRAFT,
    )
    answer = hand.post(f"{PAGE}/{event.id}/serie", data={"times": "3"})
    assert answer.status_code == 303
    with db.reading() as session:
        others = edit_queries.of_series(session, edit_queries.one(session, event.id))
    assert [each.starts_at.hour for each in others] == [16, 16, 16]
    assert hand.post(f"{PAGE}/{event.id}/serie", data={"times": "1"}).status_code == 303
    assert hand.post(f"{PAGE}/{event.id}/serie/publication").status_code == 303
    with db.reading() as session:
        others = edit_queries.of_series(session, edit_queries.one(session, event.id))
    assert [each.state for each in others] == [EventState.PUBLISHED] * 4
    assert others[-1].starts_at == datetime(2022, 4, 17, 16, tzinfo=UTC), "it goes on after the last"
    night = made(hand, starts_at="2022-03-20T02:30", ends_at="2022-03-20T04:00", title="La nuit")
    refused = hand.post(f"{PAGE}/{night.id}/serie", data={"times": "2"})
    assert (refused.status_code, "La semaine n° 1 tombe" in refused.text) == (422, True)
    for times in ("0", "31", "", "x"):
        assert hand.post(f"{PAGE}/{night.id}/serie", data={"times": times}).status_code == 422
    with db.reading() as session:
        assert edit_queries.of_series(session, edit_queries.one(session, night.id)) == []


def test_two_made_at_once_get_two_addresses(world: World, hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if both had looked before either was written."""
    first = made(hand)
    monkeypatch.setattr(edit_copies, "_slug", lambda _db, _event: first.slug)
    second = made(hand)
    assert second.slug.startswith(f"{first.slug}-")
    assert (second.title, second.id != first.id) == (first.title, True)


def test_only_a_draft_is_thrown_away(world: World, hand: Any) -> None:
    draft, event = made(hand), published()
    assert hand.post(f"{PAGE}/{draft.id}/suppression").headers["location"].endswith("notice=discarded")
    assert hand.get(f"{PAGE}/{draft.id}").status_code == 404
    assert hand.post(f"{PAGE}/{draft.id}/suppression").status_code == 404
    assert hand.post(f"{PAGE}/{event.id}/suppression").status_code == 409
    assert fresh(event).state is EventState.PUBLISHED


def test_who_or_what_is_in_two_places_at_once(world: World, hand: Any) -> None:
    first = made(hand, facilitators="Ada\nLin")
    here = {"starts_at": "2022-05-03T19:00", "ends_at": "2022-05-03T21:00", "facilitators": "  ADA ", "title": "Soupe"}
    for fields, expected in (
        ({}, ("Le même lieu", "ADA y est aussi")),
        ({"mode": "online", "place_name": ""}, ("ADA y est aussi",)),
        ({"starts_at": "2022-05-03T20:00"}, ()),
    ):
        shown = hand.post(f"{PAGE}/apercu", data=TYPED | here | fields)
        assert shown.status_code == 200
        assert ("deux choses en même temps" in shown.text) is bool(expected)
        assert all(words in shown.text for words in expected)
    itself = hand.post(f"{PAGE}/apercu", params={"de": str(first.id)}, data=TYPED | {"facilitators": "Ada"})
    assert "deux choses en même temps" not in itself.text
    second = made(hand, **here)
    assert "ADA y est aussi" in hand.get(f"{PAGE}/{second.id}").text
    listed = hand.get(PAGE).text
    assert "ADA : en même temps que « Une grande table »" in listed
    assert f"{PAGE}/{first.id}" in listed


def test_the_list_shows_each_what_is_theirs(world: World, hand: Any) -> None:
    draft = made(hand)
    event = published(title="Publié déjà", capacity=10)
    with_people(event, Place.CONFIRMED, Place.WAITING)
    text = hand.get(PAGE).text
    assert "1 prise sur 10" in text
    assert "1 en attente" in text
    assert draft.title in text
    mediator = someone(world, "Sam", Role.MEDIATOR)
    text = mediator.get(PAGE).text
    assert (event.title in text, draft.title in text, f'{PAGE}/{event.id}"' in text) == (True, False, False)
    assert draft.title not in mediator.get(PAGE, params={"etat": "draft"}).text
    for path in (f"{PAGE}/nouveau", f"{PAGE}/{event.id}", f"{PAGE}/{event.id}/annulation"):
        assert mediator.get(path).status_code == 404
    assert hand.get(PAGE, params={"quand": "passes"}).text.count("Publié déjà") == 0
    assert hand.get(PAGE, params={"apres": "n’importe quoi", "etat": "rien"}).status_code == 200
    assert hand.get(f"{PAGE}/00000000-0000-0000-0000-000000000000").status_code == 404


def test_the_list_of_many_is_paged_with_few_queries(world: World, hand: Any) -> None:
    with db.writing() as session:
        for number in range(120):
            at = NOW + timedelta(days=1 + number // 3, hours=number % 3)
            factories.event(
                session, slug=f"e-{number}", title=f"N{number:03}.", starts_at=at, ends_at=at + timedelta(hours=1)
            )
    seen: list[str] = []
    path = PAGE
    counted: list[str] = []
    sa.event.listen(db.engine(), "before_cursor_execute", lambda *a: counted.append(a[2]))
    for _ in range(3):
        before = len(counted)
        text = hand.get(path).text
        assert len([query for query in counted[before:] if query.startswith("SELECT")]) <= 5
        seen += re.findall(r">(N\d{3}\.)</a>", text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert seen == [f"N{number:03}." for number in range(120)]
    assert path == ""
