"""Work on media outside the request: make the derivatives, hide faces, write words down, forget the files."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.adapters import Adapters
from app.db import reading, writing
from app.jobs import ensure, every, sweeper, task
from app.media import blur, dictation, orphans, processing, rules, sweeps, workplace
from app.models import Caption, CollectedMedia, Contribution, Media, MediaState, State, Upload
from app.models.publication import bump


def _given_up(media_id: str, *, adapters: Adapters, words: str) -> None:
    processing.given_up(media_id, words)


@task("process_media", on_failed=_given_up)
def process_media(media_id: str, *, adapters: Adapters) -> None:
    """received → processing → ready, or failed with a code. Idempotent: same names, same bytes."""
    processing.process(media_id, adapters)


def _not_blurred(media_id: str, *, adapters: Adapters, words: str) -> None:
    blur.given_up(UUID(media_id), words)


@task("blur_media", on_failed=_not_blurred)
def blur_media(media_id: str, *, adapters: Adapters) -> None:
    """The files in which nobody is to be seen in the zones now wanted."""
    blur.make_for(UUID(media_id), adapters)


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
    processing.forget_files(media, adapters)
    with writing() as db:
        db.connection().execute(sa.delete(Caption).where(col(Caption.media_seq) == media.seq))
        db.connection().execute(sa.delete(CollectedMedia).where(col(CollectedMedia.media_seq) == media.seq))
        db.connection().execute(sa.delete(Upload).where(col(Upload.media_seq) == media.seq))
        db.connection().execute(sa.delete(Media).where(col(Media.seq) == media.seq))
        bump(db)


@every(86_400)
def tidy_store(adapters: Adapters) -> None:
    """What a crash left half written, or in nobody's name, is not kept."""
    adapters.storage.tidy()
    orphans.sweep(adapters)
    workplace.tidy(adapters.data_dir)


@every(300)
def end_late_uploads(adapters: Adapters) -> None:
    """Uploads nobody finished in time."""
    sweeps.end_late(adapters)


@every(3600)
def tidy_spool(adapters: Adapters) -> None:
    """Files of uploads that are no more."""
    sweeps.tidy(adapters)


@sweeper
def waiting_media(db: Session, now: datetime) -> None:
    """State is the truth: a medium that waits has a job, and so has a blur; an erased one's files go."""
    waiting = sa.select(Media.id).where(col(Media.state).in_([MediaState.RECEIVED, MediaState.PROCESSING]))  # type: ignore[call-overload]
    for (media_id,) in db.connection().execute(waiting.limit(200)):
        ensure(db, "process_media", media_id, key=f"media:{media_id}")
    for unblurred in blur.waiting(db):
        ensure(db, "blur_media", unblurred, key=f"blur:{unblurred}")
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
