"""Captions of a video or a sound: a draft by a person, a file or a machine; a person who read it over accepts it.

Only accepted captions are public, and only they make the transcript. Whoever saves names the version they saw;
a machine that still listens stops where a person begins.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import audit
from app.contributions import publishing
from app.contributions.schemas import LANGUAGE
from app.errors import N_, Conflict, FieldError, NotFound, Unprocessable, refuse_field
from app.media import states, webvtt
from app.media.webvtt import Cue
from app.models import Caption, CaptionSource, CaptionState, Contribution, Media, MediaKind, MediaState, Staff, State

CAPTIONED = (MediaKind.VIDEO, MediaKind.AUDIO)
MACHINE = "machine"  # who acts, in the journal
LISTENING = "captions"  # the step of a medium a machine listens to
STALE = N_("Quelqu’un a changé ces sous-titres entre-temps. Rien n’est enregistré : voici les vôtres.")
NONE = N_("Il n’y a aucun sous-titre à enregistrer. Écrivez-en un, ou supprimez tout.")
HEAVY = N_("Ces sous-titres sont trop longs en tout. Raccourcissez-les.")
UNREAD = N_("Vous ne lisez pas cette langue. Une personne qui la lit doit accepter ces sous-titres.")
TIMELESS = N_("Sous-titre %(line)s : ces temps ne se lisent pas. Écrivez par exemple 0:01.500.")


@dataclass(frozen=True)
class Work:
    """One medium, the contribution it belongs to, and its captions by language."""

    media: Media
    contribution: Contribution
    captions: dict[str, Caption]

    def caption(self, language: str) -> Caption | None:
        return self.captions.get(language)


def work(db: Session, media_id: str) -> Work:
    """NotFound for what has no sound, and for what its author took back."""
    try:
        wanted = col(Media.id) == UUID(media_id)
    except ValueError:
        raise NotFound from None
    shown = col(Contribution.state).not_in([State.WITHDRAWN, State.ERASED])
    row = db.exec(
        select(Media, Contribution)
        .join(Contribution, col(Contribution.seq) == col(Media.contribution_seq))
        .where(wanted, shown, col(Media.kind).in_(CAPTIONED))
    ).first()
    if row is None:
        raise NotFound
    return Work(*row, captions={caption.language: caption for caption in captions_of(db, row[0])})


def captions_of(db: Session, media: Media) -> Sequence[Caption]:
    return db.exec(select(Caption).where(Caption.media_seq == media.seq).order_by(col(Caption.seq))).all()


def complete(db: Session, media: Media) -> bool:
    """Whether who cannot hear it gets its words: accepted captions and a transcript, or nothing is said in it."""
    if media.no_speech or media.kind not in CAPTIONED:
        return True
    accepted = select(Caption.seq).where(Caption.media_seq == media.seq, Caption.state == CaptionState.ACCEPTED)
    return bool(media.transcript) and db.exec(accepted.limit(1)).first() is not None


def typed(starts: Iterable[str], ends: Iterable[str], texts: Iterable[str], *, duration: float | None) -> list[Cue]:
    """The cues of the editor's rows; a row without words is none. Unprocessable names all that is wrong."""
    numbered: list[tuple[int, Cue]] = []
    errors: list[FieldError] = []
    for number, (start, end, text) in enumerate(zip_longest(starts, ends, texts, fillvalue=""), start=1):
        if not (words := webvtt.plain(text)):
            continue
        begins, ends_at = webvtt.time_of(start), webvtt.time_of(end)
        if begins is None or ends_at is None:
            errors.append(FieldError(f"cue-{number}", "captions_timing", TIMELESS, (("line", number),)))
        else:
            numbered.append((number, Cue(begins, ends_at, words)))
    if errors or (errors := webvtt.faults(numbered, duration=duration, editor=True)):
        raise Unprocessable(errors)
    if not numbered:
        raise refuse_field("", "captions_none", NONE)
    return [cue for _, cue in numbered]


