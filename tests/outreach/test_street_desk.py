"""What moderators see of words from the street: who brought them, what has not arrived; what the public sees."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

from app import db
from app.contributions import publishing
from app.models import Channel, Collected, Contribution, Device, Outing, Role, State
from tests import factories
from tests.conftest import World
from tests.factories import NOW
from tests.outreach.street_media import Medium, Record, taken_in


def _reader(world: World, *roles: Role) -> Any:
    with db.writing() as session:
        return world.as_staff(factories.token(session, factories.staff(session, *roles)))


def _said(text: str) -> str:
    """What a page says, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def _rows(record: Record) -> tuple[Collected, Contribution]:
    with db.reading() as session:
        row = session.get_one(Collected, record.seq)
        return row, session.get_one(Contribution, row.contribution_seq)


def test_the_item_says_who_brought_it_and_what_has_not_arrived(world: World) -> None:
    with db.writing() as session:
        record = taken_in(
            session, Medium(), Medium(client_id="m2"), under_15=True, sheet="F-12", clock_doubtful=True, read_back=True
        )
        other = factories.contribution(session)
    row, made = _rows(record)
    moderator, organiser = _reader(world, Role.MODERATOR), _reader(world, Role.MODERATOR, Role.ORGANISER)
    text = _said(moderator.get(f"/equipe/moderation/{made.id}").text)
    for words in (
        "2 fichiers ne sont pas encore arrivés", "Téléphone bleu", "Dernier contact", "Marché de Malakoff",
        "Porteur de paroles", record.mediator.name, "Relu avec la personne Oui", "Moins de 15 ans Oui", "F-12",
        "(heure incertaine)",
    ):  # fmt: skip
        assert words in text, words
    for_moderator = moderator.get(f"/equipe/moderation/{made.id}").text
    assert "/equipe/appareils/" not in for_moderator
    assert "/equipe/sorties/" not in for_moderator
    seen = organiser.get(f"/equipe/moderation/{made.id}").text
    assert f"/equipe/appareils/{record.device.id}" in seen
    assert "/equipe/sorties/" in seen
    assert "2 photos ou sons pas encore arrivés" in _said(
        organiser.get(re.findall(r"/equipe/sorties/[^\"]+", seen)[0]).text
    )
    elsewhere = moderator.get(f"/equipe/moderation/{other.id}").text
    assert 'id="street"' not in elsewhere
    with db.writing() as session:
        device = session.get_one(Device, record.device.seq)
        device.revoked_at = world.clock()
    assert "Cet appareil est coupé" in moderator.get(f"/equipe/moderation/{made.id}").text
    assert row.read_back


def test_what_a_browser_brought_has_no_device_to_wait_for(world: World) -> None:
    with db.writing() as session:
        record = taken_in(session, Medium(), device_seq=None, outing_seq=None)
    _row, made = _rows(record)
    text = _said(_reader(world, Role.MODERATOR).get(f"/equipe/moderation/{made.id}").text)
    assert "1 fichier n’est pas encore arrivé" in text
    assert "Dernier contact" not in text
    assert "Relu avec la personne Non" in text


def test_the_queue_of_one_outing(world: World) -> None:
    with db.writing() as session:
        here, there = taken_in(session), taken_in(session)
        outing = session.get_one(Outing, session.get_one(Collected, here.seq).outing_seq)
    moderator = _reader(world, Role.MODERATOR)
    mine, other = _rows(here)[1], _rows(there)[1]
    text = moderator.get(f"/equipe/moderation?outing={outing.id}").text
    assert mine.reference in text
    assert other.reference not in text
    assert "Marché de Malakoff, " in _said(text)
    assert f"/equipe/moderation/{mine.id}?outing={outing.id}" in text
    answer = moderator.get("/api/v1/moderation/queue", params={"outing": str(outing.id)})
    assert [each["reference"] for each in answer.json()["items"]] == [mine.reference]
    assert "Rien n’attend ici." in moderator.get(f"/equipe/moderation?outing={uuid4()}").text
    assert moderator.get("/equipe/moderation?outing=rien").status_code == 422


def test_the_public_page_leads_to_the_outing_only_where_five_spoke(world: World) -> None:
    with db.writing() as session:
        record = taken_in(session)
        row = session.get_one(Collected, record.seq)
        made = session.get_one(Contribution, row.contribution_seq)
        factories.set_state(session, made, State.PUBLISHED)
        publishing.publish(session, made, now=NOW)
        outing = session.get_one(Outing, row.outing_seq)
        outing.slug, outing.told_at, outing.collected = "malakoff-2022-04-12", NOW + timedelta(hours=4), 4
        online = factories.contribution(session, state=State.PUBLISHED)

    def page(reference: str) -> str:
        return str(world.client.get(f"/paroles/{reference}?{uuid4()}").text)  # past the cache

    assert "Dit dans la rue" in page(made.reference)
    assert "/dans-la-rue/" not in page(made.reference).split("<article", 1)[1].split("</article>")[0]
    with db.writing() as session:
        session.get_one(Outing, outing.seq).collected = 5
    seen = page(made.reference)
    assert '/dans-la-rue/malakoff-2022-04-12"' in seen
    assert "Marché de Malakoff" in seen
    assert "malakoff-2022" not in page(online.reference)
    assert made.channel is Channel.STREET
