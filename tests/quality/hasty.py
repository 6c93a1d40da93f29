"""The service as it must not be: it answers, and commits a little later. The control of test_kill.py.

Run as `python -m tests.quality.hasty serve …`, in the place of `dialogue`.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlmodel import Session

from app import cli, db, turns

LATER = 0.3


@contextmanager
def hasty() -> Iterator[Session]:
    """Everything but the commit, which a thread does later, still holding the writers' lock."""
    with ExitStack() as held:
        held.enter_context(db.exclusive())
        session = held.enter_context(Session(db.engine(), expire_on_commit=False))
        session.connection().exec_driver_sql("BEGIN IMMEDIATE")
        yield session
        session.flush()
        threading.Thread(target=_commit, args=(session, held.pop_all())).start()


def _commit(session: Session, held: ExitStack) -> None:
    with held:
        time.sleep(LATER)
        session.commit()


if __name__ == "__main__":
    turns.in_shared_turn = turns.in_turn  # in a shared turn another transaction would wait for itself
    import app.contributions.api

    app.contributions.api.writing = hasty
    cli.main()
