"""Decisions: each effect once, in one transaction, by the state machine of domain.md."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from app import switches
from app.contributions import appeals, history, notices, publishing
from app.errors import N_, Conflict
from app.models import Contribution, Staff, State
from app.moderation import checks, claims, media_choices, merging, redactions, second_look
from app.moderation.checks import Ready
from app.moderation.queries import last_step, name_of
from app.moderation.schemas import Action, DecisionIn
from app.notify import outbox

# action → (from which states, to which)
STEPS: dict[Action, tuple[frozenset[State], State]] = {
    Action.PUBLISH: (frozenset({State.PENDING, State.SECOND_REVIEW}), State.PUBLISHED),
    Action.SEND_TO_SECOND: (frozenset({State.PENDING}), State.SECOND_REVIEW),
    Action.RETURN: (frozenset({State.PENDING, State.SECOND_REVIEW}), State.RETURNED),
    Action.REFUSE: (frozenset({State.PENDING, State.SECOND_REVIEW, State.HIDDEN}), State.REFUSED),
    Action.MERGE: (frozenset({State.PENDING}), State.MERGED),
    Action.HIDE: (frozenset({State.PUBLISHED}), State.HIDDEN),
    Action.RESTORE: (frozenset({State.HIDDEN}), State.PUBLISHED),
}
# In the journal: the words stood already, the files that came after were decided, or wait for a second person.
MEDIA_ALONE, MEDIA_TO_SECOND = "publish_media", "send_media"
NOT_ALLOWED = N_("Cette action n’est pas possible dans cet état.")
APPEAL_OPEN = N_("Son auteur a demandé une relecture. Répondez-y sur la page des recours.")
ALERT_OPEN = N_("Une alerte est ouverte sur ces mots. Il faut d’abord la clore.")


def decide(db: Session, contribution: Contribution, *, by: Staff, decision: DecisionIn, now: datetime) -> Contribution:
    """Takes one decision on one revision.

    Unprocessable when something is missing; Conflict `claimed`, `stale`, `not_allowed`, `alert_open`,
    `same_person`, `publishing_paused`. A reason and a statement count only for what is not published, and for
    words that are hidden.
    """
    checks.complete(decision)
    if decision.action is Action.MERGE:
        merging.hold(db, [contribution.id], [decision.into])
    claims.take(db, contribution, by=by, now=now)
    refuse_stale(db, contribution, version=decision.version, revision=decision.revision)
    came_from, to = contribution.state, _leads_to(db, contribution, decision.action, by=by)
    ready = checks.ready(db, contribution, decision)
    action, to, media = _by_how_many(db, contribution, decision, ready, to, by=by)
    if to is State.PUBLISHED:
        switches.refuse_paused(db)
    media_choices.settle(db, media)
    reason, why, changes = _reasons(db, contribution, decision, ready)
    if ready.spans:
        redactions.hide(db, contribution, ready.revision, ready.spans, reason=reason or "", by=by, now=now)
    history.move(db, contribution, to=to, action=action, actor=by.actor, now=now, **why, **changes)
    _show(db, contribution, came_from, reason=reason, now=now)
    if to is State.HIDDEN:  # what was asked about it while it was public is answered by this
        appeals.drop(db, contribution, actor=by.actor, now=now)
        notices.close(db, contribution, by=by.actor, now=now)
    if to is not State.SECOND_REVIEW and action != MEDIA_TO_SECOND:  # else nothing is decided yet
        once = f"decided:{contribution.id}:{contribution.version}"
        outbox.tell(db, contribution, template="decided", once=once, now=now)
    return contribution


def _by_how_many(
    db: Session, contribution: Contribution, decision: DecisionIn, ready: Ready, to: State, *, by: Staff
) -> tuple[str, State, list[media_choices.Chosen]]:
    """(action for the journal, state, media): what one person may publish is published, the rest waits for another."""
    if decision.action is not Action.PUBLISH or contribution.state is State.SECOND_REVIEW:
        return decision.action.value, to, ready.media
    if contribution.state is not to:
        two = decision.sensitive or second_look.needed(db, contribution, ready.media)
        action = Action.SEND_TO_SECOND if two else decision.action
        return action.value, State.SECOND_REVIEW if two else to, ready.media
    second_look.refuse_own_proposal(contribution, ready.media, by=by)
    newly = second_look.newly_shown(ready.media)
    shown = {one.media.id for one in newly}
    media = [one for one in ready.media if one.media.id not in shown] + media_choices.propose(newly, by=by.actor)
    return MEDIA_TO_SECOND if newly else MEDIA_ALONE, to, media


def _reasons(
    db: Session, contribution: Contribution, decision: DecisionIn, ready: Ready
) -> tuple[str | None, dict[str, Any], dict[str, Any]]:
    """(the charter's article, what the transition says of it, further columns of the contribution)."""
    changes: dict[str, Any] = {"sensitive": True} if decision.sensitive else {}
    if decision.action is Action.MERGE:
        changes["merged_into"] = merging.target(db, contribution, decision.into or "").seq
        return merging.REASON, {"reason": merging.REASON, "statement": decision.statement}, changes
    if ready.spans:
        reason = decision.reason or redactions.DEFAULT_REASON
        changes |= {"edited_by_moderation": True, "edited_reason": reason}
        return reason, {"reason": reason, "statement": decision.statement}, changes
    if decision.action in checks.REASONED:
        return decision.reason, {"reason": decision.reason, "statement": decision.statement}, changes
    return None, {}, changes


def _show(db: Session, contribution: Contribution, came_from: State, *, reason: str | None, now: datetime) -> None:
    """After the move: what the public sees of it."""
    if contribution.state is came_from:
        publishing.reindex(db, contribution)
        return
    if contribution.state is State.PUBLISHED:
        publishing.publish(db, contribution, now=now)
    else:
        contribution.reason = None if contribution.state is State.SECOND_REVIEW else reason
        db.add(contribution)
    if came_from is State.PUBLISHED:
        publishing.unpublish(db, contribution)


def refuse_stale(db: Session, contribution: Contribution, *, version: int, revision: int) -> None:
    """Conflict `stale`, with who acted, when the moderator looked at something else than what is there."""
    if (contribution.version, contribution.revision) == (version, revision):
        return
    last = last_step(db, contribution)
    raise Conflict(
        history.STALE, code="stale", state=contribution.state.value, version=contribution.version,
        by=name_of(db, last.actor) if last else None, at=last.at.isoformat() if last else None,
    )  # fmt: skip


def _leads_to(db: Session, contribution: Contribution, action: Action, *, by: Staff) -> State:
    allowed, to = STEPS[action]
    late = action is Action.PUBLISH and contribution.state is to and media_choices.wait(db, contribution)
    if contribution.state not in allowed and not late:
        raise Conflict(NOT_ALLOWED, code="not_allowed", state=contribution.state.value)
    # Hiding protects, so an alert never stops it; any other answer could harm (domain.md, Safety).
    if contribution.open_alerts and action is not Action.HIDE:
        raise Conflict(ALERT_OPEN, code="alert_open", state=contribution.state.value)
    if contribution.open_appeals and contribution.state is State.HIDDEN:
        raise Conflict(APPEAL_OPEN, code="appeal_open", state=contribution.state.value)
    if contribution.state is State.SECOND_REVIEW or action is Action.RESTORE:
        second_look.refuse_same_person(db, contribution, by=by)
    return to
