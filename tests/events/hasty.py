"""The service as it must not be: who signs up is judged by the event as it was before its turn. Control of crowd.py.

Run as `python -m tests.events.hasty serve …`, in the place of `dialogue`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

from sqlmodel import Session, select

from app import cli, db, turns
from app.events.line import Held
from app.models import Event

BETWEEN = 0.02  # seconds between looking and writing: what any busy machine takes


@contextmanager
def late() -> Iterator[Session]:
    """A write that has looked at the events beforehand, and goes on with what it saw."""
    with db.reading() as session:
        seen = session.exec(select(Event)).all()
    time.sleep(BETWEEN)
    with db.writing() as session:
        kept = [session.merge(event, load=False) for event in seen]  # the session itself would forget them
        yield session
        kept.clear()


def hold(session: Session, seq: int) -> Held:
    """Neither held nor read afresh."""
    event = session.get_one(Event, seq)
    return Held(**{each.name: getattr(event, each.name) for each in fields(Held)} | {"line": event.line + 1})


if __name__ == "__main__":
    turns.in_shared_turn = turns.in_turn  # sharing one transaction is a guard too
    import app.events.api
    import app.events.places

    app.events.places.hold_lightly = hold
    app.events.api.writing = late
    cli.main()
