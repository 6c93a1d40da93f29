"""How declared media arrive: an address for each by the record it belongs to; held once its bytes are right."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, Conflict, NotFound
from app.media import rules, uploads
from app.media.tus import Creation
from app.media.uploads import Arriving
from app.models import Collected, CollectedMedia, Media, Staff, Upload
from app.outreach.collect_media import is_erased

TAG = 16  # bytes AES-GCM adds to what it seals


class UnknownMedium(NotFound):
    code, message = "unknown_medium", N_("Ce fichier n’est pas attendu. Envoyez d’abord les mots.")


class MediumHeld(Conflict):
    code, message = "medium_held", N_("Ce fichier est déjà arrivé.")


class MediumSize(Conflict):
    code, message = "medium_size", N_("Ce fichier n’a pas la taille annoncée.")


class MediumAltered(Conflict):
    code, message = "medium_altered", N_("Ce fichier est arrivé abîmé. Envoyez-le de nouveau.")


def begin(db: Session, mediator: Staff, asked: Creation, *, now: datetime) -> tuple[str, Arriving]:
    """An address to send a declared medium to. Begun before, what has come of it stays, under a new address.

    UnknownMedium for what was not declared, or by somebody else; MediumHeld when nothing of it is wanted any more.
    """
    record = _record(db, asked.collect)
    if record is None or record.staff_seq != mediator.seq:
        raise UnknownMedium()
    return address(db, record, asked, now=now)


def address(db: Session, record: Collected, asked: Creation, *, now: datetime) -> tuple[str, Arriving]:
    """The same for whoever may send for the record."""
    if is_erased(db, record):
        raise MediumHeld()
    mine = select(CollectedMedia).where(
        col(CollectedMedia.collected_seq) == record.seq, col(CollectedMedia.client_id) == asked.client_id
    )
    declared = db.exec(mine.with_for_update()).first()
    if declared is None:
        raise UnknownMedium()
    if declared.held_at is not None:
        raise MediumHeld()
    length = arriving_size(declared)
    if asked.length != length:
        raise MediumSize()
    db.connection().execute(sa.delete(Upload).where(col(Upload.media_seq) == declared.media_seq))
    media = db.get_one(Media, declared.media_seq)
    token = rules.arrive(db, media, name=asked.name[:80], now=now, metadata=asked.metadata, length=length)
    return token, uploads.find(db, token, now=now)


def arriving_size(declared: CollectedMedia) -> int:
    return declared.size + (TAG if declared.key_sealed else 0)


def waiting(db: Session, arriving: Arriving) -> CollectedMedia | None:
    """What was said of it; None when it is held already, or nobody waits for it any more."""
    mine = select(CollectedMedia).where(
        col(CollectedMedia.media_seq) == arriving.seq, col(CollectedMedia.held_at).is_(None)
    )
    return db.exec(mine.with_for_update()).first()


def keep(db: Session, arriving: Arriving, original: str | None, *, now: datetime) -> bool:
    """It is held, in the store under `original` or as it lies where it arrived; False when that is no news."""
    declared = waiting(db, arriving)
    if declared is None or not uploads.complete(db, arriving, now=now):
        return False
    declared.held_at, declared.key_sealed = now, None
    db.add(declared)
    if original:
        db.connection().execute(sa.update(Media).where(col(Media.seq) == arriving.seq).values(original=original))
    return True


def expire(db: Session, arriving: Arriving) -> bool:
    """Its address goes; the medium stays declared, and its device may begin again whenever it comes back. False when
    it has just done so, or has finished."""
    late = sa.delete(Upload).where(
        col(Upload.media_seq) == arriving.seq,
        col(Upload.completed_at).is_(None),
        col(Upload.expires_at) <= arriving.expires_at,
    )
    return bool(db.connection().execute(late).rowcount)


def _record(db: Session, said: str) -> Collected | None:
    try:
        return db.exec(select(Collected).where(col(Collected.id) == UUID(said))).first()
    except ValueError:
        return None
