"""Places at an event: taken, changed, given up, passed on; told each time; each refusal."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, col, select

from app import audit, db
from app.errors import AppError, Unprocessable
from app.events import edit, jobs, line, offers, people, places, tokens
from app.events.edit_schemas import SavingIn
from app.events.schemas import RegistrationIn
from app.models import Access, AuditEntry, Event, EventState, Message, Publication, Registration
from tests import factories
from tests.conftest import NOW, World

START = NOW + timedelta(days=21)  # of the factory's events
LATE = START - timedelta(hours=24)  # a freed seat is offered: less than two days are left


def said(who: str, **more: Any) -> RegistrationIn:
    given = {"name": who, "email": f"{who}@exemple.fr", "people": 1, "consents": {"data": True}}
    return RegistrationIn.model_validate(given | more)


def take(session: Session, event: Event, who: str, *, now: datetime = NOW, by: str = "person", **more: Any) -> Any:
    done = places.sign_up(session, event, said(who, **more), now=now, language="fr", by=by)
    assert done.already or tokens.of(session, done.token) is done.registration
    return done.registration


def full(session: Session, *waiting: str, **fields: Any) -> tuple[Event, Registration, list[Registration]]:
    """An event of two seats, both Ada's, and who waits: `bo` alone, `bo2` with one more."""
    event = factories.event(session, **{"capacity": 2} | fields)
    ada = take(session, event, "ada", people=2)
    return event, ada, [take(session, event, who.rstrip("2"), people=2 if who.endswith("2") else 1) for who in waiting]


def states(session: Session, event: Event) -> str:
    """In the order of the line, with its own counts: `ada:confirmed bo:waiting (2/2, 1)`."""
    mine = select(Registration).where(Registration.event_seq == event.seq).order_by(col(Registration.line))
    shown = " ".join(f"{people.name(one)}:{one.state.value}" for one in session.exec(mine))
    return f"{shown} ({event.taken}/{event.capacity}, {event.waiting})"


def told(session: Session, registration: Registration) -> list[str]:
    """What is still to be said to that person: the newest alone counts."""
    mine = select(Message.template).where(Message.registration_seq == registration.seq, Message.state == "waiting")
    return list(session.exec(mine))


def refused(act: Callable[..., object], what: Any, **named: Any) -> str:
    """Status and code of a refusal, its transaction undone; a row is read anew."""
    with pytest.raises(AppError) as refusal, db.writing() as session:
        act(session, session.get_one(type(what), what.seq) if isinstance(what, SQLModel) else what, **named)
    inside = refusal.value.errors[0] if isinstance(refusal.value, Unprocessable) else refusal.value
    return f"{refusal.value.status} {inside.code}"


def test_seats_then_the_line_then_the_first_for_whom_it_fits(world: World) -> None:
    with db.writing() as session:
        event, ada, (bo, cy) = full(session, "bo2", "cy", capacity=3)
        assert states(session, event) == "ada:confirmed bo:waiting cy:confirmed (3/3, 1)", "one seat was left: Cy's"
        dan = take(session, event, "dan")
        assert [line.position(session, one) for one in (ada, bo, cy, dan)] == [0, 1, 0, 2]
        assert [told(session, one) for one in (ada, bo)] == [["registered"], ["waiting"]]
        seats = session.exec(select(Publication.seats)).one()
        places.cancel(session, cy, by="person", now=NOW)
        assert states(session, event) == "ada:confirmed bo:waiting cy:cancelled dan:confirmed (3/3, 1)"
        places.cancel(session, ada, by="person", now=NOW)
        places.cancel(session, ada, by="person", now=NOW)
        assert states(session, event) == "ada:cancelled bo:confirmed cy:cancelled dan:confirmed (3/3, 0)"
        assert told(session, dan) == told(session, bo) == ["promoted"]
        assert told(session, ada) == ["registration_cancelled"]
        assert session.exec(select(Publication.seats)).one() == seats + 2
        again = take(session, event, "ada")
        assert again.id != ada.id, "whoever gave up may come back, at the end of the line"
        assert line.position(session, again) == 1
    with db.reading() as session:
        steps = session.exec(select(AuditEntry.action).order_by(col(AuditEntry.seq))).all()
        assert steps.count("registered") == 5
        assert steps.count("registration_promoted") == steps.count("registration_cancelled") == 2
        assert audit.verify(session)[1] is None
        kept = session.exec(select(AuditEntry.hashes)).all()
        assert "exemple" not in str(kept)


