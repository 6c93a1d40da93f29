"""`kill -9` between any two steps of taking a medium in, two who bring it at once, and a file larger than memory."""

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from app import db
from app.adapters.storage import Storage, make_storage
from app.errors import AppError
from app.media import orphans, workplace
from app.models import CollectedMedia, Upload
from app.outreach import arrivals, opening
from tests.conftest import KEY, World
from tests.media.tus import jobs
from tests.outreach.street_media import Medium, Record, held, taken_in
from tests.outreach.test_media_arrive import ask

ROOT = Path(__file__).parents[2]
STEPS = ["arrived", "opened", "stored", "told", ""]  # killed at four, then let live


def everything(storage: Storage) -> list[bytes]:
    return [storage.read(key) for key in storage.keys("originals")]


def killed(world: World, record: Record, medium: Medium, folder: Path) -> Iterator[str]:
    """One line for each step: what that process said before it died; the next begins when it is asked for."""
    file = folder / "sealed"
    file.write_bytes(medium.sent)
    url = db.engine().url.render_as_string(hide_password=False)
    given = [url, KEY, str(world.adapters.data_dir), (folder / "store").as_uri(), str(record.id), str(file)]
    command = [sys.executable, "-m", "tests.outreach.killed", *given]
    own = {name: value for name, value in os.environ.items() if not name.startswith("DIALOGUE_")}
    with subprocess.Popen(
        command, cwd=ROOT, env=own | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        for step in STEPS:
            process.stdin.write(f"{step}\n")
            process.stdin.flush()
            said = ""
            while (line := process.stdout.readline()) != f"{step}\n":
                assert line, "it ended"
                said += line
            yield said.strip()
        process.stdin.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_killed_at_any_step_nothing_is_lost_or_doubled(world: World, tmp_path: Path) -> None:
    storage = make_storage((tmp_path / "store").as_uri())
    adapters = replace(world.adapters, storage=storage)
    photo = Medium()
    with db.writing() as session:
        record = taken_in(session, photo)
    seen = []
    for said in killed(world, record, photo, tmp_path):
        seen.append((said, held(record)[0], len(everything(storage))))
    assert seen == [
        ("", False, 0),  # arrived, and not looked at
        ("", False, 0),  # opened in a folder of its own
        ("", False, 1),  # stored, and nobody knows of it
        ("", True, 2),  # said to be held; the first one is nobody's
        ("False", True, 2),
    ]
    workplace.tidy(world.adapters.data_dir)
    assert list((world.adapters.data_dir / workplace.FOLDER).iterdir()) == []
    assert [orphans.sweep(adapters, patience=0) for _ in range(2)] == [0, 1]
    assert everything(storage) == [photo.plain]
    assert jobs(world) == 1


def test_brought_twice_at_once_it_is_held_once(world: World) -> None:
    photo = Medium()
    with db.writing() as session:
        record = taken_in(session, photo)
    pieces = [photo.sent[at : at + 500] for at in range(0, len(photo.sent), 500)]

    def bring(_: int) -> Any:
        try:
            return arrivals.bring(record.id, "m1", iter(pieces), length=len(photo.sent), adapters=world.adapters)
        except AppError as refusal:
            return refusal.code

    def begin(_: int) -> Any:
        return ask(world, record, photo).status_code

    with ThreadPoolExecutor(6) as people:
        assert set(people.map(begin, range(6))) == {201}
        outcomes = list(people.map(bring, range(6)))
    assert True in outcomes
    assert held(record) == [True]
    assert everything(world.adapters.storage) == [photo.plain]
    assert jobs(world) == 1
    with db.reading() as session:
        assert len(session.exec(select(Upload)).all()) == 1
        assert session.exec(
            select(CollectedMedia.key_sealed).where(col(CollectedMedia.held_at).is_not(None))
        ).all() == [None]


def test_a_large_file_is_opened_in_little_memory(tmp_path: Path) -> None:
    film = Medium(plain=bytes(24_000_000))
    (tmp_path / "sealed").write_bytes(film.sent)
    tracemalloc.start()
    opening.unseal(tmp_path / "sealed", tmp_path / "opened", secret=film.secret, sha256=str(film.said()["sha256"]))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "opened").stat().st_size == 24_000_000
    assert most < 6_000_000
