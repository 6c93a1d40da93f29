"""Reads of what programs noticed: what waits to be looked at, an item's signals, what is nearly the same."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.assistance.detectors import Text
from app.errors import NotFound
from app.models import Contribution, Media, Revision, Signal, SignalState, State
from app.models.contribution import UNASSISTED

WAITING = frozenset({State.PENDING, State.SECOND_REVIEW})
READABLE = col(Contribution.state).not_in([State.WITHDRAWN, State.ERASED])
SHOWN = 20  # of what is nearly the same, beside an item
SAMPLE = 8  # of a group, read beside its first
BULK = 50  # decided in one act


@dataclass(frozen=True)
class Unassisted:
    """What one contribution says now, as far as programs look at it."""

    seq: int
    version: int
    revision: int
    language: str
    texts: tuple[Text, ...]
    pictures: tuple[tuple[str, str], ...]  # (media id, difference hash)


def unassisted(db: Session, limit: int) -> list[Unassisted]:
    """The oldest that wait, with their words and what is known of their photos."""
    oldest = (
        sa.select(col(Contribution.seq))
        .where(sa.text(UNASSISTED))
        .order_by(col(Contribution.seq))
        .limit(limit)
        .subquery()
    )
    rows = list(
        db.connection().execute(
            sa.select(
                col(Contribution.seq), col(Contribution.version), col(Contribution.revision),
                col(Revision.title), col(Revision.body), col(Revision.language),
            )
            .join(oldest, oldest.c.seq == col(Contribution.seq))
            .join(
                Revision,
                sa.and_(
                    col(Revision.contribution_seq) == col(Contribution.seq),
                    col(Revision.number) == col(Contribution.revision),
                ),
            )
            .order_by(col(Contribution.seq))
        )
    )  # fmt: skip
    pictures = _pictures(db, [row.seq for row in rows])
    return [
        Unassisted(
            row.seq, row.version, row.revision, row.language,
            (Text("title", row.title or "", row.language), Text("body", row.body, row.language)),
            tuple(pictures.get(row.seq, ())),
        )
        for row in rows
    ]  # fmt: skip


def _pictures(db: Session, seqs: list[int]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    wanted = sa.select(col(Media.contribution_seq), col(Media.id), col(Media.details)).where(
        col(Media.contribution_seq).in_(seqs)
    )
    for row in db.connection().execute(wanted.order_by(col(Media.seq))) if seqs else ():
        if hexadecimal := row.details.get("likeness"):
            found.setdefault(row.contribution_seq, []).append((str(row.id), hexadecimal))
    return found


def open_kinds(db: Session, seqs: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
    """[(kind, how many nobody has settled)] of each of these contributions; one query."""
    found: dict[int, list[tuple[str, int]]] = {seq: [] for seq in seqs}
    if seqs:
        counted = (
            sa.select(col(Signal.contribution_seq), col(Signal.kind), sa.func.count().label("n"))
            .where(col(Signal.contribution_seq).in_(seqs), col(Signal.state) == SignalState.OPEN)
            .group_by(col(Signal.contribution_seq), col(Signal.kind))
            .order_by(col(Signal.kind))
        )
        for row in db.connection().execute(counted):
            found[row.contribution_seq].append((row.kind, row.n))
    return found


def signals(db: Session, contribution_seq: int, revision: int) -> list[Signal]:
    """All of one revision, in the order of the text."""
    wanted = select(Signal).where(Signal.contribution_seq == contribution_seq, Signal.revision == revision)
    return sorted(db.exec(wanted), key=lambda one: (one.place != "title", one.place, one.start or 0, one.seq or 0))


def unanswered(db: Session, contribution_seq: int, revision: int, *, kind: str) -> list[Signal]:
    """Of one kind, those nobody has answered yet."""
    own = (Signal.contribution_seq == contribution_seq, Signal.revision == revision, Signal.kind == kind)
    return list(db.exec(select(Signal).where(*own, Signal.state == SignalState.OPEN).order_by(col(Signal.seq))))


def signal(db: Session, id: str) -> tuple[Signal, Contribution]:
    """A signal and what it is about; NotFound when the author took the words back, or sent others since."""
    try:
        wanted = uuid.UUID(id)
    except ValueError:
        raise NotFound from None
    found = db.exec(
        select(Signal, Contribution)
        .join(Contribution, col(Contribution.seq) == col(Signal.contribution_seq))
        .where(Signal.id == wanted, Signal.revision == Contribution.revision, READABLE)
    ).first()
    if found is None:
        raise NotFound
    return found


def references(db: Session, ids: Sequence[str]) -> dict[str, str]:
    """The references of contributions by id, of those that can still be read."""
    wanted = [uuid.UUID(id) for id in ids]
    if not wanted:
        return {}
    rows = sa.select(col(Contribution.id), col(Contribution.reference)).where(
        col(Contribution.id).in_(wanted), READABLE
    )
    return {str(row.id): row.reference for row in db.connection().execute(rows)}


@dataclass(frozen=True)
class Group:
    """Contributions that say nearly the same: `first` came first, `members` by reception, `size` of all of them."""

    first: Any
    members: list[Any]
    size: int


def similar(db: Session, contribution_seq: int, cluster: int | None) -> tuple[list[Any], int, uuid.UUID | None]:
    """Others of the same group, how many there are, the group's id; nothing when there are none."""
    if cluster is None:
        return [], 0, None
    others = sa.and_(col(Contribution.cluster) == cluster, col(Contribution.seq) != contribution_seq, READABLE)
    rows = list(db.connection().execute(_members().where(others).order_by(col(Contribution.seq)).limit(SHOWN)))
    if not rows:
        return [], 0, None
    size = db.connection().execute(sa.select(sa.func.count()).select_from(Contribution).where(others)).scalar_one()
    return rows, size, _id_of(db, cluster)


