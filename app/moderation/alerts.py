"""Safety alerts: opened by anyone of the team, told at once, answered by someone, closed with what was done."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from app import audit
from app.adapters import vault
from app.assistance import queries as signals
from app.assistance import rules as signal_rules
from app.contributions import erasure
from app.errors import N_, Conflict
from app.jobs import enqueue
from app.models import Alert, Contact, ContactOpening, Contribution, SignalState, Staff, State
from app.moderation import alert_duty
from app.moderation.queries import name_of
from app.moderation.schemas import AlertIn
from app.notify import outbox

CLOSED = N_("Cette alerte est déjà close.")
ANSWERED = N_("Quelqu’un d’autre s’occupe déjà de cette alerte.")


@dataclass(frozen=True)
class Reach:
    """How to reach the author, in clear: for one answer, never kept."""

    email: str | None
    phone: str | None


def open_alert(db: Session, contribution: Contribution, *, by: Staff, said: AlertIn, now: datetime) -> Alert:
    """From the commit on nothing of this contribution is published or sent, and the duty contact is told.

    A program's signals of the same danger are thereby answered.
    """
    _count(db, contribution, +1)
    outbox.hold(db, contribution)
    alert = Alert(
        contribution_seq=contribution.seq or 0, kind=said.kind.value, words_sealed=_seal(said.words),
        opened_by=by.actor, opened_at=now,
    )  # fmt: skip
    db.add(alert)
    db.flush()
    enqueue(db, "tell_duty", alert.id, key=f"duty:{alert.id}")
    alert_duty.again_later(db, alert, number=1)
    for signal in signals.unanswered(db, contribution.seq or 0, contribution.revision, kind=said.kind.value):
        signal_rules.settle(db, signal, contribution, to=SignalState.CONFIRMED, by=by, now=now)
    _journal(db, alert, by, "alert_opened", said.words, now)
    return alert


def answer(db: Session, alert: Alert, *, by: Staff, instead_of: str | None = None, now: datetime) -> Alert:
    """« Je m’en occupe »: nobody is called any more. `instead_of`: the actor whom `by` takes over from.

    Conflict `already_closed`, or `already_answered` with who. Saying it twice changes nothing.
    """
    if alert.answered_by == by.actor and alert.closed_at is None:
        return alert
    before = col(Alert.answered_by)
    answered = db.connection().execute(
        sa.update(Alert)
        .where(col(Alert.seq) == alert.seq, col(Alert.closed_at).is_(None))
        .where(before == instead_of if instead_of else before.is_(None))
        .values(answered_by=by.actor, answered_at=now)
    )
    db.refresh(alert)
    if answered.rowcount != 1:
        if alert.closed_at is not None:
            raise Conflict(CLOSED, code="already_closed")
        raise Conflict(ANSWERED, code="already_answered", by=name_of(db, alert.answered_by or ""))
    outbox.call_off(db, alert)
    _journal(db, alert, by, "alert_answered", None, now)
    return alert


def close(db: Session, alert: Alert, *, by: Staff, done: str, now: datetime) -> Alert:
    """Once: Conflict `already_closed` the second time. With the last one, what was held back may be sent."""
    closed = db.connection().execute(
        sa.update(Alert)
        .where(col(Alert.seq) == alert.seq, col(Alert.closed_at).is_(None))
        .values(closed_by=by.actor, closed_at=now, done_sealed=_seal(done))
    )
    if closed.rowcount != 1:
        raise Conflict(CLOSED, code="already_closed")
    db.refresh(alert)
    contribution = db.get_one(Contribution, alert.contribution_seq)
    _count(db, contribution, -1)
    outbox.call_off(db, alert)
    if not contribution.open_alerts:
        outbox.release(db, contribution)
    if contribution.state is State.ERASED:
        erasure.forget_alerts(db, contribution)
    _journal(db, alert, by, "alert_closed", done, now)
    return alert


def open_contact(db: Session, alert: Alert, *, by: Staff, motive: str, now: datetime) -> Reach:
    """The author's contact, while the alert is open (else Conflict `already_closed`); who and why is kept.

    Whoever opens it when nobody had answered answers.
    """
    if alert.closed_at is not None:
        raise Conflict(CLOSED, code="already_closed")
    if alert.answered_by is None:
        answer(db, alert, by=by, now=now)
    db.add(ContactOpening(alert_seq=alert.seq or 0, actor=by.actor, motive=motive, at=now))
    db.flush()
    _journal(db, alert, by, "contact_opened", motive, now)
    held = db.get(Contact, alert.contribution_seq)
    return Reach(_clear(held.email_sealed), _clear(held.phone_sealed)) if held else Reach(None, None)


def words(sealed: bytes | None) -> str:
    """What was written when opening or closing."""
    return vault.unseal("alert", sealed).decode() if sealed else ""


def _seal(text: str | None) -> bytes | None:
    return vault.seal("alert", text.encode()) if text else None


def _clear(sealed: bytes | None) -> str | None:
    return vault.unseal("contact", sealed).decode() if sealed else None


def _count(db: Session, contribution: Contribution, by: int) -> None:
    db.connection().execute(
        sa.update(Contribution)
        .where(col(Contribution.seq) == contribution.seq)
        .values(open_alerts=Contribution.open_alerts + by)
    )
    db.refresh(contribution)


def _journal(db: Session, alert: Alert, by: Staff, action: str, text: str | None, now: datetime) -> None:
    hashes = {"words": hashlib.sha256((text or "").encode()).hexdigest()}
    audit.append(db, actor=by.actor, action=action, kind="alert", object_id=str(alert.id), now=now, hashes=hashes)
