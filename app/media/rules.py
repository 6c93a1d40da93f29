"""Media: taken in safely, given a token, tied to a contribution. What becomes of them then is in states.py.

A file is stored before its row exists, and its row before the contribution it belongs to: nobody loses a
medium because another field was refused. What is never tied to a contribution is swept once no draft can name it.
"""

import secrets
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.adapters import Adapters, vault
from app.consultation.content import consultation
from app.contributions.schemas import MediaIn
from app.errors import N_, TooLarge, refuse_field
from app.jobs import enqueue
from app.media import images
from app.media.sniff import HEAD, PHOTOS, TYPES, Kind, sniff
from app.models import Contribution, Media, MediaKind, Upload
from app.models.base import new_id

MB = 1_000_000
TOO_HEAVY = N_("Ce fichier est trop lourd. Il peut peser %(limit)s Mo au plus.")
TOO_MANY = N_("Vous pouvez envoyer %(most)s fichiers au plus : photos, sons et vidéos ensemble.")
UNKNOWN = N_("Un fichier n’est plus là. Ajoutez-le de nouveau.")
NOT_MEDIA = N_("Nous ne savons pas lire ce fichier. Choisissez une photo, un son ou une vidéo.")
TERMINATED = "terminated"  # its sender took it back, or never finished it: its row is about to go
# What a kind of file is for us, before anything is decoded; who looks closer may say otherwise (a WebM of sound alone).
KINDS = dict.fromkeys(PHOTOS, MediaKind.PHOTO) | {
    Kind.VIDEO: MediaKind.VIDEO,
    Kind.AUDIO: MediaKind.AUDIO,
    Kind.PDF: MediaKind.DOCUMENT,
    Kind.ARCHIVE: MediaKind.DOCUMENT,
}
PLAIN_TYPES = {
    MediaKind.VIDEO: "video/mp4",
    MediaKind.AUDIO: "audio/mp4",
    MediaKind.DOCUMENT: "application/octet-stream",
}


@dataclass(frozen=True)
class Stored:
    """A file already safe in the store, without a row yet. Width and height: of photos only."""

    key: str
    name: str
    kind: MediaKind
    mime: str
    size: int
    width: int | None = None
    height: int | None = None


def store(file: IO[bytes], *, name: str, adapters: Adapters, field: str = "media", papers: bool = False) -> Stored:
    """Checks a file by its content and stores it. No transaction: slow work. `papers`: documents are welcome too.

    TooLarge `file_too_large`; Unprocessable naming `field` when it is nothing we read, or a photo that is broken
    or a bomb. Sound and video are looked at closely by the job.
    """
    size = file.seek(0, 2)
    file.seek(0)
    found = sniff(file.read(HEAD))
    file.seek(0)
    kind = KINDS.get(found) if found else None
    if size == 0:
        raise refuse_field(field, "empty_file", N_("Ce fichier est vide. Choisissez-en un autre."))
    if kind is None or (kind is MediaKind.DOCUMENT and not papers):
        raise refuse_field(field, "media_kind", NOT_MEDIA)
    limit = field_limit(kind)
    if size > limit * MB:
        raise TooLarge(TOO_HEAVY, code="file_too_large", field=field, limit=limit)
    if kind is MediaKind.PHOTO:
        return _store_photo(file, name, size, adapters, field)
    key = new_key()
    adapters.storage.put_file(key, file)
    return Stored(key, _short(name), kind, PLAIN_TYPES[kind], size)


def field_limit(kind: MediaKind) -> int:
    """Megabytes a file sent with the page itself may weigh."""
    return min(size_limit(kind), consultation().limits.field_mb)


def size_limit(kind: MediaKind) -> int:
    """Megabytes, however it is sent."""
    limits = consultation().limits
    return {
        MediaKind.PHOTO: limits.photo_mb,
        MediaKind.AUDIO: limits.sound_mb,
        MediaKind.VIDEO: limits.video_mb,
        MediaKind.DOCUMENT: limits.document_mb,
    }[kind]


def _store_photo(file: IO[bytes], name: str, size: int, adapters: Adapters, field: str) -> Stored:
    with tempfile.NamedTemporaryFile(prefix="photo-") as copy:
        while piece := file.read(1 << 20):
            copy.write(piece)
        copy.flush()
        try:
            kind, width, height = images.measure(Path(copy.name))
        except images.ImageRefused as refusal:
            raise refuse_field(field, refusal.code, refusal.message) from refusal
        key = new_key()
        adapters.storage.put_file(key, Path(copy.name))
    return Stored(key, _short(name), MediaKind.PHOTO, TYPES[kind], size, width, height)


def new_key() -> str:
    return f"originals/{secrets.token_hex(16)}"


def _short(name: str) -> str:
    return Path(name).name[:80] or "media"


def refuse_too_many(number: int) -> None:
    most = consultation().limits.media
    if number > most:
        raise refuse_field("media", "too_many_media", TOO_MANY, most=most)


