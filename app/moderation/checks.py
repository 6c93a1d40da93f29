"""What a decision needs: its reason, a language somebody reads, a choice for every medium."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, FieldError, Unprocessable
from app.models import Contribution, Media, MediaChoice, MediaKind, MediaState, Revision, Staff
from app.moderation.schemas import Action, DecisionIn, MediaDecision

REASONED = frozenset({Action.RETURN, Action.REFUSE, Action.HIDE})
LATER = frozenset({Action.MERGE, Action.SEND_TO_SECOND})
DESK_LANGUAGE = "fr"  # the desk itself is written in it: whoever moderates reads it
NOT_HERE = N_("Cette action n’existe pas encore ici.")


@dataclass(frozen=True)
class Chosen:
    """What becomes of one medium."""

    seq: int
    choice: MediaChoice
    alt: str | None


def complete(decision: DecisionIn) -> None:
    """Unprocessable naming what is missing, or what this desk does not do yet."""
    errors = []
    if decision.action in LATER:
        errors.append(FieldError("action", "action_unavailable", NOT_HERE))
    for name in ("redactions", "sensitive"):
        if getattr(decision, name):
            errors.append(FieldError(name, "action_unavailable", NOT_HERE))
    if decision.action in REASONED:
        if not decision.reason:
            errors.append(FieldError("reason", "missing", N_("Choisissez une raison de la charte.")))
        if not decision.statement:
            errors.append(FieldError("statement", "missing", N_("Écrivez la raison en mots simples.")))
    if errors:
        raise Unprocessable(errors)


def publishable(db: Session, contribution: Contribution, decision: DecisionIn) -> list[Chosen]:
    """The media as they will be; Unprocessable with everything that stands in the way of publishing."""
    errors = list(_language(db, contribution))
    media = db.exec(select(Media).where(Media.contribution_seq == contribution.seq).order_by(col(Media.position))).all()
    given = {key.lower(): value for key, value in decision.media.items()}
    for unknown in given.keys() - {str(one.id) for one in media}:
        errors.append(
            FieldError(f"media.{unknown}", "unknown_media", N_("Ce média n’est pas dans cette contribution."))
        )
    chosen = []
    for one in media:
        wish = given.get(str(one.id)) or MediaDecision()
        # What was public before keeps its choice; a first publication needs a choice made now.
        choice = wish.choice or (one.choice if decision.action is Action.RESTORE else None)
        alt = wish.alt or one.alt
        errors += _medium(one, choice, alt, wish)
        if choice:
            chosen.append(Chosen(one.seq or 0, choice, alt))
    if errors:
        raise Unprocessable(errors)
    return chosen


def _language(db: Session, contribution: Contribution) -> Iterator[FieldError]:
    revision = db.exec(
        select(Revision).where(Revision.contribution_seq == contribution.seq, Revision.number == contribution.revision)
    ).one()
    language = _primary(revision.language)
    if language == DESK_LANGUAGE or not (revision.body or revision.title):
        return
    readers = db.connection().execute(sa.select(col(Staff.reads)).where(col(Staff.active))).scalars()
    if not any(_primary(tag) == language for reads in readers for tag in reads or ()):
        yield FieldError(
            "language",
            "language_unread",
            N_("Personne dans l’équipe ne lit cette langue. Faites d’abord lire ces mots."),
        )


def _primary(tag: str) -> str:
    return tag.split("-")[0].lower()


def _medium(media: Media, choice: MediaChoice | None, alt: str | None, wish: MediaDecision) -> Iterator[FieldError]:
    place = f"media.{media.id}"
    if choice is None:
        yield FieldError(f"{place}.choice", "choice_missing", N_("Dites ce que devient cette photo."))
    elif choice is MediaChoice.WITHHOLD:
        return
    elif media.state is MediaState.FAILED:
        yield FieldError(
            f"{place}.choice",
            "media_failed",
            N_("Cette photo n’a pas pu être lue. Elle ne peut pas être publiée."),
        )
    elif choice is not MediaChoice.PUBLISH or media.kind is not MediaKind.PHOTO or wish.zones:
        yield FieldError(f"{place}.choice", "choice_unavailable", N_("Ce choix n’existe pas encore ici."))
    elif media.state is not MediaState.READY:
        yield FieldError(
            f"{place}.choice",
            "media_not_ready",
            N_("Cette photo n’est pas encore prête. Attendez un peu, ou ne la publiez pas."),
        )
    elif not alt:
        yield FieldError(f"{place}.alt", "alt_missing", N_("Dites en une phrase ce que l’on voit sur cette photo."))
