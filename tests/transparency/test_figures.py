"""The public figures: the journal alone says them, and small numbers tell nothing about anybody."""

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from app import audit, db
from app.contributions import history
from app.models import Channel, State
from app.transparency import counting, figures
from app.transparency.fold import Entry, Tally, fold, step, within
from app.transparency.jobs import count_journal
from tests.conftest import NOW, World
from tests.factories import submitted

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
DECISIONS = {"publish": State.PUBLISHED, "refuse": State.REFUSED, "return": State.RETURNED}


def decided(session: Session, action: str, *, after: timedelta = HOUR, **more: object) -> object:
    """Something said, and what became of it."""
    made = submitted(session, **more).contribution  # type: ignore[arg-type]
    why = {"reason": "offence", "statement": "Non."} if action == "refuse" else {}
    history.move(session, made, to=DECISIONS[action], action=action, actor="staff:x", now=NOW + after, **why)  # type: ignore[arg-type]
    return made


def a_fortnight() -> None:
    with db.writing() as session:
        for n in range(12):
            decided(session, "publish", after=(n + 1) * HOUR, channel=Channel.STREET if n % 2 else Channel.ONLINE)
        refused, *_ = [decided(session, "refuse", after=timedelta(days=8)) for _ in range(6)]
        decided(session, "return", after=2 * HOUR)
        shown = decided(session, "publish")
        hide = {"to": State.HIDDEN, "action": "hide", "reason": "personal", "statement": "Un nom."}
        history.move(session, shown, actor="staff:x", now=NOW + timedelta(days=9), **hide)  # type: ignore[arg-type]
        second = submitted(session).contribution
        history.move(session, second, to=State.SECOND_REVIEW, action="publish", actor="staff:x", now=NOW + HOUR)
        history.move(session, second, to=State.PUBLISHED, action="publish", actor="staff:y", now=NOW + 30 * HOUR)
        # Refused, reversed on appeal, read by a second person: one refusal, one reversal, no second answer.
        back = {"to": State.SECOND_REVIEW, "action": "reverse", "now": NOW + timedelta(days=8)}
        history.move(session, refused, actor="staff:y", **back)  # type: ignore[arg-type]
        again = {"to": State.PUBLISHED, "action": "publish", "now": NOW + timedelta(days=9)}
        history.move(session, refused, actor="staff:z", **again)  # type: ignore[arg-type]
        audit.append(session, actor="a", action="invited", kind="staff", object_id="x", now=NOW + timedelta(days=90))
        for action in ("appeal_made", "appeal_reversed"):
            audit.append(session, actor="a", action=action, kind="appeal", object_id="x", now=NOW)


def tally(*, whole: bool) -> Tally:
    with db.reading() as session:
        return (counting.whole if whole else counting.current)(session, PARIS)


def test_the_journal_alone_gives_the_figures(world: World) -> None:
    a_fortnight()
    with db.writing() as session:  # nothing but the journal is left
        for table in ("transition", "consent", "receipt", "revision", "contribution"):
            session.connection().execute(sa.text(f"DELETE FROM {table}"))
        assert audit.verify(session) == (49, None)
    found = figures.figures(tally(whole=True), exact=True)
    total = found.total.counts
    assert (total["received"], total["published"], total["refused"], total["returned"]) == (21, 14, 6, 1)
    assert (total["hidden"], total["appeals"], total["reversed"], found.total.decided) == (1, 1, 1, 21)
    # Waits: 1 h to 12 h, 1 h, 2 h, 30 h (the second reading counts too), six times 8 days.
    assert (found.total.median, found.total.ninetieth) == (9 * 60, 8 * 24 * 60)
    assert [row.name for row in found.weeks] == ["2022-W15", "2022-W16"]
    assert [row.counts["refused"] for row in found.weeks] == [0, 6]
    assert {row.name: row.counts["received"] for row in found.channels} == {"online": 15, "street": 6}
    assert {row.name: (row.counts["refused"], row.counts["hidden"]) for row in found.reasons} == {
        "offence": (6, 0),
        "personal": (0, 1),
    }


