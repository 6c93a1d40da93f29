"""Photos: taken in safely, tied to a contribution, made ready by a job, erased.

A photo is stored before its row exists, and its row before the contribution it belongs to: nobody loses a
photo because another field was refused. What is never tied to a contribution is swept once no draft can name it.
"""

import secrets
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.adapters import Adapters, vault
from app.consultation.content import consultation
from app.contributions.schemas import MediaIn
from app.errors import N_, TooLarge, refuse_field
from app.jobs import enqueue
from app.media import images
from app.media.sniff import TYPES
from app.models import Contribution, Media, MediaKind, MediaState
from app.models.base import new_id

MB = 1_000_000
TOO_HEAVY = N_("Cette photo est trop lourde. Une photo peut peser 20 Mo au plus.")
TOO_MANY = N_("Vous pouvez envoyer %(most)s photos au plus.")
UNKNOWN = N_("Une photo n’est plus là. Ajoutez-la de nouveau.")


@dataclass(frozen=True)
class Stored:
    """A photo already safe in the store, without a row yet."""

    key: str
    name: str
    mime: str
    size: int
    width: int
    height: int


def store(file: IO[bytes], *, name: str, adapters: Adapters, field: str = "photos") -> Stored:
    """Checks a photo by its content and stores it. No transaction: slow work.

    TooLarge `file_too_large`; Unprocessable naming `field` when it is no photo we read, broken, or a bomb.
    """
    size = file.seek(0, 2)
    file.seek(0)
    if size > consultation().limits.photo_mb * MB:
        raise TooLarge(TOO_HEAVY, code="file_too_large", field=field, limit=consultation().limits.photo_mb * MB)
    with tempfile.NamedTemporaryFile(prefix="photo-") as copy:
        while piece := file.read(1 << 20):
            copy.write(piece)
        copy.flush()
        try:
            kind, width, height = images.measure(Path(copy.name))
        except images.ImageRefused as refusal:
            raise refuse_field(field, refusal.code, refusal.message) from refusal
        key = f"originals/{secrets.token_hex(16)}"
        adapters.storage.put_file(key, Path(copy.name))
    return Stored(key, Path(name).name[:80] or "photo", TYPES[kind], size, width, height)


def refuse_too_many(number: int) -> None:
    most = consultation().limits.photos
    if number > most:
        raise refuse_field("photos", "too_many_media", TOO_MANY, most=most)


def keep(db: Session, stored: Stored, *, now: datetime) -> dict[str, Any]:
    """Gives a stored photo its row; its upload token ties it to a contribution later. `{upload, name, size}`."""
    token = secrets.token_urlsafe(24)
    media = Media(
        id=new_id(),
        opaque=secrets.token_urlsafe(15),
        upload_mac=_mac(token),
        kind=MediaKind.PHOTO,
        mime=stored.mime,
        size=stored.size,
        original=stored.key,
        width=stored.width,
        height=stored.height,
        received_at=now,
    )
    db.add(media)
    enqueue(db, "process_photo", media.id, key=f"photo:{media.id}")
    return {
        "upload": f"{token}.{vault.seal('upload-name', stored.name.encode()).hex()}",
        "name": stored.name,
        "size": stored.size,
    }


def _mac(token: str) -> str:
    return vault.blind("upload", token.partition(".")[0])


def _name(token: str) -> str:
    with suppress(ValueError):
        return vault.unseal("upload-name", bytes.fromhex(token.partition(".")[2])).decode()
    return "photo"


def uploads(db: Session, tokens: Iterable[str]) -> list[dict[str, Any]]:
    """Photos sent earlier and not yet tied: `{upload, name, size}` each; unknown tokens are left out."""
    found = []
    for token in list(dict.fromkeys(tokens))[:20]:
        media = db.exec(
            select(Media).where(Media.upload_mac == _mac(token), col(Media.contribution_seq).is_(None))
        ).first()
        if media:
            found.append({"upload": token, "name": _name(token), "size": media.size})
    return found


def attach(db: Session, contribution: Contribution, wished: list[MediaIn]) -> None:
    """Ties sent media to the contribution, once each; an unknown or used token is refused, naming it."""
    for position, medium in enumerate(wished):
        done = db.connection().execute(
            sa.update(Media)
            .where(col(Media.upload_mac) == _mac(medium.upload), col(Media.contribution_seq).is_(None))
            .values(
                contribution_seq=contribution.seq,
                upload_mac=None,
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


def begin_processing(db: Session, media_id: str) -> Media | None:
    """The row to work on; None when it is done, failed or gone (a repeat has nothing to do)."""
    media = db.exec(select(Media).where(Media.id == UUID(media_id))).first()
    if media is None or media.original is None or media.state not in {MediaState.RECEIVED, MediaState.PROCESSING}:
        return None
    media.state = MediaState.PROCESSING
    db.add(media)
    return media


def finish(db: Session, media: Media, result: images.ImageResult) -> bool:
    """The derivatives are in the store: the row says so. False when the medium is gone: they must go too."""
    done = db.connection().execute(
        sa.update(Media)
        .where(col(Media.seq) == media.seq, col(Media.state) == MediaState.PROCESSING)
        .values(
            state=MediaState.READY,
            width=result.width,
            height=result.height,
            colour=result.colour,
            failure=None,
            derivatives={
                each.name: {"type": each.type, "width": each.width, "height": each.height, "size": each.bytes}
                for each in result.derivatives
            },
        )
    )
    if done.rowcount:
        _touch(db, col(Media.seq) == media.seq)
    return bool(done.rowcount)


def _touch(db: Session, which: sa.ColumnElement[bool]) -> None:
    """A contribution's version changes with its media: whoever looks at the former state must look again."""
    of = sa.select(Media.contribution_seq).where(which).scalar_subquery()  # type: ignore[call-overload]
    db.connection().execute(
        sa.update(Contribution).where(col(Contribution.seq) == of).values(version=Contribution.version + 1)
    )


def fail(db: Session, media_id: str, code: str) -> None:
    """It cannot be made ready: the moderator and the holder see why."""
    done = db.connection().execute(
        sa.update(Media)
        .where(col(Media.id) == UUID(media_id), col(Media.state).in_([MediaState.RECEIVED, MediaState.PROCESSING]))
        .values(state=MediaState.FAILED, failure=code[:40])
    )
    if done.rowcount:
        _touch(db, col(Media.id) == UUID(media_id))


def sweep_orphans(db: Session, now: datetime) -> None:
    """Photos of forms never sent: row and file go a day after the longest draft could still name them."""
    old = db.exec(
        select(Media)
        .where(
            col(Media.contribution_seq).is_(None),
            Media.received_at < now - timedelta(days=consultation().limits.draft_days + 1),
        )
        .limit(100)
    )
    for media in old:
        enqueue(db, "forget_media", media.id, key=f"forget:{media.id}")
