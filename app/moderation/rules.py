"""Decisions: each effect once, in one transaction, by the state machine of domain.md."""

from datetime import datetime

from sqlmodel import Session, col, select

from app.contributions import history, publishing
from app.errors import N_, Conflict
from app.models import Contribution, Staff, State, Transition
from app.moderation import checks, claims, media_choices
from app.moderation.queries import name_of
from app.moderation.schemas import Action, DecisionIn
from app.notify import outbox

# action → (from which states, to which)
STEPS: dict[Action, tuple[frozenset[State], State]] = {
    Action.PUBLISH: (frozenset({State.PENDING, State.SECOND_REVIEW}), State.PUBLISHED),
    Action.RETURN: (frozenset({State.PENDING, State.SECOND_REVIEW}), State.RETURNED),
    Action.REFUSE: (frozenset({State.PENDING, State.SECOND_REVIEW, State.HIDDEN}), State.REFUSED),
    Action.HIDE: (frozenset({State.PUBLISHED}), State.HIDDEN),
    Action.RESTORE: (frozenset({State.HIDDEN}), State.PUBLISHED),
}
MEDIA_ALONE = "publish_media"  # in the journal: the words stood already
NOT_ALLOWED = N_("Cette action n’est pas possible dans cet état.")
ALERT_OPEN = N_("Une alerte est ouverte sur ces mots. Il faut d’abord la clore.")
SAME_PERSON = N_("Vous avez demandé une deuxième lecture. Une autre personne doit décider.")


def decide(db: Session, contribution: Contribution, *, by: Staff, decision: DecisionIn, now: datetime) -> Contribution:
    """Takes one decision on one revision.

    Unprocessable when something is missing; Conflict `claimed`, `stale`, `not_allowed`, `alert_open`,
    `same_person`. A reason and a statement count only for what is not published.
    """
    checks.complete(decision)
    claims.take(db, contribution, by=by, now=now)
    refuse_stale(db, contribution, version=decision.version, revision=decision.revision)
    came_from, to = contribution.state, _leads_to(db, contribution, decision.action, by=by)
    if to is State.PUBLISHED:
        media_choices.settle(db, checks.publishable(db, contribution, decision))
    media_alone = came_from is to
    reasoned = decision.action in checks.REASONED
    history.move(
        db, contribution, to=to, action=MEDIA_ALONE if media_alone else decision.action.value,
        actor=by.actor, now=now,
        reason=decision.reason if reasoned else None, statement=decision.statement if reasoned else None,
    )  # fmt: skip
    _show(db, contribution, came_from, reason=decision.reason, now=now)
    outbox.tell(
        db,
        contribution,
        template="decided",
        once=f"decided:{contribution.id}:{contribution.version}",
        now=now,
    )
    return contribution


def _show(db: Session, contribution: Contribution, came_from: State, *, reason: str | None, now: datetime) -> None:
    """After the move: what the public sees of it."""
    if contribution.state is came_from:
        publishing.reindex(db, contribution)
        return
    if contribution.state is State.PUBLISHED:
        publishing.publish(db, contribution, now=now)
    else:
        contribution.reason = reason
        db.add(contribution)
    if came_from is State.PUBLISHED:
        publishing.unpublish(db, contribution)


def refuse_stale(db: Session, contribution: Contribution, *, version: int, revision: int) -> None:
    """Conflict `stale`, with who acted, when the moderator looked at something else than what is there."""
    if (contribution.version, contribution.revision) == (version, revision):
        return
    last = db.exec(
        select(Transition).where(Transition.contribution_seq == contribution.seq).order_by(col(Transition.seq).desc())
    ).first()
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
    if contribution.state is State.SECOND_REVIEW:
        _by_another(db, contribution, by)
    return to


def _by_another(db: Session, contribution: Contribution, by: Staff) -> None:
    first = db.exec(
        select(Transition.actor)
        .where(Transition.contribution_seq == contribution.seq, Transition.to_state == State.SECOND_REVIEW.value)
        .order_by(col(Transition.seq).desc())
    ).first()
    if first == by.actor:
        raise Conflict(SAME_PERSON, code="same_person", state=contribution.state.value)
