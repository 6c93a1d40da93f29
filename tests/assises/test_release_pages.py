"""A release seen whole before it leaves: what changes, what to check, who is told; then the list of versions."""

import re
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from app import db
from app.models import Event, Place, ProgrammeSession, Release, Role
from tests import factories
from tests.conftest import World

PAGE = "/equipe/assises/versions"


def organiser(world: World) -> Any:
    with db.writing() as session:
        return world.as_staff(factories.token(session, factories.staff(session, Role.ORGANISER, name="Nour")))


def mark(html: str) -> str:
    return str(re.findall(r'name="mark" value="(\w+)"', html)[0])


def releases() -> list[str]:
    with db.reading() as session:
        return list(session.exec(select(Release.name).order_by(col(Release.seq))).all())


def move(made: ProgrammeSession, **fields: Any) -> None:
    with db.writing() as session:
        row = session.get_one(ProgrammeSession, made.seq)
        for name, value in fields.items():
            setattr(row, name, value)
        session.add(row)


def test_nothing_is_released_of_nothing(world: World) -> None:
    hand = organiser(world)
    assert "Rien n’est encore public." in hand.get(PAGE).text
    assert "aucune séance n’a d’heure" in hand.get(f"{PAGE}/nouvelle").text
    answer = hand.post(f"{PAGE}/nouvelle", data={"name": "Une", "seen": "1"})
    assert (answer.status_code, "aucune séance n’a d’heure" in answer.text) == (422, True)


def test_a_release_is_seen_first_then_made(world: World) -> None:
    hand = organiser(world)
    with db.writing() as session:
        made = factories.programme(session, sessions=4, seats=5)
    move(made[3], starts_at=None)
    seen = hand.get(f"{PAGE}/nouvelle").text
    assert seen.count(">Nouveau : Séance") == 3
    assert "Sans heure" in seen
    assert f"seance={made[3].id}" in seen
    for sent, words in (
        ({"name": ""}, "Donnez un nom"),
        ({"name": "x" * 81}, "81 caractères, 80 au plus"),
        ({"name": "Une", "words": "y" * 1501}, "1500 au plus"),
    ):
        refused = hand.post(f"{PAGE}/nouvelle", data={"mark": mark(seen), "seen": "1"} | sent)
        assert (refused.status_code, words in refused.text) == (422, True), refused.text
        assert all(typed in refused.text for typed in sent.values()), "kept"
    done = hand.post(f"{PAGE}/nouvelle", data={"mark": mark(seen), "name": "Première", "words": "Voilà.", "seen": "1"})
    assert done.headers["location"] == f"{PAGE}?notice=released"
    listed = hand.get(PAGE).text
    assert all(words in listed for words in ("Première", "Voilà.", "Nour", "Publique maintenant", "3 changements"))
    again = hand.get(f"{PAGE}/nouvelle").text
    assert ("rien de nouveau" in again, 'name="mark"' in again) == (True, False)
    move(made[3], starts_at=made[0].starts_at, room_seq=made[1].room_seq)
    seen = hand.get(f"{PAGE}/nouvelle").text
    assert "Salle 2 est prise deux fois" in seen
    asked = hand.post(f"{PAGE}/nouvelle", data={"name": "Deux"})
    assert (asked.status_code, "Salle 2 est prise deux fois" in asked.text, 'value="Deux"' in asked.text) == (
        200, True, True,
    )  # fmt: skip
    taken = hand.post(f"{PAGE}/nouvelle", data={"name": "Première", "seen": "1"})
    assert (taken.status_code, "porte déjà ce nom" in taken.text) == (422, True)
    assert releases() == ["Première"]


def test_people_are_counted_and_their_messages_shown(world: World) -> None:
    hand = organiser(world)
    with db.writing() as session:
        made = factories.programme(session, sessions=3, seats=5)
        factories.released(session)
        event = session.exec(select(Event).where(Event.id == made[0].id)).one()
        factories.registration(session, event, state=Place.CONFIRMED, name="Ada", email="ada@exemple.fr")
        factories.registration(session, event, state=Place.CONFIRMED, name="Lin", email=None, phone="+33600000000")
    assert made[0].starts_at
    move(made[0], starts_at=made[0].starts_at + timedelta(hours=1))
    seen = hand.get(f"{PAGE}/nouvelle").text
    assert "1 par courriel" in seen
    assert "1 par téléphone" in seen
    assert "10 juin 2022 à 10:00 au lieu de 09:00" in seen.replace("\u202f", " ")
    stale = hand.post(f"{PAGE}/nouvelle", data={"name": "Deux", "mark": "autre", "seen": "1"})
    assert (stale.status_code, "Le programme a changé entre-temps" in stale.text) == (409, True)
    assert 'value="Deux"' in stale.text
    assert len(releases()) == 1
    done = hand.post(f"{PAGE}/nouvelle", data={"name": "Deux", "mark": mark(stale.text), "seen": "1"})
    assert done.status_code == 303
    assert releases()[1:] == ["Deux"]
