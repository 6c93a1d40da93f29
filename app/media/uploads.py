"""Uploads as rows: begun, found by their token, completed once, taken back, expired. The bytes are in spool.py."""

import ipaddress
import mimetypes
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app import limits
from app.adapters import vault
from app.consultation.content import consultation
from app.errors import N_, Conflict, Gone, NotFound, TooLarge, TooMany
from app.jobs import enqueue
from app.media import rules, states
from app.media.tus import Creation
from app.models import CollectedMedia, Media, MediaKind, MediaState, Upload
from app.models.base import new_id

GB = 1000 * rules.MB
AN_HOUR = 3600
MOST_AN_HOUR = 600  # uploads one address may begin
DOCUMENTS = {
    "application/pdf",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
TOO_LARGE = N_("Ce fichier est trop lourd.")
EXPIRED = N_("Cet envoi a trop tardé. Envoyez le fichier de nouveau.")
IN_USE = N_("Ce fichier est joint à une contribution. Il ne se retire plus ici.")
COLLECTED = sa.exists().where(col(CollectedMedia.media_seq) == col(Media.seq)).label("collected")
UNFINISHED = N_("Trop d’envois ne sont pas finis. Finissez-les, ou réessayez demain.")


@dataclass(frozen=True)
class Arriving:
    """One upload as its row tells it. `metadata` as it was given."""

    seq: int  # of the medium
    media_id: UUID
    length: int
    expires_at: datetime
    completed: bool
    metadata: str
    collected: bool = False  # declared with a record from the street: checked against what was said of it


def begin(db: Session, asked: Creation, *, address: str, now: datetime) -> tuple[str, Arriving]:
    """A new upload and its token. TooLarge beyond the limit of its kind; TooMany when the sender's unfinished
    uploads, this one included, would be more than one address may have."""
    kind = kind_of(asked.type or mimetypes.guess_type(asked.name)[0] or "")
    refuse_too_large(asked.length, kind)
    sender = _sender(address)
    _refuse_hoarding(db, sender, asked.length, now)
    media = Media(
        id=new_id(),
        opaque=rules.new_opaque(),
        kind=kind,
        state=MediaState.UPLOADING,
        mime=asked.type or "application/octet-stream",
        size=asked.length,
        received_at=now,
    )
    token = rules.arrive(db, media, name=asked.name[:80], now=now, sender=sender, metadata=asked.metadata)
    return token, find(db, token, now=now)


def refuse_too_large(length: int, kind: MediaKind) -> None:
    most = rules.size_limit(kind) * rules.MB
    if length > most:
        raise TooLarge(TOO_LARGE, code="file_too_large", headers={"Tus-Max-Size": str(most)})


def most() -> int:
    """Bytes of the largest file there may be."""
    return max(rules.size_limit(kind) for kind in MediaKind) * rules.MB


def find(db: Session, token: str, *, now: datetime) -> Arriving:
    """NotFound for a token nobody has (any more); Gone `upload_expired` when it came too late."""
    query = (
        sa.select(  # type: ignore[call-overload]
            Media.seq,
            Media.id,
            Media.state,
            Upload.length,
            Upload.expires_at,
            Upload.completed_at,
            Upload.metadata_sealed,
            COLLECTED,
        )
        .join(Upload, col(Upload.media_seq) == col(Media.seq))
        .where(col(Upload.mac) == rules.upload_mac(token))
    )
    row = db.connection().execute(query).first()
    if row is None:
        raise NotFound()
    if row.completed_at is None and (row.expires_at <= now or row.state is not MediaState.UPLOADING):
        raise Gone(EXPIRED, code="upload_expired")
    metadata = vault.unseal("upload-metadata", row.metadata_sealed).decode() if row.metadata_sealed else ""
    return Arriving(row.seq, row.id, row.length, row.expires_at, row.completed_at is not None, metadata, row.collected)


def complete(db: Session, arriving: Arriving, *, now: datetime) -> bool:
    """uploading → received, and the job that goes on from there; False when that has happened before."""
    done = db.connection().execute(
        sa.update(Upload)
        .where(col(Upload.media_seq) == arriving.seq, col(Upload.completed_at).is_(None))
        .values(completed_at=now)
    )
    if done.rowcount != 1:
        return False
    db.connection().execute(
        sa.update(Media)
        .where(col(Media.seq) == arriving.seq, col(Media.state) == MediaState.UPLOADING)
        .values(state=MediaState.RECEIVED, received_at=now)
    )
    enqueue(db, "process_media", arriving.media_id, key=f"media:{arriving.media_id}")
    return True


def terminate(db: Session, arriving: Arriving) -> None:
    """Its sender takes it back. Conflict `upload_in_use` once a contribution holds it."""
    if not _drop(db, arriving):
        raise Conflict(IN_USE, code="upload_in_use")


def late(db: Session, now: datetime, *, most: int = 200) -> list[Arriving]:
    """Uploads that should have been finished by now."""
    query = (
        sa.select(Media.seq, Media.id, Upload.length, Upload.expires_at, COLLECTED)  # type: ignore[call-overload]
        .join(Upload, col(Upload.media_seq) == col(Media.seq))
        .where(
            col(Upload.completed_at).is_(None),
            col(Upload.expires_at) <= now,
            col(Media.state) == MediaState.UPLOADING,
        )
    )
    rows = db.connection().execute(query.limit(most))
    return [Arriving(row.seq, row.id, row.length, row.expires_at, False, "", row.collected) for row in rows]


def expire(db: Session, arriving: Arriving) -> None:
    """Nobody waits for it any more: it goes; where a contribution holds it, its people are told that it failed."""
    if not _drop(db, arriving):
        states.fail(db, str(arriving.media_id), "upload_expired")


def needed(db: Session, media_id: UUID) -> bool:
    """Whether the spooled file of this medium is still the only one there is."""
    waiting = [MediaState.UPLOADING, MediaState.RECEIVED, MediaState.PROCESSING]
    query = sa.select(Media.seq).where(  # type: ignore[call-overload]
        col(Media.id) == media_id, col(Media.original).is_(None), col(Media.state).in_(waiting)
    )
    return db.connection().execute(query).first() is not None


def kind_of(said: str) -> MediaKind:
    """A guess by the type the sender says, for the limit alone: what it is will be told by its content."""
    if said in DOCUMENTS:
        return MediaKind.DOCUMENT
    named = {"image": MediaKind.PHOTO, "audio": MediaKind.AUDIO, "video": MediaKind.VIDEO}
    return named.get(said.partition("/")[0], MediaKind.VIDEO)


def _sender(address: str) -> str:
    """Who sends, as far as an address tells: the whole network a household has in IPv6. Kept as an HMAC."""
    try:
        given = ipaddress.ip_address(address)
        address = str(ipaddress.ip_network((given, 64), strict=False)) if given.version == 6 else str(given)
    except ValueError:
        pass
    return vault.blind("upload-sender", address)


def _refuse_hoarding(db: Session, sender: str, length: int, now: datetime) -> None:
    """Declared lengths count, not what has come: a promise of space is what is limited."""
    if not limits.is_on():
        return
    if db.get_bind().dialect.name == "postgresql":  # two at once would each see the sum without the other
        key = int(sender[:15], 16)
        db.connection().execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
    unfinished: Any = sa.select(sa.func.coalesce(sa.func.sum(Upload.length), 0)).where(
        col(Upload.sender) == sender, col(Upload.completed_at).is_(None), col(Upload.expires_at) > now
    )
    if int(db.connection().execute(unfinished).scalar_one()) + length > consultation().limits.unfinished_gb * GB:
        raise TooMany(UNFINISHED, code="too_much_unfinished", retry_after=AN_HOUR)


def _drop(db: Session, arriving: Arriving) -> bool:
    """Row and files of what no contribution holds; False for the others. Whoever ties it at this instant fails."""
    done = db.connection().execute(
        sa.update(Media)
        .where(col(Media.seq) == arriving.seq, col(Media.contribution_seq).is_(None))
        .values(state=MediaState.FAILED, failure=rules.TERMINATED)
    )
    if done.rowcount != 1:
        return False
    db.connection().execute(sa.delete(Upload).where(col(Upload.media_seq) == arriving.seq))
    enqueue(db, "forget_media", arriving.media_id, key=f"forget:{arriving.media_id}")
    return True
