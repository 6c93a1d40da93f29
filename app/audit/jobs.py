"""The chain checked: what is new each hour, with its end noted outside the database; the whole of it each day."""

import structlog

from app import audit
from app.adapters import Adapters
from app.adapters.clock import real_now
from app.audit import heads, state
from app.db import reading, writing
from app.jobs import enqueue, every, task

log = structlog.get_logger("app.audit")


@every(3600)
def note_head(adapters: Adapters) -> None:
    """Nothing is noted of a chain that does not fit: the file holds only ends that were good."""
    kept_in, now = heads.folder(adapters), real_now()
    before = heads.last(kept_in)
    with reading() as db:
        read, broken = audit.verify(db, since=(before.seq, before.mac) if before else (0, ""))
        if broken is None:
            heads.note(db, kept_in, now=now)
    _found(state.NEW, state.Checked(now, read, broken))


@every(86_400)
def check_whole(_adapters: Adapters) -> None:
    with writing() as db:
        enqueue(db, "verify_journal", key="verify_journal")


@task("verify_journal")
def verify_journal(*, adapters: Adapters) -> None:
    """In a job, since it may take a minute, and duties wait for one another."""
    with reading() as db:
        read, broken, _words = heads.verify_whole(db, heads.folder(adapters))
    _found(state.WHOLE, state.Checked(real_now(), read, broken))


def _found(name: str, checked: state.Checked) -> None:
    if checked.broken is not None:
        log.error("journal.broken", entry=checked.broken)
    with writing() as db:
        state.keep(db, name, checked)
