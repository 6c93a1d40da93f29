"""Places at an event against a plain model of them: any sequence of acts leads to the same.

A few runs here; `STATES=2000` as many as asked (`make chaos`), half of them from a full event; twenty-five acts each.
"""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlmodel import col, select

from app import audit, db
from app.errors import AppError, Unprocessable
from app.events import line, offers, places
from app.events.schemas import RegistrationIn
from app.models import Event, EventState, Registration
from tests import factories
from tests.conftest import NOW, World

RUNS = int(os.environ.get("STATES", "12"))
HOUR, START, LASTS = timedelta(hours=1), NOW + timedelta(days=5), timedelta(hours=2)
WHO, PEOPLE = st.sampled_from("abcdefgh"), st.sampled_from([1, 1, 1, 2, 3, 5])
CAPACITIES = st.sampled_from([0, 1, 2, 3, 4, 6, None])


@dataclass
class Held:
    """One registration in the model."""

    who: str
    people: int
    line: int
    state: str
    until: datetime | None = None


@dataclass
class Plain:
    """Places at one event in the words of domain.md; an act answers its code, or "ok"."""

    now: datetime = NOW
    starts: datetime = START
    capacity: int | None = 4
    state: str = "published"
    line: int = 0
    all: list[Held] = field(default_factory=list)

    @property
    def taken(self) -> int:
        return sum(one.people for one in self.all if one.state in ("confirmed", "offered"))

    def fits(self, people: int) -> bool:
        return self.capacity is None or self.taken + people <= self.capacity

    def waiting(self) -> list[Held]:
        return sorted((one for one in self.all if one.state == "waiting"), key=lambda one: one.line)

    def of(self, who: str) -> Held | None:
        return next((one for one in self.all if one.who == who and one.state != "cancelled"), None)

    def last(self) -> int:
        self.line += 1
        return self.line

    def gone(self) -> str:
        if self.state == "cancelled":
            return "event_cancelled"
        return "event_over" if self.now >= self.starts + LASTS else ""

    def pass_on(self, but: tuple[Held, ...] = ()) -> None:
        if self.state != "published" or self.now >= self.starts:
            return
        for one in self.waiting():
            if one not in but and self.fits(one.people):
                self.give(one)

    def give(self, one: Held) -> None:
        left = self.starts - self.now
        one.state, one.until = ("confirmed" if left > 48 * HOUR else "offered"), None
        if one.state == "offered":
            one.until = min(self.now + min(12 * HOUR, max(HOUR, left / 4)), self.starts)

    def renew(self) -> None:
        """On another date an offer is a seat, or has time again where its own ran out or goes beyond the beginning."""
        if self.state != "published" or self.now >= self.starts:
            return
        far = self.starts - self.now > 48 * HOUR
        for one in [one for one in self.all if one.state == "offered" and one.until]:
            if far or not self.now < one.until <= self.starts:
                self.give(one)

    def sign_up(self, who: str, people: int) -> str:
        if refusal := self.gone():
            return refusal
        if self.state == "postponed":
            return "event_postponed"
        if self.now >= self.starts:
            return "registration_closed"
        if self.of(who):
            return "already"
        if self.capacity is not None and people > self.capacity:
            return "too_many_people"
        self.all.append(Held(who, people, self.last(), "confirmed" if self.fits(people) else "waiting"))
        return "ok"

    def change(self, one: Held, people: int) -> str:
        if refusal := self.gone():
            return refusal
        if people > one.people:
            if self.capacity is not None and people > self.capacity:
                return "too_many_people"
            if one.state != "waiting" and not self.fits(people - one.people):
                return "too_many_people"
        one.people = people
        self.pass_on()
        return "ok"

    def cancel(self, one: Held) -> str:
        if self.now >= self.starts + LASTS:
            return "event_over"
        one.state, one.until = "cancelled", None
        self.pass_on()
        return "ok"

    def accept(self, one: Held) -> str:
        if self.state == "cancelled":
            return "event_cancelled"
        if one.state == "confirmed":
            return "ok"
        if one.state == "offered" and one.until is not None and one.until <= self.now:
            return "offer_expired"
        if one.state == "waiting":
            for_the_asking = [each for each in self.waiting() if self.fits(each.people)]
            if self.state != "published" or self.now >= self.starts or for_the_asking[:1] != [one]:
                return "no_offer"
        one.state, one.until = "confirmed", None
        return "ok"

    def expire(self) -> None:
        if self.state != "published":
            return
        late = [one for one in self.all if one.state == "offered" and one.until and one.until <= self.now]
        for one in sorted(late, key=lambda one: (one.until, one.line)):
            one.state, one.until, one.line = "waiting", None, self.last()
        if late:
            self.pass_on(tuple(late))


