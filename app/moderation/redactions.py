"""Hiding a few words so that the others can be published: what is hidden, where the original words go.

The revision's own text is replaced; the words as they were are sealed and open only with a written motive.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from app import audit
from app.adapters import vault
from app.assistance import rules as assistance
from app.errors import N_, FieldError, NotFound
from app.models import Contribution, Original, OriginalOpening, Revision, Staff, State
from app.moderation.redaction_schemas import Place, Redaction
from app.moderation.schemas import Action

EDITING = frozenset({Action.PUBLISH, Action.RESTORE, Action.SEND_TO_SECOND})
DEFAULT_REASON = "personal"
NO_WORDS = "[…]"
REVERSED = N_("La fin est avant le début.")
EMPTY = N_("Ces mots à cacher sont vides.")
BEYOND = N_("Cela dépasse le texte, qui a %(length)s caractères.")
OVERLAP = N_("Ces mots sont déjà cachés par une autre ligne.")
NOT_FOUND = N_("Ces mots ne sont pas dans le texte. Copiez-les tels qu’ils sont écrits.")
AMBIGUOUS = N_("Ces mots sont écrits %(times)s fois. Cochez « partout », ou ajoutez les mots d’avant ou d’après.")
PURPOSE = "original"


@dataclass(frozen=True)
class Span:
    """In code points of the place, `end` exclusive."""

    place: Place
    start: int
    end: int
    label: str


@dataclass(frozen=True)
class Words:
    """The words as they were, in clear: for one answer, never kept."""

    title: str | None
    body: str


def placed(revision: Revision, wanted: list[Redaction]) -> tuple[list[Span], list[FieldError]]:
    """Where each lies in the current text; and what cannot be hidden, named by its row."""
    spans: list[Span] = []
    errors: list[FieldError] = []
    for number, each in enumerate(wanted):
        name = f"redactions.{number}"
        text = (revision.title or "") if each.place is Place.TITLE else revision.body
        if each.start is None or each.end is None:
            found, wrong = _written(text, each, name)
        else:
            found, wrong = [(each.start, each.end)], list(_wrong(text, each.start, each.end, name))
        made = [Span(each.place, start, end, each.label) for start, end in found]
        if not wrong and any(_overlap(one, other) for one in made for other in spans):
            field = "start" if each.words is None or each.start is not None else "words"
            wrong = [FieldError(f"{name}.{field}", "redaction_overlap", OVERLAP)]
        errors += wrong
        spans += [] if wrong else made
    return spans, errors


def _written(text: str, wanted: Redaction, name: str) -> tuple[list[tuple[int, int]], list[FieldError]]:
    """Where these words are written: whole words if there are any, else parts of words (Arabic joins its own)."""
    pattern = r"\s+".join(re.escape(part) for part in (wanted.words or "").split())
    if not pattern:
        return [], [FieldError(f"{name}.words", "redaction_empty", EMPTY)]
    whole = [match.span() for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", text)]
    found = whole or [match.span() for match in re.finditer(pattern, text)]
    if not found:
        return [], [FieldError(f"{name}.words", "redaction_not_found", NOT_FOUND)]
    if len(found) > 1 and not wanted.everywhere:
        return [], [FieldError(f"{name}.words", "redaction_ambiguous", AMBIGUOUS, (("times", len(found)),))]
    return found, []


def _wrong(text: str, start: int, end: int, name: str) -> Iterator[FieldError]:
    length = (("length", len(text)),)
    if end < start:
        yield FieldError(f"{name}.end", "redaction_reversed", REVERSED)
    elif start < 0 or start > len(text):
        yield FieldError(f"{name}.start", "redaction_beyond", BEYOND, length)
    elif end > len(text):
        yield FieldError(f"{name}.end", "redaction_beyond", BEYOND, length)
    elif end == start:
        yield FieldError(f"{name}.end", "redaction_empty", EMPTY)


def _overlap(one: Span, other: Span) -> bool:
    return one.place is other.place and one.start < other.end and other.start < one.end


def hide(
    db: Session, contribution: Contribution, revision: Revision, spans: list[Span], *, reason: str, by: Staff,
    now: datetime,
) -> None:  # fmt: skip
    """Seals the words as they are, if they are not sealed yet, and puts the labels in their place."""
    kept = original(db, contribution)
    if kept is None:
        kept = Original(
            contribution_seq=contribution.seq or 0, revision=revision.number, title_sealed=_seal(revision.title),
            body_sealed=vault.seal(PURPOSE, revision.body.encode()), reason=reason, made_by=by.actor, made_at=now,
        )  # fmt: skip
    hidden = [{"place": one.place.value, "start": one.start, "end": one.end, "label": one.label} for one in spans]
    kept.spans = [*kept.spans, *hidden]
    kept.reason, kept.made_by, kept.made_at = reason, by.actor, now
    revision.body = _without(revision.body, [one for one in spans if one.place is Place.BODY])
    if revision.title:
        revision.title = _without(revision.title, [one for one in spans if one.place is Place.TITLE])
    db.add_all([kept, revision])
    db.flush()
    assistance.again(db, contribution)


def _without(text: str, spans: list[Span]) -> str:
    for one in sorted(spans, key=lambda span: span.start, reverse=True):
        text = text[: one.start] + (f"[{one.label}]" if one.label else NO_WORDS) + text[one.end :]
    return text


def _seal(text: str | None) -> bytes | None:
    return vault.seal(PURPOSE, text.encode()) if text else None


def original(db: Session, contribution: Contribution) -> Original | None:
    """The sealed words of the current revision."""
    return db.exec(
        select(Original).where(
            Original.contribution_seq == contribution.seq, Original.revision == contribution.revision
        )
    ).first()


def open_original(db: Session, contribution: Contribution, *, by: Staff, motive: str, now: datetime) -> Words:
    """The words as they were, for this once; who and why is kept. NotFound when nothing is sealed."""
    kept = original(db, contribution)
    if kept is None or contribution.state is State.WITHDRAWN:
        raise NotFound
    db.add(OriginalOpening(original_seq=kept.seq or 0, actor=by.actor, motive=motive, at=now))
    db.flush()
    audit.append(
        db, actor=by.actor, action="original_opened", kind="contribution", object_id=str(contribution.id), now=now,
        hashes={"motive": hashlib.sha256(motive.encode()).hexdigest()},
    )  # fmt: skip
    title = vault.unseal(PURPOSE, kept.title_sealed).decode() if kept.title_sealed else None
    return Words(title, vault.unseal(PURPOSE, kept.body_sealed).decode())
