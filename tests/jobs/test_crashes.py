"""Workers that are killed, and two at once: real processes, real signals."""

import signal
import time

import pytest

from app import db, jobs


def test_a_job_whose_worker_is_killed_is_done_once_by_the_next(line, until):
    with db.writing() as session:
        jobs.enqueue(session, "slow", "a", key="k")
    worker = line.start()
    until(lambda: line.subjects("slow", began=True))
    worker.kill()
    line.start()
    until(lambda: line.subjects("slow"))
    until(lambda: line.status().done)
    time.sleep(1)
    assert line.subjects("slow", began=True) == ["a", "a"]
    assert line.subjects("slow") == ["a"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_kill_test_sees_a_queue_that_forgets(line, until):
    """Negative control: a claim that removes the job loses it with its worker."""
    with db.writing() as session:
        jobs.enqueue(session, "slow", "a")
    worker = line.start("forgetful")
    until(lambda: line.subjects("slow", began=True))
    worker.kill()
    line.start()
    time.sleep(4)
    assert line.subjects("slow") == []


@pytest.mark.parametrize("kind", ["procrastinate"])
def test_the_kill_test_sees_a_recovery_that_is_missing(line, until):
    """Negative control: procrastinate by itself leaves the job of a killed worker `doing`."""
    with db.writing() as session:
        jobs.enqueue(session, "slow", "a")
    worker = line.start()
    until(lambda: line.subjects("slow", began=True))
    worker.kill()
    line.start("unrecovering")
    time.sleep(4)
    assert line.subjects("slow") == []
    assert line.status().running == 1


def test_a_long_job_keeps_its_lease(line, until):
    """The lease of these workers is 1.5 s; another worker stands by."""
    line.start()
    line.start()
    with db.writing() as session:
        jobs.enqueue(session, "long", "a")
    until(lambda: line.subjects("long"))
    until(lambda: line.status().done)
    assert line.subjects("long", began=True) == ["a"]


def test_a_job_that_ends_its_worker_each_time_is_given_up(line, until):
    """After five times; these workers give up after two."""
    with db.writing() as session:
        jobs.enqueue(session, "deadly", "a")

    def keep_alive():
        if not line.started or line.started[-1].poll() is not None:
            line.start("impatient")
        return line.status().failed

    until(keep_alive, seconds=60)
    assert len(line.subjects("deadly", began=True)) == 2
    assert line.failed() == [("deadly", "interrupted 2 times without an answer", 3)]


def test_two_workers_share_a_hundred_jobs(line, until):
    with db.writing() as session:
        for number in range(100):
            jobs.enqueue(session, "note", f"{number:03}")
    line.start()
    line.start()
    until(lambda: line.status().done == 100, seconds=40)
    assert sorted(line.subjects("note")) == [f"{number:03}" for number in range(100)]


def test_two_workers_tick_as_one(line, until):
    """Once a second: each worker for itself would make it twice."""
    line.start("ticking")
    line.start("ticking")
    until(lambda: len(line.times("tick")) >= 5, seconds=40)
    times = line.times("tick")
    assert (times[-1] - times[0]) / (len(times) - 1) > 0.75


def test_a_stopped_worker_finishes_its_job(line, until):
    worker = line.start()
    with db.writing() as session:
        jobs.enqueue(session, "slow", "a")
    until(lambda: line.subjects("slow", began=True))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    assert line.subjects("slow") == ["a"]
    assert line.status().done == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_stopped_worker_gives_back_what_takes_too_long(line, until):
    """Its grace is 3 s, the job would sleep for a minute."""
    worker = line.start()
    with db.writing() as session:
        jobs.enqueue(session, "endless", "a")
    until(lambda: line.subjects("endless", began=True))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    assert (line.status().waiting, line.status().running) == (1, 0)


@pytest.mark.parametrize("kind", ["procrastinate"])
def test_a_worker_killed_while_it_stops_loses_nothing(line, until):
    """procrastinate cannot stop a thread: the supervisor's kill ends it, the next worker takes over."""
    worker = line.start()
    with db.writing() as session:
        jobs.enqueue(session, "endless", "a")
    until(lambda: line.subjects("endless", began=True))
    worker.send_signal(signal.SIGTERM)
    time.sleep(1)
    worker.kill()
    line.start()
    until(lambda: len(line.subjects("endless", began=True)) == 2)


@pytest.mark.parametrize("kind", ["postgresql", "procrastinate"])
def test_a_worker_outlives_the_end_of_its_database_connections(line, until):
    worker = line.start()
    with db.writing() as session:
        jobs.enqueue(session, "note", "before")
    until(lambda: line.subjects("note") == ["before"])
    with db.reading() as session:
        session.connection().exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with db.writing() as session:
        jobs.enqueue(session, "note", "after")
    until(lambda: line.subjects("note") == ["before", "after"])
    assert worker.poll() is None