def test_kept_counts_and_the_journal_say_the_same(world: World) -> None:
    a_fortnight()
    steps = 0
    while counting.catch_up(PARIS, at_once=7):
        steps += 1
    assert steps == 7
    assert counting.catch_up(PARIS) == 0
    assert tally(whole=True) == tally(whole=False)
    with db.writing() as session:  # what the duty has not seen yet is in the page all the same
        decided(session, "publish", after=timedelta(days=20))
    assert tally(whole=False).of("all", "", "published") == 15
    count_journal(world.adapters)
    assert tally(whole=True) == tally(whole=False)
    with db.reading() as session:
        assert counting.first_of(session, "2022-W16") == tally(whole=True).counts["figures:week:2022-W16:first"]
        assert counting.first_of(session, "2023-W01") == tally(whole=True).seen + 1


def test_of_two_that_count_at_once_one_keeps_nothing(world: World) -> None:
    a_fortnight()
    with db.writing() as session:
        assert counting._advance(session, 0, 10)
        assert not counting._advance(session, 0, 10)


def test_small_numbers_are_kept_back_and_cannot_be_computed() -> None:
    names = {("w1", "refused"): 2, ("w2", "refused"): 9, ("w3", "refused"): 30, ("w1", "returned"): 7}
    counted = Tally({f"figures:week:{week}:{what}": n for (week, what), n in names.items()})
    for what, n in (("refused", 41), ("returned", 7), ("appeals", 3)):
        counted.add(f"figures:all::{what}", n)
    counted.add("figures:week:w1:waited:60", 4)
    found = figures.figures(counted)
    # One alone would be 41 less the others: the next smallest goes with it.
    assert [row.counts["refused"] for row in found.weeks] == [None, None, 30]
    assert [row.counts["returned"] for row in found.weeks] == [7, 0, 0]
    assert (found.total.counts["refused"], found.total.counts["appeals"]) == (41, None)
    assert found.weeks[0].median is None  # of four decisions, a delay would be somebody's
    assert figures.figures(counted, exact=True).weeks[0].counts["refused"] == 2


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(0, 5), (1, 5), (300, 5), (301, 10), (7200, 120), (7201, 180), (14 * 86400, 20160), (14 * 86400 + 1, 15 * 1440)],
)
def test_a_wait_is_rounded_up(seconds: int, minutes: int) -> None:
    assert step(seconds) == minutes


def test_the_middle_and_the_ninth_in_ten_are_true_sentences() -> None:
    waits = {5: 5, 60: 4, 1440: 1}
    assert (within(waits, 0.5), within(waits, 0.9), within({}, 0.5)) == (5, 60, None)


def test_memory_does_not_grow_with_the_journal() -> None:
    def many(n: int) -> Tally:
        facts = {"to": "published", "from": "pending", "channel": "online", "waited": "4000"}
        return fold(Tally(), (Entry(k, NOW, "contribution", "publish", facts) for k in range(1, n)), PARIS)

    assert len(many(50).counts) == len(many(5000).counts)


def test_the_page_says_what_the_command_says(world: World) -> None:
    empty = world.client.get("/transparence/moderation")
    assert empty.status_code == 200
    assert "Pas encore de chiffres" in empty.text
    a_fortnight()
    world.app.forget()
    page = world.client.get("/transparence/moderation")
    assert page.headers["cache-control"].startswith("public")
    assert "21 paroles sont arrivées." in page.text
    assert "14 ont été publiées." in page.text
    assert "en 9 heures ou moins, neuf sur dix en 8 jours ou moins" in page.text
    assert "Semaine du 18 avril 2022" in page.text
    assert 'href="/charte#offence"' in page.text
    assert "<script" not in page.text.split("<main")[1]
    said = json.loads(json.dumps(figures.figures(tally(whole=True)).plain()))
    assert said["total"]["counts"]["hidden"] is None
    assert 'href="/transparence/moderation"' in world.client.get("/charte").text
    for language in ("simple", "en", "ar"):
        assert world.client.get(f"/{language}/transparence/moderation").status_code == 200
