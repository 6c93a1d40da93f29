"""Workers that are killed, and two at once: real processes, real signals."""

import os
import signal
import time

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


def test_the_kill_test_sees_a_queue_that_forgets(line, until, kind):
    """Negative control: a claim that removes the job loses it with its worker."""
    if kind == "procrastinate":
        with db.writing() as session:  # its claim is not ours to spoil: the job is removed once it runs
            jobs.enqueue(session, "slow", "a")
        worker = line.start()
        until(lambda: line.subjects("slow", began=True))
        with db.writing() as session:
            session.connection().exec_driver_sql("DELETE FROM procrastinate_jobs")
    else:
        with db.writing() as session:
            jobs.enqueue(session, "slow", "a")
        worker = line.start("forgetful")
        until(lambda: line.subjects("slow", began=True))
    worker.kill()
    line.start()
    time.sleep(5)
    assert line.subjects("slow") == []


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
    with db.writing() as session:
        jobs.enqueue(session, "deadly", "a")

    def keep_alive():
        if not line.started or line.started[-1].poll() is not None:
            line.start()
        return line.status().failed

    until(keep_alive, seconds=60)
    assert len(line.subjects("deadly", began=True)) == 5
    assert line.failed() == [("deadly", "interrupted 5 times without an answer", 6)]


def test_two_workers_share_a_hundred_jobs(line, until):
    with db.writing() as session:
        for number in range(100):
            jobs.enqueue(session, "note", f"{number:03}")
    line.start()
    line.start()
    until(lambda: line.status().done == 100, seconds=40)
    assert sorted(line.subjects("note")) == [f"{number:03}" for number in range(100)]


def test_two_workers_tick_as_one(line, until):
    line.start("ticking")
    line.start("ticking")
    until(lambda: len(line.times("tick")) >= 4)
    times = line.times("tick")
    assert all(later - earlier > 0.8 for earlier, later in zip(times, times[1:], strict=False))


def test_a_stopped_worker_finishes_its_job(line, until):
    worker = line.start()
    with db.writing() as session:
        jobs.enqueue(session, "slow", "a")
    until(lambda: line.subjects("slow", began=True))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    assert line.subjects("slow") == ["a"]
    assert line.status().done == 1


def test_a_stopped_worker_gives_back_what_takes_too_long(line, until, kind):
    """Its grace is 3 s. procrastinate cannot stop a thread: there the supervisor's kill ends it, and it recovers."""
    worker = line.start()
    with db.writing() as session:
        jobs.enqueue(session, "endless", "a")
    until(lambda: line.subjects("endless", began=True))
    worker.send_signal(signal.SIGTERM)
    if kind == "procrastinate":
        time.sleep(3)
        os.kill(worker.pid, signal.SIGKILL)
        line.start()
        until(lambda: len(line.subjects("endless", began=True)) == 2)
    else:
        assert worker.wait(10) == 0
        assert line.status() == jobs.Status(waiting=1, running=0, done=0, failed=0, oldest=line.status().oldest)


def test_a_worker_outlives_the_end_of_its_database_connections(line, until, kind, cluster):
    if kind == "sqlite":
        return  # a file has no connections to cut
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
