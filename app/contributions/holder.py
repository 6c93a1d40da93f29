"""What the holder of a receipt sees and may do. Contact details are never shown back."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from app import i18n
from app.consultation.content import consultation
from app.contributions import rules
from app.errors import Unauthorized
from app.media import queries as media_queries
from app.models import Contact, Contribution, Revision, State, Transition

DECIDED = ("return", "refuse", "hide", "publish", "restore", "merge")


def held(db: Session, seq: int) -> Contribution:
    """The contribution itself, for rules."""
    contribution = db.get(Contribution, seq)
    if contribution is None:
        raise Unauthorized
    return contribution


def current_revision(db: Session, contribution: Contribution) -> Revision:
    return db.exec(
        select(Revision).where(Revision.contribution_seq == contribution.seq, Revision.number == contribution.revision)
    ).one()


def view(db: Session, contribution: Contribution, *, now: datetime) -> dict[str, Any]:
    """The answer of `GET /api/v1/receipt`."""
    revision = current_revision(db, contribution)
    public = contribution.state is State.PUBLISHED
    return {
        "reference": contribution.reference,
        "state": contribution.state.value,
        "revision": {
            "number": revision.number,
            "title": revision.title,
            "body": revision.body,
            "language": revision.language,
        },
        "statement": _statement(db, contribution),
        "appeal": None,
        "can": can(contribution, now=now),
        "media": media_queries.held_media(db, contribution),
        "received_at": contribution.received_at.isoformat(),
        "url": f"/paroles/{contribution.reference}" if public else None,
    }


def can(contribution: Contribution, *, now: datetime) -> list[str]:
    """What is possible now, in the words of the API."""
    allowed = []
    if contribution.state in rules.CORRECTABLE:
        allowed.append("revise")
    if contribution.state in rules.WITHDRAWABLE:
        allowed.append("withdraw")
    if rules.can_undo(contribution, now=now):
        allowed.append("undo_withdrawal")
    if contribution.state is not State.ERASED:
        allowed += ["erase", "replace_code"]
    return allowed


def _statement(db: Session, contribution: Contribution) -> dict[str, Any] | None:
    """The reasons of the last decision that carried some, while it stands."""
    if contribution.state not in {State.RETURNED, State.REFUSED, State.HIDDEN}:
        return None
    last = db.exec(
        select(Transition)
        .where(Transition.contribution_seq == contribution.seq, col(Transition.action).in_(DECIDED))
        .order_by(col(Transition.seq).desc())
    ).first()
    reason = consultation().reason(last.reason) if last and last.reason else None
    if last is None:
        return None
    language = i18n.current().code
    return {
        "action": last.action,
        "reason": last.reason,
        "article": reason.article if reason else None,
        "label": reason.label.in_(language) if reason else None,
        "text": last.statement,
        "now": reason.now.in_(language) if reason else None,
        "by_machine": False,
        "at": last.at.isoformat(),
    }


def history_of(db: Session, contribution: Contribution) -> list[Transition]:
    """What happened, oldest first, for the follow page."""
    return list(
        db.exec(select(Transition).where(Transition.contribution_seq == contribution.seq).order_by(col(Transition.seq)))
    )


def has_email(db: Session, contribution: Contribution) -> bool:
    contact = db.get(Contact, contribution.seq)
    return contact is not None and contact.email_sealed is not None
