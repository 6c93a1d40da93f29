"""Outings: who sees them, what is refused, what becomes of the event on the calendar, tickets shown once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from app import db
from app.models import (
    AuditEntry,
    Collected,
    Event,
    EventKind,
    EventState,
    Message,
    Outing,
    OutingState,
    Place,
    Role,
    Staff,
)
from app.outreach import outing_queries, outings
from tests import factories
from tests.conftest import NOW, World

PAGE = "/equipe/sorties"
TYPED = {
    "place_name": "Marché de Malakoff",
    "place_address": "Boulevard de Sarrebruck",
    "quartier": "malakoff",
    "method": "porteur_de_paroles",
    "question": "q1",
    "starts_at": "2022-04-14T09:00",
    "ends_at": "2022-04-14T12:30",
    "material": "Tickets\nPanneau",
}

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"place_name": " "}, "place_name"),
    ({"starts_at": "2022-04-14T13:00"}, "ends_at"),
    ({"starts_at": "2022-03-27T02:30"}, "starts_at"),  # that hour is none
    ({"ends_at": ""}, "ends_at"),
    ({"method": "megaphone"}, "method"),
    ({"question": "q9"}, "question"),
    ({"quartier": "lune"}, "quartier"),
    ({"point": "ici"}, "point"),
    ({"mediators": ["0189d5a0-0000-7000-8000-000000000000"]}, "mediators"),
    ({"mediators": ["x"]}, "mediators"),
    ({"material": "x" * 1501}, "material"),
]


def someone(world: World, *roles: Role, name: str = "Nour") -> tuple[Staff, Any]:
    with db.writing() as session:
        person = factories.staff(session, *roles, name=name)
        return person, world.as_staff(factories.token(session, person))


@pytest.fixture
def hand(world: World) -> Any:
    return someone(world, Role.ORGANISER)[1]


def planned(hand: Any, **fields: Any) -> Outing:
    answer = hand.post(PAGE, data=TYPED | fields)
    assert answer.status_code == 303, answer.text
    return fresh(UUID(answer.headers["location"].split("/")[3].split("?")[0]))


def fresh(outing_id: UUID) -> Outing:
    with db.reading() as session:
        return session.exec(select(Outing).where(Outing.id == outing_id)).one()


def event_of(outing: Outing) -> Event:
    with db.reading() as session:
        return session.get_one(Event, outing.event_seq)


def actions() -> list[str]:
    with db.reading() as session:
        return list(session.exec(select(AuditEntry.action).order_by(col(AuditEntry.seq))))


def test_an_outing_is_planned_and_changed(world: World, hand: Any) -> None:
    """Hours of Paris are kept in UTC; letters of its tickets are its own; who comes second sees both versions."""
    ada, _ = someone(world, Role.MEDIATOR, name="Ada")
    lin, _ = someone(world, Role.MEDIATOR, Role.MODERATOR, name="Lin")
    assert hand.get(f"{PAGE}/nouvelle").status_code == 200
    first = planned(hand, mediators=[str(ada.id), str(lin.id)], point="47,2184 ; -1,5536")
    second = planned(hand, question="")
    assert (first.starts_at.hour, first.prefix, first.event_seq, first.latitude) == (7, "MAL", None, 47.2184)
    assert (second.prefix[:3], len(second.prefix), second.question) == ("MAL", 4, None)
    shown = hand.get(f"{PAGE}/{first.id}").text
    assert all(words in shown for words in ("Ada, Lin", "Marché de Malakoff", "Panneau", "Prévue"))
    change = TYPED | {"version": 1, "notes": "Le panneau près du pont.", "mediators": [str(lin.id)]}
    assert hand.post(f"{PAGE}/{first.id}/modifier", data=change).status_code == 303
    late = hand.post(f"{PAGE}/{first.id}/modifier", data=change | {"notes": "Près du tram.", "method": "urne"})
    assert late.status_code == 409
    assert all(words in late.text for words in ("Le panneau près du pont.", "Près du tram.", "Urne", 'value="2"'))
    with db.reading() as session:
        assert [each.name for each in outing_queries.mediators(session, first)] == ["Lin"]
    assert actions()[-3:] == ["outing_planned", "outing_planned", "outing_changed"]


def test_what_is_wrong_is_named_and_kept(world: World, hand: Any) -> None:
    for wrong, field in WRONG:
        refused = hand.post(PAGE, data=TYPED | {"notes": "À garder."} | wrong)
        named = f'href="#{field}' in refused.text
        assert (refused.status_code, named, "À garder." in refused.text) == (422, True, True), field
    with db.reading() as session:
        assert session.exec(select(Outing)).all() == []


def test_mediators_see_their_own(world: World, hand: Any) -> None:
    """Another's outing is as if absent; writing is the organisers' affair; whoever goes stays without the role."""
    ada, her = someone(world, Role.MEDIATOR, name="Ada")
    _lin, other = someone(world, Role.MEDIATOR, name="Lin")
    outing = planned(hand, mediators=[str(ada.id)])
    planned(hand, place_name="Place Royale", starts_at="2022-04-01T09:00", ends_at="2022-04-01T10:00")
    assert [n.count("Marché de Malakoff") > 0 for n in (her.get(PAGE).text, other.get(PAGE).text)] == [True, False]
    assert "Place Royale" not in her.get(f"{PAGE}?quand=passees").text
    assert "Place Royale" in hand.get(f"{PAGE}?quand=passees").text
    for path in ("", "/cloture", "/feuille", "/tickets"):
        assert [who.get(f"{PAGE}/{outing.id}{path}").status_code for who in (her, other)] == [200, 404]
    for path in ("/modifier", "/annulation"):
        assert her.get(f"{PAGE}/{outing.id}{path}").status_code == 404
    assert her.post(PAGE, data=TYPED).status_code == 404
    with db.writing() as session:
        session.get_one(Staff, ada.seq).roles = ["moderator"]
    kept = TYPED | {"version": 1, "mediators": [str(ada.id)]}
    assert hand.post(f"{PAGE}/{outing.id}/modifier", data=kept).status_code == 303


def test_the_calendar_follows(world: World, hand: Any) -> None:
    """Public at once; moved with the outing once the message was seen; cancelled with it, in the same words."""
    outing = planned(hand, public="true")
    event = event_of(outing)
    assert (event.kind, event.state, event.place_name) == (EventKind.MEDIATION, EventState.PUBLISHED, outing.place_name)
    assert world.client.get(f"/rendez-vous/{event.slug}").status_code == 200
    assert f"{PAGE}/{outing.id}" in hand.get(f"/equipe/rendez-vous/{event.id}").text
    with db.writing() as session:
        session.get_one(Event, event.seq).body = "Écrit par une organisatrice."
        factories.registration(session, event, state=Place.CONFIRMED, email="zoe@exemple.fr")
    here = f"{PAGE}/{outing.id}"
    moved = TYPED | {"version": 1, "place_name": "Place Royale", "public": "true"}
    asked = hand.post(f"{here}/modifier", data=moved)
    assert (asked.status_code, "Enregistrer et prévenir" in asked.text, fresh(outing.id).version) == (200, True, 1)
    seen = re.findall(r'name="seen" value="(\w+)"', asked.text)[0]
    other = moved | {"starts_at": "2022-04-14T08:00", "seen": seen}  # not what the message said
    assert hand.post(f"{here}/modifier", data=other).status_code == 200
    long = hand.post(f"{here}/modifier", data=moved | {"seen": seen, "words": "x" * 1501})
    assert (long.status_code, 'id="words"' in long.text, fresh(outing.id).version) == (422, True, 1)
    moved |= {"seen": seen, "words": "Le marché est fermé."}
    assert hand.post(f"{here}/modifier", data=moved).status_code == 303
    now = event_of(outing)
    assert (now.place_name, now.title.endswith("Place Royale"), now.sequence) == ("Place Royale", True, 1)
    assert now.body == "Écrit par une organisatrice."
    look = hand.post(f"{here}/annulation", data={"version": 2, "words": "Il pleut.", "act": "look"})
    assert (look.status_code, look.text.count("Il pleut.") > 1) == (200, True)
    assert hand.post(f"{here}/annulation", data={"version": 2, "words": "Il pleut."}).status_code == 303
    now = event_of(outing)
    assert (now.state, now.said, fresh(outing.id).state) == (EventState.CANCELLED, "Il pleut.", OutingState.CANCELLED)
    with db.reading() as session:
        assert len(session.exec(select(Message)).all()) >= 2
    assert hand.post(f"{here}/annulation", data={"version": 3}).status_code == 409
    assert hand.get(f"{here}/annulation").status_code == 409
    assert hand.post(f"{here}/modifier", data=moved | {"version": 3}).status_code == 409
    assert hand.get(f"{here}/modifier").status_code == 303
    late = planned(hand)
    assert hand.post(f"{PAGE}/{late.id}/modifier", data=TYPED | {"version": 1, "public": "true"}).status_code == 303
    assert event_of(fresh(late.id)).state is EventState.PUBLISHED


def collected(session: Session, outing: Outing, mediator: Staff, *, question: str, hour: int) -> None:
    """A record from the street, as the rule of records leaves it."""
    made = factories.contribution(session, question=question)
    made.collected_at = NOW.replace(hour=hour)
    session.add(made)
    record = Collected(
        id=made.id, contribution_seq=made.seq, outing_seq=outing.seq, staff_seq=mediator.seq or 0, digest="x",
        received_at=NOW,
    )  # fmt: skip
    session.add(record)
    session.get_one(Outing, outing.seq).collected += 1
    session.flush()


def test_an_outing_is_closed_with_its_counts(world: World) -> None:
    """By whoever was there; not before its hour; opened again; hours are said to the team."""
    ada, her = someone(world, Role.MEDIATOR, name="Ada")
    with db.writing() as session:
        outing = factories.outing(session, ada)
        for question, hour in (("q1", 7), ("q1", 8), ("q2", 8)):
            collected(session, outing, ada, question=question, hour=hour)
        later = factories.outing(session, ada, starts_at=NOW + timedelta(days=1), ends_at=NOW + timedelta(days=2))
    here = f"{PAGE}/{outing.id}"
    shown = her.get("/equipe").text
    assert (here in shown, str(later.id) in shown, here in someone(world)[1].get("/equipe").text) == (
        True,
        False,
        False,
    )
    shown = her.get(here).text
    assert all(words in shown for words in ("<dd>3</dd>", "9 h", "10 h", "3</dd>"))
    assert her.post(f"{here}/cloture", data={"version": 1, "stopped": "-1"}).status_code == 422
    closing = {"version": 1, "stopped": "46", "notes": "Beaucoup de vent."}
    assert her.post(f"{here}/cloture", data=closing).status_code == 303
    assert her.post(f"{here}/cloture", data=closing).status_code == 409
    now = fresh(outing.id)
    assert (now.state, now.stopped, now.closed_at, now.collected) == (OutingState.CLOSED, 46, NOW, 3)
    assert "<dd>46</dd>" in her.get(here).text
    assert her.post(f"{here}/reouverture", data={"version": 2}).status_code == 303
    assert her.post(f"{here}/reouverture", data={"version": 3}).status_code == 409
    assert her.post(f"{PAGE}/{later.id}/cloture", data={"version": 1}).status_code == 409
    assert "112" in her.get(f"{here}/feuille").text


def test_naughty_words_do_no_harm(world: World, hand: Any) -> None:
    """In every field, on every page that shows them."""
    naughty = "<script>alert(1)</script> {{ 7*7 }} %s %(n)s ' \" \u202e ﷽ 👩‍👩‍👧"
    fields = dict.fromkeys(("place_name", "place_address", "material", "notes"), naughty)
    outing = planned(hand, **fields, public="true")
    here = f"{PAGE}/{outing.id}"
    seen = [hand.get(here + path) for path in ("", "/modifier", "/annulation", "/cloture", "/feuille", "/tickets")]
    seen += [hand.get(PAGE), hand.post(f"{here}/tickets", data={"sheets": "1", "after": "0"})]
    assert [(page.status_code, "<script>alert" in page.text) for page in seen] == [(200, False)] * 8
    assert hand.post(f"{here}/cloture", data={"version": "1\x00", "stopped": "١٢"}).status_code == 422
    assert hand.post(f"{here}/tickets", data={"sheets": "1e9", "after": "-1"}).status_code == 422


def test_two_at_once(world: World) -> None:
    """One prints, one closes; the others are told."""
    ada, _ = someone(world, Role.MEDIATOR, name="Ada")
    with db.writing() as session:
        outing = factories.outing(session, ada, prefix="MAL")
        token = factories.token(session, ada)
    here = f"{PAGE}/{outing.id}"

    def post(path: str, **data: str) -> int:
        return int(world.as_staff(token).post(f"{here}/{path}", data=data).status_code)

    with ThreadPoolExecutor(4) as people:
        printed = [people.submit(post, "tickets", sheets="1", after="0") for _ in range(4)]
        assert sorted(one.result() for one in printed) == [200, 409, 409, 409]
        closed = [people.submit(post, "cloture", version="1") for _ in range(4)]
        assert sorted(one.result() for one in closed) == [303, 409, 409, 409]
    now = fresh(outing.id)
    assert (now.tickets, now.version) == (6, 2)


def test_two_at_once_without_the_lock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: on PostgreSQL nothing else keeps two from closing the same version."""
    if world.dialect == "sqlite":
        return  # a writer is alone there
    ada, _ = someone(world, Role.MEDIATOR, name="Ada")
    with db.writing() as session:
        outing = factories.outing(session, ada, prefix="MAL")
        token = factories.token(session, ada)
    both = Barrier(2, timeout=5)

    def unheld(session: Session, seq: int) -> Outing:
        found = session.get_one(Outing, seq)
        both.wait()
        return found

    monkeypatch.setattr(outings, "held", unheld)
    address = f"{PAGE}/{outing.id}/cloture"
    with ThreadPoolExecutor(2) as people:
        closed = [people.submit(world.as_staff(token).post, address, data={"version": "1"}) for _ in range(2)]
        assert [one.result().status_code for one in closed] == [303, 303]


def test_the_list_goes_on(world: World, hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page by page, each once; a cursor nobody gave begins at the beginning."""
    for day in (14, 15, 15):
        planned(hand, place_name=f"Place du {day}", starts_at=f"2022-04-{day}T09:00", ends_at=f"2022-04-{day}T10:00")
    monkeypatch.setattr(outing_queries, "PAGE", 1)
    address, seen = PAGE, []
    while address:
        html = hand.get(address).text
        seen += re.findall(r"Place du \d+", html)
        address = next(iter(re.findall(r'rel="next" href="([^"]+)"', html)), "")
    assert seen == ["Place du 14", "Place du 15", "Place du 15"]
    assert "Place du 14" in hand.get(f"{PAGE}?apres=x").text
