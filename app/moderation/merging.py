"""Two contributions that say the same: one is merged into the other, and its receipt names that one."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.contributions.edited import final
from app.errors import N_, refuse_field
from app.models import Contribution, State

REASON = "duplicate"
# A merged one answers through its target: one that nobody will read, or may not, is none.
TARGETS = frozenset({State.PENDING, State.SECOND_REVIEW, State.PUBLISHED})
UNKNOWN = N_("Aucune contribution n’a cette référence.")
ITSELF = N_("Une contribution ne peut pas être réunie à elle-même.")
MERGED = N_("Cette contribution est elle-même réunie à une autre : %(reference)s. Choisissez celle-là.")
ENDED = N_("Cette contribution n’est ni publiée, ni à lire. Choisissez-en une autre.")


def hold(db: Session, ids: Iterable[UUID], into: Iterable[str | None]) -> None:
    """These and their targets are ours until the commit, always taken in the same order.

    Else two moderators wait for one another, or merge two contributions into each other.
    """
    named = [reference_of(one) for one in into if one]
    wanted = sa.or_(col(Contribution.id).in_(list(ids)), col(Contribution.reference).in_(named))
    db.exec(select(Contribution.seq).where(wanted).order_by(col(Contribution.seq)).with_for_update()).all()


def reference_of(typed: str) -> str:
    return typed.strip().upper()


def target(db: Session, contribution: Contribution, into: str) -> Contribution:
    """What it is merged into, held since `hold`; Unprocessable naming `into` when that cannot be."""
    asked = select(Contribution).where(Contribution.reference == reference_of(into))
    found = db.exec(asked.execution_options(populate_existing=True)).first()
    if found is None or found.state is State.ERASED:
        raise refuse_field("into", "unknown_reference", UNKNOWN)
    if found.seq == contribution.seq:
        raise refuse_field("into", "merge_into_itself", ITSELF)
    if found.state is State.MERGED:
        raise refuse_field("into", "merge_into_merged", MERGED, reference=final(db, found).reference)
    if found.state not in TARGETS:
        raise refuse_field("into", "merge_into_ended", ENDED)
    return found
