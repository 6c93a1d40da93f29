"""Many at once for few seats, on both databases: never one too many, in the order of their commits.

Small here, through the rules; `make chaos` sends 500 to two web workers (tests/events/crowd.py), and lets 100 leave.
"""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import pytest
from sqlmodel import Session, col, select

from app import audit, db
from app.events import places
from app.events.line import Held
from app.events.schemas import RegistrationIn
from app.models import AuditEntry, Event, Message, Place, Registration
from tests import factories
from tests.conftest import NOW, World

SEATS, CROWD, AT_ONCE = 5, 40, 12
LEAVING = int(os.environ.get("LEAVING", "12"))


def take(seq: int, number: int) -> int:
    """As a handler does it: the event was looked at before somebody else's commit, perhaps."""
    who = {"name": f"n{number}", "email": f"n{number}@exemple.fr", "consents": {"data": True}}
    with db.reading() as session:
        seen = session.get_one(Event, seq)
    with db.writing() as session:
        event = session.merge(seen, load=False)
        said = RegistrationIn.model_validate(who)
        return places.sign_up(session, event, said, now=NOW, language="fr").registration.seq or 0


def crowd(seats: int, number: int) -> tuple[int, list[int]]:
    """So many sign up for so many seats, at once: the event, and their registrations."""
    with db.writing() as session:
        seq = factories.event(session, capacity=seats).seq or 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return seq, list(pool.map(lambda one: take(seq, one), range(number)))


def places_in_order_of_commit(session: Session, seq: int) -> list[tuple[str, int]]:
    """State and line, as the journal has them: its entries are written one by one, last before each commit."""
    mine = {str(one.id): one for one in session.exec(select(Registration).where(Registration.event_seq == seq))}
    entries = select(AuditEntry.object_id).where(AuditEntry.action == "registered").order_by(col(AuditEntry.seq))
    return [(mine[each].state.value, mine[each].line) for each in session.exec(entries) if each in mine]


def is_fair(seq: int, seats: int, number: int) -> bool:
    with db.reading() as session:
        event, order = session.get_one(Event, seq), places_in_order_of_commit(session, seq)
    lines = [line for _, line in order]
    states = [state for state, _ in order]
    counted = (event.taken, event.waiting) == (seats, number - seats)
    return counted and lines == sorted(set(lines)) and states == ["confirmed"] * seats + ["waiting"] * (number - seats)


def test_a_crowd_for_few_seats_gets_them_in_order(world: World) -> None:
    seq, _ = crowd(SEATS, CROWD)
    assert is_fair(seq, SEATS, CROWD)
    with db.reading() as session:
        assert audit.verify(session) == (CROWD, None)


def as_it_was_seen(session: Session, seq: int) -> Held:
    event = session.get_one(Event, seq)
    return Held(**{each.name: getattr(event, each.name) for each in fields(Held)})


def test_negative_control_without_holding_the_event_there_are_too_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "hold_lightly", as_it_was_seen)
    seq, _ = crowd(SEATS, CROWD)
    assert not is_fair(seq, SEATS, CROWD)
    with db.reading() as session:
        confirmed = select(Registration).where(Registration.event_seq == seq, Registration.state == Place.CONFIRMED)
        assert len(session.exec(confirmed).all()) > SEATS


def test_those_who_leave_at_once_promote_each_once(world: World) -> None:
    seq, everybody = crowd(LEAVING, 2 * LEAVING)
    with db.reading() as session:
        mine = select(Registration.seq, Registration.state).where(col(Registration.seq).in_(everybody))
        seated = [each for each, state in session.exec(mine) if state is Place.CONFIRMED]

    def leave(one: int) -> None:
        with db.writing() as session:
            places.cancel(session, session.get_one(Registration, one), by="person", now=NOW)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(leave, [*seated, *seated]))
    with db.reading() as session:
        event = session.get_one(Event, seq)
        told = Counter(session.exec(select(Message.registration_seq).where(Message.template == "promoted")))
        steps = Counter(session.exec(select(AuditEntry.object_id).where(AuditEntry.action == "registration_promoted")))
    assert (event.taken, event.waiting) == (LEAVING, 0)
    assert set(told) == {one for one in everybody if one not in seated}
    assert set(told.values()) == set(steps.values()) == {1}
    assert len(steps) == LEAVING
