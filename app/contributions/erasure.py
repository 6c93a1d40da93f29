"""Erasing what someone said, or who they are. What is erased is nowhere: rows, index, media, mail, cache.

The journal keeps that it happened, never what it was. A line in the erasure ledger, outside the database,
lets a restored backup forget again.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import db as database
from app.assistance import rules as assistance
from app.contributions import appeals, edited, history, notices, publishing
from app.errors import AppError, Conflict
from app.jobs import enqueue
from app.models import (
    AccessLink,
    Alert,
    Contact,
    ContactOpening,
    Contribution,
    Media,
    Revision,
    State,
    Transition,
)
from app.models.publication import bump
from app.notify import outbox
from app.outreach import erasing as outreach


class StillRead(AppError):
    """A long read still needs the write-ahead log; it can be emptied later."""

    status, code = 503, "still_read"


IDENTITY: dict[str, Any] = {
    "author_name": None,
    "organisation": None,
    "age_band": None,
    "quartier": None,
    "event_seq": None,  # a small meeting says who was there
    "collected_at": None,  # the minute somebody stood in a street, too
    "audiences": [],
}


def erase(db: Session, contribution: Contribution, *, scope: str, actor: str, now: datetime) -> None:
    """`everything`: the words too. `identity`: who said it; the words stay. Repeating changes nothing."""
    if contribution.state is State.ERASED:
        if scope == "everything":
            return
        raise Conflict(code="not_allowed", state=contribution.state.value)
    _forget_contact(db, contribution)
    outreach.forget(db, contribution, everything=scope == "everything")
    edited.forget(db, contribution)
    outbox.drop(db, contribution)
    if scope == "identity":
        _forget_identity(db, contribution, actor=actor, now=now)
    else:
        _forget_everything(db, contribution, actor=actor, now=now)
    bump(db)
    enqueue(db, "after_erasure", str(contribution.id), scope, key=f"after_erasure:{contribution.id}:{scope}")


def _forget_contact(db: Session, contribution: Contribution) -> None:
    for table in (Contact, AccessLink):
        db.connection().execute(sa.delete(table).where(col(table.contribution_seq) == contribution.seq))


def _forget_identity(db: Session, contribution: Contribution, *, actor: str, now: datetime) -> None:
    was_public = contribution.state is State.PUBLISHED
    kept: dict[str, Any] = {
        "state_since": contribution.state_since
    }  # the state does not change: a withdrawal's two weeks run on
    history.move(
        db, contribution, to=contribution.state, action="erase_identity", actor=actor, now=now, **IDENTITY, **kept
    )
    if was_public:
        publishing.reindex(db, contribution)


def _forget_everything(db: Session, contribution: Contribution, *, actor: str, now: datetime) -> None:
    was_public = contribution.state is State.PUBLISHED
    _let_go_of_merged(db, contribution, now=now)
    history.move(
        db,
        contribution,
        to=State.ERASED,
        action="erase",
        actor=actor,
        now=now,
        method=None,
        people_count=None,
        organisation_kind=None,
        collective=None,
        **IDENTITY,
    )
    connection = db.connection()
    own = col(Revision.contribution_seq) == contribution.seq
    connection.execute(sa.update(Revision).where(own).values(body="", title=None))
    forget_alerts(db, contribution)
    connection.execute(
        sa.update(Transition).where(col(Transition.contribution_seq) == contribution.seq).values(statement=None)
    )
    connection.execute(
        sa.update(Media)
        .where(col(Media.contribution_seq) == contribution.seq)
        .values(alt=None, transcript=None, choice=None)
    )
    assistance.forget(db, contribution)
    appeals.drop(db, contribution, actor=actor, now=now)
    appeals.forget(db, contribution)
    notices.forget(db, contribution, actor=actor, now=now)
    if was_public:
        publishing.unpublish(db, contribution)
    for media_id in db.exec(select(Media.id).where(Media.contribution_seq == contribution.seq)):
        enqueue(db, "forget_media", media_id, key=f"forget:{media_id}")


def _let_go_of_merged(db: Session, contribution: Contribution, *, now: datetime) -> None:
    """Those merged into it follow it to where it leads; else they are read again, or their voice would go with it."""
    merged = db.exec(
        select(Contribution).where(Contribution.merged_into == contribution.seq, Contribution.state == State.MERGED)
    ).all()
    if contribution.state is State.MERGED:
        for one in merged:
            one.merged_into = contribution.merged_into
        return
    for one in merged:
        history.move(db, one, to=State.PENDING, action="unmerge", actor="system", now=now, merged_into=None)
        one.reason = None


def forget_alerts(db: Session, contribution: Contribution) -> None:
    """What closed alerts say of its author. What an open one says helps until it is closed, and goes then."""
    closed = sa.select(col(Alert.seq)).where(
        col(Alert.contribution_seq) == contribution.seq, col(Alert.closed_at).is_not(None)
    )
    opened = col(ContactOpening.alert_seq).in_(closed)
    own = col(Alert.seq).in_(closed)
    db.connection().execute(sa.update(ContactOpening).where(opened).values(motive=""))
    db.connection().execute(sa.update(Alert).where(own).values(words_sealed=None, done_sealed=None))


def scrub() -> None:
    """After the commit: what SQLite keeps in its index segments and its WAL goes too. StillRead: try again.

    PostgreSQL: gone from live rows at once, from the files after (auto)vacuum.
    """
    if not database.is_sqlite():
        return
    with database.writing() as db:
        db.connection().exec_driver_sql("INSERT INTO published_index(published_index) VALUES ('optimize')")
    with database.exclusive(), database.engine().connect() as connection:
        busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    if busy:
        raise StillRead


def note_in_ledger(folder: Path, contribution_id: str, scope: str, now: datetime) -> None:
    """One line per erasure, outside the database, so that a restore can replay it. Durable; idempotent to replay."""
    folder.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"id": contribution_id, "scope": scope, "at": now.isoformat()}) + "\n"
    with (folder / "erasures.jsonl").open("a", encoding="utf-8") as ledger:
        ledger.write(line)
        ledger.flush()
        os.fsync(ledger.fileno())
