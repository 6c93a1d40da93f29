"""The team tells what it heard: who may, what is refused, two at the same text, the address, the preview."""

import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app import db
from app.models import AuditEntry, Collected, Outing, OutingState, Publication, Role, Staff, State
from tests import factories
from tests.conftest import NOW, World
from tests.contributions.residents import errors_on
from tests.outreach import told

HERE = "/dans-la-rue/malakoff-2022-04-12"


def team(world: World) -> tuple[Any, Any, Any, Staff]:
    """An organiser, the mediator who was there, and one who was not."""
    with db.writing() as session:
        there = factories.staff(session, Role.MEDIATOR)
        others = (factories.staff(session, Role.ORGANISER), there, factories.staff(session, Role.MEDIATOR))
        clients = [world.as_staff(factories.token(session, each)) for each in others]
    return clients[0], clients[1], clients[2], there


def desk(made: Outing) -> str:
    return f"/equipe/sorties/{made.id}/recit"


def save(hand: Any, made: Outing, **typed: Any) -> Any:
    """As whoever just opened the page."""
    mark = re.search(r'name="seen" value="(\w+)"', hand.get(desk(made)).text)
    assert mark is not None
    return hand.post(desk(made), data={"seen": mark[1], "heard": "Du prix des légumes.", **typed})


def again(made: Outing) -> Outing:
    with db.reading() as session:
        return session.exec(select(Outing).where(col(Outing.id) == made.id)).one()


def actions() -> list[str]:
    with db.reading() as session:
        return list(
            session.exec(select(AuditEntry.action).where(AuditEntry.kind == "outing").order_by(col(AuditEntry.seq)))
        )


def version() -> int:
    with db.reading() as session:
        return session.exec(select(Publication.version)).one()


def test_a_mediator_writes_an_organiser_publishes_and_takes_back(world: World) -> None:
    organiser, mediator, stranger, there = team(world)
    with db.writing() as session:
        made = told.outing(session, there, people=5)
        first = told.said(session, made, there, state=State.PUBLISHED, body="Un banc.").reference
        told.said(session, made, there, state=State.PUBLISHED, body="Une table.")
    assert stranger.get(desk(made)).status_code == 404
    before = version()
    answer = save(mediator, made)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{desk(made)}?notice=saved")
    assert (again(made).heard, again(made).told_at, version()) == ("Du prix des légumes.", None, before)
    assert world.client.get(HERE).status_code == 404
    assert save(mediator, made, publish="true").status_code == 404  # not theirs to publish

    assert save(organiser, made, publish="true", chosen=[first, "NS-AAAAAA"]).status_code == 303
    page = world.client.get(HERE).text
    assert page.index("Un banc.") < page.index("Une table.")
    assert version() > before
    assert save(mediator, made, heard="Autre chose.").status_code == 404  # public now: no longer theirs to change
    assert save(organiser, made, heard="Du prix du lait.", changes="Un banc est posé.").status_code == 303
    world.app.forget()
    assert "Du prix du lait." in world.client.get(HERE).text
    assert "Un banc est posé." in world.client.get(f"{HERE}/affiche").text

    assert mediator.post(f"{desk(made)}/retrait").status_code == 404
    for _twice in range(2):
        assert organiser.post(f"{desk(made)}/retrait").status_code == 303
    world.app.forget()
    assert world.client.get(HERE).status_code == 404
    assert (again(made).heard, again(made).slug) == ("Du prix du lait.", "malakoff-2022-04-12")
    assert save(organiser, made, heard="Du prix du lait.", publish="true").status_code == 303
    assert again(made).slug == "malakoff-2022-04-12"
    assert actions() == ["outing_written", "outing_told", "outing_retold", "outing_untold", "outing_told"]


