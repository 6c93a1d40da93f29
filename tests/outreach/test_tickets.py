"""Tickets of an outing: shown once, kept as HMACs, cancelled by number; one opens what its person said."""

import re
from uuid import uuid4

import sqlalchemy as sa
from sqlmodel import col, select

from app import db
from app.contributions import receipts
from app.models import AllottedCode, Outing, OutingState, Role
from app.outreach import tickets
from tests import factories
from tests.conftest import NOW, World
from tests.outreach.test_outings import PAGE, actions, someone


def test_tickets_are_shown_once(world: World) -> None:
    """Numbered on both halves; codes are kept as HMACs only; a page loaded again makes none; lost ones cancelled."""
    ada, her = someone(world, Role.MEDIATOR, name="Ada")
    with db.writing() as session:
        outing = factories.outing(session, ada, prefix="MAL")
    here = f"{PAGE}/{outing.id}/tickets"
    assert her.get(here).status_code == 200
    sheets = her.post(here, data={"sheets": "2", "after": "0"})
    assert (sheets.status_code, sheets.headers["cache-control"]) == (200, "private, no-store")
    html = sheets.text
    assert (html.count("MAL-001"), html.count("MAL-012"), html.count("MAL-013")) == (2, 2, 0)
    assert her.post(here, data={"sheets": "2", "after": "0"}).status_code == 409
    codes = [re.sub(r"<[^>]+>", "", found) for found in re.findall(r'<p class="ticket-code"[^>]*>(.*?)</p>', html)]
    with db.reading() as session:
        rows = session.exec(select(AllottedCode).order_by(col(AllottedCode.number))).all()
        assert [row.words_mac for row in rows] == [receipts.mac(code) for code in codes]
        assert {row.outing_seq for row in rows} == {outing.seq}
        kept = session.connection().execute(sa.text("SELECT * FROM allottedcode")).all()
    assert codes[0].replace(" ", "-") not in str(kept)
    with db.writing() as session:
        session.exec(sa.update(AllottedCode).where(col(AllottedCode.number) == "MAL-003").values(used_at=NOW))
    for wrong, field in (({"first": "3", "last": "2"}, "last"), ({"first": "0", "last": "2"}, "first"),
                         ({"first": "1", "last": "99"}, "last")):  # fmt: skip
        refused = her.post(f"{here}/annulation", data=wrong)
        assert (refused.status_code, f'href="#{field}"' in refused.text) == (422, True)
    assert her.post(f"{here}/annulation", data={"first": "2", "last": "4"}).status_code == 303
    with db.reading() as session:
        rows = session.exec(select(AllottedCode).order_by(col(AllottedCode.number))).all()
    assert [row.number for row in rows if row.cancelled_at] == ["MAL-002", "MAL-004"]
    assert all(words in her.get(here).text for words in ("<dd>9</dd>", "de MAL-001 à MAL-012"))
    assert her.post(here, data={"sheets": "26", "after": "12"}).status_code == 422
    with db.writing() as session:
        session.get_one(Outing, outing.seq).tickets = 899
    assert her.post(here, data={"sheets": "1", "after": "899"}).status_code == 422
    with db.writing() as session:
        session.get_one(Outing, outing.seq).state = OutingState.CANCELLED
    assert her.post(here, data={"sheets": "1", "after": "899"}).status_code == 409
    assert actions()[-2:] == ["tickets_made", "tickets_cancelled"]


def test_a_ticket_opens_what_was_said(world: World) -> None:
    """From the printer to the person: the number is typed by the mediator, the words on the other half open it."""
    ada, her = someone(world, Role.MEDIATOR, name="Ada")
    with db.writing() as session:
        outing = factories.outing(session, ada, prefix="MAL")
    html = her.post(f"{PAGE}/{outing.id}/tickets", data={"sheets": "1", "after": "0"}).text
    code = re.sub(r"<[^>]+>", "", re.findall(r'<p class="ticket-code"[^>]*>(.*?)</p>', html)[1])
    assert her.post(f"{PAGE}/{outing.id}/cloture", data={"version": "1"}).status_code == 303
    said = factories.said(outing=str(outing.id), receipt_code="mal 2", read_back=True)
    answer = her.put(f"/api/v1/collect/{uuid4()}", json=said)
    assert (answer.status_code, answer.json()["receipt"]) == (201, "ticket"), answer.text
    assert world.browser().post("/suivre", data={"code": code}).status_code == 303
    with db.reading() as session:
        assert tickets.standing(session, outing).used == 1
    assert "<dd>1</dd>" in her.get(f"{PAGE}/{outing.id}").text
