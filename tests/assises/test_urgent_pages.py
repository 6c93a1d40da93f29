"""One session changed at once, from a phone: seen first, sent alone whatever else is drafted; then a door's sheet."""

import re
from datetime import UTC, datetime
from typing import Any

from sqlmodel import col, select

from app import db
from app.assises import queries
from app.models import Event, Place, ProgrammeSession, Release, Role
from tests import factories
from tests.conftest import World

PAGE = "/equipe/assises"
LATER = {"act": "move", "starts_at": "2022-06-10T14:30", "minutes": "45"}


def organiser(world: World) -> Any:
    with db.writing() as session:
        return world.as_staff(factories.token(session, factories.staff(session, Role.ORGANISER, name="Nour")))


def public(made: ProgrammeSession) -> Any:
    with db.reading() as session:
        return queries.current(session).programme.by_id[made.id]


def carried(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))


def prepared() -> list[ProgrammeSession]:
    """Released, two people signed up for the first; something else changed in the draft since."""
    with db.writing() as session:
        made = factories.programme(session, sessions=4, seats=5)
        factories.released(session)
        event = session.exec(select(Event).where(Event.id == made[0].id)).one()
        for name in ("Ada", "Lin"):
            factories.registration(session, event, state=Place.CONFIRMED, name=name, email=f"{name}@exemple.fr")
        other = session.get_one(ProgrammeSession, made[1].seq)
        other.starts_at = datetime(2022, 6, 11, 15, tzinfo=UTC)
        session.add(other)
    return made


def test_one_session_is_moved_alone(world: World) -> None:
    hand, made = organiser(world), prepared()
    path = f"{PAGE}/seances/{made[0].id}/urgence"
    assert f'href="{path}"' in hand.get(f"{PAGE}?seance={made[0].id}").text, "two taps"
    form = hand.get(path).text
    assert 'value="2022-06-10T09:00"' in form
    assert "2 places prises" in form
    asked = hand.post(path, data=LATER | {"said": "La salle est inondée."})
    assert (asked.status_code, "3 personnes à prévenir" in asked.text) == (200, True)
    assert "La salle est inondée." in asked.text
    assert public(made[0]).starts_at == datetime(2022, 6, 10, 7, tzinfo=UTC), "nothing left yet"
    back = hand.post(path, data=carried(asked.text) | {"back": "1"})
    assert (back.status_code, 'value="2022-06-10T14:30"' in back.text) == (200, True)
    assert "La salle est inondée." in back.text
    stale = hand.post(path, data=carried(asked.text) | {"mark": "autre", "seen": "1"})
    assert (stale.status_code, "Rien n’est parti." in stale.text) == (409, True)
    sent = hand.post(path, data=carried(stale.text) | {"seen": "1"})
    assert sent.headers["location"] == f"{PAGE}/seances/{made[0].id}/affiche?notice=released"
    assert public(made[0]).starts_at == datetime(2022, 6, 10, 12, 30, tzinfo=UTC)
    assert public(made[1]).starts_at == datetime(2022, 6, 10, 7, tzinfo=UTC), "what else is drafted stays there"
    with db.reading() as session:
        last = session.exec(select(Release).order_by(col(Release.seq).desc())).first()
        assert last
        assert last.urgent
        assert session.get_one(ProgrammeSession, made[0].seq).starts_at == public(made[0]).starts_at
    world.run_jobs()
    assert sum("La salle est inondée." in mail.get_body(("plain",)).get_content() for mail in world.mails) == 2
    sign = hand.get(sent.headers["location"]).text
    assert [
        word for word in ("Déplacé", "09:00", "14:30", "<svg", f"/assises/seances/{made[0].slug}") if word not in sign
    ] == []


def test_one_session_is_cancelled_then_takes_place_after_all(world: World) -> None:
    hand, made = organiser(world), prepared()
    path = f"{PAGE}/seances/{made[0].id}/urgence"
    asked = hand.post(path, data={"act": "cancel", "starts_at": "2022-06-10T14:30", "said": "Ada est malade."})
    assert "Annulé : Séance 1" in asked.text
    hand.post(path, data=carried(asked.text) | {"seen": "1"})
    assert (public(made[0]).cancelled, public(made[0]).starts_at) == (True, datetime(2022, 6, 10, 7, tzinfo=UTC))
    sign = hand.get(f"{PAGE}/seances/{made[0].id}/affiche").text
    assert ("Annulé" in sign, "Ada est malade." in sign, "Maintenant" in sign) == (True, True, False)
    assert 'value="cancel"' not in hand.get(path).text
    asked = hand.post(path, data={"act": "move"})
    hand.post(path, data=carried(asked.text) | {"act": "move", "seen": "1"})
    assert not public(made[0]).cancelled


def test_what_cannot_be_changed_is_said_with_what_was_typed(world: World) -> None:
    hand, made = organiser(world), prepared()
    path = f"{PAGE}/seances/{made[0].id}/urgence"
    for sent, status, words in (
        ({"act": "move"}, 422, "Rien n’a changé depuis la dernière version."),
        (LATER | {"starts_at": "2022-03-27T02:30"}, 422, "Cette heure n’existe pas"),
        (LATER | {"minutes": "0"}, 422, "Le nombre doit être au moins 1."),
        (LATER | {"minutes": "900"}, 422, "est plus long que sa journée"),
        (LATER | {"room": "00000000-0000-0000-0000-000000000000"}, 422, "Cette salle n’existe pas"),
        (LATER | {"said": "x" * 501}, 422, "501 caractères, 500 au plus"),
        (LATER | {"act": "burn"}, 422, "Choisissez une des réponses proposées."),
    ):
        answer = hand.post(path, data=sent)
        assert (answer.status_code, words in answer.text) == (status, True), (sent, answer.text)
        assert sent.get("starts_at", "") in answer.text
    assert hand.get(f"{PAGE}/seances/00000000-0000-0000-0000-000000000000/affiche").status_code == 404
    assert hand.get(path.replace(str(made[0].id), "00000000-0000-0000-0000-000000000000")).status_code == 404
