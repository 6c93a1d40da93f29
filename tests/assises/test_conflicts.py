"""What organisers are warned of before a release."""

import time

from app.assises.conflicts import find
from tests.assises.frozen import ADA, HALL, LIN, SMALL, at, programme, session


def codes(*sessions: object, **fields: object) -> list[str]:
    return [each.code for each in find(programme(*sessions, **fields))]  # type: ignore[arg-type]


def test_each_warning_says_which_sessions_and_why() -> None:
    whole = programme(
        session(1, seats=60, people=(ADA, LIN)),
        session(2, starts_at=at(0.5), people=(ADA,)),
        session(3, room=None, starts_at=at(2.5)),
        session(4, room=SMALL, starts_at=at(9.5)),
    )
    one, other, unplaced, late = whole.sessions
    found = find(whole, speakers={ADA: "Ada", LIN: "Lin"})
    assert [(each.code, each.sessions, each.words) for each in found] == [
        (
            "room_twice", (one.id, other.id),
            "Grande halle est prise deux fois : « Séance 1 » et « Séance 2 », 10 juin 2022 à 09:30.",
        ),
        (
            "speaker_twice", (one.id, other.id),
            "Ada intervient à deux endroits : « Séance 1 » et « Séance 2 », 10 juin 2022 à 09:30.",
        ),
        ("over_capacity", (one.id,), "« Séance 1 » a 60 places. Grande halle en a 50."),
        ("no_room", (unplaced.id,), "« Séance 3 » n’a pas de salle."),
        ("in_pause", (unplaced.id,), "« Séance 3 » a lieu pendant la pause « Déjeuner »."),
        ("outside_day", (late.id,), "« Séance 4 » est en dehors des heures d’ouverture."),
    ]  # fmt: skip
    assert find(whole)[1].words.startswith("La même personne intervient")


def test_what_only_touches_or_is_cancelled_is_no_conflict() -> None:
    assert codes(session(1, people=(ADA,)), session(2, people=(ADA,)), session(3), session(5)) == []
    assert codes(session(1), session(2, starts_at=at(0), cancelled=True)) == []
    assert codes(session(1, seats=50), session(2, room=SMALL, seats=500)) == []
    assert codes(session(1, room=None), session(2, room=None, starts_at=at(0))) == ["no_room", "no_room"]
    assert codes(session(1), session(1, id=HALL), session(1, id=SMALL)) == ["room_twice"] * 3


def test_three_hundred_sessions_are_looked_at_as_one_works() -> None:
    many = [session(n + 1, starts_at=at(n % 10), people=(ADA,)) for n in range(300)]
    before = time.perf_counter()
    assert len(find(programme(*many))) > 300
    assert time.perf_counter() - before < 3
