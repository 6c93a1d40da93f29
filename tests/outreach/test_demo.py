"""The demonstration's outings: by the team's own rules, each marked as invented, one where few spoke."""

from sqlmodel import col, select

from app import db
from app.consultation.content import consultation
from app.consultation.demo_content import DEMO, load_demo
from app.models import Channel, Event, EventState, Outing, OutingState, Role, State
from app.outreach import demo
from tests import factories
from tests.conftest import World


def test_one_is_told_one_where_few_spoke_one_today_and_one_to_come(world: World) -> None:
    content = load_demo(DEMO, consultation())
    with db.writing() as session:
        mediator, organiser = factories.staff(session, Role.MEDIATOR), factories.staff(session, Role.ORGANISER)
        for outing in content.outings:
            demo.plan(session, outing, mediator=mediator, by=organiser)
        for each in content.contributions:
            if each.outing:
                voice = factories.contribution(
                    session, channel=Channel.STREET, body=each.body, language=each.language, state=State.PUBLISHED
                )
                demo.say(session, voice, outing=each.outing, chosen=each.chosen, mediator=mediator)
        for outing in content.outings:
            demo.finish(session, outing, by=organiser)
    with db.reading() as session:
        made = session.exec(select(Outing).order_by(col(Outing.starts_at))).all()
        [event] = session.exec(select(Event)).all()
    assert [(each.prefix, each.state, each.collected, each.tickets) for each in made] == [
        ("SUD", OutingState.CLOSED, 2, 0), ("MAR", OutingState.CLOSED, 6, 0), ("TAL", OutingState.PLANNED, 0, 24),
        ("ROS", OutingState.PLANNED, 0, 0),
    ]  # fmt: skip
    assert [each.slug for each in made] == ["nantes-sud-2022-02-05", "malakoff-2022-03-26", None, None]
    assert all(each.invented for each in made)
    assert (event.place_name, event.state, event.invented) == ("Place Rosa-Parks", EventState.PUBLISHED, True)
    slugs = (each.slug for each in made[:2])
    few, told = (world.client.get(f"/dans-la-rue/{slug}") for slug in slugs)
    assert "centre commercial" not in few.text
    for page in (few, told):
        assert "Exemple inventé" in page.text
    assert "Donnez-les avant" in told.text
    assert world.client.get("/dans-la-rue/malakoff-2022-03-26/affiche").status_code == 200