def test_less_than_two_days_before_a_seat_is_offered_and_passes_on(world: World) -> None:
    with db.writing() as session:
        event, ada, (bo, cy, dan) = full(session, "bo", "cy", "dan")
        places.cancel(session, ada, by="person", now=LATE)
        assert states(session, event) == "ada:cancelled bo:offered cy:offered dan:waiting (2/2, 1)"
        assert bo.offered_until == LATE + timedelta(hours=6), "a quarter of the time that is left"
        places.accept(session, cy, now=LATE)
        places.accept(session, cy, now=LATE)
        assert (told(session, bo), told(session, cy)) == (["offered"], ["registered"])
        assert places.expire(session, now=LATE + timedelta(hours=5)) == 0
    world.clock.at = LATE + timedelta(hours=6)
    jobs.pass_offers_on(world.adapters)
    with db.writing() as session:
        event, bo, dan = (session.get_one(type(one), one.seq) for one in (event, bo, dan))
        assert states(session, event) == "ada:cancelled cy:confirmed dan:offered bo:waiting (2/2, 1)"
        assert (told(session, bo), told(session, dan)) == (["offer_expired"], ["offered"])
        places.cancel(session, dan, by="person", now=LATE + timedelta(hours=7))
        assert states(session, event) == "ada:cancelled cy:confirmed dan:cancelled bo:offered (2/2, 0)"


def test_who_let_an_offer_go_by_may_have_the_seat_while_nobody_else_wants_it(world: World) -> None:
    with db.writing() as session:
        event, ada, (bo,) = full(session, "bo2")
        places.cancel(session, ada, by="person", now=LATE)
        later = LATE + timedelta(hours=6)
        assert (places.expire(session, now=later), places.expire(session, now=later)) == (1, 0)
        assert states(session, event) == "ada:cancelled bo:waiting (0/2, 1)"
        assert offers.may_take(session, event, bo, now=later)
        places.accept(session, bo, now=later)
        assert states(session, event) == "ada:cancelled bo:confirmed (2/2, 0)"


def test_an_offer_stands_a_fair_while_and_never_beyond_the_beginning(world: World) -> None:
    event = Event(starts_at=START)
    for before, stands in ((48, 12), (40, 10), (8, 2), (2, 1), (0.5, 0.5)):
        now = START - timedelta(hours=before)
        assert offers.answer_by(event, now) == now + timedelta(hours=stands), before


def test_more_seats_promote_in_order_and_fewer_take_nobodys(world: World) -> None:
    with db.writing() as session:
        event, *_ = full(session, "bo2", "cy", "dan2")
        places.resize(session, event, capacity=3, now=NOW)
        assert states(session, event) == "ada:confirmed bo:waiting cy:confirmed dan:waiting (3/3, 2)"
        places.resize(session, event, capacity=1, now=NOW)
        assert states(session, event) == "ada:confirmed bo:waiting cy:confirmed dan:waiting (3/1, 2)"
        places.resize(session, event, capacity=None, now=NOW)
        assert states(session, event) == "ada:confirmed bo:confirmed cy:confirmed dan:confirmed (7/None, 0)"
        assert take(session, event, "eve", people=90).state == "confirmed"


def test_a_postponed_event_gives_nothing_until_it_is_published_again(world: World) -> None:
    with db.writing() as session:
        event, ada, (bo, _) = full(session, "bo", "cy")
        by = factories.staff(session)
        edit.turn(session, event, edit.POSTPONE, SavingIn(version=event.version), seen=True, by=by, now=NOW)
        places.cancel(session, ada, by="person", now=NOW)
        assert states(session, event) == "ada:cancelled bo:waiting cy:waiting (0/2, 2)"
        edit.turn(session, event, edit.PUBLISH, SavingIn(version=event.version), seen=True, by=by, now=NOW)
        assert states(session, event) == "ada:cancelled bo:confirmed cy:confirmed (2/2, 0)"
        places.promote(session, event, now=NOW)
        assert told(session, bo).count("promoted") == 1


