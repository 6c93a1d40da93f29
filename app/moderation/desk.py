"""What the desk's pages show of one item: everything a decision needs, nothing of how to reach the author."""

from typing import Any

from sqlmodel import Session, col, select

from app.assistance import desk as assistance_desk
from app.consultation.content import consultation
from app.forms import Form
from app.models import Consent, Contact, Revision, Staff, State, Transition
from app.moderation import (
    alert_queries,
    checks,
    media_desk,
    queries,
    queue_author,
    queue_order,
    redaction_desk,
    second_look,
    shapes,
)
from app.moderation.rules import STEPS
from app.moderation.schemas import Action, DecisionIn
from app.outreach import desk as outreach_desk

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
    redacting = redaction_desk.context(db, row, form.values if form else {})
    barred = second_look.barred(db, row, actor=by.actor)
    late = any(n for kind, n in shapes.signals(row, media) if kind == queries.MEDIA_WAITING)
    return {
        "item": row,
        "media": media_desk.shown(media, captions, form=form),
        "consents": list(
            db.exec(select(Consent).where(Consent.contribution_seq == row.seq).order_by(col(Consent.seq)))
        ),
        "history": history,
        "names": queries.names(db, {*(step.actor for step in history), *(one.actor for one in redacting["openings"])}),
        "earlier": [one for one in revisions if one.number != row.revision] if shown else [],
        "alerts": alert_queries.open_on(db, row.seq) if row.open_alerts else [],
        "actions": actions(
            row.state,
            alerted=bool(row.open_alerts),
            late=late,
            barred=bool(barred),
            appealed=bool(row.open_appeals),
        ),
        "barred": barred,
        "nobody_reads": _nobody_reads(db, row, revisions) if shown else "",
        "others": queue_author.others(db, row.seq) if shown else [],
        "reachable": _reachable(db, row.seq),
        "late": late,
        **assistance_desk.context(db, row, shown=shown),
        **outreach_desk.context(db, row.seq, by=by),
        "mine": bool(row.by) and row.claimed_by == by.seq,
        "due_at": queue_order.due_at(row.received_at),
        "shown": shown,
        "statements": {
            reason.id: default_statement(reason.id, row.words_language) for reason in consultation().reasons
        },
        **redacting,
    }


def _nobody_reads(db: Session, row: Any, revisions: list[Revision]) -> str:
    """Why these words cannot be published yet: nobody on the team reads their language."""
    now = next(one for one in revisions if one.number == row.revision)
    return next((said.message for said in checks.unread_language(db, now)), "")


def _reachable(db: Session, seq: int) -> bool:
    """Whether the author left a way to be told anything."""
    contact = db.get(Contact, seq)
    return contact is not None and bool(contact.email_sealed or contact.phone_sealed)


def actions(
    state: State, *, alerted: bool, late: bool = False, barred: bool = False, appealed: bool = False
) -> list[str]:
    """What can be decided now, in the order the page offers it.

    `late`: public words have a medium to decide about; `barred`: this person may not be the second;
    `appealed`: what is hidden is decided on the appeal's own page.
    """
    closed = set(Action) if state is State.SECOND_REVIEW else {Action.RESTORE}
    return [
        action.value for action, (allowed, _) in STEPS.items()
        if (state in allowed or (late and action is Action.PUBLISH)) and (not alerted or action is Action.HIDE)
        and not (barred and action in closed) and not (appealed and state is State.HIDDEN)
    ]  # fmt: skip


def default_statement(reason: str, language: str) -> str:
    """What the author is told if nothing else is written, in the author's language if the content has it."""
    found = consultation().reason(reason)
    return found.statement.in_(language.split("-")[0]) if found else ""