def save(
    db: Session, work: Work, *, language: str, cues: list[Cue], version: int, by: Staff, now: datetime, accept: bool,
    source: CaptionSource = CaptionSource.PERSON,
) -> None:  # fmt: skip
    """Keeps what the editor holds; `accept`: this person has read it over and answers for it.

    What is accepted stays so while it is mended. Conflict `stale` unless `version` (0: none yet) is the last;
    Unprocessable `language_unread` when the person who accepts does not read the language.
    """
    if accept and not reads(by, language):
        raise refuse_field("", "language_unread", UNREAD)
    before = work.caption(language)
    was_accepted = before is not None and before.state is CaptionState.ACCEPTED
    state = CaptionState.ACCEPTED if accept or was_accepted else CaptionState.DRAFT
    kept = before.source if before else source
    vtt = _keep(db, work, language, cues, version, {"state": state, "source": kept, "by": by.actor, "updated_at": now})
    action = "captions_accepted" if accept and not was_accepted else "captions_saved"
    _settle(db, work, public=state is CaptionState.ACCEPTED)
    _note(db, work.media, action, language, vtt, by=by.actor, now=now)


def bring(db: Session, work: Work, *, language: str, data: bytes, version: int, by: Staff, now: datetime) -> None:
    """Takes a `.vtt` or `.srt` file instead of what there is: a draft again, until somebody has read it over."""
    cues = webvtt.parse(data, duration=work.media.duration)
    before = work.caption(language)
    how = {"state": CaptionState.DRAFT, "source": CaptionSource.IMPORT, "by": by.actor, "updated_at": now}
    vtt = _keep(db, work, language, cues, version, how)
    _settle(db, work, public=before is not None and before.state is CaptionState.ACCEPTED)
    _note(db, work.media, "captions_imported", language, vtt, by=by.actor, now=now)


def delete(db: Session, work: Work, *, language: str, version: int, by: Staff, now: datetime) -> None:
    """Conflict `stale` as `save`; deleting what is not there (any more) says so too."""
    before = work.caption(language)
    gone = sa.delete(Caption).where(_this(work.media, language), col(Caption.version) == version)
    if before is None or db.connection().execute(gone).rowcount != 1:
        raise Conflict(STALE, code="stale")
    _settle(db, work, public=before.state is CaptionState.ACCEPTED)
    _note(db, work.media, "captions_deleted", language, before.vtt, by=by.actor, now=now)


def reads(staff: Staff, language: str) -> bool:
    """French is the desk's own language: whoever works there reads it."""
    return _primary(language) in {"fr", *map(_primary, staff.reads or [])}


def is_language(text: str) -> bool:
    return bool(LANGUAGE.match(text)) and len(text) <= 35


def _primary(tag: str) -> str:
    return tag.split("-")[0].lower()


def _this(media: Media, language: str) -> sa.ColumnElement[bool]:
    return sa.and_(col(Caption.media_seq) == media.seq, col(Caption.language) == language)


def _keep(db: Session, work: Work, language: str, cues: list[Cue], version: int, how: dict[str, Any]) -> str:
    """Writes the captions over the version seen; answers them as WebVTT."""
    vtt = webvtt.serialise(cues)
    if len(vtt.encode()) > webvtt.MOST_BYTES:
        raise refuse_field("", "captions_heavy", HEAVY)
    row = how | {"vtt": vtt, "version": version + 1}
    if version == 0:
        if work.caption(language) is not None:
            raise Conflict(STALE, code="stale")
        try:
            with db.begin_nested():
                db.add(Caption(**row, media_seq=work.media.seq or 0, language=language))
                db.flush()
        except sa.exc.IntegrityError:  # somebody else's was there first
            raise Conflict(STALE, code="stale") from None
        return vtt
    changed = sa.update(Caption).where(_this(work.media, language), col(Caption.version) == version).values(**row)
    if db.connection().execute(changed).rowcount != 1:
        raise Conflict(STALE, code="stale")
    return vtt


