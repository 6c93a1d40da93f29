"""What arrived is looked at by the worker's duty: once a revision, in time, without touching anything else."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app import audit, db
from app.assistance import detectors, jobs, queries, rules
from app.assistance.detectors import Detector
from app.errors import Conflict
from app.models import Band, Contribution, Fingerprint, Revision, Signal, SignalState, State
from tests import factories
from tests.conftest import NOW, World

PHONE, DANGER = "Appelez le 06 98 76 54 32.", "J’ai envie de mourir."


def have(body: str, **fields: Any) -> Contribution:
    with db.writing() as session:
        return factories.contribution(session, body=body, **fields)


def now(one: Contribution) -> Contribution:
    with db.reading() as session:
        return session.get_one(Contribution, one.seq)


def signals(one: Contribution) -> list[Signal]:
    with db.reading() as session:
        return queries.signals(session, one.seq or 0, now(one).revision)


def settle(one: Signal, to: SignalState) -> None:
    with db.writing() as session:
        person = factories.staff(session)
        signal, contribution = queries.signal(session, str(one.id))
        rules.settle(session, signal, contribution, to=to, by=person, now=NOW)


def revise(one: Contribution, body: str) -> None:
    with db.writing() as session:
        session.execute(sa.text("UPDATE contribution SET revision = 2, version = version + 1"))
        session.add(Revision(contribution_seq=one.seq, number=2, body=body, language="fr", created_at=NOW))


def test_what_arrives_is_looked_at_once_and_nothing_else_changes(world: World) -> None:
    one = have(f"{DANGER} {PHONE}", title="Écrire à lea@exemple.fr")
    jobs.assist(world.adapters)
    after, found = now(one), signals(one)
    assert [(each.kind, each.place) for each in found] == [("email", "title"), ("danger", "body"), ("phone", "body")]
    danger, phone = found[1:]
    assert (danger.start, danger.end, danger.detector, danger.state) == (5, 20, "danger 1", SignalState.OPEN)
    assert "mourir" not in repr(danger.detail)
    assert phone.created_at == NOW
    assert (after.assisted_revision, after.dangers, after.version, after.state) == (1, 1, one.version, State.PENDING)
    with db.reading() as session:
        assert queries.unassisted(session, 10) == []
    jobs.assist(world.adapters)
    assert [each.seq for each in signals(one)] == [each.seq for each in found]


def test_others_write_before_each_note(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(jobs, "let_others_write", lambda *, at_most: waited.append(at_most))
    one, other = have(PHONE), have(PHONE)
    jobs.assist(world.adapters)
    assert waited == [jobs.PATIENCE] * 2
    assert [now(each).assisted_revision for each in (one, other)] == [1, 1], (
        "a crowd delays advice, never keeps it away"
    )


def test_only_what_a_person_will_read_is_looked_at(world: World) -> None:
    waits = have(PHONE, state=State.SECOND_REVIEW)
    others = [have(PHONE, state=state) for state in (State.PUBLISHED, State.REFUSED, State.WITHDRAWN, State.RETURNED)]
    jobs.assist(world.adapters)
    assert [len(signals(one)) for one in (waits, *others)] == [1, 0, 0, 0, 0]


def test_a_new_revision_begins_anew_and_the_old_signals_go(world: World) -> None:
    one = have(DANGER)
    jobs.assist(world.adapters)
    settle(signals(one)[0], SignalState.CONFIRMED)
    revise(one, PHONE)
    jobs.assist(world.adapters)
    with db.reading() as session:
        kept = [(each.kind, each.revision) for each in session.exec(select(Signal))]
    assert (kept, now(one).assisted_revision, now(one).dangers) == ([("phone", 2)], 2, 0)


def test_what_a_person_has_settled_stays_settled_when_it_is_looked_at_again(world: World) -> None:
    one = have(f"{DANGER} {PHONE}")
    jobs.assist(world.adapters)
    settle(signals(one)[0], SignalState.DISMISSED)
    with db.writing() as session:
        session.execute(sa.text("UPDATE contribution SET assisted_revision = 0"))
    jobs.assist(world.adapters)
    assert [(each.kind, each.state.value) for each in signals(one)] == [("danger", "dismissed"), ("phone", "open")]
    assert now(one).dangers == 0


def test_words_changed_in_their_place_lose_their_marks_until_looked_at_again(world: World) -> None:
    one = have(f"{DANGER} {PHONE}")
    jobs.assist(world.adapters)
    with db.writing() as session:
        rules.again(session, session.get_one(Contribution, one.seq))
    assert (signals(one), now(one).dangers) == ([], 0)
    jobs.assist(world.adapters)
    assert len(signals(one)) == 2


def test_what_changed_while_it_was_looked_at_is_looked_at_again(world: World) -> None:
    one = have(PHONE)
    with db.reading() as session:
        (read,) = queries.unassisted(session, 10)
    revise(one, "Sans numéro.")
    jobs.look_at(read, now=NOW)
    assert (now(one).assisted_revision, signals(one)) == (0, [])
    jobs.assist(world.adapters)
    assert (now(one).assisted_revision, signals(one)) == (2, [])


def test_a_broken_detector_or_database_error_is_nothing_to_say(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str, language: str) -> Any:
        raise RuntimeError(text)

    monkeypatch.setattr(detectors, "DETECTORS", (Detector("broken 1", broken),))
    one = have(PHONE)
    jobs.assist(world.adapters)
    assert (now(one).assisted_revision, signals(one)) == (1, [])
    monkeypatch.undo()

    def refuse(*_: Any) -> Any:
        raise sa.exc.OperationalError("statement", {}, ValueError(PHONE))

    monkeypatch.setattr(rules, "_row", refuse)
    two = have(PHONE)
    jobs.assist(world.adapters)
    assert (now(two).assisted_revision, signals(two)) == (1, [])


def test_settling_happens_once_and_is_in_the_journal_without_words(world: World) -> None:
    one = have(f"{DANGER} Je vais les tuer.")
    jobs.assist(world.adapters)
    danger, threat = signals(one)
    assert now(one).dangers == 2
    settle(danger, SignalState.DISMISSED)
    with pytest.raises(Conflict):
        settle(danger, SignalState.CONFIRMED)
    settle(threat, SignalState.CONFIRMED)
    assert ([each.state.value for each in signals(one)], now(one).dangers) == (["dismissed", "confirmed"], 0)
    with db.reading() as session:
        assert audit.verify(session)[1] is None
        entries = session.execute(sa.text("SELECT action, hashes FROM audit_entry WHERE kind = 'signal' ORDER BY seq"))
        rows = entries.all()
    assert [row[0] for row in rows] == ["signal_dismissed", "signal_confirmed"]
    assert "tuer" not in repr(rows)


def test_fingerprints_are_kept_once(world: World) -> None:
    one = have("Une grande table au marché, le dimanche, avec les voisins, les enfants, du pain et de la soupe.")
    for _ in range(2):
        jobs.assist(world.adapters)
        with db.writing() as session:
            session.execute(sa.text("UPDATE contribution SET assisted_revision = 0"))
    with db.reading() as session:
        assert len(session.exec(select(Fingerprint)).all()) == 1
        assert len(session.exec(select(Band)).all()) == 42
    with db.writing() as session:
        rules.forget(session, session.get_one(Contribution, one.seq))
    with db.reading() as session:
        assert session.exec(select(Fingerprint)).all() == session.exec(select(Band)).all() == []
