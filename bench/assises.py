"""The Assises: a programme of three hundred sessions, and a release that moves thirty with three thousand people."""

import random
import shutil
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr
from sqlmodel import Session, col

from app import db, jobs, migrate, process
from app.adapters import Adapters
from app.db import insert
from app.events import people, tokens
from app.jobs import embedded, execution, registry
from app.models import Event, Message, MessageState, Place, ProgrammeSession, Registration
from app.models.base import new_id
from app.settings import Settings
from bench import language, load, measures, serving
from bench.events import NOW, queries_of
from bench.generate import FOLDER
from bench.report import Result, at_least, at_most, told
from tests import factories

SHOWN, ROOMS = 300, 13  # thirteen rooms hold them in two days
MOVED, PEOPLE = 30, 100  # sessions, and people at each
PAGE = "/assises"
ROUNDS = 40


def assises() -> list[Result]:
    return [*programme(), *moving()]


def programme() -> list[Result]:
    """What the page weighs, asks and takes, beside the hello of this run."""
    folder = load.folder(FOLDER)
    _start(folder)
    with db.writing() as session:
        _fill(session)
    db.dispose()
    with serving.hello() as server:
        bare = load.reads(server, "/").per_second
    with serving.service(folder) as server:
        page = len(load.fetch(server, PAGE, measures.GZIP)[2])
        size, requests = measures.visit(server, PAGE)
        kept = load.reads(server, PAGE, headers=measures.GZIP).per_second
    with serving.service(folder, DIALOGUE_PAGE_CACHE="off") as server:
        load.latencies(server, [PAGE], rounds=5)
        taken = load.latencies(server, [PAGE], rounds=ROUNDS, headers=measures.GZIP)
    asked = queries_of(folder, PAGE)
    shutil.rmtree(folder, ignore_errors=True)
    return [
        at_most("assises", f"{PAGE} with {SHOWN} sessions, the page alone", 60, page / 1000, " kB"),
        told("assises", f"{PAGE}, first visit", f"{size / 1000:.1f} kB, {requests} requests"),
        at_most("assises", f"{PAGE}, queries, not kept", 5, asked),
        at_least("assises", f"{PAGE} from the cache, ratio to hello", 0.5, kept / bare, told=f" ({kept:,.0f}/s)"),
        told("assises", f"{PAGE}, page cache off, p95", f"{load.percentile(taken, 0.95):.0f} ms"),
    ]


def moving() -> list[Result]:
    """One release moves them all; then the worker writes every letter, with its calendar entry, into a file."""
    folder = load.folder(FOLDER)
    adapters = _start(folder)
    with db.writing() as session:
        factories.released(session, sessions=MOVED, rooms=ROOMS, seats=2 * PEOPLE, now=NOW)
        _sign_up(session)
    began = time.perf_counter()
    with db.writing() as session:
        _move(session)
    released = time.perf_counter() - began
    worked = _work(adapters)
    with db.reading() as session:
        sent = col(Message.state) == MessageState.SENT
        people_told = sa.func.count(sa.distinct(col(Message.registration_seq)))
        counted = session.connection().execute(sa.select(people_told, sa.func.count(col(Message.seq))).where(sent))
        told_of, letters = counted.one()
    db.dispose()
    shutil.rmtree(folder, ignore_errors=True)
    everybody = MOVED * PEOPLE
    once = told_of == letters == everybody
    return [
        at_most("assises", f"a release that moves {MOVED} sessions with {everybody:,} people", 10, released, " s"),
        at_most("assises", "the worker's part: a letter to each", 60, worked, " s"),
        Result(
            "assises",
            "people told by it, letters",
            f"{everybody:,} and {everybody:,}",
            f"{told_of:,} and {letters:,}",
            once,
        ),
    ]


def _start(folder: Path) -> Adapters:
    """An empty instance, which this process opens as a worker would."""
    settings = Settings(data_dir=folder, secret_key=SecretStr(serving.KEY), base_url="http://127.0.0.1", now=NOW)
    migrate.to(url=settings.database)
    jobs.configure(settings.jobs_url)
    return process.configure(settings)


def _fill(session: Session) -> None:
    """Words of every length, a third with places."""
    dice = random.Random(2022)
    words = [said.text for said in language.texts(dice)[: 2 * SHOWN]]
    for place, one in enumerate(factories.programme(session, sessions=SHOWN, rooms=ROOMS)):
        one.title, one.summary, one.body = words[2 * place][:70], words[2 * place][:140], words[2 * place + 1]
        one.seats = 20 if place % 3 == 0 else None
        session.add(one)
    session.flush()
    factories.released(session, now=NOW)


def _sign_up(session: Session) -> None:
    """So many at each, everybody with an address."""
    for event in session.execute(sa.select(Event)).scalars():
        session.connection().execute(insert(session, Registration), [_person(event, n) for n in range(PEOPLE)])
        event.taken = PEOPLE
        session.add(event)


def _person(event: Event, number: int) -> dict[str, Any]:
    one = f"{event.seq}.{number}"
    return {
        "id": new_id(), "event_seq": event.seq, "state": Place.CONFIRMED, "version": 1, "people": 1, "line": number,
        "name_sealed": people.seal("Camille"), "email_sealed": people.seal(f"p{one}@exemple.fr"),
        "token_mac": tokens.mac(one), "token_sealed": tokens.seal(one), "needs": [], "language": "fr", "wording": "1",
        "may_contact": False, "reminders": False, "walk_in": False, "by": "person", "registered_at": NOW,
        "state_since": NOW,
    }  # fmt: skip


def _move(session: Session) -> None:
    """Each of them five minutes later, all in one release."""
    for one in session.execute(sa.select(ProgrammeSession)).scalars():
        one.starts_at = one.starts_at and one.starts_at + timedelta(minutes=5)
        session.add(one)
    session.flush()
    factories.released(session, now=NOW)


def _work(adapters: Adapters) -> float:
    """Every job that is due, as one worker does them; seconds."""
    registry.load()
    began = time.perf_counter()
    while job := embedded.claim("bench", lease=60):
        embedded.settle(job, "bench", execution.attempt(job.task, job.args, job.attempts, adapters))
    return time.perf_counter() - began
