"""Writes that wait together share one transaction and one fsync, and nothing else."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from app import db, turns
from app.errors import Conflict
from app.models import Keep
from tests.conftest import World
from tests.loops import in_a_loop


@pytest.fixture
def commits(world: World) -> Iterator[list[str]]:
    """One entry a commit of this process."""
    if world.dialect != "sqlite":
        pytest.fail("these tests are about SQLite; PostgreSQL shares nothing")
    seen: list[str] = []
    event = (db.engine(), "commit", lambda _connection: seen.append("commit"))
    sa.event.listen(*event)
    yield seen
    sa.event.remove(*event)


pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def keep(name: str, *, then: Callable[[], None] = lambda: None) -> str:
    with db.writing() as session:
        session.add(Keep(name=name, value="1"))
        session.flush()
        then()
    with db.reading() as session:
        return "seen" if session.get(Keep, name) else "missing"


def at_once(handler: Callable[..., Any], *calls: dict[str, Any]) -> list[Any]:
    """Each call's answer or exception. The first has its turn at once, alone; the others wait for the next."""

    async def all_of_them() -> list[Any]:
        waiting = turns.in_shared_turn(handler)
        return await asyncio.gather(*(waiting(**call) for call in calls), return_exceptions=True)

    return in_a_loop(all_of_them())


def kept() -> set[str]:
    with db.reading() as session:
        return set(session.exec(select(Keep.name)).all())


def test_who_waits_for_the_same_turn_shares_its_commit(commits: list[str]) -> None:
    before = kept()
    assert at_once(keep, *({"name": f"n{n}"} for n in range(10))) == ["seen"] * 10
    assert len(commits) == 2
    assert kept() - before == {f"n{n}" for n in range(10)}


def test_more_than_a_turn_holds_wait_for_the_next(commits: list[str]) -> None:
    assert at_once(keep, *({"name": f"n{n}"} for n in range(turns.MOST + 2))) == ["seen"] * (turns.MOST + 2)
    assert len(commits) == 3


def test_one_that_is_refused_takes_nothing_with_it(commits: list[str]) -> None:
    def refuse() -> None:
        raise Conflict(code="stale")

    _alone, first, second, third = at_once(
        keep, {"name": "z"}, {"name": "a"}, {"name": "b", "then": refuse}, {"name": "c"}
    )
    assert (first, third) == ("seen", "seen")
    assert isinstance(second, Conflict)
    assert kept() >= {"a", "c"}
    assert "b" not in kept()
    assert len(commits) == 2


def test_one_the_database_refuses_takes_nothing_with_it(commits: list[str]) -> None:
    keep("b")
    _alone, first, second, third = at_once(keep, {"name": "z"}, {"name": "a"}, {"name": "b"}, {"name": "c"})
    assert (first, third) == ("seen", "seen")
    assert isinstance(second, sa.exc.IntegrityError)
    assert kept() >= {"a", "b", "c"}


def test_a_shared_commit_that_fails_is_nobodys_success(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_connection: object) -> None:
        raise OperationalError("COMMIT", None, Exception("disk I/O error"))

    sa.event.listen(db.engine(), "commit", fail)
    answers = at_once(keep, {"name": "z"}, {"name": "a"}, {"name": "b"})
    sa.event.remove(db.engine(), "commit", fail)
    assert [type(answer) for answer in answers] == [OperationalError] * 3
    assert not kept() & {"z", "a", "b"}


def test_what_sqlite_takes_back_by_itself_is_done_again_alone(commits: list[str]) -> None:
    """A full disk rolls the whole transaction back under our feet: whoever had succeeded must not believe it."""
    broken = []

    def take_back() -> None:
        if not broken:
            broken.append("once")
            with db.writing() as session:
                session.connection().exec_driver_sql("ROLLBACK")

    answers = at_once(keep, {"name": "z"}, {"name": "a"}, {"name": "b", "then": take_back}, {"name": "c"})
    assert answers == ["seen"] * 4
    assert kept() >= {"z", "a", "b", "c"}


def test_a_client_that_goes_away_is_not_waited_for(world: World) -> None:
    async def leave() -> str:
        waiting = turns.in_shared_turn(keep)
        first = asyncio.create_task(waiting(name="a"))
        await asyncio.sleep(0)
        second = asyncio.create_task(waiting(name="b"))
        await asyncio.sleep(0)
        second.cancel()
        return str(await first) + str(await waiting(name="c"))

    assert in_a_loop(leave()) == "seenseen"
    assert kept() >= {"a", "c"}


def test_work_nobody_waits_for_waits_while_somebody_writes(world: World) -> None:
    assert not db.others_write()
    with db.exclusive():
        assert db.others_write()
        began = time.monotonic()
        db.let_others_write(at_most=0.03)
        assert time.monotonic() - began >= 0.03
    assert not db.others_write()
