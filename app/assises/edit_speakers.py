"""Who speaks, leads or interprets, as organisers note it.

A name is public only while its person's consent is noted. Given, taken back or changed, it counts at once everywhere:
no release holds names.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import audit
from app.adapters import vault
from app.assises.agenda import KEPT
from app.assises.edit_rows import fresh, note
from app.assises.edit_speakers_schemas import SpeakerIn
from app.errors import N_, Conflict
from app.models import Message, MessageState, ProgrammeDay, ProgrammeSession, SessionSpeaker, Speaker, Staff
from app.models.base import new_id
from app.models.publication import bump
from app.notify.outbox import UNTOLD

PURPOSE = "speaker"  # of the vault
STILL = N_("Cette personne est encore dans des séances. Retirez-la d’abord de ces séances.")


def add(db: Session, said: SpeakerIn, *, by: Staff, now: datetime) -> Speaker:
    """Without consent: nobody's name is public before they agreed."""
    speaker = Speaker(id=new_id(), **_columns(said))
    db.add(speaker)
    db.flush()
    note(db, "speaker_added", speaker.id, by=by, now=now)
    return speaker


def change(db: Session, speaker_id: UUID, said: SpeakerIn, *, version: int, by: Staff, now: datetime) -> None:
    """Conflict `stale` or `gone`."""
    speaker = fresh(db, Speaker, speaker_id, version)
    for name, value in _columns(said).items():
        setattr(speaker, name, value)
    _save(db, speaker, public=speaker.consent_at is not None)
    note(db, "speaker_changed", speaker_id, by=by, now=now)


def consent(db: Session, speaker_id: UUID, *, how: str, version: int, by: Staff, now: datetime) -> None:
    """The person agreed to be shown by name: when, how, and who notes it. Conflict `stale` or `gone`."""
    speaker = fresh(db, Speaker, speaker_id, version)
    speaker.consent_at, speaker.consent_how, speaker.consent_by = now, how, by.actor
    _save(db, speaker, public=True)
    note(db, "speaker_consented", speaker_id, by=by, now=now)


def take_back(db: Session, speaker_id: UUID, *, version: int, by: Staff, now: datetime) -> None:
    """The person agrees no more: the name is gone from every public page at once. Conflict `stale` or `gone`."""
    speaker = fresh(db, Speaker, speaker_id, version)
    speaker.consent_at, speaker.consent_how, speaker.consent_by = None, "", ""
    _save(db, speaker, public=True)
    note(db, "speaker_withdrew", speaker_id, by=by, now=now)


def drop(db: Session, speaker_id: UUID, *, version: int, by: Staff, now: datetime) -> None:
    """All that is known of somebody. Conflict `stale` or `gone`, `in_use` while sessions of the draft name them."""
    speaker = fresh(db, Speaker, speaker_id, version)
    if sessions(db, speaker):
        raise Conflict(STILL, code="in_use")
    mine = col(Message.speaker_seq) == speaker.seq
    untold = sa.and_(mine, col(Message.state).in_(UNTOLD))
    db.connection().execute(sa.update(Message).where(untold).values(state=MessageState.DROPPED))
    db.connection().execute(sa.update(Message).where(mine).values(speaker_seq=None))
    db.delete(speaker)
    db.flush()
    bump(db)
    note(db, "speaker_dropped", speaker_id, by=by, now=now)


def forget_contacts(db: Session, now: datetime) -> None:
    """Three months after the last day nobody has to be told anything any more."""
    last = db.exec(select(ProgrammeDay.ends_at).order_by(col(ProgrammeDay.ends_at).desc()).limit(1)).first()
    if last is None or now < last + KEPT:
        return
    held = sa.or_(col(Speaker.email_sealed).is_not(None), col(Speaker.phone_sealed).is_not(None))
    gone = {"email_sealed": None, "phone_sealed": None, "version": col(Speaker.version) + 1}
    if db.connection().execute(sa.update(Speaker).where(held).values(gone)).rowcount:
        audit.append(db, actor="system", action="speakers_contacts_erased", kind="programme", object_id="1", now=now)


def sessions(db: Session, speaker: Speaker) -> Sequence[Any]:
    """Those of the draft with this person: `id, title, starts_at, part`."""
    wanted = sa.select(
        col(ProgrammeSession.id), col(ProgrammeSession.title), col(ProgrammeSession.starts_at),
        col(SessionSpeaker.part),
    ).join(SessionSpeaker, col(SessionSpeaker.session_seq) == col(ProgrammeSession.seq))  # fmt: skip
    mine = wanted.where(col(SessionSpeaker.speaker_seq) == speaker.seq)
    return db.connection().execute(mine.order_by(col(ProgrammeSession.starts_at), col(ProgrammeSession.seq))).all()


def contact(speaker: Speaker) -> dict[str, str]:
    """In clear, for the team."""
    return {"email": _unsealed(speaker.email_sealed), "phone": _unsealed(speaker.phone_sealed)}


def _columns(said: SpeakerIn) -> dict[str, Any]:
    return said.fields() | {"email_sealed": _sealed(said.email), "phone_sealed": _sealed(said.phone)}


def _sealed(text: str | None) -> bytes | None:
    return vault.seal(PURPOSE, text.encode()) if text else None


def _unsealed(sealed: bytes | None) -> str:
    return vault.unseal(PURPOSE, sealed).decode() if sealed else ""


def _save(db: Session, speaker: Speaker, *, public: bool) -> None:
    db.add(speaker)
    db.flush()
    if public:
        bump(db)