def test_two_at_the_same_text_and_the_second_compares(world: World) -> None:
    organiser, _mediator, _stranger, there = team(world)
    with db.writing() as session:
        made = told.outing(session, there, people=5)
        reference = told.said(session, made, there, state=State.PUBLISHED, body="Un banc.").reference
    mark = re.search(r'name="seen" value="(\w+)"', organiser.get(desk(made)).text)
    assert mark is not None
    for change in ({"heard": "Leur texte."}, {"chosen": reference}):
        assert save(organiser, made, **change).status_code == 303
        late = organiser.post(desk(made), data={"seen": mark[1], "heard": "Mon texte."})
        assert late.status_code == 409
        assert "Mon texte." in late.text  # nothing typed is lost
        assert "Quelqu’un d’autre a changé ce récit" in late.text
        assert again(made).heard in late.text
    with db.reading() as session:
        assert session.exec(select(Collected.chosen).where(col(Collected.chosen))).all() == [True]


def test_what_is_refused_names_its_field_and_keeps_what_was_typed(world: World) -> None:
    organiser, _mediator, _stranger, there = team(world)
    with db.writing() as session:
        few, many = told.outing(session, there, people=4), told.outing(session, there, people=5)
        coming = told.outing(session, there, starts_at=NOW + timedelta(hours=1), ends_at=NOW + timedelta(hours=2))
        off = told.outing(session, there, people=5, state=OutingState.CANCELLED)
    named = "On était à l’espace AGNES VARDA."
    for made, typed, status, field in (
        (many, {"publish": "true", "heard": ""}, 422, "heard"),
        (many, {"heard": "a" * 3001}, 422, "heard"),
        (many, {"changes": "é" * 1501}, 422, "changes"),
        (many, {"chosen": ["NS-AAAAAA"] * 7}, 422, "chosen"),
        (few, {"publish": "true", "heard": named}, 422, "heard"),
        (few, {"publish": "true", "changes": "Venez au 12 rue du cloitre"}, 422, "changes"),
    ):
        answer = save(organiser, made, **typed)
        assert (answer.status_code, errors_on(answer.text)[0][0]) == (status, field), typed
        assert again(made).told_at is None
    assert named in save(organiser, few, publish="true", heard=named).text
    assert save(organiser, many, publish="true", heard=named).status_code == 303
    for made, sentence in ((coming, "pas encore commencé"), (off, "annulée")):
        answer = organiser.post(desk(made), data={"heard": "Des mots.", "publish": "true"})
        assert answer.status_code == 409
        assert sentence in answer.text
        assert again(made).heard == ""


def test_two_of_one_day_and_quartier_have_two_addresses_and_neither_says_the_place(world: World) -> None:
    organiser, _mediator, _stranger, there = team(world)
    with db.writing() as session:
        made = [told.outing(session, there, people=5, quartier=each) for each in ("malakoff", "malakoff", "no-home")]
    for each in made:
        assert save(organiser, each, publish="true").status_code == 303
    assert [again(each).slug for each in made] == ["malakoff-2022-04-12", "malakoff-2022-04-12-2", "sortie-2022-04-12"]


def test_the_preview_shows_what_the_public_would_read_and_keeps_nothing(world: World) -> None:
    organiser, _mediator, _stranger, there = team(world)
    with db.writing() as session:
        many, few = told.outing(session, there, people=5), told.outing(session, there, people=4)
        reference = told.said(session, many, there, state=State.PUBLISHED, body="Un banc.").reference
        session.connection().execute(sa.update(Outing).where(col(Outing.seq) == few.seq).values(collected=4))
    seen = organiser.post(f"{desk(many)}/apercu", data={"heard": "Le prix du pain.", "chosen": reference}).text
    for said in (told.PLACE, "Le prix du pain.", "Un banc.", "6 personnes ont parlé."):
        assert said in seen, said
    kept_back = organiser.post(f"{desk(few)}/apercu", data={"heard": "Le prix du pain."}).text
    assert told.PLACE not in kept_back
    assert "Moins de cinq personnes ont parlé." in kept_back
    assert organiser.post(f"{desk(few)}/apercu", data={"heard": told.PLACE}).status_code == 422
    assert (again(many).heard, actions()) == ("", [])