def keep(db: Session, stored: Stored, *, now: datetime) -> dict[str, Any]:
    """Gives a stored file its row; its upload token ties it to a contribution later. `{upload, name, size, kind}`."""
    media = Media(
        id=new_id(),
        opaque=new_opaque(),
        kind=stored.kind,
        mime=stored.mime,
        size=stored.size,
        original=stored.key,
        width=stored.width,
        height=stored.height,
        received_at=now,
    )
    token = arrive(db, media, name=stored.name, now=now, completed=True)
    enqueue(db, "process_media", media.id, key=f"media:{media.id}")
    return {"upload": token, "name": stored.name, "size": stored.size, "kind": stored.kind.value}


def new_opaque() -> str:
    return secrets.token_urlsafe(15)


def arrive(
    db: Session,
    media: Media,
    *,
    name: str,
    now: datetime,
    sender: str = "",
    metadata: str = "",
    length: int | None = None,
    completed: bool = False,
) -> str:
    """Adds a medium and how it arrives (`length`: of what comes over the network, when that is not the medium itself);
    answers the token, known to nobody after this."""
    token = secrets.token_urlsafe(24)
    db.add(media)
    db.flush()
    db.add(
        Upload(
            mac=upload_mac(token),
            media_seq=media.seq or 0,
            name_sealed=vault.seal("upload-name", name.encode()),
            metadata_sealed=vault.seal("upload-metadata", metadata.encode()) if metadata else b"",
            length=media.size if length is None else length,
            sender=sender,
            created_at=now,
            expires_at=now + timedelta(hours=consultation().limits.upload_hours),
            completed_at=now if completed else None,
        )
    )
    db.flush()
    return token


def upload_mac(token: str) -> str:
    return vault.blind("upload", token)


def uploads(db: Session, tokens: Iterable[str]) -> list[dict[str, Any]]:
    """Files sent earlier and not yet tied: `{upload, name, size, kind, state}` each; unknown tokens are left out."""
    asked = {upload_mac(token): token for token in list(dict.fromkeys(tokens))[:20]}
    rows = db.exec(
        select(Upload, Media)
        .join(Media, col(Media.seq) == col(Upload.media_seq))
        .where(col(Upload.mac).in_(asked), col(Media.contribution_seq).is_(None))
    )
    found = {
        upload.mac: {
            "upload": asked[upload.mac],
            "name": _name(upload),
            "size": media.size,
            "kind": media.kind.value,
            "state": media.state.value,
        }
        for upload, media in rows
    }
    return [found[mac] for mac in asked if mac in found]


def keep_on(db: Session, tokens: Iterable[str], *, now: datetime) -> None:
    """Their time begins anew: a draft that names them was put aside again."""
    asked = [upload_mac(token) for token in tokens]
    mine = sa.select(Upload.media_seq).where(col(Upload.mac).in_(asked))  # type: ignore[call-overload]
    unsent = sa.update(Media).where(col(Media.seq).in_(mine), col(Media.contribution_seq).is_(None))
    db.connection().execute(unsent.values(received_at=now))


def _name(upload: Upload) -> str:
    return vault.unseal("upload-name", upload.name_sealed).decode() if upload.name_sealed else "media"


def attach(db: Session, contribution: Contribution, wished: list[MediaIn]) -> None:
    """Ties sent media to the contribution, once each; an unknown or used token is refused, naming it.

    What still arrives may be tied too: words never wait for a slow network.
    """
    for position, medium in enumerate(wished):
        mine = sa.select(Upload.media_seq).where(col(Upload.mac) == upload_mac(medium.upload))  # type: ignore[call-overload]
        done = db.connection().execute(
            sa.update(Media)
            .where(
                col(Media.seq) == mine.scalar_subquery(),
                col(Media.contribution_seq).is_(None),
                sa.or_(col(Media.failure).is_(None), col(Media.failure) != TERMINATED),
            )
            .values(
                contribution_seq=contribution.seq,
                position=position,
                face=medium.face,
                voice=medium.voice,
                people_recognisable=medium.people_recognisable,
                agreements_held=medium.agreements_held,
                alt=medium.alt,
            )
        )
        if done.rowcount != 1:
            raise refuse_field(f"media.{position}.upload", "unknown_upload", UNKNOWN)


def has_media(db: Session, contribution: Contribution) -> bool:
    mine = sa.select(Media.seq).where(col(Media.contribution_seq) == contribution.seq)  # type: ignore[call-overload]
    return db.connection().execute(mine.limit(1)).first() is not None


def sweep_orphans(db: Session, now: datetime) -> None:
    """Media of forms never sent: row and file go a day after the longest draft could still name them."""
    old = db.exec(
        select(Media)
        .where(
            col(Media.contribution_seq).is_(None),
            col(Media.event_seq).is_(None),
            col(Media.stop_seq).is_(None),
            Media.received_at < now - timedelta(days=consultation().limits.draft_days + 1),
        )
        .limit(100)
    )
    for media in old:
        enqueue(db, "forget_media", media.id, key=f"forget:{media.id}")
