"""What becomes of a report: nothing changes, a medium stays hidden, or the words go."""

from datetime import datetime

from sqlmodel import Session

from app import switches
from app.consultation.content import consultation
from app.contributions import notices
from app.errors import N_, Conflict
from app.models import Contribution, Media, MediaChoice, Notice, NoticeState, Staff, State
from app.moderation import claims, rules, settling
from app.moderation.notice_schemas import Act, NoticeDecisionIn
from app.moderation.schemas import Action, DecisionIn
from app.notify import outbox

NOTHING_HELD = N_("Aucun fichier n’a été caché par ce signalement.")
STATES = {Act.KEEP: NoticeState.KEPT, Act.HOLD: NoticeState.ACTED}


def decide(db: Session, notice: Notice, *, by: Staff, said: NoticeDecisionIn, now: datetime) -> Notice:
    """Conflict `claimed`, `stale`, `alert_open`, `publishing_paused`, `not_allowed`. Hiding closes all its reports."""
    contribution = db.get_one(Contribution, notice.contribution_seq)
    claims.take(db, contribution, by=by, now=now)
    db.refresh(notice)
    settling.refuse_stale(db, notice, version=said.version)
    if said.act is Act.HIDE:
        return _hide(db, contribution, notice, by=by, said=said, now=now)
    if said.act is Act.HOLD and not notice.hid_at_once:
        raise Conflict(NOTHING_HELD, code="not_allowed", state=contribution.state.value)
    if said.act is Act.KEEP and notice.hid_at_once:
        _put_back(db, contribution, notice, by=by, now=now)
    settling.settle(db, notice, STATES[said.act], version=said.version, statement=said.statement, by=by, now=now)
    notices.count(db, contribution, -1)
    outbox.tell_reporter(db, notice, template="notice_decided", now=now)
    action = f"notice_{notice.state.value}"
    notices.journal(db, contribution, notice, action, actor=by.actor, words=said.statement, now=now)
    return notice


def _hide(
    db: Session, contribution: Contribution, notice: Notice, *, by: Staff, said: NoticeDecisionIn, now: datetime
) -> Notice:
    """As any hiding: its author reads the charter's article and a statement; who reported is told by its closing."""
    reason = said.reason or notice.reason
    article = consultation().reason(reason)
    told = said.told or (article.statement.in_(contribution.language.split("-")[0]) if article else "")
    decision = DecisionIn(
        version=contribution.version, revision=contribution.revision, action=Action.HIDE, reason=reason, statement=told
    )
    notice.statement = said.statement
    db.add(notice)
    db.flush()
    rules.decide(db, contribution, by=by, decision=decision, now=now)
    db.refresh(notice)
    return notice


def _put_back(db: Session, contribution: Contribution, notice: Notice, *, by: Staff, now: datetime) -> None:
    """The medium as it was decided before, unless somebody has decided otherwise since. Never under an alert."""
    media = db.get(Media, notice.media_seq) if notice.media_seq else None
    if media is None or media.choice is not MediaChoice.WITHHOLD or not notice.choice_before:
        return
    if contribution.open_alerts:
        raise Conflict(rules.ALERT_OPEN, code="alert_open", state=contribution.state.value)
    before = MediaChoice(notice.choice_before)
    if contribution.state is State.PUBLISHED:
        switches.refuse_paused(db)
        notices.choose(db, contribution, media, before, action="release_media", actor=by.actor, now=now)
    else:
        media.choice = before
        db.add(media)
