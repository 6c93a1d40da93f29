"""Looking at what arrived: no job for each contribution, one duty that asks what nobody has looked at yet."""

import time
from datetime import datetime

import structlog

from app.adapters import Adapters
from app.assistance import detectors, likeness, queries, rules
from app.assistance.queries import Unassisted
from app.assistance.rules import Mark
from app.db import let_others_write, reading, writing
from app.jobs import every

log = structlog.get_logger("app.assistance")

EVERY = 10.0  # seconds
SPENT = 2.5  # at most in one round: other duties want the same thread
PATIENCE = 0.2  # submissions want the same lock, and somebody waits for them
BATCH = 50


@every(EVERY)
def assist(adapters: Adapters) -> None:
    """Everything that waits for a person, oldest first, as far as the round's time goes."""
    until = time.monotonic() + SPENT
    while time.monotonic() < until:
        with reading() as db:
            batch = queries.unassisted(db, BATCH)
        if not batch:
            return
        for one in batch:
            look_at(one, now=adapters.clock())


def look_at(one: Unassisted, *, now: datetime) -> None:
    """In a transaction of its own, after the looking. What cannot be noted is nothing to say, not tried for ever."""
    seen, marks = detectors.look(one.texts), _marks(one)
    let_others_write(at_most=PATIENCE)
    try:
        with writing() as db:
            rules.note(db, one, seen, marks, now=now)
    except Exception as error:  # noqa: BLE001 - advice must not stand in the way of the next one's
        log.error("assistance.failed", contribution=one.seq, error=type(error).__name__)
        with writing() as db:
            rules.note(db, one, [], [], now=now)


def _marks(one: Unassisted) -> list[Mark]:
    found = []
    try:
        words = likeness.of_words("\n".join(text.words for text in one.texts), one.language)
        found += [Mark("body", words)] if words else []
        found += [Mark(f"media:{id}", likeness.of_picture(hexadecimal)) for id, hexadecimal in one.pictures]
    except Exception as error:  # noqa: BLE001 - as a detector that fails
        log.error("detector.failed", detector=likeness.WORDS_DETECTOR, error=type(error).__name__)
    return found