def test_nobody_loses_an_offer_to_another_date(world: World) -> None:
    """Its time ran out while the event was postponed, or it was moved: never last in line for that."""
    with db.writing() as session:
        event, ada, (bo, cy) = full(session, "bo", "cy")
        places.cancel(session, ada, by="person", now=LATE)
        assert states(session, event) == "ada:cancelled bo:offered cy:offered (2/2, 0)"
        event.starts_at = LATE + timedelta(hours=2)  # sooner than the six hours they have to answer
        places.promote(session, event, now=LATE)
        assert bo.offered_until == cy.offered_until == LATE + timedelta(hours=1), "never beyond the beginning"
        assert told(session, bo) == ["offered"], "with the new hour"
        event.starts_at, by = START, factories.staff(session)
        edit.turn(session, event, edit.POSTPONE, SavingIn(version=event.version), seen=True, by=by, now=LATE)
        back = START - timedelta(hours=8)
        assert places.expire(session, now=back) == 0
        edit.turn(session, event, edit.PUBLISH, SavingIn(version=event.version), seen=True, by=by, now=back)
        assert bo.offered_until == back + timedelta(hours=2), "what ran out meanwhile begins again"
        assert places.expire(session, now=back) == 0
        event.starts_at, event.ends_at = START + timedelta(days=9), START + timedelta(days=9, hours=2)
        places.promote(session, event, now=back)
        assert states(session, event) == "ada:cancelled bo:confirmed cy:confirmed (2/2, 0)", "far off: no need to ask"
        assert "promoted" in told(session, bo)
        assert "offered" not in told(session, bo)


def test_while_one_may_sign_up_for_what_goes_on_those_who_wait_come_first(world: World) -> None:
    days = {"ends_at": START + timedelta(days=4), "closes_at": START + timedelta(days=3)}
    with db.writing() as session:
        event, ada, (bo, cy) = full(session, "bo", "cy", capacity=2, **days)
        places.cancel(session, ada, by="person", now=START)
        assert states(session, event) == "ada:cancelled bo:confirmed cy:confirmed (2/2, 0)"
        late, (dan, eve) = days["closes_at"] - timedelta(hours=2), (take(session, event, who) for who in ("dan", "eve"))
        places.cancel(session, bo, by="person", now=late)
        assert (dan.state, dan.offered_until, told(session, dan)) == ("offered", late + timedelta(hours=1), ["offered"])
        places.cancel(session, cy, by="person", now=days["closes_at"])
        assert eve.state == "waiting", "nobody signs up any more"


def test_a_registration_changes_within_what_is_left(world: World) -> None:
    with db.writing() as session:
        event, ada, (bo,) = full(session, "bo2", capacity=3)
        places.change(session, ada, people=3, needs=["lsf"], note="Un fauteuil", now=NOW)
        assert (ada.people, ada.needs, people.note(ada), event.taken) == (3, ["lsf"], "Un fauteuil", 3)
        assert told(session, ada) == ["registration_changed"]
    changed: dict[str, Any] = {"needs": [], "note": None, "now": NOW}
    assert refused(places.change, ada, people=4, **changed) == "422 too_many_people"
    assert refused(places.change, bo, people=4, **changed) == "422 too_many_people"
    with db.writing() as session:
        event, ada, bo = (session.get_one(type(one), one.seq) for one in (event, ada, bo))
        assert (ada.people, ada.needs) == (3, ["lsf"]), "as it was"
        places.change(session, ada, people=1, **changed)
        assert states(session, event) == "ada:confirmed bo:confirmed (3/3, 0)"
        places.resize(session, event, capacity=2, now=NOW)
        places.change(session, bo, people=2, needs=["childcare"], note=None, now=NOW)
        assert bo.needs == ["childcare"], "a lowered capacity keeps nobody from saying what they need"
        places.cancel(session, ada, by="person", now=NOW)
    assert refused(places.change, bo, people=3, **changed) == "422 too_many_people"
    assert refused(places.change, ada, people=1, **changed) == "409 registration_cancelled"
    assert refused(places.accept, ada, now=NOW) == "409 registration_cancelled"


SAME: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "case and spaces": ({"email": "Lou.Marin@Exemple.FR"}, {"email": " lou.marin @exemple.fr "}, True),
    "dots of gmail.com": ({"email": "lou.marin@gmail.com"}, {"email": "loumarin@GMail.com"}, True),
    "dots elsewhere": ({"email": "lou.marin@exemple.fr"}, {"email": "loumarin@exemple.fr"}, False),
    "+33": ({"email": None, "phone": "06 12 34 56 78"}, {"email": None, "phone": "+33 (0)6.12.34.56.78"}, True),
    "0033": ({"phone": "0612345678"}, {"email": "autre@exemple.fr", "phone": "0033 6 12 34 56 78"}, True),
    "digits of Arabic": ({"email": None, "phone": "06 12 34 56 78"}, {"email": None, "phone": "٠٦١٢٣٤٥٦٧٨"}, True),
    "spaces of print": (
        {"phone": "06 12 34 56 78"},
        {"phone": "06\u202f12\u2009,34/56_78", "email": "b@exemple.fr"},
        True,
    ),
    "another number": ({"email": None, "phone": "06 12 34 56 78"}, {"email": None, "phone": "0612345679"}, False),
    "another country": ({"email": None, "phone": "0612345678"}, {"email": None, "phone": "+32 612 34 56 78"}, False),
}


