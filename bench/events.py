"""Meetings: places taken beside raw durable commits, and the list of three hundred."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import sqlalchemy as sa
from pydantic import SecretStr
from starlette.testclient import TestClient

from app import db, migrate
from app.main import create_app
from app.models import Event, EventKind, EventState
from app.settings import Settings
from bench import load, measures, serving
from bench.generate import FOLDER
from bench.report import Result, at_least, at_most, told

LISTED = 300
NOW = datetime(2022, 4, 12, 8, tzinfo=UTC)
KINDS = [kind for kind in EventKind if kind is not EventKind.SESSION]  # those stand in the programme
QUARTIERS = ("centre-ville", "bellevue", "malakoff", "nantes-nord", "nantes-sud", None)
SUMMARY = "On part de ce que vous voyez dans votre rue, et on cherche ensemble ce que chacun peut faire."


def events() -> list[Result]:
    return [*sign_ups(), *listing()]


def sign_ups() -> list[Result]:
    """One meeting, everybody at once; the yardstick in turn; the middle of the rounds."""
    raw, taken = [], []
    for _ in range(measures.TURNS):
        raw.append(measures.raw_commits(2))
        folder = load.folder(FOLDER)
        _fill(folder, 1)
        with serving.service(folder) as server:
            load.sign_ups(server, _slug(0), seconds=1)
            done = load.sign_ups(server, _slug(0), seconds=4)
        if done.refused:
            raise SystemExit(f"{done.refused} people could not sign up")
        taken.append(done.per_second)
        shutil.rmtree(folder, ignore_errors=True)
    ratio, rate = measures.beside(taken, raw), median(taken)
    return [at_least("events", "sign-ups, 8 clients, ratio to raw", 0.05, ratio, told=f" ({rate:.0f}/s)")]


def listing() -> list[Result]:
    """The first visit of the list, and what the page asks the database when nothing is kept."""
    folder = load.folder(FOLDER)
    _fill(folder, LISTED)
    with serving.service(folder) as server:
        size, requests = measures.visit(server, "/rendez-vous")
        page = len(load.fetch(server, "/rendez-vous", measures.GZIP)[2])
    asked = queries_of(folder, "/rendez-vous")
    shutil.rmtree(folder, ignore_errors=True)
    return [
        at_most("events", f"/rendez-vous with {LISTED} meetings, first visit", 60, size / 1000, " kB"),
        told("events", "the page alone", f"{page / 1000:.1f} kB"),
        at_most("events", "its requests", 6, requests),
        at_most("events", "its queries, not kept", 5, asked),
    ]


def _slug(number: int) -> str:
    return f"rendez-vous-{number}"


def _fill(folder: Path, many: int) -> None:
    """Meetings to come, two a day, where nobody waits."""
    url = f"sqlite:///{(folder / 'dialogue.sqlite').resolve()}"
    migrate.to(url=url)
    db.configure(url)
    with db.writing() as session:
        for number in range(many):
            starts = NOW + timedelta(days=1 + number // 2, hours=number % 9)
            session.add(
                Event(
                    slug=_slug(number), kind=KINDS[number % len(KINDS)], state=EventState.PUBLISHED,
                    title=f"Rencontre numéro {number} de la saison", summary=SUMMARY, place_name=f"Salle {number % 40}",
                    place_address=f"{number} rue de la Paix", quartier=QUARTIERS[number % len(QUARTIERS)],
                    latitude=47.2 + number / 6000, longitude=-1.6 + number / 5000, offers=["step_free", "lsf"],
                    starts_at=starts, ends_at=starts + timedelta(hours=2), capacity=1_000_000 if many == 1 else 20,
                    taken=0 if many == 1 else number % 21, created_at=NOW, changed_at=NOW, published_at=NOW,
                )
            )  # fmt: skip
    db.dispose()


def queries_of(folder: Path, path: str) -> int:
    """What a page asks the database of `folder` when nothing is kept."""
    settings = Settings(
        data_dir=folder, secret_key=SecretStr(serving.KEY), base_url="http://testserver", page_cache="off", now=NOW
    )
    app, asked = create_app(settings), []
    client = TestClient(app, base_url="http://testserver")
    client.get(path)  # what a process asks once
    sa.event.listen(db.engine(), "before_cursor_execute", lambda *seen: asked.append(seen[2]))
    answer = client.get(path)
    db.dispose()
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
    return len(asked)
