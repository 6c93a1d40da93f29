"""From what arrived to what may be looked at and listened to: each step may be repeated, none leaves anything behind.

received → processing (moving, probing, encoding, faces) → ready, or failed with a code of `failures.FAILURES`.
What is made is put into the store first, then the row says so in one conditional UPDATE; whoever finds the row gone
by then deletes what was put. Killed in between, the job is done again: the same names, over the same files.
"""

import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from app.adapters import Adapters, vault
from app.consultation.content import consultation
from app.db import writing
from app.jobs import enqueue
from app.media import dictation, faces, ffmpeg, images, paper_rules, papers, probe, rules, sound, spool, states, video
from app.media.failures import MediaRefused
from app.media.sniff import TYPES, Kind
from app.media.workplace import workplace
from app.models import Media, MediaKind

REFUSALS = (MediaRefused, images.ImageRefused, papers.PaperRefused)
EVERY = 2.0  # seconds between two notes of progress
MIMES = {
    "mov": ("video/mp4", "audio/mp4"),
    "matroska": ("video/webm", "audio/webm"),
    "ogg": ("video/ogg", "audio/ogg"),
    "avi": ("video/x-msvideo", "audio/x-msvideo"),
    "wav": ("", "audio/wav"),
    "mp3": ("", "audio/mpeg"),
    "amr": ("", "audio/amr"),
    "flac": ("", "audio/flac"),
    "aac": ("", "audio/aac"),
    "aiff": ("", "audio/aiff"),
    "caf": ("", "audio/x-caf"),
}


class NotArrived(RuntimeError):
    """The bytes are neither in the spool nor in the store (yet: a shared folder may lag)."""


class Vanished(Exception):
    """The medium was erased meanwhile."""


def process(media_id: str, adapters: Adapters) -> None:
    """Makes a medium ready, or failed; does nothing for one that is done, failed or gone.

    Raises what another attempt may mend: DiskFull, StorageDown, NotArrived, and the Lost of each child program.
    """
    with writing() as db:
        media = states.begin_processing(db, media_id)
    if media is None:
        return
    with workplace(adapters.data_dir) as folder:
        try:
            source = _moved(media, folder, adapters)
            made = _made(media, source, folder, adapters)
            _keep(media, made, folder, adapters)
        except REFUSALS as refusal:
            with writing() as db:
                states.fail(db, media_id, refusal.code)
        except Vanished:
            forget_files(media, adapters)
    spool.delete(spool.path(adapters.data_dir, media.id))


def given_up(media_id: str, words: str) -> None:
    """No attempt is left. What only waits for room or for the store is not given up: the sweep asks again, hourly."""
    if words.startswith(("StorageDown", "DiskFull")):
        return
    with writing() as db:
        states.fail(db, media_id, "media_missing" if words.startswith("NotArrived") else "processing_failed")


def _moved(media: Media, folder: Path, adapters: Adapters) -> Path:
    """The original, in the store from here on, and a file to read it from: the spooled one while it is there."""
    _note(media, "moving")
    spooled = spool.path(adapters.data_dir, media.id)
    if media.original is None:
        if not spooled.exists():
            raise NotArrived()
        if spooled.stat().st_size == 0:
            raise MediaRefused("empty_file")
        # Always the same for this medium: an attempt that was killed leaves nothing the next does not find.
        key = f"originals/{vault.blind('original', media.id.hex)[:32]}"
        adapters.storage.put_file(key, spooled)
        media.original = key
        with writing() as db:
            if not states.note_original(db, media):
                raise Vanished()
    if spool.size(spooled) == media.size:  # not what still lies there sealed (app/outreach/arrivals.py)
        return spooled.resolve()
    return faces.fetch(media.original, folder / "original", adapters)


def _made(media: Media, source: Path, folder: Path, adapters: Adapters) -> dict[str, Any]:
    """Looks at it, refuses what is beyond the limits of its true kind, makes the derivatives in `folder`."""
    _note(media, "probing")
    kind = probe.kind_of(source)
    if kind in {Kind.VIDEO, Kind.AUDIO}:
        return _made_of_time(media, source, folder)
    if kind not in rules.KINDS:
        raise MediaRefused("media_kind", detail=kind.value)
    media.kind = rules.KINDS[kind]
    _refuse_heavy(media, source)
    _note(media, "encoding")
    if media.kind is MediaKind.PHOTO:
        return _photo(media, source, folder, kind)
    return _paper(media, source, folder, kind)


