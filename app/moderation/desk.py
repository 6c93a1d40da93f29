"""What the desk's pages show of one item: everything a decision needs, nothing of how to reach the author."""

from typing import Any

from sqlmodel import Session, col, select

from app.consultation.content import consultation
from app.models import Consent, Revision, Staff, State, Transition
from app.moderation import alert_queries, media_desk, queries, shapes
from app.moderation.rules import STEPS
from app.moderation.schemas import Action, DecisionIn
from app.web import Form

UNSEEN = frozenset({State.WITHDRAWN, State.ERASED})  # the author took the words back


def context(db: Session, row: Any, *, by: Staff, form: Form[DecisionIn] | None = None) -> dict[str, Any]:
    """The item's page; `row` comes from `queries.item`, `form` is what was posted."""
    history = list(
        db.exec(select(Transition).where(Transition.contribution_seq == row.seq).order_by(col(Transition.seq)))
    )
    revisions = list(
        db.exec(select(Revision).where(Revision.contribution_seq == row.seq).order_by(col(Revision.number)))
    )
    shown = row.state not in UNSEEN
    media = queries.media_of(db, [row.seq])[row.seq] if shown else []
    captions = queries.captions_of(db, [one.media for one in media]) if media else []
    late = any(n for kind, n in shapes.signals(row, media) if kind == queries.MEDIA_WAITING)
    return {
        "item": row,
        "media": media_desk.shown(media, captions, form=form),
        "consents": list(
            db.exec(select(Consent).where(Consent.contribution_seq == row.seq).order_by(col(Consent.seq)))
        ),
        "history": history,
        "names": queries.names(db, {step.actor for step in history}),
        "earlier": [one for one in revisions if one.number != row.revision] if shown else [],
        "alerts": alert_queries.open_on(db, row.seq) if row.open_alerts else [],
        "actions": actions(row.state, alerted=bool(row.open_alerts), late=late),
        "late": late,
        "mine": bool(row.by) and row.claimed_by == by.seq,
        "due_at": shapes.due_at(row.received_at),
        "shown": shown,
        "statements": {
            reason.id: default_statement(reason.id, row.words_language) for reason in consultation().reasons
        },
    }


def actions(state: State, *, alerted: bool, late: bool = False) -> list[str]:
    """What can be decided now, in the order the page offers it. `late`: public words have a medium to decide about."""
    return [
        action.value for action, (allowed, _) in STEPS.items()
        if (state in allowed or (late and action is Action.PUBLISH)) and (not alerted or action is Action.HIDE)
    ]  # fmt: skip


def default_statement(reason: str, language: str) -> str:
    """What the author is told if nothing else is written, in the author's language if the content has it."""
    found = consultation().reason(reason)
    return found.statement.in_(language.split("-")[0]) if found else ""
