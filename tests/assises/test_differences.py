"""What is different between two releases, in one sentence each; what a release carries on from the one before."""

from datetime import timedelta
from uuid import UUID

import pytest

from app import i18n
from app.assises.carried import carry
from app.assises.differences import Difference, between, words
from app.assises.frozen import FrozenProgramme, FrozenRoom, freeze, thaw
from tests.assises.frozen import ADA, HALL, MADE, SMALL, TRACK, at, programme, session

LATER = MADE + timedelta(days=1)
OLD = programme(session(1, title="Se loger d’abord"), session(2))
ONE, TWO = OLD.sessions
MOVED = {"starts_at": at(5), "room": SMALL}


def changed(**fields: object) -> FrozenProgramme:
    return carry(OLD, programme(ONE.model_copy(update=fields), TWO), now=LATER)


@pytest.mark.parametrize(
    ("fields", "kind", "said"),
    [
        (MOVED, "moved", "Se loger d’abord : 10 juin 2022 à 14:00 au lieu de 09:00, Salle 2 au lieu de Grande halle"),
        ({"starts_at": at(24)}, "moved", "Se loger d’abord : 11 juin 2022 à 09:00 au lieu de 10 juin 2022 à 09:00"),
        ({"minutes": 90}, "moved", "Se loger d’abord : 90 minutes au lieu de 60"),
        ({"room": None}, "room", "Se loger d’abord : sans salle au lieu de Grande halle"),
        ({"cancelled": True, "said": "Panne."}, "cancelled", "Annulé : Se loger d’abord"),
        ({"title": "Un toit"}, "changed", "Un toit : s’appelait « Se loger d’abord »"),
        (
            {"summary": "Vite.", "track": TRACK, "audience": "Tous", "audiences": ("young",)},
            "changed",
            "Se loger d’abord : changent aussi : le résumé, pour qui, le thème",
        ),
    ],
)
def test_one_session_one_sentence(fields: dict[str, object], kind: str, said: str) -> None:
    new = changed(**fields)
    (found,) = between(OLD, new)
    assert (found.session, found.kind, words(found, new)) == (ONE.id, kind, said)
    assert Difference.of_json(found.as_json()) == found
    assert set(found.before) == set(found.after)


def test_new_dropped_and_taking_place_after_all() -> None:
    first = between(None, OLD)
    assert [(each.kind, each.before) for each in first] == [("new", {})] * 2
    assert words(first[0], OLD) == "Nouveau : Se loger d’abord, 10 juin 2022 à 09:00, Grande halle"
    without = carry(OLD, programme(TWO), now=LATER)
    (gone,) = between(OLD, without)
    assert (gone.kind, gone.session) == ("cancelled", ONE.id)
    (back,) = between(without, carry(without, OLD, now=LATER))
    assert words(back, OLD) == "A bien lieu : Se loger d’abord, 10 juin 2022 à 09:00, Grande halle"
    assert between(OLD, OLD) == between(without, carry(without, programme(TWO), now=LATER)) == []
    with i18n.speaking("ar"):
        assert "Se loger d’abord" in words(first[0], OLD)


def test_another_house_is_another_place_for_every_session() -> None:
    new = carry(OLD, programme(*OLD.sessions, place_name="Stereolux"), now=LATER)
    assert [each.kind for each in between(OLD, new)] == ["room", "room"]
    assert [each.sequence for each in new.sessions] == [1, 1]
    renamed = carry(OLD, programme(*OLD.sessions, rooms=(FrozenRoom(id=HALL, name="Agora"),)), now=LATER)
    assert words(between(OLD, renamed)[0], renamed) == "Se loger d’abord : Agora au lieu de Grande halle"


def test_calendars_are_told_of_what_stands_in_them_and_of_nothing_else() -> None:
    for fields, more in (
        (MOVED, 1), ({"title": "Un toit"}, 1), ({"summary": "Vite."}, 1), ({"minutes": 30}, 1), ({"said": "Oui."}, 1),
        ({"body": "Plus long."}, 0), ({"seats": 12}, 0), ({"track": TRACK}, 0), ({}, 0),
    ):  # fmt: skip
        one = changed(**fields).by_id[ONE.id]
        assert (fields, one.sequence, one.changed_at) == (fields, more, LATER if fields else MADE)
    twice = carry(changed(**MOVED), programme(*OLD.sessions), now=LATER)
    assert [each.sequence for each in twice.sessions] == [2, 0]


def test_what_was_public_never_vanishes() -> None:
    """Dropped with its room and track; another session takes its address; it stays through later releases."""
    old = programme(session(1, track=TRACK, people=(ADA,)), session(2))
    taker = session(3, slug="seance-1", room=SMALL)
    rooms = (FrozenRoom(id=SMALL, name="Salle 2"),)
    new = carry(old, programme(taker, rooms=rooms, tracks=()), now=LATER)
    gone = new.by_id[UUID(int=1)]
    assert (gone.cancelled, gone.title, gone.starts_at, gone.sequence) == (True, "Séance 1", at(0), 1)
    assert (gone.room, gone.track, gone.changed_at) == (None, None, LATER)
    assert len(new.by_slug) == len(new.sessions) == 3
    assert new.by_slug["seance-1"].id == taker.id
    again = carry(new, programme(taker, rooms=rooms, tracks=()), now=LATER + timedelta(days=1))
    assert again == new
    assert thaw(freeze(new)) == new


def test_what_was_said_of_a_new_one_stays_said() -> None:
    """In the changelog, whatever became of it later; letters of somebody who joins say where it is now."""
    new = programme(session(3, room=None, title="Chanter"))
    (found,) = between(None, new)
    later = programme(session(3, room=HALL, title="Chanter encore", starts_at=at(5)))
    assert words(found, new) == words(found, later) == "Nouveau : Chanter, 10 juin 2022 à 11:00"
    joins = Difference(found.session, "new")
    assert words(joins, later) == "Nouveau : Chanter encore, 10 juin 2022 à 14:00, Grande halle"


def test_a_session_cancelled_before_anybody_saw_it_is_said_to_be_cancelled() -> None:
    new = programme(session(1, cancelled=True))
    assert [each.kind for each in between(None, new)] == ["cancelled"]
