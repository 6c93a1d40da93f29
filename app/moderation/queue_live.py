"""What changed meanwhile, for pages that stay open: state, version and claim of what they show, and the counts."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from app import i18n
from app.models import Contribution, Staff, State
from app.moderation import queue_queries
from app.moderation.queries import MEDIA_WAITING
from app.moderation.queue_queries import CALLED, Counts
from app.web import env


def changes(db: Session, ids: list[uuid.UUID], *, by: Staff, now: datetime) -> dict[str, Any]:
    """Two queries. What was erased is not among the items."""
    rows = db.connection().execute(_rows(ids, now))
    return {
        "items": {str(row.id): _item(row, by) for row in rows},
        "counts": figures(queue_queries.counts(db, now=now)),
    }


def _rows(ids: list[uuid.UUID], now: datetime) -> Any:
    live = col(Contribution.claimed_until) > now
    return (
        sa.select(
            col(Contribution.id), col(Contribution.state), col(Contribution.version), col(Contribution.revision),
            col(Contribution.claimed_by), col(Contribution.claimed_until), sa.case((live, col(Staff.name))).label("by"),
        )
        .outerjoin(Staff, col(Staff.seq) == col(Contribution.claimed_by))
        .where(col(Contribution.id).in_(ids), col(Contribution.state) != State.ERASED)
        .order_by(col(Contribution.seq))
    )  # fmt: skip


def _item(row: Any, by: Staff) -> dict[str, Any]:
    """`badge`: the state as the page shows it, a word and a sign."""
    return {
        "version": row.version,
        "revision": row.revision,
        "state": row.state.value,
        "badge": str(env.globals["ui"].state(row.state.value)).strip(),  # type: ignore[attr-defined]
        "mine": row.by is not None and row.claimed_by == by.seq,
        "held": _held(row) if row.by else "",
    }


def _held(row: Any) -> str:
    said = i18n.gettext("%(who)s s’en occupe jusqu’au %(until)s")
    return said % {"who": row.by, "until": i18n.format_moment(row.claimed_until)}


def figures(counts: Counts) -> dict[str, int]:
    """By the names the page gives them (filters.counted)."""
    flags = {f"flag-{flag}": n for flag, n in counts.flags.items()}
    return counts.states | flags | {CALLED: counts.waiting, MEDIA_WAITING: counts.media_waiting}
