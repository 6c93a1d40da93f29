"""The one way a contribution changes state: once, conditionally, with its trace."""

import hashlib
from datetime import datetime
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app import audit
from app.errors import N_, Conflict
from app.models import Contribution, Revision, State, Transition
from app.models.driver import add_rows

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
    )
    db.refresh(contribution)


class Identified(Protocol):
    """A contribution, or what is known of one just received."""

    @property
    def seq(self) -> int | None: ...

    @property
    def id(self) -> UUID: ...


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
) -> None:
    """The transition's row and its audit entry (hash of the words, never the words)."""
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
    hashes = {"body": hashlib.sha256(words.encode()).hexdigest(), "to": to.value}
    audit.append(
        db,
        actor=actor,
        action=action,
        kind="contribution",
        object_id=str(contribution.id),
        now=now,
        hashes=hashes,
    )
