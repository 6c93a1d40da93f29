"""What a decision needs: its reason, a language somebody reads, a choice for every medium."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, FieldError, Unprocessable
from app.models import Contribution, Revision, Staff
from app.moderation import media_choices
from app.moderation.media_choices import Chosen
from app.moderation.schemas import Action, DecisionIn

REASONED = frozenset({Action.RETURN, Action.REFUSE, Action.HIDE})
LATER = frozenset({Action.MERGE, Action.SEND_TO_SECOND})
DESK_LANGUAGE = "fr"  # the desk itself is written in it: whoever moderates reads it
NOT_HERE = N_("Cette action n’existe pas encore ici.")


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
    made, errors = media_choices.chosen(db, contribution, decision)
    errors = [*_language(db, contribution), *errors]
    if errors:
        raise Unprocessable(errors)
    return made


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
