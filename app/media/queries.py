"""Reading media: what the public may have, what the team and the holder see."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.addresses import rooted
from app.media import zones
from app.models import (
    Caption,
    CaptionState,
    Contribution,
    Event,
    EventState,
    Media,
    MediaChoice,
    MediaKind,
    MediaState,
    State,
    Stop,
    Voice,
)

FILES_SHOWN = (MediaChoice.PUBLISH, MediaChoice.BLUR)
PUBLIC = sa.or_(
    sa.and_(col(Media.state) == MediaState.READY, col(Media.choice).in_(FILES_SHOWN)),
    col(Media.choice) == MediaChoice.TRANSCRIPT,  # the words stand, whatever became of the file
)
ACCEPTED = sa.and_(col(Caption.media_seq) == col(Media.seq), col(Caption.state) == CaptionState.ACCEPTED)
# Media and the languages of their accepted captions in one question: a row for each language.
CAPTIONED = (
    select(Media, col(Caption.language))
    .join(Caption, ACCEPTED, isouter=True)
    .order_by(col(Media.contribution_seq), col(Media.position), col(Media.seq), col(Caption.language))
)
PLAYED = ("audio/", "video/")
PLAIN, BLURRED, PRIVATE = "plain", "blur", "private"  # the sets of derivatives; nobody is served the last


@dataclass(frozen=True)
class Served:
    """What a media address gives: a file of the store, or a caption's text. `tag`: strong, changes with the content."""

    tag: str
    key: str = ""
    text: str = ""