def _settle(db: Session, work: Work, *, public: bool) -> None:
    """What follows from a person's act: no machine listens on; where the public's words change, so does the rest."""
    media = col(Media.seq) == work.media.seq
    listens = sa.and_(media, col(Media.step) == LISTENING)
    db.connection().execute(sa.update(Media).where(listens).values(step=None, progress=100))
    if not public:
        return
    values: dict[str, Any] = {"transcript": _transcript(db, work)}
    if values["transcript"]:
        values["no_speech"] = False
    db.connection().execute(sa.update(Media).where(media).values(**values))
    states.touch(db, media)
    if work.contribution.state is State.PUBLISHED:
        db.expire(work.media)
        publishing.reindex(db, work.contribution)


def _transcript(db: Session, work: Work) -> str | None:
    """Of what was accepted in the language of the contribution, else in the first one anybody accepted."""
    accepted = db.exec(
        select(Caption.language, Caption.vtt)
        .where(Caption.media_seq == work.media.seq, Caption.state == CaptionState.ACCEPTED)
        .order_by(col(Caption.seq))
    ).all()
    spoken = _primary(work.contribution.language)
    own = [vtt for language, vtt in accepted if _primary(language) == spoken]
    texts = own or [vtt for _, vtt in accepted]
    return webvtt.transcript_of(webvtt.stored(texts[0])) if texts else None


def _note(db: Session, media: Media, action: str, language: str, vtt: str, *, by: str, now: datetime) -> None:
    hashes = {"vtt": hashlib.sha256(vtt.encode()).hexdigest(), "language": language}
    audit.append(db, actor=by, action=action, kind="media", object_id=str(media.id), now=now, hashes=hashes)


def wait(db: Session, media: Media) -> None:
    """A machine is going to listen to it."""
    _listening(db, media, 0)


def stop(db: Session, media: Media) -> None:
    _listening(db, media, 100)


def heard(
    db: Session, media: Media, *, language: str, cues: list[Cue], version: int, percent: int, now: datetime
) -> int | None:
    """A machine heard some more: its draft begins (`version` 0: none yet) or grows. Its version, None: no more its own.

    At 100 `percent` it has listened to all of it.
    """
    if cues:
        mine = _grow(db, media, language, cues, version, now)
    else:
        mine = not captions_of(db, media) if version == 0 else _own(db, media, language, version) is not None
    _listening(db, media, percent if mine else 100)
    return version + bool(cues) if mine else None


def _grow(db: Session, media: Media, language: str, cues: list[Cue], version: int, now: datetime) -> bool:
    row: dict[str, Any] = {"version": version + 1, "updated_at": now}
    if version == 0:
        if captions_of(db, media):
            return False
        row["vtt"] = webvtt.serialise(cues)
        how = {"state": CaptionState.DRAFT, "source": CaptionSource.MACHINE, "by": MACHINE}
        db.add(Caption(**row | how, media_seq=media.seq or 0, language=language))
        db.flush()
    else:
        before = _own(db, media, language, version)
        row["vtt"] = webvtt.serialise([*webvtt.stored(before.vtt), *cues]) if before else ""
        grown = sa.update(Caption).where(_this(media, language), col(Caption.version) == version).values(**row)
        if before is None or db.connection().execute(grown).rowcount != 1:
            return False
    _note(db, media, "captions_drafted", language, row["vtt"], by=MACHINE, now=now)
    return True


def _own(db: Session, media: Media, language: str, version: int) -> Caption | None:
    """The machine's draft as the machine left it."""
    wanted = select(Caption).where(_this(media, language), Caption.version == version, Caption.by == MACHINE)
    return db.exec(wanted).first()


def _listening(db: Session, media: Media, percent: int) -> None:
    step = {"step": LISTENING, "progress": percent} if percent < 100 else {"step": None, "progress": 100}
    alone = sa.or_(col(Media.step).is_(None), col(Media.step) == LISTENING)
    done = sa.update(Media).where(col(Media.seq) == media.seq, col(Media.state) == MediaState.READY, alone)
    db.connection().execute(done.values(**step))
