"""Many decisions in one transaction, each in a savepoint of its own: one that is refused takes nothing with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.errors import N_, AppError, Conflict, NotFound, Unprocessable
from app.models import Contribution, Media, MediaChoice, Staff
from app.moderation import checks, merging, queries, rules
from app.moderation.bulk_schemas import OneOfMany

Words = Callable[[str, str], str]  # (reason, language)
MEDIA_ALONE = N_("Ce qui montre ou fait entendre quelque chose se décide seul, sur sa page.")


@dataclass(frozen=True)
class Outcome:
    """What became of one decision: the contribution as it is now, or why it was refused."""

    decision: OneOfMany
    contribution: Contribution | None
    refusal: AppError | None = None


def decide(
    db: Session, decisions: list[OneOfMany], *, by: Staff, now: datetime, words: Words | None = None
) -> list[Outcome]:
    """One outcome for each, in their order. Besides `rules.decide`: Conflict `media_alone`.

    `words` says what the author of a language reads under a reason for which nothing else was written.
    """
    # Every row before the journal's head, which each decision holds until the commit.
    ids = [queries.identifier(each.id) for each in decisions if queries.is_identifier(each.id)]
    merging.hold(db, ids, [each.into for each in decisions])
    return [_one(db, decision, by=by, now=now, words=words) for decision in decisions]


def _one(db: Session, decision: OneOfMany, *, by: Staff, now: datetime, words: Words | None) -> Outcome:
    found = None
    try:
        with db.begin_nested():
            found = queries.visible(db, decision.id)
            _refuse_alone(db, found, decision)
            if words and decision.action in checks.REASONED and decision.reason and not decision.statement:
                decision.statement = words(decision.reason, found.language)
            return Outcome(decision, rules.decide(db, found, by=by, decision=decision, now=now))
    except (Conflict, NotFound, Unprocessable) as refusal:
        if found is not None:
            db.refresh(found)
        return Outcome(decision, found, refusal)


def _refuse_alone(db: Session, contribution: Contribution, decision: OneOfMany) -> None:
    """Under an open alert nothing is decided with others; nothing with media is published without being looked at."""
    if contribution.open_alerts:
        raise Conflict(rules.ALERT_OPEN, code="alert_open", state=contribution.state.value)
    if decision.action not in checks.SHOWING:
        return
    shown = select(Media.seq).where(
        Media.contribution_seq == contribution.seq, col(Media.choice).is_distinct_from(MediaChoice.WITHHOLD)
    )
    if decision.media or db.exec(shown.limit(1)).first() is not None:
        raise Conflict(MEDIA_ALONE, code="media_alone", state=contribution.state.value)
