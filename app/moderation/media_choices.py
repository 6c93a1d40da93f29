"""What becomes of each medium: what may be chosen for it, what a choice needs, what it writes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, FieldError, Unprocessable
from app.media import blur, webvtt, zones
from app.models import (
    Caption,
    CaptionState,
    Contribution,
    Face,
    Media,
    MediaChoice,
    MediaKind,
    MediaState,
    State,
    Voice,
)
from app.moderation.schemas import Action, DecisionIn, MediaDecision

PUBLISH, BLUR, TRANSCRIPT, WITHHOLD = (
    MediaChoice.PUBLISH,
    MediaChoice.BLUR,
    MediaChoice.TRANSCRIPT,
    MediaChoice.WITHHOLD,
)
# Pages of a paper are never published, only what they say; a sound has nothing to blur.
CHOICES = {
    MediaKind.PHOTO: (PUBLISH, BLUR, WITHHOLD),
    MediaKind.VIDEO: (PUBLISH, BLUR, TRANSCRIPT, WITHHOLD),
    MediaKind.AUDIO: (PUBLISH, TRANSCRIPT, WITHHOLD),
    MediaKind.DOCUMENT: (TRANSCRIPT, WITHHOLD),
}
SEEN = frozenset({MediaKind.PHOTO, MediaKind.VIDEO})
HEARD = frozenset({MediaKind.VIDEO, MediaKind.AUDIO})
ENDED = frozenset({MediaState.READY, MediaState.FAILED})
SHOWN = frozenset({PUBLISH, BLUR})

UNKNOWN = N_("Ce média n’est pas dans cette contribution.")
MISSING = N_("Dites ce que devient ce fichier.")
FAILED = N_("Ce fichier n’a pas pu être préparé. Relancez-le, ou ne le publiez pas.")
NOT_READY = N_("Ce fichier n’est pas encore prêt. Publiez les mots maintenant, vous déciderez de ce fichier ensuite.")
UNAVAILABLE = N_("Ce choix n’existe pas pour ce genre de fichier.")
TEXT_ONLY = N_("Cette personne ne veut pas qu’on entende sa voix. Choisissez ses mots, ou ne le publiez pas.")
FACES = N_("On voit un visage à cacher. Choisissez de flouter, ou enlevez les zones qui ne sont pas des visages.")
NO_ZONE = N_("Il n’y a rien à flouter. Ajoutez une zone, ou publiez sans flouter.")
NO_ALT = N_("Dites en une phrase ce que l’on voit sur cette photo.")
NO_WORDS = N_("Écrivez ce qui est dit, ou cochez que personne ne parle.")
NO_TEXT = N_("Écrivez le texte de ce document.")
PROPOSED = "first_choice"  # in a medium's details: {choice, by}, until a second person decides


@dataclass(frozen=True)
class Chosen:
    """What becomes of one medium, as columns of its row; `choice` None: nobody can decide it yet."""

    media: Media
    choice: MediaChoice | None
    columns: dict[str, Any]


def undecided() -> sa.ColumnElement[bool]:
    """A medium somebody can and must decide about: made ready, or failed, and nothing chosen."""
    # Said by what it is not, so that the index of what is undecided serves, not that of everything ready.
    return sa.and_(col(Media.choice).is_(None), col(Media.state).not_in(set(MediaState) - ENDED))


def wait(db: Session, contribution: Contribution) -> bool:
    """Whether a medium became ready, or failed, after its words were decided."""
    waiting = sa.select(col(Media.seq)).where(col(Media.contribution_seq) == contribution.seq, undecided())
    return db.connection().execute(waiting.limit(1)).first() is not None


def chosen(db: Session, contribution: Contribution, decision: DecisionIn) -> tuple[list[Chosen], list[FieldError]]:
    """Every medium as it will be, and all that stands in the way."""
    media = db.exec(select(Media).where(Media.contribution_seq == contribution.seq).order_by(col(Media.position))).all()
    said = _captioned(db, contribution)
    given = {key.lower(): value for key, value in decision.media.items()}
    # What was decided before keeps its choice; a first publication needs a choice made now.
    first = decision.action is Action.PUBLISH and contribution.state is State.PENDING
    errors = [
        FieldError(f"media.{unknown}", "unknown_media", UNKNOWN)
        for unknown in given.keys() - {str(one.id) for one in media}
    ]
    made = []
    for one in media:
        wish = given.get(str(one.id)) or MediaDecision()
        choice = wish.choice or (None if first else one.choice)
        columns, wrong = _columns(one, choice, wish, said.get(one.seq or 0))
        errors += wrong or list(_refusals(one, choice, columns))
        made.append(Chosen(one, choice, columns))
    return made, errors


def kept(db: Session, contribution: Contribution, decision: DecisionIn) -> list[Chosen]:
    """What was already chosen and written, for a second person to go on with: only what may stand as it is."""
    made, errors = chosen(db, contribution, decision)
    refused = {error.field.split(".")[1] for error in errors if error.field.count(".") > 1}
    return [one for one in made if one.choice is not None and str(one.media.id) not in refused]


def _captioned(db: Session, contribution: Contribution) -> dict[int, str]:
    """What accepted captions say, by medium; those in the contribution's language first."""
    here = sa.case((col(Caption.language) == contribution.language, 0), else_=1)
    found = db.exec(
        select(Caption)
        .join(Media, col(Media.seq) == col(Caption.media_seq))
        .where(col(Media.contribution_seq) == contribution.seq, col(Caption.state) == CaptionState.ACCEPTED)
        .order_by(here, col(Caption.language))
    )
    said: dict[int, str] = {}
    for caption in found:
        said.setdefault(caption.media_seq, webvtt.transcript_of(webvtt.stored(caption.vtt)))
    return said


