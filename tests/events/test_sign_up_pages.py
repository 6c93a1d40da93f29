"""Signing up without an account: the answer at once, the link shown for a while, refusals that lose nothing."""

import re
from datetime import timedelta
from typing import Any

import httpx
from sqlmodel import col, select

from app import db, switches
from app.adapters.clock import real_now
from app.events import tokens
from app.models import Access, EventState, Registration
from app.switches import Switch
from tests import factories
from tests.conftest import NOW, World

FORM = {"name": "Zoé", "email": "zoe@exemple.fr", "people": "2", "consents.data": "true"}
PAGE = "/rendez-vous/atelier/inscription"


def meeting(**fields: Any) -> None:
    with db.writing() as session:
        factories.event(session, **({"slug": "atelier"} | fields))


def read(world: World, path: str = PAGE, status: int = 200) -> str:
    """As it is now: not from the page cache."""
    world.app.forget()
    answer = world.client.get(path)
    assert answer.status_code == status, answer.text
    return str(answer.text)


def send(world: World, path: str = PAGE, **more: Any) -> httpx.Response:
    return world.browser().post(path, data=FORM | more)  # type: ignore[return-value]


def link_of(page: str) -> str:
    """The personal link's token, as the page says it."""
    return str(re.findall(r"/ma-place/([\w-]+)", page)[0])


def registrations() -> list[Registration]:
    with db.reading() as session:
        return list(session.exec(select(Registration).order_by(col(Registration.seq))))


def test_a_place_at_once_and_a_link_shown_for_a_quarter_of_an_hour(world: World) -> None:
    meeting(capacity=10)
    assert "Il reste 10 places." in read(world)
    sent = send(world, needs=["lsf", "interpreter:ar", ""], note="Je viens avec une poussette.", reminders="true")
    assert sent.status_code == 303
    shown = world.client.get(sent.headers["location"])
    assert "Vous avez une place" in shown.text
    assert "2 places sont notées pour vous" in shown.text
    assert "<svg" in shown.text.split('class="qr"')[1]
    assert shown.headers["cache-control"] == "private, no-store"
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert 'name="robots" content="noindex"' in shown.text
    token = link_of(shown.text)
    assert token not in sent.headers["location"], "the link stays out of the history of a shared phone"
    [made] = registrations()
    assert (made.people, made.needs, made.reminders) == (2, ["lsf", "interpreter:ar"], True)
    assert made.wording == "2022-04-01"
    assert "Il reste 8 places." in read(world)
    read(world, sent.headers["location"].replace("atelier", "autre"), 410)
    world.clock.move(timedelta(minutes=16))
    assert "Votre lien personnel marche toujours" in read(world, sent.headers["location"], 410)
    assert "Vous avez une place" in read(world, f"/ma-place/{token}")


def test_full_means_the_waiting_list(world: World) -> None:
    meeting(capacity=2)
    send(world)
    full = read(world)
    assert "Me mettre en liste d’attente" in full
    assert "C’est complet." in full
    sent = send(world, email="", phone="06 12 34 56 78")
    shown = read(world, sent.headers["location"])
    assert "Vous êtes n° 1 sur la liste d’attente" in shown
    assert "Nous vous appelons si quelque chose change" in shown
    assert "1 inscription attend déjà." in read(world)


def test_what_is_wrong_is_said_all_at_once_and_nothing_is_lost(world: World) -> None:
    meeting(capacity=3)
    typed = {"name": "", "email": "zoe@exemple", "people": "beaucoup", "needs": "lsf", "note": "Poussette"}
    wrong = world.client.post(PAGE, data=typed)
    assert wrong.status_code == 422
    for words in (
        "Écrivez un prénom", "Cette adresse ne semble pas complète", "Écrivez un nombre", "Sans votre accord",
        'value="zoe@exemple"', 'value="beaucoup"', "Poussette", "À compléter",
    ):  # fmt: skip
        assert words in wrong.text, words
    assert re.search(r'value="lsf" checked', wrong.text)
    assert "Donnez une adresse ou un numéro" in send(world, email="").text
    party = send(world, people="4")
    assert (party.status_code, registrations()) == (422, [])
    assert "C’est plus que toutes les places de ce rendez-vous : 3 en tout." in party.text
    assert world.client.get("/rendez-vous/rien/inscription").status_code == 404
    assert send(world, "/rendez-vous/rien/inscription").status_code == 404