def test_the_same_person_is_known_however_it_is_typed(world: World) -> None:
    with db.writing() as session:
        for case, (first, second, same) in SAME.items():
            event = factories.event(session)
            one = take(session, event, "lou", **first)
            other = places.sign_up(session, event, said("lou", **second), now=NOW, language="fr")
            assert other.already is same, case
            assert (other.registration.id == one.id) is same, case
            assert event.taken == 2 - same, case
            assert told(session, one) == (["link_again"] if same else ["registered"]), case
            assert take(session, factories.event(session), "lou", **first).id != one.id, "elsewhere, one is new"


def test_what_is_kept_of_a_person_is_sealed(world: World) -> None:
    with db.writing() as session:
        event = factories.event(session)
        made = take(session, event, "Zoé", email="Zoe@Exemple.fr", phone="06 12 34 56 78", note="Avec un chien")
        assert (people.name(made), people.email(made), people.phone(made)) == ("Zoé", "zoe@exemple.fr", "+33612345678")
        assert people.note(made) == "Avec un chien"
        kept = str([*(getattr(made, name) for name in type(made).model_fields)])
        assert not any(word in kept for word in ("Zoé", "exemple", "612345678", "chien", tokens.say(made)))
        assert made.wording == "2022-04-01"
        link, made.token_sealed = tokens.say(made), b""  # what is left when the event is long over
    assert refused(tokens.of, link) == "404 unknown_link"
    assert refused(tokens.of, tokens.new()) == "404 unknown_link"
    assert refused(tokens.of, "x" * 5000) == "404 unknown_link"


REFUSED: dict[str, tuple[dict[str, Any], datetime, str]] = {
    "cancelled": ({"state": "cancelled"}, NOW, "409 event_cancelled"),
    "postponed": ({"state": "postponed"}, NOW, "409 event_postponed"),
    "a draft": ({"state": "draft"}, NOW, "404 not_found"),
    "invited": ({"access": Access.INVITED}, NOW, "409 invitation_only"),
    "before": ({"opens_at": NOW + timedelta(seconds=1)}, NOW, "409 registration_not_open"),
    "after": ({"closes_at": NOW}, NOW, "409 registration_closed"),
    "begun": ({}, START, "409 registration_closed"),
    "over": ({}, START + timedelta(hours=2), "409 event_over"),
    "larger": ({"capacity": 1}, NOW, "422 too_many_people"),
}
BY_TEAM = {"invited", "before", "after", "begun"}  # who phones is let in


def test_who_cannot_sign_up_and_leaves_nothing(world: World) -> None:
    for case, (fields, now, code) in REFUSED.items():
        with db.writing() as session:
            event = factories.event(session, **fields)
        seq = event.seq
        assert refused(take, event, who="lou", now=now, people=2) == code, case
        with db.writing() as session:
            event = session.get_one(Event, seq)
            assert (event.taken, event.waiting, event.line) == (0, 0, 0), case
            if case in BY_TEAM:
                assert take(session, event, "lou", now=now, by="staff:x").by == "staff:x"


def test_too_late_to_change_to_accept_or_to_give_up(world: World) -> None:
    with db.writing() as session:
        event, ada, (bo,) = full(session, "bo2")
    asked: dict[str, Any] = {"people": 1, "needs": [], "note": None}
    assert refused(places.cancel, ada, by="person", now=event.ends_at) == "409 event_over"
    assert refused(places.change, ada, now=event.ends_at, **asked) == "409 event_over"
    assert refused(places.accept, bo, now=NOW) == "409 no_offer"
    with db.writing() as session:
        places.cancel(session, session.get_one(Registration, ada.seq), by="person", now=LATE)
    late = LATE + timedelta(hours=6)
    assert refused(places.accept, bo, now=late) == "409 offer_expired"
    with db.writing() as session:
        session.get_one(Event, event.seq).state = EventState.CANCELLED
        assert places.expire(session, now=late) == 0
    assert refused(places.accept, bo, now=LATE) == "409 event_cancelled"
    assert refused(places.change, bo, now=LATE, **asked) == "409 event_cancelled"