class Meeting(RuleBasedStateMachine):
    """One event; the real one through the rules, the plain one beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.plain = Plain()
        with db.writing() as session:
            self.seq = factories.event(session, capacity=4, starts_at=START, ends_at=START + LASTS).seq or 0
        self.rows: list[int] = []  # in the order of Plain.all

    def teardown(self) -> None:
        """Its offers are no more those of the next one."""
        with db.writing() as session:
            session.get_one(Event, self.seq).state = EventState.DRAFT

    def both(self, plain: str, act: Any) -> None:
        """The real act answers what the plain one did; a refused one leaves nothing."""
        try:
            with db.writing() as session:
                real = act(session, session.get_one(Event, self.seq)) or "ok"
        except AppError as refusal:
            real = refusal.errors[0].code if isinstance(refusal, Unprocessable) else refusal.code
        assert real == plain

    def at(self, number: int) -> tuple[int, Held] | None:
        """One of the registrations there are, given up or not."""
        return (self.rows[number % len(self.rows)], self.plain.all[number % len(self.rows)]) if self.rows else None

    @rule(who=WHO, people=PEOPLE)
    def sign_up(self, who: str, people: int) -> None:
        given = {"name": who, "email": f"{who}@exemple.fr", "people": people, "consents": {"data": True}}
        said = RegistrationIn.model_validate(given)

        def act(session: Any, event: Event) -> str:
            done = places.sign_up(session, event, said, now=self.plain.now, language="fr")
            if not done.already:
                self.rows.append(done.registration.seq or 0)
            return "already" if done.already else "ok"

        self.both(self.plain.sign_up(who, people), act)

    @rule(number=st.integers(0, 40))
    def cancel(self, number: int) -> None:
        if one := self.at(number):
            expected = "ok" if one[1].state == "cancelled" else self.plain.cancel(one[1])
            self.both(expected, lambda s, e: places.cancel(s, row(s, one[0]), by="person", now=self.plain.now))

    @rule(number=st.integers(0, 40))
    def accept(self, number: int) -> None:
        if (one := self.at(number)) and one[1].state != "cancelled":
            self.both(self.plain.accept(one[1]), lambda s, e: places.accept(s, row(s, one[0]), now=self.plain.now))

    @rule(number=st.integers(0, 40), people=PEOPLE)
    def change(self, number: int, people: int) -> None:
        if (one := self.at(number)) and one[1].state != "cancelled":
            said: dict[str, Any] = {"people": people, "needs": [], "note": None, "now": self.plain.now}
            self.both(self.plain.change(one[1], people), lambda s, e: places.change(s, row(s, one[0]), **said))

    @rule(capacity=CAPACITIES)
    def resize(self, capacity: int | None) -> None:
        self.plain.capacity = capacity
        self.plain.pass_on()
        self.both("ok", lambda s, e: places.resize(s, e, capacity=capacity, now=self.plain.now))

    @rule(days=st.sampled_from([-3, -1, 1, 4]))
    def move(self, days: int) -> None:
        """To another day, never one that has been: as organisers move it."""
        start = max(self.plain.starts + timedelta(days=days), self.plain.now + HOUR)
        self.plain.starts = start
        self.settle(starts_at=start, ends_at=start + LASTS)

    @rule(state=st.sampled_from(["published", "published", "published", "postponed", "cancelled"]))
    def publish_or_not(self, state: str) -> None:
        self.plain.state = state
        self.settle(state=EventState(state))

    def settle(self, **fields: Any) -> None:
        self.plain.renew()
        self.plain.pass_on()

        def act(session: Any, event: Event) -> None:
            event = places.hold(session, self.seq)
            for name, value in fields.items():
                setattr(event, name, value)
            session.add(event)
            places.promote(session, event, now=self.plain.now)

        self.both("ok", act)

    @rule()
    def expire(self) -> None:
        self.plain.expire()
        self.both("ok", lambda s, e: places.expire(s, now=self.plain.now) and None)

    @rule(hours=st.sampled_from([1, 7, 30]))
    def wait(self, hours: int) -> None:
        self.plain.now += hours * HOUR

    @invariant()
    def they_are_the_same(self) -> None:
        with db.reading() as session:
            event = session.get_one(Event, self.seq)
            mine = select(Registration).where(Registration.event_seq == self.seq).order_by(col(Registration.seq))
            real = list(session.exec(mine))
            numbers = [line.position(session, one) for one in real]
        order = self.plain.waiting()
        for one, plain, number in zip(real, self.plain.all, numbers, strict=True):
            assert (one.state.value, one.people, one.offered_until) == (plain.state, plain.people, plain.until)
            assert number == (order.index(plain) + 1 if plain in order else 0)
        assert (event.taken, event.waiting) == (self.plain.taken, len(order))


class Full(Meeting):
    """Begun where all seats are taken and somebody waits, the day before."""

    def __init__(self) -> None:
        super().__init__()
        for who, people in (("a", 2), ("b", 2), ("c", 1), ("d", 3), ("e", 1)):
            self.sign_up(who, people)
        self.plain.now = START - timedelta(days=1)


def row(session: Any, seq: int) -> Registration:
    found: Registration = session.get_one(Registration, seq)
    return found


def runs(most: int) -> settings:
    return settings(
        max_examples=most, stateful_step_count=25, deadline=None, database=None, derandomize=most < 100,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
    )  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("begun", [Meeting, Full])
def test_any_sequence_of_acts_leads_where_the_plain_model_leads(world: World, begun: type[Meeting]) -> None:
    run_state_machine_as_test(begun, settings=runs(RUNS // 2))
    with db.reading() as session:
        assert audit.verify(session)[1] is None
        over = select(Event.seq).where(col(Event.taken) < 0)
        assert session.exec(over).first() is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_negative_control_the_model_sees_seats_given_from_the_end_of_the_line(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = offers._waiting
    monkeypatch.setattr(offers, "_waiting", lambda session, event: waiting(session, event)[::-1])
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Full, settings=runs(30))
