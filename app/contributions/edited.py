"""What moderators hid in a text, and which one it was merged with: told to its author, never the words."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import i18n
from app.addresses import rooted
from app.consultation.content import consultation
from app.models import Contribution, Original, OriginalOpening, State, Transition

UNNAMED = "…"  # hidden without a label


def told(db: Session, contribution: Contribution) -> dict[str, Any] | None:
    """The article, what stands in place of hidden words, what the moderator wrote; None if nothing is hidden."""
    kept = db.exec(
        select(Original).where(
            Original.contribution_seq == contribution.seq, Original.revision == contribution.revision
        )
    ).first()
    if kept is None:
        return None
    reason = consultation().reason(kept.reason)
    words = select(Transition.statement).where(
        Transition.contribution_seq == contribution.seq, Transition.revision == contribution.revision,
        Transition.actor == kept.made_by, Transition.at == kept.made_at,
    ).order_by(col(Transition.seq).desc())  # fmt: skip
    return {
        "reason": kept.reason,
        "article": reason.article if reason else None,
        "label": reason.label.in_(i18n.current().code) if reason else None,
        "hidden": [span["label"] or UNNAMED for span in kept.spans],
        "text": db.exec(words).first(),
    }


def merged_into(db: Session, contribution: Contribution) -> dict[str, Any] | None:
    """The one it was merged with in the end (that one may have been merged since), with its address once public."""
    one = final(db, contribution)
    if one is contribution:
        return None
    public = one.state is State.PUBLISHED
    return {"reference": one.reference, "url": rooted(f"/paroles/{one.reference}") if public else None}


def final(db: Session, contribution: Contribution) -> Contribution:
    """Itself, or where a merged one leads to in the end."""
    while contribution.state is State.MERGED and contribution.merged_into is not None:
        contribution = db.get_one(Contribution, contribution.merged_into)
    return contribution


def forget(db: Session, contribution: Contribution) -> None:
    """The sealed words and who read them again, for an erasure."""
    own = sa.select(col(Original.seq)).where(col(Original.contribution_seq) == contribution.seq)
    db.connection().execute(sa.delete(OriginalOpening).where(col(OriginalOpening.original_seq).in_(own)))
    db.connection().execute(sa.delete(Original).where(col(Original.contribution_seq) == contribution.seq))
