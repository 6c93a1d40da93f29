"""Organisers see the draft by day and room, and place a session in it: what that brings about is said at once."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import select

from app import db
from app.assises import grid
from app.models import ProgrammeSession, Role, SessionSpeaker
from tests import factories
from tests.conftest import World

PAGE = "/equipe/assises"
MORNING = datetime(2022, 6, 10, 7, tzinfo=UTC)


def organiser(world: World) -> Any:
    with db.writing() as session:
        return world.as_staff(factories.token(session, factories.staff(session, Role.ORGANISER, name="Nour")))


def drafted(**fields: Any) -> list[ProgrammeSession]:
    with db.writing() as session:
        return factories.programme(session, **fields)


def rooms() -> list[str]:
    with db.reading() as session:
        return [str(room.id) for room in grid.read(session).rooms]


def now(made: ProgrammeSession) -> ProgrammeSession:
    with db.reading() as session:
        return session.get_one(ProgrammeSession, made.seq)


def place(hand: Any, made: ProgrammeSession, **fields: Any) -> Any:
    return hand.post(f"{PAGE}/seances/{made.id}/place", data={"version": 1} | fields)


def test_the_draft_stands_by_day_and_room(world: World) -> None:
    hand = organiser(world)
    assert "Commencez par les jours et les salles." in hand.get(PAGE).text
    made = drafted(sessions=40)
    html = hand.get(PAGE).text
    assert html.count("data-card=") == len(made)
    assert "vendredi 10 juin 2022" in html
    assert "samedi 11 juin 2022" in html
    assert "Déjeuner" in html
    taken = hand.get(f"{PAGE}?seance={made[0].id}").text
    assert 'value="2022-06-10T09:00"' in taken
    assert f'action="{PAGE}/seances/{made[0].id}/place"' in taken
    with db.reading() as session:
        shown = grid.read(session)
    for one in shown.days:
        covered = [[0] * len(one.lines) for _ in shown.rooms]
        columns = {room.id: number for number, room in enumerate(shown.rooms)}
        for number, line in enumerate(one.lines):
            for cell in line.cells:
                for under in range(number, number + cell.lines):
                    covered[columns[cell.room]][under] += 1
        assert {count for column in covered for count in column} == {1}, "each cell of the table once"


def test_what_overlaps_shares_a_cell_and_what_follows_stands_below() -> None:
    def at(minutes: int, lasts: int) -> Any:
        return SimpleNamespace(starts_at=MORNING + timedelta(minutes=minutes), minutes=lasts)

    runs = grid._runs([at(-20, 40), at(0, 30), at(30, 50), at(80, 45), at(595, 60)], MORNING, 40)
    assert [(begins, ends, len(together)) for begins, ends, together in runs] == [
        (0, 2, 2), (2, 5, 1), (5, 8, 1), (39, 40, 1),
    ]  # fmt: skip


def test_placing_says_at_once_what_it_brings_about(world: World) -> None:
    hand, made = organiser(world), drafted(sessions=6)
    halls = rooms()
    answer = place(hand, made[0], starts_at="2022-06-11T09:30", room=halls[2])
    assert answer.headers["location"] == f"{PAGE}?posee={made[0].id}"
    assert now(made[0]).starts_at == datetime(2022, 6, 11, 7, 30, tzinfo=UTC)
    assert "Salle 3" in notice(hand.get(answer.headers["location"]).text)
    where = now(made[1])
    assert where.starts_at == MORNING
    twice = place(hand, made[3], starts_at="2022-06-10T09:30", room=halls[1])
    said = notice(hand.get(twice.headers["location"]).text)
    assert "Salle 2 est prise deux fois" in said
    assert "Voix 1 intervient" not in said
    aside = place(hand, made[4], starts_at="2022-06-10T09:30", room=halls[1], aside="1")
    assert "à placer" in notice(hand.get(aside.headers["location"]).text)
    assert now(made[4]).starts_at is None
    assert f'id="s-{made[4].id}"' in hand.get(PAGE).text


def notice(html: str) -> str:
    """What is said about the session just placed."""
    said = html[html.index('role="status"') :]
    return said[: said.index("</div>")]


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"version": "7"}, 409, "Quelqu’un d’autre a enregistré entre-temps."),
        ({"starts_at": "demain"}, 422, "Écrivez le jour et l’heure"),
        ({"starts_at": "2022-03-27T02:30"}, 422, "Cette heure n’existe pas"),
        ({"room": "00000000-0000-0000-0000-000000000000"}, 422, "Cette salle n’existe pas"),
        ({"room": "partout"}, 422, "Cet identifiant n’existe pas"),
        ({"version": ""}, 422, "Il manque une réponse ici."),
    ],
)
def test_what_is_refused_keeps_the_session_in_hand(world: World, sent: dict[str, str], status: int, words: str) -> None:
    hand, made = organiser(world), drafted(sessions=2)[0]
    answer = place(hand, made, **({"starts_at": "2022-06-11T11:15", "room": rooms()[1]} | sent))
    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert sent.get("starts_at", "2022-06-11T11:15") in answer.text, "what was typed"
    assert 'name="version" value="1"' in answer.text, "as it is now"
    assert now(made).starts_at == MORNING


def test_a_session_longer_than_its_day_and_one_that_is_gone(world: World) -> None:
    hand, made = organiser(world), drafted(sessions=1, rooms=1, minutes=700, starts_at=None)[0]
    answer = place(hand, made, starts_at="2022-06-10T09:00")
    assert (answer.status_code, 'href="#starts_at"' in answer.text) == (422, True)
    assert "600 minutes au plus" in answer.text
    with db.writing() as session:
        session.delete(session.exec(select(SessionSpeaker)).one())
        session.flush()
        session.delete(session.get_one(ProgrammeSession, made.seq))
    assert place(hand, made, starts_at="2022-06-10T09:00").status_code == 404
    assert hand.get(f"{PAGE}?seance={made.id}&posee={made.id}").status_code == 200