def public_media(db: Session, seqs: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Published media by contribution seq, in their order, in api.md's shape. One query.

    A medium of which nothing can be shown (its faces are not hidden yet, nobody wrote down what it says) is left out.
    """
    found: dict[int, list[dict[str, Any]]] = {}
    if not seqs:
        return found
    for media, captions in _captioned(db, CAPTIONED.where(col(Media.contribution_seq).in_(seqs), PUBLIC)):
        shown = public_shape(media, captions)
        if shown["urls"] or shown["transcript"]:
            found.setdefault(media.contribution_seq or 0, []).append(shown)
    return found


def held_media(db: Session, contribution: Contribution) -> list[dict[str, Any]]:
    """All media of one contribution, with state and choice, for its holder."""
    rows = _captioned(db, CAPTIONED.where(col(Media.contribution_seq) == contribution.seq))
    return [shape(media, captions) for media, captions in rows]


def _captioned(db: Session, query: Any) -> Iterator[tuple[Media, list[str]]]:
    """Each medium once, with the languages of its accepted captions."""
    found: dict[int, tuple[Media, list[str]]] = {}
    for media, language in db.exec(query):
        _, languages = found.setdefault(media.seq, (media, []))
        languages += [language] if language else []
    yield from found.values()


def public_shape(media: Media, captions: Sequence[str] = ()) -> dict[str, Any]:
    """One medium as the public may have it: the files of the set that was chosen, or words alone."""
    urls = {name: url(media, file) for name, file in public_files(media).items()}
    languages = captions if _is_played(media) else []  # without a player the transcript says it all
    return _shape(media, urls) | {
        "captions": [{"language": each, "url": caption_url(media, each)} for each in languages],
        "blurred": media.choice is MediaChoice.BLUR,
    }


def _is_played(media: Media) -> bool:
    return any(media.derivatives[file]["type"].startswith(PLAYED) for file in public_files(media).values())


def public_files(media: Media) -> dict[str, str]:
    """Files the public may have, by canonical name. A voice that must not be heard is in none of them."""
    if media.state is not MediaState.READY or media.choice not in FILES_SHOWN or media.kind is MediaKind.DOCUMENT:
        return {}
    shown = files(media, BLURRED if media.choice is MediaChoice.BLUR else PLAIN)
    if media.voice is Voice.PLAY:
        return shown
    if media.kind is MediaKind.AUDIO:
        return {}
    silent = media.details.get("has_audio") is False
    return {
        name: file for name, file in shown.items() if silent or not media.derivatives[file]["type"].startswith(PLAYED)
    }


def files(media: Media, which: str) -> dict[str, str]:
    """The files of one set by canonical name. Blurred ones only when made with the zones wanted now."""
    if which == BLURRED and not blurred_ready(media):
        return {}
    before = zones.prefix(media.zones_key or "") if which == BLURRED else ""
    return {
        file.removeprefix(before): file
        for file, made in media.derivatives.items()
        if made.get("set", PLAIN) == which and file.startswith(before)
    }


def blurred_ready(media: Media) -> bool:
    return media.blurred_key is not None and media.blurred_key == media.zones_key


def url(media: Media, file: str) -> str:
    return rooted(f"/media/{media.opaque}/{file}")


def caption_url(media: Media, language: str) -> str:
    return url(media, f"{language}.vtt")


def _shape(media: Media, urls: dict[str, str]) -> dict[str, Any]:
    """What the public, the holder and the team are all told. `sizes`, `colour` and `voice` are for pages."""
    of_name = {url(media, file): made for file, made in media.derivatives.items()}
    return {
        "id": str(media.id),
        "kind": media.kind.value,
        "type": media.mime,
        "width": media.width,
        "height": media.height,
        "duration": media.duration,
        "urls": urls,
        "sizes": {name: of_name[at]["width"] for name, at in urls.items() if of_name[at].get("width")},
        "colour": media.colour,
        "voice": media.voice.value,
        "alt": media.alt,
        "transcript": media.transcript,
    }


def shape(media: Media, captions: Sequence[str] = ()) -> dict[str, Any]:
    """One medium as its holder and the team see it, decided or not: the plain files, and where the work on it is."""
    urls = {name: url(media, file) for name, file in files(media, PLAIN).items()}
    return _shape(media, urls) | {
        "captions": [{"language": each, "url": caption_url(media, each)} for each in captions],
        "blurred": media.choice is MediaChoice.BLUR,
        "state": media.state.value,
        "choice": media.choice.value if media.choice else None,
        "failure": media.failure,
        "face": media.face.value,
        "people_recognisable": media.people_recognisable,
        "agreements_held": media.agreements_held,
        "step": media.step,
        "progress": media.progress,
    }


def desk_shape(media: Media, captions: Sequence[str] = ()) -> dict[str, Any]:
    """As the holder's, and what a moderator needs to decide. `zones`: those decided, else those found."""
    blurred = {name: url(media, file) for name, file in files(media, BLURRED).items()}
    return shape(media, captions) | {
        "blurred_urls": blurred,
        "faces": media.faces,
        "zones": media.faces if media.zones is None else media.zones,
        "no_speech": media.no_speech,
        "details": media.details,
    }


def served(db: Session, opaque: str, name: str, *, team: bool, held: int | None) -> Served | None:
    """What this media address gives to who may have it: the public, the team, the holder of `held` (its seq).

    What its author took back is no longer the team's to see; what is erased is nobody's, before its files go too.
    One question to the database, whether it is there or not.
    """
    state = col(Contribution.state)
    shown = sa.or_(state == State.PUBLISHED, col(Event.state) != EventState.DRAFT, col(Stop.shown))
    mine: list[sa.ColumnElement[bool]] = [sa.false()]
    if team:
        mine.append(sa.or_(state.is_(None), state.not_in([State.WITHDRAWN, State.ERASED])))
    if held is not None:
        mine.append(sa.and_(col(Contribution.seq) == held, state != State.ERASED))
    language = name.removesuffix(".vtt") if name.endswith(".vtt") else ""
    words = sa.and_(col(Caption.media_seq) == col(Media.seq), col(Caption.language) == language)
    row = db.exec(
        select(Media, Caption, sa.or_(*mine).label("mine"))
        .join(Contribution, col(Contribution.seq) == col(Media.contribution_seq), isouter=True)
        .join(Event, col(Event.seq) == col(Media.event_seq), isouter=True)
        .join(Stop, col(Stop.seq) == col(Media.stop_seq), isouter=True)
        .join(Caption, words, isouter=True)
        .where(Media.opaque == opaque, sa.or_(sa.and_(shown, PUBLIC), *mine))
    ).first()
    if row is None:
        return None
    media, caption, whole = row
    if language:
        return _caption(media, caption, whole=whole, drafts=whole and team)
    return _file(media, name, whole=whole)


def _file(media: Media, name: str, *, whole: bool) -> Served | None:
    made = media.derivatives.get(name)
    if made is None or made.get("set") == PRIVATE or not (whole or name in public_files(media).values()):
        return None
    return Served(_tag(media.opaque, name, json.dumps(made, sort_keys=True)), key=f"media/{media.opaque}/{name}")


def _caption(media: Media, caption: Caption | None, *, whole: bool, drafts: bool) -> Served | None:
    if caption is None or not (drafts or caption.state is CaptionState.ACCEPTED):
        return None
    if not whole and not _is_played(media):
        return None
    return Served(_tag(media.opaque, caption.language, caption.vtt), text=caption.vtt)


def _tag(*parts: str) -> str:
    return '"' + hashlib.sha256("/".join(parts).encode()).hexdigest()[:20] + '"'
