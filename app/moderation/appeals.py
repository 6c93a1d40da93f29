"""A decision read again by another person: upheld, or reversed with everything restored."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import switches
from app.adapters import vault
from app.contributions import appeals, history, publishing
from app.errors import N_, Conflict, Unprocessable
from app.models import Appeal, AppealState, Contribution, Media, OriginalOpening, Revision, Staff, State, Transition
from app.moderation import checks, claims, redactions, second_look, settling
from app.moderation.appeal_schemas import AppealDecisionIn, Outcome
from app.moderation.media_choices import Chosen
from app.moderation.rules import ALERT_OPEN
from app.notify import outbox

REVERSE = "reverse"  # in the journal of the contribution
AGAINST = ("return", "refuse", "hide")
SAME_PERSON = N_("Vous avez pris part à cette décision. Une autre personne doit la relire.")


def decide(db: Session, appeal: Appeal, *, by: Staff, said: AppealDecisionIn, now: datetime) -> Appeal:
    """Conflict `claimed`, `stale`, `alert_open`, `same_person`, `publishing_paused`; Unprocessable `language_unread`.

    Whoever decided before does not answer; a reversal publishes at once, or asks a second person where two are needed.
    """
    contribution = db.get_one(Contribution, appeal.contribution_seq)
    claims.take(db, contribution, by=by, now=now)
    db.refresh(appeal)
    settling.refuse_stale(db, appeal, version=said.version)
    if contribution.open_alerts:
        raise Conflict(ALERT_OPEN, code="alert_open", state=contribution.state.value)
    if by.actor in deciders(db, appeal):
        raise Conflict(SAME_PERSON, code="same_person", state=contribution.state.value)
    settling.settle(
        db, appeal, AppealState(said.outcome.value), version=said.version, statement=said.statement, by=by, now=now
    )
    appeals.count(db, contribution, -1)
    if said.outcome is Outcome.REVERSED:
        _reverse(db, contribution, by=by, statement=said.statement, now=now)
    outbox.tell(db, contribution, template="decided", once=f"appeal:{appeal.id}", now=now)
    action = f"appeal_{said.outcome.value}"
    appeals.journal(db, contribution, appeal, action, actor=by.actor, words=said.statement, now=now)
    return appeal


def deciders(db: Session, appeal: Appeal) -> set[str]:
    """Who took the decision, or one like it about the same words: none of them reads it again."""
    decision = db.get_one(Transition, appeal.transition_seq)
    alike = sa.select(col(Transition.actor)).where(
        col(Transition.contribution_seq) == appeal.contribution_seq, col(Transition.revision) == decision.revision,
        col(Transition.action).in_(AGAINST),
    )  # fmt: skip
    found = {decision.actor, *db.connection().execute(alike).scalars()}
    kept = redactions.original(db, db.get_one(Contribution, appeal.contribution_seq))
    return found | ({kept.made_by} if kept else set())


def _reverse(db: Session, contribution: Contribution, *, by: Staff, statement: str, now: datetime) -> None:
    """Published as it was. Media nobody decided about stay withheld, and wait at the desk for a choice."""
    came_from = contribution.state
    revision = db.exec(
        select(Revision).where(Revision.contribution_seq == contribution.seq, Revision.number == contribution.revision)
    ).one()
    if unread := list(checks.unread_language(db, revision)):
        raise Unprocessable(unread)
    to = State.SECOND_REVIEW if came_from is not State.PUBLISHED and _two(db, contribution) else State.PUBLISHED
    if to is State.PUBLISHED:
        switches.refuse_paused(db)
    changes: dict[str, Any] = {}
    if came_from is State.PUBLISHED:
        _words_back(db, contribution, revision)
        changes = {"edited_by_moderation": False, "edited_reason": None}
    history.move(
        db, contribution, to=to, action=REVERSE, actor=by.actor, now=now, statement=statement, **changes
    )  # fmt: skip
    if came_from is State.PUBLISHED:
        publishing.reindex(db, contribution)
    elif to is State.PUBLISHED:
        publishing.publish(db, contribution, now=now)
    else:
        contribution.reason = None
        db.add(contribution)
        db.flush()


def _two(db: Session, contribution: Contribution) -> bool:
    """Whether a second person must agree before it is public for the first time (domain.md)."""
    if contribution.published_at is not None:
        return False
    media = db.exec(select(Media).where(Media.contribution_seq == contribution.seq))
    return second_look.needed(db, contribution, [Chosen(one, one.choice, {}) for one in media])


def _words_back(db: Session, contribution: Contribution, revision: Revision) -> None:
    """The words as they were written; nothing is left to seal."""
    kept = redactions.original(db, contribution)
    if kept is None:
        return
    revision.title = vault.unseal(redactions.PURPOSE, kept.title_sealed).decode() if kept.title_sealed else None
    revision.body = vault.unseal(redactions.PURPOSE, kept.body_sealed).decode()
    db.add(revision)
    db.connection().execute(sa.delete(OriginalOpening).where(col(OriginalOpening.original_seq) == kept.seq))
    db.delete(kept)
    db.flush()