def _columns(
    media: Media, choice: MediaChoice | None, wish: MediaDecision, said: str | None
) -> tuple[dict[str, Any], list[FieldError]]:
    """What will stand in the row; and the zones that mean nothing."""
    columns: dict[str, Any] = {
        "choice": choice,
        "alt": wish.alt or media.alt,
        "transcript": wish.transcript or media.transcript or said,
        "no_speech": media.no_speech if wish.no_speech is None else wish.no_speech,
    }
    if wish.transcript:
        columns["no_speech"] = False
    if wish.zones is None or media.kind not in SEEN:
        return columns, []
    try:
        marked = zones.clean(wish.zones, media=media, field=f"media.{media.id}.zones")
    except Unprocessable as refusal:
        return columns, refusal.errors
    # Shown as it is with the person's agreement: the zones proposed on the page say nothing then.
    if choice is not PUBLISH or not marked or media.face is Face.HIDE:
        columns["zones"] = marked
        if choice is not BLUR:  # else `blur.ask` sets the key with its job
            columns["zones_key"] = zones.key(marked)
    return columns, []


def _refusals(media: Media, choice: MediaChoice | None, columns: dict[str, Any]) -> Iterator[FieldError]:
    place = f"media.{media.id}"
    if choice is None:
        if media.state in ENDED:
            yield FieldError(f"{place}.choice", "choice_missing", MISSING)
    elif choice is WITHHOLD:
        return
    elif refused := _refused(media, choice, columns):
        yield FieldError(f"{place}.choice", *refused)
    else:
        yield from _missing(media, columns)


def _refused(media: Media, choice: MediaChoice, columns: dict[str, Any]) -> tuple[str, str] | None:
    """(code, sentence) of what speaks against this choice."""
    if media.state is MediaState.FAILED:
        return "media_failed", FAILED
    if choice not in CHOICES[media.kind]:
        return "choice_unavailable", UNAVAILABLE
    if media.kind in HEARD and media.voice is Voice.TEXT_ONLY and choice in SHOWN:
        return "voice_text_only", TEXT_ONLY
    if media.state is not MediaState.READY:
        return "media_not_ready", NOT_READY
    marked = columns.get("zones", media.zones)
    if choice is PUBLISH and media.face is Face.HIDE and (marked or (marked is None and suspected(media))):
        return "faces_shown", FACES
    if choice is BLUR and not (media.faces if marked is None else marked):
        return "zones_missing", NO_ZONE
    return None


def suspected(media: Media) -> bool:
    """Whether somebody may be seen: faces were found, or could not be looked for."""
    return media.kind in SEEN and bool(media.faces or media.details.get("faces_failure"))


def _missing(media: Media, columns: dict[str, Any]) -> Iterator[FieldError]:
    place = f"media.{media.id}"
    if media.kind is MediaKind.PHOTO and not columns["alt"]:
        yield FieldError(f"{place}.alt", "alt_missing", NO_ALT)
    if media.kind is MediaKind.DOCUMENT and not columns["transcript"]:
        yield FieldError(f"{place}.transcript", "transcript_missing", NO_TEXT)
    if media.kind in HEARD and not (columns["transcript"] or columns["no_speech"]):
        yield FieldError(f"{place}.transcript", "transcript_missing", NO_WORDS)


def propose(made: list[Chosen], *, by: str) -> list[Chosen]:
    """The same media with their words and zones, shown to nobody: a second person has to choose so too."""
    for one in made:
        choice = one.choice.value if one.choice else ""
        one.media.details = one.media.details | {PROPOSED: {"choice": choice, "by": by}}
    return [Chosen(one.media, None, one.columns | {"choice": None}) for one in made]


def settle(db: Session, made: list[Chosen]) -> None:
    """Writes what was chosen; what is to be blurred otherwise than it was is made anew."""
    for one in made:
        if one.choice is not None:
            one.media.details = {name: value for name, value in one.media.details.items() if name != PROPOSED}
        for name, value in one.columns.items():
            setattr(one.media, name, value)
        db.add(one.media)
        if one.choice is BLUR:
            blur.ask(db, one.media, one.media.zones)
    db.flush()
