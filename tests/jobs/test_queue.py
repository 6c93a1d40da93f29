"""What enqueue() promises, and how attempts end; on every engine."""

import contextlib
import threading
import time
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from app import db, jobs
from app.adapters.clock import real_now
from app.jobs import duties, registry, schema
from app.models import Duty, Job, JobState, Worker
from tests.jobs import tasks


def test_a_job_is_done_once(line, until):
    with line.working():
        with db.writing() as session:
            jobs.enqueue(session, "note", UUID(int=7))
        until(lambda: line.status().done)
    assert line.subjects("note") == [str(UUID(int=7))]
    assert line.status() == jobs.Status(waiting=0, running=0, done=1, failed=0, oldest=0.0)


def test_a_job_goes_with_its_transaction(line, until):
    undo_after("undone", key="k")
    with db.writing() as session:
        jobs.enqueue(session, "note", "kept", key="k")
    with line.working():
        until(lambda: line.status().done)
    assert line.subjects("note") == ["kept"]


def undo_after(subject, *, key=None):
    with contextlib.suppress(KeyError), db.writing() as session:
        jobs.enqueue(session, "note", subject, key=key)
        raise KeyError


def test_the_job_is_the_first_thing_in_its_transaction_and_still_rolls_back(line):
    undo_after("first")
    assert line.status().waiting == 0


def test_a_job_waits_for_its_time(line, until):
    with db.writing() as session:
        jobs.enqueue(session, "note", "later", run_at=real_now() + timedelta(seconds=1.2))
    began = time.time()
    with line.working():
        until(lambda: line.subjects("note"))
    assert 1.0 <= line.times("note")[0] - began < 4


def test_a_key_keeps_one_waiting_job_at_the_earlier_time(line, until):
    with db.writing() as session:
        jobs.enqueue(session, "note", "once", key="k", run_at=real_now() + timedelta(hours=1))
        jobs.enqueue(session, "note", "once", key="k", run_at=real_now() + timedelta(hours=2))
        jobs.enqueue(session, "note", "other", key="other", run_at=real_now() + timedelta(hours=1))
    assert line.status().waiting == 2
    with db.writing() as session:
        jobs.enqueue(session, "note", "once", key="k")
        session.execute(tasks.ran.insert().values(task="proof", subject="the transaction goes on", began=False))
    with line.working():
        until(lambda: line.status().done)
    assert line.subjects("note") == ["once"]
    assert line.subjects("proof") == ["the transaction goes on"]


def test_a_running_job_does_not_take_in_a_new_one(line, until):
    with line.working():
        with db.writing() as session:
            jobs.enqueue(session, "slow", "a", key="k")
        until(lambda: line.subjects("slow", began=True))
        with db.writing() as session:
            assert jobs.ensure(session, "slow", "a", key="k") is False
            jobs.enqueue(session, "slow", "a", key="k")
        until(lambda: line.status().done == 2)
    assert line.subjects("slow") == ["a", "a"]


@pytest.mark.parametrize("kind", ["postgresql", "procrastinate"])  # on SQLite nobody claims meanwhile
def test_a_job_kept_by_its_key_cannot_run_before_the_change_it_is_for(line, until):
    """Else a worker reads the old state, is done, and the change has no job."""
    with db.writing() as session:
        jobs.enqueue(session, "note", "a", key="k")
    with db.writing() as change:
        jobs.enqueue(change, "note", "a", key="k")
        with line.working():
            time.sleep(1)
            assert line.subjects("note") == []
            change.commit()
            until(lambda: line.subjects("note") == ["a"])


def test_what_takes_long_holds_up_nothing_else(line, until, monkeypatch):
    monkeypatch.setattr(registry, "SLOW", frozenset({"slow"}))
    with db.writing() as session:
        jobs.enqueue(session, "slow", "a film")
        jobs.enqueue(session, "slow", "another")
    with line.working():
        until(lambda: line.subjects("slow", began=True) == ["a film"])
        with db.writing() as session:
            jobs.enqueue(session, "note", "a mail")
        until(lambda: line.subjects("note") == ["a mail"])
        assert line.subjects("slow") == []
        until(lambda: line.subjects("slow") == ["a film", "another"])  # one after the other


def test_a_failure_is_tried_again_with_growing_delay_and_ends_in_words(line, until):
    with db.writing() as session:
        jobs.enqueue(session, "failing", "a", key="k")
    with line.working():
        until(lambda: line.status().failed)
    (task, words, attempts) = line.failed()[0]
    assert (task, attempts) == ("failing", 3)
    assert words.startswith("Spoilt in tasks.py:")
    assert "resident" not in words
    assert line.subjects("gave up") == ["a"]
    first, second, third = line.times("failing")
    assert second - first >= 0.16
    assert third - second >= 0.32
    assert line.status().waiting == 0
    with db.writing() as session:
        assert jobs.ensure(session, "failing", "a", key="k") is False  # it rests for an hour


