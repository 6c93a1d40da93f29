"""Organisers write sessions of the draft: what is refused, two at the same session, what warns, what dropping means."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, col, select

from app import db
from app.assises import draft, edit_sessions, edit_settings
from app.errors import AppError, Conflict, Unprocessable
from app.models import (
    AuditEntry,
    Event,
    EventState,
    Part,
    Place,
    ProgrammeSession,
    Role,
    Room,
    SessionSpeaker,
    Speaker,
    Track,
)
from tests import factories
from tests.conftest import NOW, World

PAGE = "/equipe/assises/seances"
NOBODY = str(uuid4())


@pytest.fixture
def hand(world: World) -> Any:
    """A browser of an organiser."""
    with db.writing() as session:
        person = factories.staff(session, Role.ORGANISER, name="Nour")
        return world.as_staff(factories.token(session, person))


def ids(model: Any) -> list[str]:
    with db.reading() as session:
        return [str(each) for each in session.exec(select(model.id).order_by(model.seq))]


def stored(session_id: Any) -> ProgrammeSession:
    with db.reading() as session:
        return session.exec(select(ProgrammeSession).where(ProgrammeSession.id == UUID(str(session_id)))).one()


def says(answer: Any, *words: str) -> bool:
    return all(each in answer.text for each in words)


def made(hand: Any, **typed: Any) -> str:
    answer = hand.post(PAGE, data={"title": "Se loger d’abord", "kind": "talk", "minutes": "45"} | typed)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"].split("/")[4].split("?")[0])


def as_typed(hand: Any, session_id: str, **changed: Any) -> dict[str, Any]:
    """What the browser would post: the form as it is shown, with some fields changed."""
    html = hand.get(f"{PAGE}/{session_id}").text
    html = html[html.index('id="edit"') : html.index("</form>", html.index('id="edit"'))]
    found: dict[str, Any] = dict(
        re.findall(r'<input type="(?:text|hidden|datetime-local)"[^>]*name="(\w+)" value="([^"]*)"', html)
    )
    found |= dict(re.findall(r'<input type="radio"[^>]*name="(\w+)" value="([^"]*)" checked', html))
    for name, value in re.findall(r'<input type="checkbox"[^>]*name="(\w+)" value="([^"]*)" checked', html):
        found.setdefault(name, []).append(value)
    for name, body in re.findall(r'<select[^>]*name="([\w.]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        found.setdefault(name, []).extend(re.findall(r'value="([^"]+)" selected', body))
    found |= {
        name: value.strip()
        for name, value in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    }
    return found | changed


def test_a_session_is_written_changed_and_dropped(world: World, hand: Any) -> None:
    """Typed in Paris, kept in UTC; its id and address stay; what one opens and saves again changes nothing."""
    with db.writing() as session:
        factories.programme(session, sessions=0)
    room, track, people = ids(Room)[1], ids(Track)[0], ids(Speaker)
    assert hand.get(f"{PAGE}/nouvelle").status_code == 200
    whole = {
        "starts_at": "2022-06-10T14:00", "room": room, "track": track, "seats": "20", "language": "ar",
        "offers": ["lsf", "step_free"], "audiences": ["concerned"], "speaker": [people[2], "", people[0]],
        "interpreter": people[1], "body": "Une\n\ndeux", "said": "Bientôt",
    }  # fmt: skip
    one = made(hand, **whole)
    first = stored(one)
    assert (first.slug, first.version, first.starts_at) == (
        "se-loger-d-abord",
        1,
        datetime(2022, 6, 10, 12, tzinfo=UTC),
    )
    assert (first.seats, first.language, first.offers, first.audiences) == (
        20,
        "ar",
        ["step_free", "lsf"],
        ["concerned"],
    )
    assert stored(made(hand)).slug.startswith("se-loger-d-abord-")
    assert hand.post(f"{PAGE}/{one}", data=as_typed(hand, one)).status_code == 303
    again = stored(one)
    kept = set(ProgrammeSession.model_fields) - {"version", "changed_at"}
    assert again.model_dump(include=kept) == first.model_dump(include=kept)
    with db.reading() as session:
        cast = session.exec(select(SessionSpeaker).order_by(col(SessionSpeaker.position))).all()
        names = [(session.get_one(Speaker, row.speaker_seq).name, row.part) for row in cast]
    assert names == [("Voix 3", Part.SPEAKER), ("Voix 1", Part.SPEAKER), ("Voix 2", Part.INTERPRETER)]
    changed = as_typed(hand, one, title="Autre titre", room="", starts_at="", cancelled="true", newcomers="Zoé\nLin")
    changed = {name: value for name, value in changed.items() if not name.startswith("speaker")}
    assert hand.post(f"{PAGE}/{one}", data=changed).status_code == 303
    last = stored(one)
    assert (last.title, last.slug, last.room_seq, last.starts_at, last.cancelled, last.version) == (
        "Autre titre", "se-loger-d-abord", None, None, True, 3,
    )  # fmt: skip
    again = hand.get(f"{PAGE}/{one}")
    assert says(again, "Sans jour et sans heure", "Zoé (nom pas encore public)", "Lin (nom pas encore public)")
    assert hand.post(f"{PAGE}/{one}/suppression", data={"version": "2"}).status_code == 409
    assert hand.post(f"{PAGE}/{one}/suppression", data={"version": "x"}).status_code == 422
    assert hand.post(f"{PAGE}/{one}/suppression", data={"version": "3"}).status_code == 303
    assert hand.get(f"{PAGE}/{one}").status_code == 404
    with db.reading() as session:
        acts = session.exec(select(AuditEntry.action).where(AuditEntry.object_id == one)).all()
        assert {"programme"} == set(session.exec(select(AuditEntry.kind).where(AuditEntry.object_id == one)))
    assert [act.removeprefix("programme_session_") for act in acts] == ["added", "changed", "changed", "dropped"]


WRONG = (
    ("title", "x" * 300, "300 caractères, 120 au plus"),
    ("title", " ", "Donnez un titre"),
    ("kind", "x", "Choisissez une des réponses proposées"),
    ("starts_at", "2022-03-27T02:30", "Cette heure n’existe pas"),
    ("starts_at", "demain", "Écrivez le jour et l’heure"),
    ("minutes", "0", "au moins 1"),
    ("minutes", "9999", "au plus 1440"),
    ("minutes", "601", "600 minutes au plus ce jour-là"),
    ("seats", "0", "au moins 1"),
    ("seats", "douze", "Écrivez un nombre"),
    ("room", NOBODY, "Cette salle n’existe pas"),
    ("room", "x", "Cette salle n’existe pas"),
    ("track", NOBODY, "Ce thème n’existe pas"),
    ("speaker", NOBODY, "Cette personne n’est pas"),
    ("interpreter", "x", "Cette personne n’est pas"),
    ("newcomers", "Une voix\nvoix 1", "« voix 1 » est déjà dans la liste"),
    ("newcomers", "x" * 300, "300 caractères, 120 au plus"),
    ("language", "tlh", "Cette langue n’est pas connue"),
    ("offers", "x", "Choisissez parmi ce qui est proposé"),
    ("audiences", "x", "Choisissez parmi ce qui est proposé"),
)


def test_what_is_refused_names_its_field_and_loses_nothing(world: World, hand: Any) -> None:
    with db.writing() as session:
        factories.programme(session, sessions=1)
        one = str(session.exec(select(ProgrammeSession.id)).one())
    speaker = ids(Speaker)[0]
    whole = as_typed(hand, one, summary="Mes mots à moi")
    for name, value, words in WRONG:
        answer = hand.post(f"{PAGE}/{one}" if name != "title" else PAGE, data=whole | {name: value})
        assert (answer.status_code, words in answer.text) == (422, True), (name, value)
        assert says(answer, f'href="#{name}"', f'id="{name}"', "Mes mots à moi")
    twice = hand.post(f"{PAGE}/{one}", data=whole | {"facilitator": speaker})
    assert (twice.status_code, "Une personne est choisie deux fois" in twice.text) == (422, True)
    assert hand.post(f"{PAGE}/{one}", data=whole | {"version": ""}).status_code == 422
    assert (stored(one).version, len(ids(ProgrammeSession))) == (1, 1)


def test_the_second_of_two_sees_both_and_overwrites_nothing(world: World, hand: Any) -> None:
    with db.writing() as session:
        factories.programme(session, sessions=1)
        one = str(session.exec(select(ProgrammeSession.id)).one())
    whole = as_typed(hand, one)
    assert (
        hand.post(f"{PAGE}/{one}", data=whole | {"title": "Le premier titre", "room": ids(Room)[1]}).status_code == 303
    )
    second = hand.post(f"{PAGE}/{one}", data=whole | {"title": "Le second titre"})
    assert second.status_code == 409
    assert says(second, "Quelqu’un d’autre a enregistré entre-temps", "Nour a enregistré")
    assert re.search(r"Le premier titre</span></td><td[^>]*><span[^>]*>Le second titre", second.text)
    assert re.search(r"Salle 2, 60 places</span></td><td[^>]*><span[^>]*>Salle 1, 60 places", second.text)
    assert (stored(one).title, stored(one).version) == ("Le premier titre", 2)
    assert says(second, 'name="version" value="2"', 'value="Le second titre"')
    assert hand.post(f"{PAGE}/{one}/suppression", data={"version": "2"}).status_code == 303
    gone = hand.post(f"{PAGE}/{one}", data=whole | {"title": "Encore là"})
    assert (gone.status_code, 'value="Encore là"' in gone.text, f'action="{PAGE}"' in gone.text) == (409, True, True)


def test_conflicts_are_said_beside_their_fields(world: World, hand: Any) -> None:
    with db.writing() as session:
        two = factories.programme(session, sessions=2, rooms=1)
        one, start = str(two[0].id), two[1].starts_at
    whole = as_typed(hand, one, seats="61", starts_at=f"{start:%Y-%m-%dT}09:50")
    assert hand.post(f"{PAGE}/{one}", data=whole).status_code == 303
    shown = hand.get(f"{PAGE}/{one}")
    assert says(shown, "est prise deux fois", "intervient à deux endroits", "a 61 places")
    html = shown.text
    assert html.index("Quand et où") < html.index("est prise deux fois") < html.index("Avec qui")
    assert html.index("Avec qui") < html.index("intervient à deux endroits")


def test_placing_checks_its_room_its_version_and_its_day(world: World) -> None:
    """What the grid calls."""
    with db.writing() as session:
        by, one = factories.staff(session, Role.ORGANISER), factories.programme(session, sessions=1)[0]
    at, room = datetime(2022, 6, 11, 8, tzinfo=UTC), UUID(ids(Room)[2])

    def place(version: int, starts_at: datetime | None = at, room: UUID | None = room) -> ProgrammeSession:
        with db.writing() as session:
            return edit_sessions.place_session(
                session, one, starts_at=starts_at, room=room, version=version, by=by, now=NOW
            )

    assert place(1).version == 2
    with pytest.raises(Conflict, match="entre-temps"):
        place(1)
    with pytest.raises(Unprocessable) as refused:
        place(2, room=uuid4())
    assert [(error.field, error.code) for error in refused.value.errors] == [("room", "unknown_room")]
    with db.writing() as session:
        session.get_one(ProgrammeSession, one.seq).minutes = 700
    with pytest.raises(Unprocessable) as refused:
        place(2)
    assert [(error.field, error.code) for error in refused.value.errors] == [("minutes", "longer_than_day")]
    assert place(2, None, None).starts_at is None
    with db.reading() as session:
        assert len(draft.pieces(session).unplaced) == 1


def test_dropping_what_is_public_says_what_it_means(world: World, hand: Any) -> None:
    """It stays in calendars, cancelled; who signed up is counted; what nobody saw is gone."""
    with db.writing() as session:
        factories.released(session, sessions=2, seats=10)
        one, two = session.exec(select(ProgrammeSession).order_by(col(ProgrammeSession.seq))).all()
        event = session.exec(select(Event).where(Event.id == one.id)).one()
        factories.registration(session, event, email="a@exemple.fr")
        factories.registration(session, event, state=Place.WAITING, email="b@exemple.fr")
        event.taken, event.waiting = 1, 1
    page = hand.get(f"{PAGE}/{one.id}")
    assert says(page, "Le public la voit", "Elle est publiée.", "2 personnes seront prévenues", "2 personnes inscrites")
    assert says(hand.get(f"{PAGE}/{made(hand)}"), "Le public ne la voit pas encore", "Personne ne l’a vue")
    moved = as_typed(hand, str(two.id), starts_at="2022-06-10T11:00")
    assert hand.post(f"{PAGE}/{two.id}", data=moved).status_code == 303
    assert says(hand.get(f"{PAGE}/{two.id}"), "À la prochaine version, le public lira", "au lieu de")
    assert hand.post(f"{PAGE}/{one.id}/suppression", data={"version": "1"}).status_code == 303
    with db.reading() as session:
        left = draft.frozen(session, now=NOW).by_id[one.id]
        assert (left.cancelled, left.sequence) == (True, 1)
        assert session.exec(select(Event.state).where(Event.id == one.id)).one() is EventState.PUBLISHED


def test_of_two_at_the_same_moment_one_is_told(world: World) -> None:
    """Two change one session; one deletes the room another places it in."""
    with db.writing() as session:
        by, one = factories.staff(session, Role.ORGANISER), factories.programme(session, sessions=1)[0]
        room = session.exec(select(Room).where(Room.seq != one.room_seq)).first()
    assert room is not None
    gate = Barrier(2)

    def place(room_id: UUID | None, version: int) -> str:
        return attempt(
            lambda session: edit_sessions.place_session(
                session, one, starts_at=one.starts_at, room=room_id, version=version, by=by, now=NOW
            )
        )

    def attempt(act: Callable[[Session], object]) -> str:
        gate.wait(10)
        try:
            with db.writing() as session:
                act(session)
        except AppError as refusal:
            return refusal.code
        return "done"

    def drop() -> str:
        thing = edit_settings.THINGS["salles"]
        return attempt(lambda session: edit_settings.drop(session, thing, room.id, version=1, by=by, now=NOW))

    with ThreadPoolExecutor(2) as pool:
        placed = [pool.submit(place, None, 1), pool.submit(place, None, 1)]
        assert sorted(each.result() for each in placed) == ["done", "stale"]
        raced = [pool.submit(place, room.id, 2), pool.submit(drop)]
        assert [each.result() for each in raced] in (["done", "in_use"], ["invalid", "done"])
