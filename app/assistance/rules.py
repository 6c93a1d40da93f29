"""What is done with what programs noticed: noted, settled by a person, forgotten. Nothing else changes by it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from app import audit
from app.assistance import groups
from app.assistance.detectors import Seen
from app.assistance.found import DANGERS, Found
from app.assistance.groups import Near
from app.assistance.likeness import Print
from app.assistance.queries import Unassisted
from app.errors import N_, Conflict
from app.models import Contribution, Signal, SignalState, Staff
from app.models.base import new_id
from app.models.driver import add_rows, run

SETTLED = N_("Quelqu’un a déjà répondu à ce signal.")
ACTIONS = {SignalState.CONFIRMED: "signal_confirmed", SignalState.DISMISSED: "signal_dismissed"}
DUPLICATE = "duplicate"
# In the driver's words: a hundred of these a minute share the lock with submissions.
LOOKED_AT = "UPDATE contribution SET assisted_revision = ?, dangers = ? WHERE seq = ? AND version = ?"
FORGET_OTHERS = "DELETE FROM signal WHERE contribution_seq = ? AND (revision <> ? OR state = 'open')"
ANSWERED = (
    'SELECT kind, place, start, "end", state FROM signal'
    " WHERE contribution_seq = ? AND revision = ? AND state <> 'open'"
)


@dataclass(frozen=True)
class Mark:
    """What a place of a contribution looks like."""

    place: str
    print: Print


def note(db: Session, one: Unassisted, seen: list[Seen], marks: list[Mark], *, now: datetime) -> bool:
    """Writes down what was noticed; False when the contribution has changed since it was read: it is looked at again.

    What a person has settled of the same revision stays settled.
    """
    settled = _settled(db, one)
    fresh = _fresh(seen, settled)
    dangers = sum(each.found.kind in DANGERS for each in fresh)
    if run(db, LOOKED_AT, one.revision, dangers, one.seq, one.version).rowcount != 1:
        return False
    run(db, FORGET_OTHERS, one.seq, one.revision)
    fresh += _fresh(_likenesses(db, one, marks, settled), settled)
    if fresh:
        add_rows(db, Signal, *(_row(one, each, now) for each in fresh))
    return True


def _settled(db: Session, one: Unassisted) -> dict[Any, SignalState]:
    """What a person has answered of this revision."""
    rows = run(db, ANSWERED, one.seq, one.revision)
    return {_key(kind, place, start, end): SignalState(state) for kind, place, start, end, state in rows}


def _fresh(seen: list[Seen], settled: dict[Any, SignalState]) -> list[Seen]:
    return [each for each in seen if _key(each.found.kind, each.place, each.found.start, each.found.end) not in settled]


def _key(kind: str, place: str, start: int | None, end: int | None) -> tuple[str, str, int | None, int | None]:
    return kind, place, start, end


def _likenesses(db: Session, one: Unassisted, marks: list[Mark], settled: dict[Any, SignalState]) -> list[Seen]:
    """Keeps the fingerprints and joins whoever is nearly the same, unless a person has said that it is not."""
    groups.forget(db, one.seq)
    near: list[tuple[Mark, Near]] = []
    for mark in marks:
        found = groups.keep(db, one.seq, one.revision, mark.print)
        if found and settled.get(_key(DUPLICATE, mark.place, None, None)) is not SignalState.DISMISSED:
            near.append((mark, found))
    groups.join(db, one.seq, [found for _, found in near])
    return [
        Seen(mark.place, mark.print.detector, Found(DUPLICATE, detail={"of": it.id, "alike": round(it.likeness * 100)}))
        for mark, it in near
    ]


def _row(one: Unassisted, seen: Seen, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(), "contribution_seq": one.seq, "revision": one.revision, "kind": seen.found.kind,
        "place": seen.place, "start": seen.found.start, "end": seen.found.end, "detail": seen.found.detail,
        "detector": seen.detector, "state": SignalState.OPEN, "created_at": now,
    }  # fmt: skip


def _count(db: Session, contribution_seq: int) -> None:
    """How many signals of danger nobody has looked at yet: what the queue is ordered by."""
    dangers = (
        sa.select(sa.func.count())
        .select_from(Signal)
        .where(
            col(Signal.contribution_seq) == contribution_seq,
            col(Signal.kind).in_(DANGERS),
            col(Signal.state) == SignalState.OPEN,
        )
        .scalar_subquery()
    )
    db.connection().execute(
        sa.update(Contribution).where(col(Contribution.seq) == contribution_seq).values(dangers=dangers)
    )


def settle(
    db: Session, signal: Signal, contribution: Contribution, *, to: SignalState, by: Staff, now: datetime
) -> None:
    """« C’est bien cela » or « Ce n’est rien »: once, by whoever is first; then Conflict `already_settled`.

    Saying that words are no copy takes the contribution out of its group.
    """
    done = db.connection().execute(
        sa.update(Signal)
        .where(col(Signal.seq) == signal.seq, col(Signal.state) == SignalState.OPEN)
        .values(state=to, settled_by=by.actor, settled_at=now)
    )
    if done.rowcount != 1:
        raise Conflict(SETTLED, code="already_settled")
    _count(db, signal.contribution_seq)
    if signal.kind == DUPLICATE and to is SignalState.DISMISSED:
        groups.join(db, signal.contribution_seq, [])
    db.refresh(signal)
    db.refresh(contribution)
    audit.append(
        db, actor=by.actor, action=ACTIONS[to], kind="signal", object_id=str(signal.id), now=now,
        hashes={"signal": signal.kind, "contribution": str(contribution.id)},
    )  # fmt: skip


def again(db: Session, contribution: Contribution) -> None:
    """Its words were changed in their place: marks would stand beside them. Programs look once more."""
    _forget_signals(db, contribution)
    own = col(Contribution.seq) == contribution.seq
    db.connection().execute(sa.update(Contribution).where(own).values(assisted_revision=0))


def forget(db: Session, contribution: Contribution) -> None:
    """Erased: neither signals nor fingerprints of it remain, and it belongs to no group."""
    _forget_signals(db, contribution)
    groups.forget(db, contribution.seq or 0)
    groups.join(db, contribution.seq or 0, [])


def _forget_signals(db: Session, contribution: Contribution) -> None:
    db.connection().execute(sa.delete(Signal).where(col(Signal.contribution_seq) == contribution.seq))
    _count(db, contribution.seq or 0)
