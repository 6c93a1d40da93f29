"""What a decision needs: its reason, words that can be hidden, a language somebody reads, a choice for every medium."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, FieldError, Unprocessable
from app.models import Contribution, Revision, Staff, State
from app.moderation import media_choices, redactions, second_look
from app.moderation.media_choices import Chosen
from app.moderation.redactions import Span
from app.moderation.schemas import Action, DecisionIn

REASONED = frozenset({Action.RETURN, Action.REFUSE, Action.HIDE})
SHOWING = frozenset({Action.PUBLISH, Action.RESTORE})
DESK_LANGUAGE = "fr"  # the desk itself is written in it: whoever moderates reads it
NOT_HIDDEN = N_("Des mots ne se cachent que si l’on publie, ou si l’on demande une deuxième lecture.")


@dataclass(frozen=True)
class Ready:
    """What a decision will write beside the state: the media as they will be, the words it hides."""

    revision: Revision
    media: list[Chosen]
    spans: list[Span]


def complete(decision: DecisionIn) -> None:
    """Unprocessable naming what is missing."""
    errors = []
    if decision.redactions and decision.action not in redactions.EDITING:
        errors.append(FieldError("redactions", "redactions_not_here", NOT_HIDDEN))
    if decision.action is Action.MERGE and not decision.into:
        errors.append(FieldError("into", "missing", N_("Dites à quelle contribution la réunir.")))
    if decision.action in REASONED:
        if not decision.reason:
            errors.append(FieldError("reason", "missing", N_("Choisissez une raison de la charte.")))
        if not decision.statement:
            errors.append(FieldError("statement", "missing", N_("Écrivez la raison en mots simples.")))
    if errors:
        raise Unprocessable(errors)


def ready(db: Session, contribution: Contribution, decision: DecisionIn) -> Ready:
    """What the decision writes; Unprocessable with everything that stands in the way of it."""
    revision = db.exec(
        select(Revision).where(Revision.contribution_seq == contribution.seq, Revision.number == contribution.revision)
    ).one()
    spans, errors = redactions.placed(revision, decision.redactions)
    made: list[Chosen] = []
    if decision.action in SHOWING:
        made, wrong = media_choices.chosen(db, contribution, decision)
        errors += [*unread_language(db, revision), *wrong]
        if contribution.state in (State.SECOND_REVIEW, State.HIDDEN):
            errors += second_look.refuse_newly(made)
    elif decision.action is Action.SEND_TO_SECOND:
        made = media_choices.kept(db, contribution, decision)
    if errors:
        raise Unprocessable(errors)
    return Ready(revision, made, spans)


def unread_language(db: Session, revision: Revision) -> Iterator[FieldError]:
    """Nothing is published in a language nobody on the team has read (domain.md)."""
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
