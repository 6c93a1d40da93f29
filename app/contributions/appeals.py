"""« Faire relire par quelqu'un d'autre »: once for each decision, within six months, asked by who holds the receipt."""

import calendar
import hashlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import audit, i18n
from app.adapters import vault
from app.consultation.content import consultation
from app.contributions import edited
from app.errors import N_, Conflict
from app.models import Appeal, AppealState, Contribution, State, Transition

# In each state, the actions that led there and may be read again; `published` only where words were hidden.
DECISIONS = {
    State.RETURNED: ("return",),
    State.REFUSED: ("refuse",),
    State.HIDDEN: ("hide",),
    State.PUBLISHED: ("publish", "restore", "reverse"),
}
PURPOSE = "appeal"
NOT_NOW = N_("Il n’y a pas de décision à faire relire maintenant.")
ALREADY = N_("Vous avez déjà fait relire cette décision. On peut le demander une fois.")
EXPIRED = N_("Le délai pour faire relire cette décision est passé. Vous pouvez envoyer une nouvelle contribution.")


def ask(db: Session, contribution: Contribution, *, words: str | None, now: datetime) -> Appeal:
    """Another person will read the decision. Conflict `not_allowed`, `already_appealed`, `appeal_expired`."""
    db.refresh(contribution, with_for_update=True)  # nobody decides meanwhile
    decision = standing(db, contribution)
    if decision is None or contribution.open_alerts:
        raise Conflict(NOT_NOW, code="not_allowed", state=contribution.state.value)
    if _made(db, decision) is not None:
        raise Conflict(ALREADY, code="already_appealed", state=contribution.state.value)
    if now > until(decision.at):
        raise Conflict(EXPIRED, code="appeal_expired", state=contribution.state.value)
    sealed = vault.seal(PURPOSE, words.encode()) if words else None
    appeal = Appeal(
        contribution_seq=contribution.seq or 0, transition_seq=decision.seq or 0, words_sealed=sealed, made_at=now
    )
    db.add(appeal)
    db.flush()
    count(db, contribution, +1)
    journal(db, contribution, appeal, "appeal_made", actor="author", words=words or "", now=now)
    return appeal


def standing(db: Session, contribution: Contribution) -> Transition | None:
    """The decision that stands and that may be read again; None when there is none."""
    actions = DECISIONS.get(contribution.state)
    if actions is None or (contribution.state is State.PUBLISHED and not _words_hidden(db, contribution)):
        return None
    return db.exec(
        select(Transition)
        .where(
            Transition.contribution_seq == contribution.seq,
            col(Transition.action).in_(actions),
            Transition.to_state == contribution.state.value,
        )
        .order_by(col(Transition.seq).desc())
    ).first()


def until(decided_at: datetime) -> datetime:
    """The last moment at which a decision may be appealed: the end of that day, so many months later."""
    day = i18n.local(decided_at)
    years, month = divmod(day.month - 1 + consultation().limits.appeal_months, 12)
    year, month = day.year + years, month + 1
    last = min(day.day, calendar.monthrange(year, month)[1])
    return day.replace(year=year, month=month, day=last, hour=23, minute=59, second=59, microsecond=0)


@dataclass(frozen=True)
class Standing:
    """The decision that stands, the appeal made last (perhaps of a former one), until when one may still be made."""

    decision: Transition | None
    last: Appeal | None
    until: datetime | None


def about(db: Session, contribution: Contribution, *, now: datetime) -> Standing:
    """What its holder may know and ask. Two questions to the database."""
    decision = standing(db, contribution)
    mine = select(Appeal).where(Appeal.contribution_seq == contribution.seq)
    made = db.exec(mine.order_by(col(Appeal.seq).desc())).all()
    last = made[0] if made else None
    if decision is None or contribution.open_alerts or any(one.transition_seq == decision.seq for one in made):
        return Standing(decision, last, None)
    end = until(decision.at)
    return Standing(decision, last, end if now <= end else None)


def drop(db: Session, contribution: Contribution, *, actor: str, now: datetime) -> None:
    """What was to be read again stands no more: corrected, withdrawn, erased, hidden. A new decision, a new appeal."""
    for appeal in opened(db, contribution):
        db.delete(appeal)
        db.flush()
        count(db, contribution, -1)
        journal(db, contribution, appeal, "appeal_dropped", actor=actor, words="", now=now)


def forget(db: Session, contribution: Contribution) -> None:
    """Erased: what was said in appeals, and what was answered."""
    mine = col(Appeal.contribution_seq) == contribution.seq
    db.connection().execute(sa.update(Appeal).where(mine).values(words_sealed=None, statement=None))


def opened(db: Session, contribution: Contribution) -> list[Appeal]:
    if not contribution.open_appeals:
        return []
    mine = select(Appeal).where(Appeal.contribution_seq == contribution.seq, Appeal.state == AppealState.OPEN)
    return list(db.exec(mine))


def words(appeal: Appeal) -> str:
    """What its author adds, in clear."""
    return vault.unseal(PURPOSE, appeal.words_sealed).decode() if appeal.words_sealed else ""


def count(db: Session, contribution: Contribution, by: int) -> None:
    db.connection().execute(
        sa.update(Contribution)
        .where(col(Contribution.seq) == contribution.seq)
        .values(open_appeals=Contribution.open_appeals + by)
    )
    db.refresh(contribution)


def journal(
    db: Session, contribution: Contribution, appeal: Appeal, action: str, *, actor: str, words: str, now: datetime
) -> None:
    hashes = {"words": hashlib.sha256(words.encode()).hexdigest(), "channel": contribution.channel.value}
    audit.append(db, actor=actor, action=action, kind="appeal", object_id=str(appeal.id), now=now, hashes=hashes)


def _made(db: Session, decision: Transition) -> Appeal | None:
    return db.exec(select(Appeal).where(Appeal.transition_seq == decision.seq)).first()


def _words_hidden(db: Session, contribution: Contribution) -> bool:
    """Whether moderators hid some of the words, which could be shown again."""
    return contribution.edited_by_moderation and edited.told(db, contribution) is not None