def _made_of_time(media: Media, source: Path, folder: Path) -> dict[str, Any]:
    limits = consultation().limits
    bounds = probe.Bounds(sound=60.0 * limits.sound_minutes, video=60.0 * limits.video_minutes)
    facts = probe.probe(source, bounds=bounds)
    media.kind = MediaKind.VIDEO if facts.picture else MediaKind.AUDIO
    media.mime = MIMES[facts.container][0 if facts.picture else 1]
    media.duration, media.width, media.height = facts.duration, None, None
    _refuse_heavy(media, source)
    told = _Progress(media, "encoding")
    if facts.picture:
        media.width, media.height = facts.picture.width, facts.picture.height
        seen = video.make(source, folder, facts, report=told)
        media.details = facts.details | {"loudness": seen.loudness}
        return _named(seen.derivatives)
    heard = sound.make(source, folder, facts, report=told)
    media.details = facts.details | {"loudness": heard.loudness}
    return _named(heard.derivatives)


def _photo(media: Media, source: Path, folder: Path, kind: Kind) -> dict[str, Any]:
    result = images.process(source, folder)
    media.mime, media.width, media.height, media.colour = TYPES[kind], result.width, result.height, result.colour
    media.details = {"likeness": result.likeness} if result.likeness else {}
    return _named(result.derivatives)


def _paper(media: Media, source: Path, folder: Path, kind: Kind) -> dict[str, Any]:
    """Kept for the team and never served; its words are for the moderator to read, and perhaps to publish."""
    paper = papers.extract(source, folder)
    with writing() as db:
        paper_rules.note_text(db, media, paper)
    media.details = {"container": kind.value, "characters": len(paper.body), "pictures": len(paper.pictures)}
    return {}


def _refuse_heavy(media: Media, source: Path) -> None:
    if source.stat().st_size > rules.size_limit(media.kind) * rules.MB:
        raise MediaRefused("file_too_large")


def _named(derivatives: Iterable[images.Derivative | ffmpeg.Derivative]) -> dict[str, Any]:
    """As `Media.derivatives` holds them."""
    found = {}
    for each in derivatives:
        said = {name: value for name, value in asdict(each).items() if value is not None}
        name, size = said.pop("name"), said.pop("bytes")
        found[name] = said | {"size": size}
    return found


def _keep(media: Media, made: dict[str, Any], folder: Path, adapters: Adapters) -> None:
    """Into the store, looked at for faces, then into the row; what an earlier attempt left under other names goes."""
    for name in made:
        adapters.storage.put_file(f"media/{media.opaque}/{name}", folder / name)
    found = faces.Found()
    if media.kind in faces.LOOKED_AT:
        told = _Progress(media, "faces")
        told(0)
        found = faces.detect_for(media, adapters, progress=told)
    with writing() as db:
        former = set(media.derivatives) - set(made) - set(found.derivatives)
        media.derivatives = made
        kept = states.finish(db, media)
        if kept:
            _follow(db, media, found, adapters)
    if not kept:
        raise Vanished()
    for name in former:
        adapters.storage.delete(f"media/{media.opaque}/{name}")


def _follow(db: Session, media: Media, found: faces.Found, adapters: Adapters) -> None:
    """What comes after: those found are to be hidden, what is said is to be written down."""
    if media.kind in faces.LOOKED_AT:
        faces.keep(db, media, found)
    ready = db.exec(select(Media).where(col(Media.seq) == media.seq).execution_options(populate_existing=True)).one()
    if found.faces:
        enqueue(db, "blur_media", media.id, key=f"blur:{media.id}")
    dictation.wish(db, ready, adapters=adapters)


def forget_files(media: Media, adapters: Adapters) -> None:
    """Every file of a medium, those the row knows nothing of too."""
    for key in list(adapters.storage.keys(f"media/{media.opaque}")):
        adapters.storage.delete(key)
    if media.original:
        adapters.storage.delete(media.original)
    spool.delete(spool.path(adapters.data_dir, media.id))


def _note(media: Media, step: str, percent: int = 0) -> None:
    with writing() as db:
        if not states.note_progress(db, str(media.id), step, percent):
            raise Vanished()


class _Progress:
    """Notes how far a step is, at most every two seconds, and stops the work on what was erased meanwhile."""

    def __init__(self, media: Media, step: str) -> None:
        self.media, self.step, self.last = media, step, 0.0

    def __call__(self, percent: int) -> None:
        if time.monotonic() - self.last >= EVERY:
            self.last = time.monotonic()
            _note(self.media, self.step, percent)
