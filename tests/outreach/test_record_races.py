"""The same record twice at one instant is one record; a code serves once, whoever is first."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app import db
from app.errors import Conflict
from app.models import AllottedCode, Collected, Contribution, Outing
from app.models.base import new_id
from app.outreach import rules
from app.outreach.credentials import Collector
from app.outreach.sealed import Opened, opened
from tests.conftest import NOW, World
from tests.outreach.records import Street, spoken, street

AT_ONCE, TIMES = 8, 16


def at_once(here: Street, records: list[tuple[UUID, Opened]]) -> list[Any]:
    """What came of each, all sent together."""
    by = Collector(here.mediator, here.device)

    def take(record: tuple[UUID, Opened]) -> Any:
        try:
            with db.writing() as session:
                return rules.take(session, *record, by=by, now=NOW).new
        except Conflict as refusal:
            return refusal.code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(take, records))


def said(here: Street, **more: Any) -> Opened:
    return opened(json.dumps(spoken(outing=str(here.outing.id), **more)).encode(), sealed=False)


def test_one_record_many_times_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    here, record = street(world), uuid.uuid4()
    assert sorted(at_once(here, [(record, said(here))] * TIMES)) == [False] * (TIMES - 1) + [True]
    with db.reading() as session:
        assert len(session.exec(select(Contribution)).all()) == 1
        assert session.exec(select(Outing.collected)).one() == 1
    # Negative control: nothing but the unique id keeps them one.
    monkeypatch.setattr(rules, "find", lambda _db, _id: None)
    row = rules._row
    monkeypatch.setattr(rules, "_row", lambda *args, **more: row(*args, **more) | {"id": new_id()})
    assert at_once(here, [(record, said(here))] * 3) == [True] * 3
    with db.reading() as session:
        assert len(session.exec(select(Contribution)).all()) == 4


def test_one_code_for_many_at_once(world: World) -> None:
    here = street(world)
    code = here.codes()[0]["words"]
    records = [(uuid.uuid4(), said(here, receipt_code=code)) for _ in range(AT_ONCE)]
    outcomes = at_once(here, records)
    assert outcomes.count(True) == 1
    assert outcomes.count("receipt_code_used") == AT_ONCE - 1
    with db.reading() as session:
        assert len(session.exec(select(Collected)).all()) == 1
        assert session.exec(select(Outing.collected)).one() == 1
        assert session.exec(select(AllottedCode.used_at)).one() is not None
