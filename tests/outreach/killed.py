"""Takes one medium in, in a process of its own that is killed at a given step; run by test_media_killed.py.

Arguments: database, key, folder of the data, store, record, file; then on each line of its input the name of a step.
"""

import os
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from app import db
from app.adapters import Adapters, vault
from app.adapters.clock import FixedClock
from app.adapters.mailer import Outbox
from app.adapters.storage import make_storage
from app.consultation import content
from app.media import spool
from app.outreach import arrivals, opening

url, key, data, store, record, file = sys.argv[1:]


def then_die(work: Any) -> Any:
    def done(*arguments: Any, **named: Any) -> None:
        work(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return done


def take_in(step: str) -> None:
    """In a child: what is patched stays there."""
    db.configure(url)
    adapters = Adapters(
        storage=make_storage(store),
        mailer=Outbox(),
        clock=FixedClock(datetime(2022, 4, 12, 9, tzinfo=UTC)),
        data_dir=Path(data),
    )
    if step == "arrived":
        spool.Hold.sync = then_die(spool.Hold.sync)  # type: ignore[method-assign]
    elif step == "opened":
        opening.unseal = then_die(opening.unseal)
    elif step == "stored":
        adapters = replace(adapters, storage=Putting(adapters.storage))
    elif step == "told":
        spool.Hold.remove = then_die(lambda _hold: None)  # type: ignore[method-assign]
    content_ = Path(file).read_bytes()
    new = arrivals.bring(UUID(record), "m1", iter([content_]), length=len(content_), adapters=adapters)
    sys.stdout.write(f"{new}\n")
    sys.stdout.flush()


class Putting:
    """A store in whose put the process dies, once all of it is there."""

    def __init__(self, storage: Any) -> None:
        self.put_file = then_die(storage.put_file)


vault.configure(key)
content.configure()
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        take_in(line.strip())
        os._exit(0)
    os.waitpid(child, 0)
    sys.stdout.write(f"{line.strip()}\n")
    sys.stdout.flush()
