"""Reads of the reports' pages."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import NotFound
from app.models import Contribution, Media, Notice, NoticeState, Revision, State
from app.moderation.queries import current_words, identifier

MOST = 100  # open ones on the list, oldest first
RECENT = 30  # decided ones below


def notice(db: Session, id: str) -> Notice:
    found = db.exec(select(Notice).where(Notice.id == identifier(id))).first()
    if found is None:
        raise NotFound
    return found


def listed(db: Session) -> tuple[list[Any], list[Any]]:
    """Open reports, oldest first, and the last decided ones: the report, its item with its words, its medium."""
    rows: Any = (
        sa.select(
            Notice, col(Contribution.id).label("item_id"), col(Contribution.reference), col(Contribution.state),
            col(Contribution.open_notices), col(Contribution.open_alerts),
            col(Revision.title), col(Revision.body), col(Revision.language),
            col(Media.kind).label("media_kind"),
        )
        .join(Contribution, col(Contribution.seq) == col(Notice.contribution_seq))
        .join(Revision, current_words())
        .join(Media, col(Media.seq) == col(Notice.media_seq), isouter=True)
    )  # fmt: skip
    opened = rows.where(col(Notice.state) == NoticeState.OPEN).order_by(col(Notice.made_at), col(Notice.seq))
    decided = rows.where(col(Notice.state) != NoticeState.OPEN, col(Contribution.state) != State.ERASED)
    latest = decided.order_by(col(Notice.decided_at).desc(), col(Notice.seq).desc())
    return list(db.execute(opened.limit(MOST)).all()), list(db.execute(latest.limit(RECENT)).all())


def of_item(db: Session, notice: Notice) -> list[Notice]:
    """The other open reports of the same item, oldest first."""
    mine = select(Notice).where(
        Notice.contribution_seq == notice.contribution_seq, Notice.state == NoticeState.OPEN, Notice.seq != notice.seq
    )
    return list(db.exec(mine.order_by(col(Notice.seq))))


def medium_id(db: Session, notice: Notice) -> str:
    """The medium it names; "" for none."""
    found = db.get(Media, notice.media_seq) if notice.media_seq else None
    return str(found.id) if found else ""
