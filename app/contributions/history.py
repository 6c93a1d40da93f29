"""The one way a contribution changes state: once, conditionally, with its trace."""

import hashlib
from datetime import datetime
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app import audit
from app.errors import N_, Conflict
from app.models import Channel, Contribution, Revision, State, Transition
from app.models.driver import add_rows

WAITS = (State.PENDING, State.SECOND_REVIEW)
ANSWERS = (State.PUBLISHED, State.RETURNED, State.REFUSED, State.MERGED)
STALE = N_("Quelqu’un d’autre a agi entre-temps. Relisez avant de décider.")


def move(
    db: Session,
    contribution: Contribution,
    *,
    to: State,
    action: str,
    actor: str,
    now: datetime,
    reason: str | None = None,
    statement: str | None = None,
    new_revision: int | None = None,
    words: str | None = None,
    **changes: object,
) -> None:
    """Moves the contribution if nobody has since it was read; else Conflict `stale`.

    Writes the transition and the audit entry; `changes` are further columns of the contribution.
    """
    came_from, revision = contribution.state, new_revision or contribution.revision
    waited = _waited(db, contribution, now) if came_from in WAITS and to in ANSWERS else None
    values = {
        "state": to,
        "version": contribution.version + 1,
        "revision": revision,
        "state_since": now,
        "claimed_by": None,
        "claimed_until": None,
        **changes,
    }
    done = db.connection().execute(
        sa.update(Contribution)
        .where(
            col(Contribution.seq) == contribution.seq,
            col(Contribution.version) == contribution.version,
            col(Contribution.state) == came_from,
        )
        .values(**values)
    )
    if done.rowcount != 1:
        raise Conflict(STALE, code="stale")
    record(
        db,
        contribution,
        action=action,
        came_from=came_from,
        to=to,
        revision=revision,
        actor=actor,
        now=now,
        reason=reason,
        statement=statement,
        words=words,
        waited=waited,
    )
    db.refresh(contribution)


def _waited(db: Session, contribution: Contribution, now: datetime) -> int | None:
    """Seconds since it came into the queue, for the public figures: a second reading is part of the wait.

    None for a second reading that follows an appeal: what was said had its answer long before.
    """
    since: datetime | None = contribution.state_since
    if contribution.state is State.SECOND_REVIEW:
        since = None
        steps = sa.select(Transition.from_state, Transition.to_state, Transition.at).where(  # type: ignore[call-overload]
            col(Transition.contribution_seq) == contribution.seq, col(Transition.to_state).in_(WAITS)
        )
        for came_from, to, at in db.connection().execute(steps.order_by(col(Transition.seq).desc())):
            if to == State.PENDING:
                since = at
            if to == State.PENDING or came_from not in WAITS:
                break
    return None if since is None else max(0, int((now - since).total_seconds()))


class Identified(Protocol):
    """A contribution, or what is known of one just received."""

    @property
    def seq(self) -> int | None: ...

    @property
    def id(self) -> UUID: ...

    @property
    def channel(self) -> Channel: ...


def record(
    db: Session,
    contribution: Identified,
    *,
    action: str,
    came_from: State,
    to: State,
    revision: int,
    actor: str,
    now: datetime,
    reason: str | None = None,
    statement: str | None = None,
    words: str | None = None,
    waited: int | None = None,
) -> None:
    """The transition's row and its audit entry: the words as a hash, the rest from closed lists."""
    row = {"contribution_seq": contribution.seq, "revision": revision, "actor": actor, "at": now}
    why = {"action": action, "reason": reason, "statement": statement}
    add_rows(db, Transition, row | why | {"from_state": came_from.value, "to_state": to.value})
    if words is None:
        words = (
            db.connection()
            .execute(
                sa.select(Revision.body).where(  # type: ignore[call-overload]
                    col(Revision.contribution_seq) == contribution.seq, col(Revision.number) == revision
                )
            )
            .scalar()
            or ""
        )
    hashes = {"body": hashlib.sha256(words.encode()).hexdigest(), "to": to.value, "channel": contribution.channel.value}
    if came_from is not to:
        hashes["from"] = came_from.value
    if reason:
        hashes["reason"] = reason
    if waited is not None:
        hashes["waited"] = str(waited)
    audit.append(
        db,
        actor=actor,
        action=action,
        kind="contribution",
        object_id=str(contribution.id),
        now=now,
        hashes=hashes,
    )