def test_what_heals_is_done(line, until):
    with db.writing() as session:
        jobs.enqueue(session, "healing", "a")
    with line.working():
        until(lambda: line.subjects("healed"))
        until(lambda: line.status().running == 0)
    assert line.subjects("healing", began=True) == ["a", "a", "a"]
    assert line.failed() == []


def test_words_are_ours_or_the_system_s(line, until):
    with db.writing() as session:
        jobs.enqueue(session, "refused", "a")
        jobs.enqueue(session, "pointless", "a")
    with line.working():
        until(lambda: line.status().failed == 2)
    assert sorted(line.failed()) == [
        ("pointless", "the photo is not a photo", 1),
        ("refused", "Conflict: taken", 2),
    ]


def test_an_unknown_task_waits_for_code_that_knows_it(line, until, monkeypatch):
    with db.writing() as session:
        jobs.enqueue(session, "of_tomorrow", "a")
    with line.working():
        time.sleep(1)
        assert line.status().waiting == 1
        assert line.failed() == []
        jobs.task("of_tomorrow")(tasks.note)
        until(lambda: line.subjects("note") == ["a"])
    del registry.tasks["of_tomorrow"]


def test_a_retry_gives_way_to_a_newer_job_under_its_key(line, until):
    """Two jobs under one key break the constraint; procrastinate alone would leave one `doing`."""

    def second_thoughts(subject, *, adapters):
        tasks.trace("attempt", subject)
        if len(line.subjects("attempt")) == 1:
            with db.writing() as session:
                jobs.enqueue(session, "second_thoughts", "new", key="k")
            raise ValueError

    jobs.task("second_thoughts", retry=(0.1,))(second_thoughts)
    with db.writing() as session:
        jobs.enqueue(session, "second_thoughts", "old", key="k")
    with line.working():
        until(lambda: line.subjects("attempt") == ["old", "new"])
        until(lambda: line.status().running == line.status().waiting == 0)
    del registry.tasks["second_thoughts"]


def test_a_sweep_takes_up_a_row_that_waits_without_a_job(line, until, monkeypatch):
    monkeypatch.setattr(registry, "sweepers", {})
    jobs.sweeper(tasks.sweep_lost)
    tasks.trace("lost", "a")
    with line.working():
        until(lambda: line.subjects("note") == ["a"])
        time.sleep(1)
    assert line.subjects("note") == ["a"]


def test_a_duty_is_begun_by_one_worker_per_period(line):
    begun: list[bool] = []
    threads = [threading.Thread(target=lambda: begun.append(duties.begin("count", 60))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert begun.count(True) == 1
    with db.writing() as session:
        session.execute(sa.update(Duty).values(began_at=real_now() - timedelta(seconds=61)))
    assert [duties.begin("count", 60), duties.begin("count", 60)] == [True, False]


def test_a_worker_says_that_it_lives_and_that_it_leaves(line, until):
    def seen():
        with db.reading() as session:
            return jobs.worker_seen(session)

    assert seen() is None
    with line.working():
        first = until(seen)
        assert abs((real_now() - first).total_seconds()) < 5
        until(lambda: seen() > first)
    assert seen() is None


def test_old_jobs_are_removed(line):
    now = real_now()
    with db.writing() as session:
        for state, days in (
            (JobState.DONE, 6),
            (JobState.DONE, 8),
            (JobState.FAILED, 80),
            (JobState.FAILED, 100),
        ):
            then = now - timedelta(days=days)
            session.add(Job(task=f"{state}{days}", args=[], state=state, run_at=then, created_at=then, ended_at=then))
        session.add(Worker(name="gone", started_at=now, seen_at=now - timedelta(days=2)))
    duties.prune()
    with db.reading() as session:
        assert sorted(session.execute(sa.select(Job.task)).scalars()) == ["done6", "failed80"]
        assert jobs.worker_seen(session) is None


def test_the_oldest_waiting_job_has_an_age(line):
    with db.writing() as session:
        jobs.enqueue(session, "note", "due", run_at=real_now() - timedelta(seconds=90))
        jobs.enqueue(session, "note", "later", run_at=real_now() + timedelta(hours=1))
    assert line.status().waiting == 2
    assert 85 < line.status().oldest < 120


def test_only_two_engines_can_be_chosen():
    with pytest.raises(ValueError):
        jobs.configure("redis://127.0.0.1")


def test_procrastinate_s_tables_go_up_down_and_up(cluster):
    from tests import servers

    engine = db.configure(servers.create_database(cluster, "updown"))
    inspect = sa.text("SELECT count(*) FROM pg_class WHERE relname LIKE 'procrastinate%'")
    for installed in (schema.install, schema.install, schema.drop, schema.drop, schema.install):
        with engine.begin() as connection:
            installed(connection)
            present = connection.execute(inspect).scalar_one() > 0
        assert present is (installed is schema.install)
    with engine.connect() as connection, connection.begin() as undone:
        schema.drop(connection)
        undone.rollback()
    with engine.connect() as connection:
        assert connection.execute(inspect).scalar_one() > 0
    db.dispose()
