"""One's own place, by the personal link alone: see, accept, change, give up, be forgotten."""

import json
from datetime import timedelta
from typing import Any

import httpx
import icalendar
import pytest
from sqlmodel import col, select

from app import audit, db
from app.events import door, places
from app.events.schemas import RegistrationIn
from app.models import Event, EventState, Job, Message, MessageState, Mode, Place, Registration
from tests import factories
from tests.conftest import NOW, World

STARTS = NOW + timedelta(days=21)


def meeting(**fields: Any) -> int:
    with db.writing() as session:
        return factories.event(session, **({"slug": "atelier"} | fields)).seq or 0


def signed_up(seq: int, name: str = "Zoé", *, people: int = 1, **more: Any) -> str:
    """The token of the personal link."""
    said = {"name": name, "email": f"{name.lower()}@exemple.fr", "people": people, "consents": {"data": True}} | more
    with db.writing() as session:
        event = session.get_one(Event, seq)
        done = places.sign_up(session, event, RegistrationIn.model_validate(said), now=NOW, language="fr")
        return done.token


def page(world: World, token: str, status: int = 200) -> str:
    answer = world.client.get(f"/ma-place/{token}")
    assert answer.status_code == status, answer.text
    return str(answer.text)


def post(world: World, token: str, act: str, **data: Any) -> httpx.Response:
    return world.client.post(f"/ma-place/{token}/{act}", data=data)  # type: ignore[return-value]


def registration(number: int = 0) -> Registration:
    with db.reading() as session:
        return list(session.exec(select(Registration).order_by(col(Registration.seq))))[number]


def change_event(seq: int, **fields: Any) -> None:
    with db.writing() as session:
        event = session.get_one(Event, seq)
        for name, value in fields.items():
            setattr(event, name, value)
        session.add(event)


def test_the_page_shows_the_place_and_keeps_its_address_to_itself(world: World) -> None:
    seq = meeting(mode=Mode.BOTH, online_url="https://visio.example/atelier", way="Tram 1, arrêt Bellevue")
    token = signed_up(seq, people=2, needs=["childcare"], note="Deux enfants")
    shown = world.client.get(f"/ma-place/{token}")
    code = door.door_code(registration().id)
    for words in (
        code,
        "Vous avez une place",
        "Zoé",
        "Garde d’enfants",
        "Deux enfants",
        "Tram 1",
        "<svg",
        "visio.example",
    ):
        assert words in shown.text, words
    assert "zoe@exemple.fr" not in shown.text, "an address is never shown back"
    assert shown.headers["cache-control"] == "private, no-store"
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert shown.headers["x-robots-tag"] == "noindex, nofollow"
    assert 'name="referrer" content="no-referrer"' in shown.text
    assert 'name="robots" content="noindex"' in shown.text
    calendar = world.client.get(f"/ma-place/{token}/rendez-vous.ics")
    entry: Any = icalendar.Calendar.from_ical(calendar.content).walk("VEVENT")[0]
    assert str(entry["url"]) == f"http://testserver/ma-place/{token}"
    assert calendar.headers["cache-control"] == "private, no-store"
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert "Ce lien n’ouvre aucune inscription" in page(world, forged, 404)
    for act in ("accepter", "annuler", "changer", "effacer"):
        assert post(world, forged, act).status_code == 404
        assert post(world, "x" * 3000, act).status_code == 404


def test_a_browser_that_sends_no_origin_may_act_but_another_site_may_not(world: World) -> None:
    token = signed_up(meeting())
    other = world.client.post(f"/ma-place/{token}/annuler", headers={"Origin": "https://ailleurs.example"})
    hidden = world.client.post(f"/ma-place/{token}/annuler", headers={"Origin": "null", "Sec-Fetch-Site": "cross-site"})
    assert [other.status_code, hidden.status_code] == [403, 403]
    assert world.client.post("/suivre/fermer", headers={"Origin": "null"}).status_code == 403
    assert world.client.post(f"/en/ma-place/{token}/annuler", headers={"Origin": "null"}).status_code == 303
    assert registration().state is Place.CANCELLED


def test_changing_how_many_come_and_what_they_need(world: World) -> None:
    token = signed_up(meeting(capacity=4), people=2, reminders=True)
    done = post(world, token, "changer", people=" ٣", needs=["lsf", "interpreter:ar"], note="Avec mon voisin")
    assert done.status_code == 303
    assert "C’est changé." in world.client.get(done.headers["location"]).text
    mine = registration()
    assert (mine.people, mine.needs, mine.reminders, mine.state) == (
        3,
        ["lsf", "interpreter:ar"],
        False,
        Place.CONFIRMED,
    )
    for people, words in (("5", "toutes les places"), ("zéro", "Écrivez un nombre"), ("0", "au moins 1")):
        wrong = post(world, token, "changer", people=people, note="Nous serons plus")
        assert wrong.status_code == 422
        assert words in wrong.text
        assert f'value="{people}"' in wrong.text
        assert "Nous serons plus" in wrong.text
        assert "<details open>" in wrong.text
    assert registration().people == 3


