"""Taking a place by JSON: answers, the personal link, what is refused and how."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from app import db
from app.events import places, tokens
from app.models import Event, Message, Registration
from tests import factories
from tests.conftest import NOW, World
from tests.events.test_places import said

ONE = {"name": "Lou", "email": "lou@exemple.fr", "people": 1, "consents": {"data": True}}
KEY = {"Idempotency-Key": "0190f7c2-0000-7000-8000-000000000001"}


def event(**fields: Any) -> Event:
    with db.writing() as session:
        return factories.event(session, **fields)


def post(world: World, slug: str, *, headers: dict[str, str] | None = None, **more: Any) -> Any:
    given = {name: value for name, value in (ONE | more).items() if value is not None}
    return world.client.post(f"/api/v1/events/{slug}/registrations", json=given, headers=headers or {})


def test_a_place_then_the_line_and_the_same_person_learns_nothing_more(world: World) -> None:
    slug = event(capacity=2).slug
    first = post(world, slug, people=2)
    assert (first.status_code, first.headers["cache-control"]) == (201, "no-store")
    told = first.json()
    assert (told["state"], told["position"], set(told)) == (
        "confirmed", None, {"id", "state", "position", "manage_token"}
    )  # fmt: skip
    assert len(told["manage_token"]) >= 22, "128 bits at least"
    in_english = {"Accept-Language": "en"}
    bo = post(world, slug, email="bo@exemple.fr", phone="06 12 34 56 78", headers=in_english).json()
    assert (bo["state"], bo["position"]) == ("waiting", 1)
    for again in ({"email": " LOU@Exemple.fr"}, {"email": None, "phone": "+33 (0)6 12 34 56 78"}):
        answer = post(world, slug, **again)
        assert (answer.status_code, answer.json()) == (200, {"state": "already"})
    with db.reading() as session:
        again = session.exec(select(Message).where(Message.template == "link_again")).all()
        lou = tokens.of(session, told["manage_token"])
        assert session.get_one(Event, lou.event_seq).taken == 2
        assert (lou.language, tokens.of(session, bo["manage_token"]).language) == ("fr", "en")
    assert {one.registration_seq for one in again} > {lou.seq}, "the link goes again to where it is held"


def test_the_link_sees_and_gives_up(world: World) -> None:
    slug = event(capacity=1, title="Autour d’une soupe").slug
    lou = post(world, slug, needs=["lsf", "step-free", "un fauteuil large"]).json()
    bo = post(world, slug, email="bo@exemple.fr").json()
    own = f"/api/v1/registrations/{lou['manage_token']}"
    seen = world.client.get(own)
    assert seen.headers["cache-control"] == "no-store"
    assert seen.json() == {
        "id": lou["id"], "event": slug, "state": "confirmed", "position": None, "people": 1,
        "needs": ["lsf", "step_free"], "offered_until": None, "url": f"/rendez-vous/{slug}",
    }  # fmt: skip
    for _ in range(2):
        gone = world.client.delete(own)
        assert (gone.status_code, gone.json()["state"]) == (200, "cancelled")
    assert world.client.get(f"/api/v1/registrations/{bo['manage_token']}").json()["state"] == "confirmed"
    assert post(world, slug).json()["state"] == "waiting", "who gave up may come back, last"
    world.clock.at = NOW + timedelta(days=30)
    over = world.client.delete(f"/api/v1/registrations/{bo['manage_token']}")
    assert (over.status_code, over.json()["code"]) == (409, "event_over")


def test_an_offer_says_until_when(world: World) -> None:
    made = event(capacity=1)
    lou, bo = post(world, made.slug).json(), post(world, made.slug, email="bo@exemple.fr").json()
    world.clock.at = made.starts_at - timedelta(hours=8)
    world.client.delete(f"/api/v1/registrations/{lou['manage_token']}")
    offer = world.client.get(f"/api/v1/registrations/{bo['manage_token']}").json()
    assert (offer["state"], offer["offered_until"]) == ("offered", (world.clock() + timedelta(hours=2)).isoformat())


def test_a_forged_link_opens_nothing(world: World) -> None:
    token = post(world, event().slug).json()["manage_token"]
    for forged in (token[:-1], token + "A", token.swapcase(), "x", "é", "x" * 3000, "..%2f"):
        for method in ("GET", "DELETE"):
            answer = world.client.request(method, f"/api/v1/registrations/{forged}")
            assert (answer.status_code, answer.json()["code"] in ("unknown_link", "not_found")) == (404, True), forged


def test_a_repeat_under_one_key_gets_the_same_link(world: World) -> None:
    slug = event().slug
    first, second = post(world, slug, headers=KEY), post(world, slug, headers=KEY)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    other = post(world, slug, headers=KEY, name="Léo")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    elsewhere = post(world, event().slug, headers=KEY)
    assert elsewhere.json()["id"] != first.json()["id"]


WRONG: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "nothing": ({"name": None, "email": None, "consents": {}}, {
        "name": "missing", "email": "contact_missing", "consents.data": "consent_missing",
    }),
    "no consent at all": ({"consents": None}, {"consents.data": "consent_missing"}),
    "a blank name": ({"name": " \u200b "}, {"name": "missing"}),
    "a long name": ({"name": "n" * 5000}, {"name": "too_long"}),
    "an address": ({"email": "lou@"}, {"email": "bad_email"}),
    "a number": ({"email": None, "phone": "12"}, {"phone": "bad_phone"}),
    "a digit less": ({"email": None, "phone": "06 12 34 56 7"}, {"phone": "bad_phone"}),
    "words as a number": ({"email": None, "phone": "0800 FLEURS"}, {"phone": "bad_phone"}),
    "nobody": ({"people": 0}, {"people": "greater_than_equal"}),
    "fewer than nobody": ({"people": -3}, {"people": "greater_than_equal"}),
    "a crowd": ({"people": 10**30}, {"people": "too_many_people"}),
    "more than there are seats": ({"people": 11}, {"people": "too_many_people"}),
    "not a number": ({"people": "deux"}, {"people": "int_parsing"}),
    "needs that are no list": ({"needs": "lsf"}, {"needs": "list_type"}),
    "too many needs": ({"needs": ["x"] * 21}, {"needs": "too_many_needs"}),
    "a long note": ({"note": "n" * 501}, {"note": "too_long"}),
    "needs as long": ({"needs": ["n" * 501]}, {"note": "too_long"}),
}  # fmt: skip


def test_each_bad_input_names_its_field_in_french_and_leaves_nothing(world: World) -> None:
    made = event()
    for case, (given, errors) in WRONG.items():
        answer = post(world, made.slug, **given)
        found = {error["field"]: error["code"] for error in answer.json().get("errors", [])}
        assert (answer.status_code, found) == (422, errors), case
        assert all(error["message"][0].isupper() and "%" not in error["message"] for error in answer.json()["errors"])
    assert post(world, made.slug, people=11).json()["errors"][0]["message"].endswith("10 en tout.")
    with db.reading() as session:
        assert session.exec(select(Registration)).first() is None
        assert session.get_one(Event, made.seq).line == 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"state": "cancelled"}, "event_cancelled"),
        ({"state": "postponed"}, "event_postponed"),
        ({"access": "invited"}, "invitation_only"),
        ({"opens_at": NOW + timedelta(days=1)}, "registration_not_open"),
        ({"closes_at": NOW - timedelta(days=1)}, "registration_closed"),
        ({"starts_at": NOW - timedelta(days=2), "ends_at": NOW - timedelta(days=1)}, "event_over"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_when_one_cannot_sign_up_it_says_why(world: World, fields: dict[str, Any], code: str) -> None:
    answer = post(world, event(**fields).slug)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert answer.json()["detail"].endswith((".", "ici."))


def test_a_draft_is_not_there(world: World) -> None:
    assert post(world, event(state="draft").slug).status_code == post(world, "rien").status_code == 404


def test_the_public_sees_what_is_left_after_each_step(world: World) -> None:
    made = event(capacity=2)
    where = f"/api/v1/events/{made.slug}"

    def shown() -> tuple[int, int]:
        world.app.forget()  # a page may be a second old
        seen = world.client.get(where).json()
        return seen["seats_left"], seen["waiting"]

    assert shown() == (2, 0)
    lou = post(world, made.slug, people=2).json()
    assert shown() == (0, 0)
    with db.writing() as session:
        places.sign_up(session, made, said("bo"), now=NOW, language="fr", by="staff:x")
    assert shown() == (0, 1)
    world.client.delete(f"/api/v1/registrations/{lou['manage_token']}")
    assert shown() == (1, 0)


def test_beyond_the_limit_a_proof_is_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.proof.MOST", 0)
    answer = post(world, event().slug)
    assert (answer.status_code, answer.json()["challenge"]["algorithm"]) == (428, "sha-256")
