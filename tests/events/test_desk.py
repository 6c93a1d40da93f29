"""Who signed up, as the team sees and serves them: by telephone, in writing, on paper."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app import db
from app.events import door, line
from app.models import EventMessage, EventState, Message, Place, Registration, Role
from tests import factories
from tests.conftest import NOW, World

ORGANISER = (Role.ORGANISER,)


@pytest.fixture
def office(world: World) -> World:
    """A full meeting of four seats: a family has three, somebody waits; an organiser and a mediator."""
    with db.writing() as session:
        event = factories.event(session, capacity=4)
        family = factories.registration(session, event, name="Éloïse", people=3, needs=["childcare", "lsf"])
        waits = factories.registration(session, event, name="Yann", people=2, needs=["lsf"], state=Place.WAITING)
        team = [factories.token(session, factories.staff(session, role)) for role in (Role.ORGANISER, Role.MEDIATOR)]
    world.extra |= {"event": event, "family": family, "waits": waits, "path": f"/equipe/rendez-vous/{event.id}"}
    world.extra["organiser"], world.extra["mediator"] = (world.as_staff(token) for token in team)
    return world


CALLER = {"name": "Malik", "people": "1", "consents.data": "true", "language": "ar"}


def test_who_telephones_gets_a_place_and_an_answer_at_once(office: World) -> None:
    path, mediator = office.extra["path"] + "/inscrits", office.extra["mediator"]
    answer = mediator.post(path, data=CALLER)
    assert answer.status_code == 303
    assert "notice=confirmed#p-" in answer.headers["location"]
    assert "Vous avez une place" in mediator.get(answer.headers["location"]).text
    with_phone = CALLER | {"name": "Ana", "phone": "06 12 34 56 78", "people": "2", "needs": ["lsf", "step_free"]}
    full = mediator.post(path, data=with_phone).headers["location"]
    assert "notice=waiting" in full
    shown = mediator.get(full).text
    assert "Dites-lui son numéro sur la liste d’attente" in shown
    assert re.search(r"n° 2", shown)
    again = mediator.post(path, data=with_phone | {"phone": "+33 6 12 34 56 78"})
    assert "notice=already" in again.headers["location"]
    with db.reading() as session:
        made = session.exec(select(Registration).order_by(Registration.seq)).all()  # type: ignore[arg-type]
    assert len(made) == 4
    assert (made[2].language, made[2].by[:6], made[2].email_sealed, made[2].phone_sealed) == (
        "ar",
        "staff:",
        None,
        None,
    )


def test_a_refused_form_keeps_what_was_typed(office: World) -> None:
    path, mediator = office.extra["path"] + "/inscrits", office.extra["mediator"]
    wrong = {"phone": "06", "people": "900", "language": "xx", "note": "Arrive tard."}
    answer = mediator.post(path, data=wrong)
    assert answer.status_code == 422
    for field in ("name", "phone", "people", "language", "consents-data"):
        assert f'href="#{field}"' in answer.text, field
    assert "Arrive tard." in answer.text
    too_many = mediator.post(path, data=CALLER | {"people": "5"})
    assert too_many.status_code == 422
    with db.writing() as session:
        draft = factories.event(session, state=EventState.DRAFT)
    unknown = mediator.post(f"/equipe/rendez-vous/{draft.id}/inscrits", data=CALLER)
    assert (unknown.status_code, "est un brouillon" in unknown.text) == (409, True)
    office.clock.move(timedelta(days=40))
    over = mediator.post(path, data=CALLER)
    assert (over.status_code, "Ce rendez-vous est passé" in over.text) == (409, True)


def test_cancelling_for_someone_moves_the_next_one_up(office: World) -> None:
    mediator, family, waits = (office.extra[name] for name in ("mediator", "family", "waits"))
    path = office.extra["path"] + "/inscrits"
    answer = mediator.post(f"{path}/{family.id}/annulation")
    assert "notice=cancelled" in answer.headers["location"]
    assert state(family) is Place.CANCELLED
    assert state(waits) is Place.CONFIRMED
    assert mediator.post(f"{path}/{uuid.uuid4()}/annulation").status_code == 404
    office.clock.move(timedelta(days=40))
    assert "notice=too_late" in mediator.post(f"{path}/{waits.id}/annulation").headers["location"]


def test_who_telephones_changes_how_many_come_and_keeps_the_place(office: World) -> None:
    mediator, waits = office.extra["mediator"], office.extra["waits"]
    path = f"{office.extra['path']}/inscrits/{waits.id}"
    assert path in mediator.get(office.extra["path"] + "/inscrits").text
    assert 'name="people" value="' in mediator.get(path).text
    for typed, words in (({"people": "900"}, "trop grand"), ({"people": "zéro", "note": "Un chien"}, "Un chien")):
        refused = mediator.post(path, data=typed)
        assert (refused.status_code, words in refused.text) == (422, True)
    done = mediator.post(path, data={"people": "3", "needs": ["lsf", "interpreter:ar"], "note": "Un fauteuil"})
    assert done.headers["location"].endswith(f"/inscrits?notice=changed#p-{waits.id}")
    shown = mediator.get(done.headers["location"]).text
    assert "C’est changé." in shown
    assert "Un fauteuil" in shown
    assert "checked" in mediator.get(path).text.split('value="interpreter:ar"')[1][:9]
    with db.reading() as session:
        mine = session.get_one(Registration, waits.seq)
        assert (mine.people, mine.needs, mine.state) == (3, ["lsf", "interpreter:ar"], Place.WAITING)
        assert line.position(session, mine) == 1
    assert mediator.get(f"{office.extra['path']}/inscrits/{uuid.uuid4()}").status_code == 404
    office.clock.move(timedelta(days=40))
    assert "notice=too_late" in mediator.post(path, data={"people": "1"}).headers["location"]


def test_someone_says_yes_on_the_telephone(office: World) -> None:
    mediator, family, waits = (office.extra[name] for name in ("mediator", "family", "waits"))
    path = office.extra["path"] + "/inscrits"
    assert "notice=too_late" in mediator.post(f"{path}/{waits.id}/acceptation").headers["location"]
    office.clock.move(timedelta(days=20))
    mediator.post(f"{path}/{family.id}/annulation")
    assert state(waits) is Place.OFFERED
    assert "Dit oui" in mediator.get(path).text
    assert "notice=confirmed" in mediator.post(f"{path}/{waits.id}/acceptation").headers["location"]
    assert state(waits) is Place.CONFIRMED


def state(registration: Registration) -> Place:
    with db.reading() as session:
        return session.get_one(Registration, registration.seq).state


def test_the_list_says_what_to_prepare_and_never_how_to_reach_them(office: World) -> None:
    with db.writing() as session:
        event = office.extra["event"]
        factories.registration(session, event, name="Zoé", email="zoe@exemple.fr", phone="0612345678", people=1)
    page = office.extra["mediator"].get(office.extra["path"] + "/inscrits").text
    assert "<dd>1</dd><dt>Garde d’enfants</dt>" in page, "who waits is not counted yet"
    assert "<dd>1</dd><dt>Interprète en langue des signes" in page
    assert "zoe@exemple.fr" not in page
    assert "612345678" not in page
    assert "Modifier le rendez-vous" not in page
    only = office.extra["mediator"].get(office.extra["path"] + "/inscrits?etat=waiting").text
    assert ("Yann" in only, "Éloïse" in only) == (True, False)


def test_the_sheet_has_everybody_and_room_for_others(office: World) -> None:
    sheet = office.extra["mediator"].get(office.extra["path"] + "/feuille").text
    assert sheet.index("Éloïse") < sheet.index("En liste d’attente") < sheet.index("Yann")
    assert door.door_code(office.extra["family"].id) in sheet
    assert sheet.count('class="blank"') == 8


def test_writing_is_seen_first_and_goes_once(office: World) -> None:
    path, organiser = office.extra["path"] + "/ecrire", office.extra["organiser"]
    assert office.extra["mediator"].get(path).status_code == 404
    before = messages()
    said = {"addressed": "need:lsf", "words": "L’interprète sera à l’entrée.", "key": str(uuid.uuid4())}
    seen = organiser.post(path, data=said | {"act": "preview"})
    assert seen.status_code == 200
    assert "Qui a besoin de : Interprète en langue des signes (LSF) : 2 par courriel." in seen.text
    assert seen.text.count(said["words"]) >= 2
    assert messages() == before, "only looked at"
    for _ in range(2):
        sent = organiser.post(path, data=said | {"act": "send"})
        assert sent.headers["location"].endswith("notice=sent")
    assert len(written()) == 1
    assert messages() == before + 2
    assert "L’interprète sera à l’entrée." in organiser.get(path).text
    assert organiser.post(
        path, data=said | {"key": str(uuid.uuid4()), "act": "send", "addressed": "waiting"}
    ).is_redirect
    assert messages() == before + 3


def test_writing_to_nobody_or_nothing_is_refused(office: World) -> None:
    path, organiser = office.extra["path"] + "/ecrire", office.extra["organiser"]
    for act in ("preview", "send"):
        nobody = organiser.post(path, data={"addressed": "need:childminder", "words": "Bonjour.", "act": act})
        assert nobody.status_code == 422
        assert "Choisissez à qui écrire" in nobody.text
        assert "Bonjour." in nobody.text
    nothing = organiser.post(path, data={"addressed": "all", "words": "  ", "act": "send"})
    assert (nothing.status_code, 'href="#words"' in nothing.text) == (422, True)
    with db.writing() as session:
        event = session.merge(office.extra["event"])
        event.state = EventState.DRAFT
    draft = organiser.post(path, data={"addressed": "all", "words": "Bonjour.", "act": "send"})
    assert draft.status_code == 422
    assert written() == []


def messages() -> int:
    with db.reading() as session:
        return len(session.exec(select(Message)).all())


def written() -> list[Any]:
    with db.reading() as session:
        return list(session.exec(select(EventMessage)).all())


def test_nobody_yet(world: World) -> None:
    with db.writing() as session:
        event = factories.event(session, starts_at=NOW + timedelta(days=1), ends_at=NOW + timedelta(days=2))
        organiser = world.as_staff(factories.token(session, factories.staff(session, *ORGANISER)))
    for page in ("inscrits", "ecrire", "feuille", "porte"):
        assert organiser.get(f"/equipe/rendez-vous/{event.id}/{page}").status_code == 200


def test_many_people_cost_no_more_queries_than_few(office: World) -> None:
    path, organiser = office.extra["path"], office.extra["organiser"]
    pages = ("inscrits", "porte", "porte/etat", "feuille")
    organiser.get(path + "/inscrits")  # what stands switched is asked once a second
    few = [queries(organiser, f"{path}/{name}") for name in pages]
    with db.writing() as session:
        for number in range(12):
            factories.registration(session, office.extra["event"], name=f"P{number}", state=Place.WAITING)
    many = [queries(organiser, f"{path}/{name}") for name in pages]
    assert max(more - fewer for more, fewer in zip(many, few, strict=True)) <= 1, "that one once a second"
    assert max(few) <= 9


def queries(client: Any, path: str) -> int:
    asked: list[str] = []

    def note(*told: Any) -> None:
        asked.append(told[2])

    sa.event.listen(db.engine(), "before_cursor_execute", note)
    assert client.get(path).status_code == 200
    sa.event.remove(db.engine(), "before_cursor_execute", note)
    return len(asked)
