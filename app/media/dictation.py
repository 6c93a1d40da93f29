"""The machine's draft of captions: optional, on this machine alone, and never more than a draft.

It needs the `[captions]` extra (faster-whisper) and a model's folder (DIALOGUE_CAPTIONS_MODEL); without them nothing
happens. `dictation_child.py` does the listening, apart. An hour is heard in pieces, a job each: other work goes on
between them, and what was heard is there to be corrected already.
"""

import importlib.util
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.adapters import Adapters
from app.db import reading, writing
from app.jobs import GiveUp, enqueue
from app.media import captions, program, queries, sandbox, webvtt
from app.media.webvtt import Cue
from app.models import Contribution, Media, MediaKind, MediaState, State

PROGRAM = Path(__file__).with_name("dictation_child.py")
PIECE = 120.0  # seconds of sound
TIMES_REAL = 10  # seconds of work for a second of sound, at most
LIMITS = sandbox.Limits(
    seconds=120 + TIMES_REAL * PIECE, cpu=120 + int(TIMES_REAL * PIECE), memory=3_000_000_000, file_size=1_000_000
)
LISTENED_TO = {MediaKind.VIDEO: ("480.mp4", "720.mp4"), MediaKind.AUDIO: ("sound.m4a", "sound.opus")}
PARTS = ("model.bin", "config.json", "tokenizer.json")  # what would otherwise be looked for on the network
NEWEST = timedelta(days=7)  # what waits is among the media received since


def lacking(model: Path | None) -> str:
    """What is missing for a draft by machine, in words; "" when all is there."""
    if model is None:
        return "no model: set DIALOGUE_CAPTIONS_MODEL to the folder of one"
    if absent := [name for name in PARTS if not (model / name).is_file()]:
        return f"not a model of faster-whisper: {model} has no {', '.join(absent)}"
    if importlib.util.find_spec("faster_whisper") is None:
        return "faster-whisper is not installed: install dialogue[captions]"
    return ""


def languages(model: Path) -> list[str]:
    """Those the model knows. Loads it for real: program.Refused, program.Lost when that fails."""
    told = program.ask(PROGRAM, {"task": "check", "model": str(model.resolve())}, limits=LIMITS, reads=[model])
    return [str(each) for each in told["languages"]]


def wish(db: Session, media: Media, *, adapters: Adapters) -> None:
    """Call it when a medium has become ready: a draft is made where that can be."""
    if not possible(media, adapters):
        return
    captions.wait(db, media)
    enqueue(db, "draft_captions", media.id, key=f"captions:{media.id}")


def possible(media: Media, adapters: Adapters) -> bool:
    ready = media.state is MediaState.READY and not media.no_speech and _source(media) != ""
    return ready and not lacking(adapters.captions_model)


def waiting(now: Any) -> Any:
    """Ids of the media that wait for a draft and belong to a contribution by now."""
    return sa.select(col(Media.id)).where(
        col(Media.state) == MediaState.READY,
        col(Media.received_at) > now - NEWEST,
        col(Media.step) == captions.LISTENING,
        col(Media.progress) == 0,  # once begun, each piece asks for the next itself
        col(Media.contribution_seq).is_not(None),
    )


def draft(media_id: str, start: float = 0.0, version: int = 0, *, adapters: Adapters) -> None:
    """Hears one piece from `start` on, adds it to the draft of `version` (0: none yet), and asks for the next.

    Idempotent: a version grows once. Raises GiveUp when trying again would change nothing; DiskFull, StorageDown,
    program.Lost: try again.
    """
    with reading() as db:
        media, language = _found(db, media_id)
        begun = media is not None and version == 0 and bool(captions.captions_of(db, media))
    if media is None or language is None or begun:
        return  # gone, or written down already, or nobody's yet: then the sweep comes back to it
    model = adapters.captions_model
    try:
        cues, following = _hear(media, language, start, model, adapters) if model and not lacking(model) else ([], None)
    except program.Refused as refusal:
        if refusal.code != "language":
            raise GiveUp(f"captions {refusal.code}") from refusal
        cues, following = [], None  # nobody writes down what the model does not understand
    percent = 100 if following is None else max(1, min(99, int(100 * following / (media.duration or following))))
    with writing() as db:
        now = adapters.clock()
        grown = captions.heard(
            db, media, language=language, cues=cues, version=version, percent=percent, now=now
        )  # fmt: skip
        if grown is not None and following is not None:
            # A key of its own: under the first piece's, it would be taken for that one if it waits again.
            key = f"captions:{media.id}:{grown}:{following:.3f}"
            enqueue(db, "draft_captions", media.id, following, grown, key=key)


def given_up(db: Session, media_id: str) -> None:
    """No draft will come; what was heard until now stays."""
    found = db.exec(select(Media).where(Media.id == UUID(media_id))).first()
    if found:
        captions.stop(db, found)


def _found(db: Session, media_id: str) -> tuple[Media | None, str | None]:
    """The medium, if it may be listened to, and the language of its contribution, if it has one."""
    shown = sa.or_(col(Contribution.state).is_(None), col(Contribution.state).not_in([State.WITHDRAWN, State.ERASED]))
    row = db.exec(
        select(Media, Contribution.language)
        .join(Contribution, col(Contribution.seq) == col(Media.contribution_seq), isouter=True)
        .where(Media.id == UUID(media_id), Media.state == MediaState.READY, shown)
    ).first()
    return (row[0], row[1]) if row else (None, None)


def _source(media: Media) -> str:
    """The derivative to listen to, "" where there is nothing to hear."""
    if media.details.get("has_audio") is False:
        return ""
    plain = queries.files(media, queries.PLAIN)
    return next((plain[name] for name in LISTENED_TO.get(media.kind, ()) if name in plain), "")


def _hear(media: Media, language: str, start: float, model: Path, adapters: Adapters) -> tuple[list[Cue], float | None]:
    """The captions of one piece, and where the next begins."""
    name = _source(media)
    if not name:
        return [], None
    with tempfile.TemporaryDirectory(prefix="dictation-") as folder:
        source = Path(folder, name)
        with source.open("wb") as file:
            for piece in adapters.storage.open(f"media/{media.opaque}/{name}"):
                file.write(piece)
        asked = {
            "task": "listen", "model": str(model.resolve()), "source": str(source.resolve()),
            "language": language.split("-")[0].lower(), "start": start, "most": PIECE,
        }  # fmt: skip
        told = program.ask(PROGRAM, asked, limits=LIMITS, reads=[source, model])
    return _cues(told["cues"], media.duration), told["next"]


def _cues(told: list[list[Any]], duration: float | None) -> list[Cue]:
    """What the program said as captions that hold what captions must: in order, of some length, inside the sound."""
    found: list[Cue] = []
    most = None if duration is None else round(duration * 1000) + webvtt.PAST_END
    for start, end, words in told:
        begins = max(round(start * 1000), found[-1].start if found else 0)
        ends = max(round(end * 1000), begins + 200)
        ends = min(ends, most) if most is not None else ends
        text = webvtt.plain(str(words))[: webvtt.LONGEST]
        if text and ends > begins:
            found.append(Cue(begins, ends, text))
    return found
