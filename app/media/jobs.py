"""Work on photos outside the request: make the derivatives, forget the files."""

import tempfile
from datetime import datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.adapters import Adapters
from app.db import reading, writing
from app.jobs import ensure, every, sweeper, task
from app.media import dictation, images, rules
from app.models import Caption, Contribution, Media, MediaState, State, Upload
from app.models.publication import bump


def _given_up(media_id: str, *, adapters: Adapters, words: str) -> None:
    with writing() as db:
        rules.fail(db, media_id, "processing_failed")


@task("process_media", on_failed=_given_up)
def process_media(media_id: str, *, adapters: Adapters) -> None:
    """received → processing → ready, or failed with a code. Idempotent: same names, same bytes."""
    with writing() as db:
        media = rules.begin_processing(db, media_id)
    if media is None or media.original is None:
        return
    with tempfile.TemporaryDirectory(prefix="photo-") as folder:
        source, made = Path(folder, "original"), Path(folder, "made")
        made.mkdir()
        with source.open("wb") as file:
            for piece in adapters.storage.open(media.original):
                file.write(piece)
        try:
            result = images.process(source, made)
        except images.ImageRefused as refusal:
            with writing() as db:
                rules.fail(db, media_id, refusal.code)
            return
        for each in result.derivatives:
            adapters.storage.put_file(f"media/{media.opaque}/{each.name}", made / each.name)
    with writing() as db:
        kept = rules.finish(db, media, result)
    if not kept:  # erased while its derivatives were made
        for each in result.derivatives:
            adapters.storage.delete(f"media/{media.opaque}/{each.name}")


def _no_draft(media_id: str, *_rest: object, adapters: Adapters, words: str) -> None:
    with writing() as db:
        dictation.given_up(db, media_id)


@task("draft_captions", retry=(60.0, 600.0, 3600.0), on_failed=_no_draft)
def draft_captions(media_id: str, start: float = 0.0, version: int = 0, *, adapters: Adapters) -> None:
    """One piece of a recording written down by a machine, for people to correct."""
    dictation.draft(media_id, start, version, adapters=adapters)


@task("forget_media")
def forget_media(media_id: str, *, adapters: Adapters) -> None:
    """Deletes every file of a medium, then its row's traces."""
    with reading() as db:
        media = db.exec(select(Media).where(Media.id == UUID(media_id))).first()
    if media is None:
        return
    for name in media.derivatives:
        adapters.storage.delete(f"media/{media.opaque}/{name}")
    if media.original:
        adapters.storage.delete(media.original)
    with writing() as db:
        db.connection().execute(sa.delete(Caption).where(col(Caption.media_seq) == media.seq))
        db.connection().execute(sa.delete(Upload).where(col(Upload.media_seq) == media.seq))
        db.connection().execute(sa.delete(Media).where(col(Media.seq) == media.seq))
        bump(db)


@every(86_400)
def tidy_store(adapters: Adapters) -> None:
    """What a crash left half written is not kept."""
    adapters.storage.tidy()


@sweeper
def waiting_photos(db: Session, now: datetime) -> None:
    """State is the truth: a photo that waits has a job; an erased one's files go."""
    waiting = sa.select(Media.id).where(col(Media.state).in_([MediaState.RECEIVED, MediaState.PROCESSING]))  # type: ignore[call-overload]
    for (media_id,) in db.connection().execute(waiting.limit(200)):
        ensure(db, "process_media", media_id, key=f"media:{media_id}")
    erased = (
        sa.select(Media.id)  # type: ignore[call-overload]
        .join(Contribution, col(Contribution.seq) == col(Media.contribution_seq))
        .where(col(Contribution.state) == State.ERASED)
    )
    for (media_id,) in db.connection().execute(erased.limit(200)):
        ensure(db, "forget_media", media_id, key=f"forget:{media_id}")
    rules.sweep_orphans(db, now)


@sweeper
def waiting_captions(db: Session, now: datetime) -> None:
    """Recordings sent ahead of their contribution: its language is known once it is there."""
    for (media_id,) in db.connection().execute(dictation.waiting(now).limit(200)):
        ensure(db, "draft_captions", media_id, key=f"captions:{media_id}")
