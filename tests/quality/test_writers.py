"""Sixty-four writers at once with readers beside them, on two real workers: no 5xx, no read refused."""

import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests import factories
from tests.live import Live
from tests.processes import folder
from tests.servers import create_database, drop_database

WRITERS, EACH, READERS = 64, 2, 8
READ = ("/", "/paroles", "/participer", "/api/v1/contributions", "/paroles.atom", "/healthz")


@pytest.fixture(params=["sqlite", "postgresql"])
def busy(request: pytest.FixtureRequest) -> Iterator[Live]:
    settings = {"DIALOGUE_RATE_LIMITS": "off", "DIALOGUE_PAGE_CACHE": "off"}
    if request.param == "postgresql":
        admin = request.getfixturevalue("postgres_admin")
        name = f"busy_{uuid.uuid4().hex[:8]}"
        settings |= {"DIALOGUE_DATABASE_URL": create_database(admin, name), "DIALOGUE_SECRET_KEY": "k" * 48}
    with folder("busy") as home:
        live = Live(home, settings=settings)
        with live.serving(workers=2):
            yield live
    if request.param == "postgresql":
        drop_database(admin, name)


def test_writers_do_not_starve_readers(busy: Live) -> None:
    written_all, read = threading.Event(), Counter[int]()

    def write(_number: int) -> list[int]:
        keys = [{"Idempotency-Key": str(uuid.uuid4())} for _ in range(EACH)]
        return [client.post("/api/v1/contributions", json=factories.said(), headers=key).status_code for key in keys]

    def keep_reading(number: int) -> Counter[int]:
        found = Counter[int]()
        while not written_all.is_set():
            found[client.get(READ[number % len(READ)]).status_code] += 1
            number += 1
        return found

    many = httpx.Limits(max_connections=None)
    with (
        httpx.Client(base_url=busy.url, timeout=60, limits=many) as client,
        ThreadPoolExecutor(WRITERS + READERS) as pool,
    ):
        readers = [pool.submit(keep_reading, number) for number in range(READERS)]
        written = Counter(status for done in pool.map(write, range(WRITERS)) for status in done)
        written_all.set()
        for reader in readers:
            read += reader.result()
    assert written == {201: WRITERS * EACH}
    assert set(read) == {200}
    assert read[200] >= READERS * len(READ), "readers went on while others wrote"
    assert busy.dialogue("audit", "verify").startswith(f"ok: {WRITERS * EACH} entries")
