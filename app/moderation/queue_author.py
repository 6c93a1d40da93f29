"""What the same person said before: known only where the same e-mail address was left, by its blind index."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.models import Contact, Contribution, State

MOST = 20


def others(db: Session, seq: int) -> list[Any]:
    """id, reference, state, received_at of the newest; never how to reach the author, nothing that was taken back."""
    mine, theirs = aliased(Contact), aliased(Contact)
    return list(
        db.connection().execute(
            sa.select(
                col(Contribution.id), col(Contribution.reference), col(Contribution.state),
                col(Contribution.received_at),
            )
            .join(theirs, theirs.contribution_seq == col(Contribution.seq))  # type: ignore[arg-type]
            .join(mine, mine.email_index == theirs.email_index)  # type: ignore[arg-type]
            .where(
                mine.contribution_seq == seq,  # type: ignore[arg-type]
                col(Contribution.seq) != seq,
                col(Contribution.state).not_in([State.WITHDRAWN, State.ERASED]),
            )
            .order_by(col(Contribution.received_at).desc(), col(Contribution.seq).desc())
            .limit(MOST)
        )
    )  # fmt: skip