def _id_of(db: Session, seq: int) -> uuid.UUID:
    found = db.connection().execute(sa.select(col(Contribution.id)).where(col(Contribution.seq) == seq)).scalar_one()
    return uuid.UUID(str(found))


def group(db: Session, id: str, *, after: int = 0) -> Group:
    """The group whose first was `id`; NotFound when there are not two left that can be read.

    `members` are those that wait for a decision, `BULK` at most, from `after` (a seq) on.
    """
    try:
        wanted = uuid.UUID(id)
    except ValueError:
        raise NotFound from None
    cluster = sa.select(col(Contribution.seq)).where(col(Contribution.id) == wanted).scalar_subquery()
    all_of = sa.and_(col(Contribution.cluster) == cluster, READABLE)
    size = db.connection().execute(sa.select(sa.func.count()).select_from(Contribution).where(all_of)).scalar_one()
    first = db.connection().execute(_members().where(all_of).order_by(col(Contribution.seq)).limit(1)).first()
    if first is None or size < 2:
        raise NotFound
    waiting = (
        all_of,
        col(Contribution.state).in_(WAITING),
        col(Contribution.seq) > after,
    )
    rows = _members().where(*waiting).order_by(col(Contribution.seq)).limit(BULK + 1)
    return Group(first, list(db.connection().execute(rows)), size)


def _members() -> Any:
    has_media = sa.exists().where(col(Media.contribution_seq) == col(Contribution.seq))
    return sa.select(
        col(Contribution.seq), col(Contribution.id), col(Contribution.reference), col(Contribution.state),
        col(Contribution.version), col(Contribution.revision), col(Contribution.received_at), col(Contribution.channel),
        col(Contribution.open_alerts), col(Contribution.dangers), has_media.label("has_media"),
        col(Revision.title), col(Revision.body), col(Revision.language).label("words_language"),
    ).join(
        Revision,
        sa.and_(
            col(Revision.contribution_seq) == col(Contribution.seq),
            col(Revision.number) == col(Contribution.revision),
        ),
    )  # fmt: skip