def test_when_one_cannot_sign_up_the_page_says_why(world: World) -> None:
    reasons = {
        "pas-encore": ({"opens_at": NOW + timedelta(days=1)}, "Les inscriptions ouvrent le 13 avril 2022 à"),
        "clos": ({"closes_at": NOW - timedelta(days=1)}, "Les inscriptions sont closes depuis le 11 avril 2022"),
        "annule": ({"state": EventState.CANCELLED}, "Ce rendez-vous est annulé"),
        "reporte": ({"state": EventState.POSTPONED}, "Ce rendez-vous est reporté"),
        "invite": ({"access": Access.INVITED}, "Ce rendez-vous est sur invitation"),
        "passe": ({"starts_at": NOW - timedelta(days=2), "ends_at": NOW - timedelta(days=1)}, "est passé"),
    }
    for slug, (fields, words) in reasons.items():
        meeting(slug=slug, **fields)
        page = f"/rendez-vous/{slug}/inscription"
        shown, refused = read(world, page), send(world, page)
        assert words in shown, slug
        assert '<form method="post" action="' + page not in shown, slug
        assert (refused.status_code, registrations()) == (409, []), slug
        assert "data-errors" in refused.text, slug
    meeting(slug="brouillon", state=EventState.DRAFT)
    read(world, "/rendez-vous/brouillon/inscription", 404)
    meeting(slug="libre", capacity=None)
    assert "de la place pour tout le monde" in read(world, "/rendez-vous/libre/inscription")


def test_the_same_person_again_learns_nothing_and_changes_nothing(world: World) -> None:
    meeting()
    send(world)
    again = send(world, name="Quelqu’un", email=" ZOE@exemple.FR", people="1")
    assert again.headers["location"] == PAGE + "/deja"
    told = read(world, PAGE + "/deja")
    assert "Vous êtes déjà sur la liste" in told
    assert "/ma-place/" not in told
    [made] = registrations()
    assert made.people == 2


def test_a_double_tap_is_one_act_with_and_without_javascript(world: World) -> None:
    meeting(capacity=20)
    for key in ("01890a5d-ac96-774b-bcce-b302099a8057", ""):
        more = {"key": key, "email": f"zoe{len(key)}@exemple.fr"}
        links = {link_of(read(world, send(world, **more).headers["location"])) for _ in range(2)}
        assert len(links) == 1, key
        # Having given up, the same page serves to come back.
        world.client.post(f"/ma-place/{links.pop()}/annuler")
        assert "Vous avez une place" in read(world, send(world, **more).headers["location"])
    assert len(registrations()) == 4


def test_beyond_the_limits_a_proof_is_asked_and_nothing_is_lost(world: World) -> None:
    meeting()
    with db.writing() as session:
        switches.turn(session, Switch.PROOF, on=True, by="test", now=real_now())
    switches.forget()
    asked = send(world)
    assert asked.status_code == 428
    assert 'data-proof="' in asked.text
    assert 'value="zoe@exemple.fr"' in asked.text
    assert registrations() == []


def test_the_personal_link_is_not_in_the_database(world: World) -> None:
    meeting()
    token = link_of(read(world, send(world).headers["location"]))
    [made] = registrations()
    assert token not in made.token_mac
    assert token.encode() not in made.token_sealed
    with db.reading() as session:
        assert tokens.of(session, token).seq == made.seq
