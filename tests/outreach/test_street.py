"""A short day in the street: a phone that dies, a bad network, a killed service. `make chaos` has a long one."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.outreach.plan import Plan
from tests.outreach.street import run

PEOPLE, PHOTOS, SOUNDS = 12, 3, 1


def test_every_word_and_every_photo_arrives_once_and_leaves_the_phone(sqlite_template: Path) -> None:
    plan = Plan(random.randrange(1_000_000), PEOPLE, PHOTOS, SOUNDS, kills=1, server_kills=1)
    with ThreadPoolExecutor(1) as apart:  # in this one, the other browser tests' loop may be running
        outcome = apart.submit(run, plan, database=sqlite_template).result()
    assert outcome.faults() == [], f"{plan}: {outcome}"
    assert (outcome.kills, outcome.server_kills) == (1, 1)
    assert outcome.befell["cut"], "there was no network at all for a while"