def test_giving_up_lets_the_next_one_in_and_can_be_taken_back_by_signing_up_again(world: World) -> None:
    seq = meeting(capacity=1)
    first, second = signed_up(seq), signed_up(seq, "Ana")
    assert "Vous êtes n° 1 sur la liste d’attente" in page(world, second)
    assert post(world, first, "annuler").status_code == 303
    assert post(world, first, "annuler").status_code == 303, "twice is once"
    given_up = page(world, first)
    assert "Votre inscription est annulée" in given_up
    assert "M’inscrire de nouveau" in given_up
    assert "/annuler" not in given_up
    assert "Vous avez une place" in page(world, second)
    assert "annulée" in post(world, first, "changer", people="1").text


def test_an_offer_is_accepted_in_time_or_not_at_all(world: World) -> None:
    seq = meeting(capacity=1, starts_at=NOW + timedelta(hours=30), ends_at=NOW + timedelta(hours=32))
    first, second = signed_up(seq), signed_up(seq, "Ana")
    post(world, first, "annuler")
    offered = page(world, second)
    assert "Une place s’est libérée pour vous" in offered
    assert "Répondez avant le" in offered
    until = registration(1).offered_until
    assert until
    world.clock.move(until - NOW)
    late = post(world, second, "accepter")
    assert late.status_code == 409
    assert "Le délai pour répondre est passé" in late.text
    with db.writing() as session:
        places.expire(session, now=world.clock())
    assert "Il y a une place libre." in page(world, second)
    taken = post(world, second, "accepter")
    assert "C’est noté" in world.client.get(taken.headers["location"]).text
    assert registration(1).state is Place.CONFIRMED


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_became_of_the_meeting_comes_first(world: World) -> None:
    seq = meeting(online_url="https://visio.example/a", mode=Mode.ONLINE)
    token = signed_up(seq)
    for state, words in ((EventState.CANCELLED, "est annulé"), (EventState.POSTPONED, "est reporté")):
        change_event(seq, state=state, said="La salle est inondée.")
        shown = page(world, token)
        assert f"Ce rendez-vous {words}" in shown
        assert "La salle est inondée." in shown
        assert "<svg" not in shown.split("<main")[1].split("Besoins")[0].replace('<svg class="icon"', "")
        assert "visio.example" not in shown
    change_event(seq, state=EventState.PUBLISHED)
    world.clock.at = STARTS + timedelta(hours=3)
    over = page(world, token)
    assert "Ce rendez-vous est passé" in over
    assert "Je ne viendrai pas" not in over
    refused = post(world, token, "annuler")
    assert refused.status_code == 409
    assert "Ce rendez-vous est passé." in refused.text


def test_erasing_oneself_gives_the_place_up_and_leaves_a_number(world: World) -> None:
    seq = meeting(capacity=1)
    first, second = signed_up(seq, needs=["lsf"], note="Poussette", phone="06 12 34 56 78"), signed_up(seq, "Ana")
    done = post(world, first, "effacer")
    assert done.status_code == 200
    assert "C’est effacé" in done.text
    assert done.headers["referrer-policy"] == "no-referrer"
    assert "Vous avez une place" in page(world, second)
    page(world, first, 404)
    assert post(world, first, "effacer").status_code == 404
    gone, other = registration(), registration(1)
    assert forgotten(gone)
    assert (gone.state, gone.people) == (Place.CANCELLED, 1)
    assert not forgotten(other)
    with db.reading() as session:
        untold = (MessageState.WAITING, MessageState.HELD)
        mine = select(Message).where(Message.registration_seq == gone.seq, col(Message.state).in_(untold))
        assert session.exec(mine).all() == []
        assert audit.verify(session)[1] is None
    world.run_jobs()
    ledger = (world.adapters.data_dir / "erasures.jsonl").read_text().splitlines()
    assert json.loads(ledger[-1]) | {"at": ""} == {"id": str(gone.id), "scope": "registration", "at": ""}
    assert signed_up(seq), "the address is free again"


def forgotten(row: Registration) -> bool:
    held = (row.name_sealed, row.email_sealed, row.email_index, row.phone_sealed, row.phone_index, row.note_sealed)
    return not any((*held, row.token_sealed, row.needs))


def test_three_months_after_nobody_is_named_any_more(world: World) -> None:
    seq, later = meeting(), meeting(slug="plus-tard", state=EventState.POSTPONED)
    token = signed_up(seq, people=3, needs=["lsf"])
    change_event(later, state=EventState.PUBLISHED)
    signed_up(later, "Ana")
    change_event(later, state=EventState.POSTPONED)
    end = STARTS + timedelta(hours=2)
    for days, expected in ((88, [False, False]), (90, [True, False]), (366, [True, True])):
        world.clock.at = end + timedelta(days=days)
        world.sweep()
        assert [forgotten(registration(number)) for number in (0, 1)] == expected, days
    page(world, token, 404)
    kept = registration()
    assert (kept.people, kept.state) == (3, Place.CONFIRMED)
    with db.reading() as session:
        assert session.get_one(Event, seq).taken == 3
        assert len(session.exec(select(Job).where(Job.task == "after_erasure")).all()) == 2, (
            "mails kept as files go too"
        )
        assert audit.verify(session)[1] is None
