"""Who says nearly the same: fingerprints kept, near ones found, contributions put together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from app.assistance import likeness
from app.assistance.likeness import Print
from app.assistance.queries import READABLE
from app.models import Band, Contribution, Fingerprint
from app.models.driver import add_rows, run

MOST = 20  # compared with one: those that share the most pieces


@dataclass(frozen=True)
class Near:
    """The one it is most like, how much, and all the groups it belongs to by that."""

    id: str
    likeness: float
    groups: frozenset[int]


def keep(db: Session, contribution_seq: int, revision: int, mark: Print) -> Near | None:
    """Keeps the fingerprint; gives whom it is like.

    A copy gets no pieces of its own: whoever is near it is near the one it copies, and a campaign of thousands
    stays as quick to compare with as its first.
    """
    compared = _compared(db, contribution_seq, mark)
    kept = Fingerprint(
        contribution_seq=contribution_seq, revision=revision, kind=mark.kind, value=mark.value, detector=mark.detector
    )
    db.add(kept)
    db.flush()
    if mark.kind == likeness.PICTURE or not any(alike >= likeness.COPY for alike, _ in compared):
        add_rows(db, Band, *({"piece": piece, "fingerprint_seq": kept.seq} for piece in set(mark.pieces)))
    return _near(mark.kind, compared)


def _compared(db: Session, contribution_seq: int, mark: Print) -> list[tuple[float, Any]]:
    """[(likeness, row)] of what shares pieces with it."""
    shared = (
        sa.select(col(Band.fingerprint_seq), sa.func.count().label("n"))
        .where(col(Band.piece).in_(mark.pieces))
        .group_by(col(Band.fingerprint_seq))
        .order_by(sa.desc("n"), col(Band.fingerprint_seq))
        .limit(MOST)
        .subquery()
    )
    rows = db.connection().execute(
        sa.select(col(Fingerprint.value), col(Contribution.seq), col(Contribution.id), col(Contribution.cluster))
        .join(shared, shared.c.fingerprint_seq == col(Fingerprint.seq))
        .join(Contribution, col(Contribution.seq) == col(Fingerprint.contribution_seq))
        .where(col(Fingerprint.kind) == mark.kind, col(Contribution.seq) != contribution_seq, READABLE)
    )
    return [(likeness.alike(mark.kind, mark.value, bytes(row.value)), row) for row in rows]


def _near(kind: str, compared: list[tuple[float, Any]]) -> Near | None:
    together: dict[int, list[tuple[float, Any]]] = {}
    for alike, row in compared:
        together.setdefault(row.cluster or row.seq, []).append((alike, row))
    joined = {
        first: members for first, members in together.items() if likeness.belongs(kind, [alike for alike, _ in members])
    }
    if not joined:
        return None
    alike, row = max((each for members in joined.values() for each in members), key=lambda each: each[0])
    return Near(str(row.id), alike, frozenset(joined))


def join(db: Session, contribution_seq: int, near: Iterable[Near]) -> None:
    """Puts it with those it is like; groups that it connects become one, named after the first of all."""
    groups = frozenset().union(*(one.groups for one in near))
    if not groups:
        run(db, "UPDATE contribution SET cluster = NULL WHERE seq = ? AND cluster IS NOT NULL", contribution_seq)
        return
    members = sa.or_(col(Contribution.cluster).in_(groups), col(Contribution.seq).in_({*groups, contribution_seq}))
    db.connection().execute(sa.update(Contribution).where(members).values(cluster=min(groups)))


def forget(db: Session, contribution_seq: int) -> None:
    """Its fingerprints and their pieces. A copy of it gets pieces of its own: the group must still be found."""
    if run(db, "SELECT 1 FROM fingerprint WHERE contribution_seq = ?", contribution_seq).fetchone() is None:
        return
    _hand_over(db, contribution_seq)
    own = sa.select(col(Fingerprint.seq)).where(col(Fingerprint.contribution_seq) == contribution_seq)
    db.connection().execute(sa.delete(Band).where(col(Band.fingerprint_seq).in_(own)))
    db.connection().execute(sa.delete(Fingerprint).where(col(Fingerprint.contribution_seq) == contribution_seq))


def _hand_over(db: Session, contribution_seq: int) -> None:
    mine = sa.select(col(Contribution.cluster)).where(col(Contribution.seq) == contribution_seq).scalar_subquery()
    bare = ~sa.exists().where(col(Band.fingerprint_seq) == col(Fingerprint.seq))
    heir = db.connection().execute(
        sa.select(col(Fingerprint.seq), col(Fingerprint.value))
        .join(Contribution, col(Contribution.seq) == col(Fingerprint.contribution_seq))
        .where(
            col(Contribution.cluster) == mine, col(Contribution.seq) != contribution_seq, READABLE,
            col(Fingerprint.kind) == likeness.WORDS, bare,
        )
        .order_by(col(Fingerprint.seq))
        .limit(1)
    ).first()  # fmt: skip
    if heir:
        parts = set(likeness.pieces(likeness.WORDS, bytes(heir.value)))
        add_rows(db, Band, *({"piece": piece, "fingerprint_seq": heir.seq} for piece in parts))
