"""A collective's paper as a medium: kept whole and private, its text beside it; never served, no derivative.

What one reads is the contribution's own text, taken from the paper and read over by its author. A text too long for
that is kept whole as the medium's transcript, and published under a summary when a moderator chooses so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.consultation.content import consultation
from app.contributions.text import clean, visible_length
from app.errors import N_, refuse_field
from app.media import rules
from app.media.papers import Paper
from app.models import Kind, Media, MediaKind, MediaState, Upload
from app.models.base import new_id

NEEDS_GROUP = N_("Un document s’envoie au nom d’un groupe. Choisissez « À plusieurs », ou enlevez le document.")
TOO_LONG = N_(
    "Votre document est gardé en entier. Son résumé est trop long : %(length)s caractères, %(limit)s au plus."
    " Rien n’est perdu."
)
NO_SUMMARY = N_("Votre document est gardé en entier. Écrivez ici un résumé de %(limit)s caractères au plus.")


@dataclass(frozen=True)
class Whole:
    """The text of a paper too long for a contribution. `length` in characters people see."""

    upload: str
    text: str
    length: int


def whole_text(paper: Paper) -> str:
    """All the paper says, as one text."""
    return str(clean("\n\n".join(part for part in (paper.title, paper.body) if part)))


def is_long(text: str) -> bool:
    limit = consultation().limits.body_collective
    return len(text) > limit and visible_length(text, len(text)) > limit


def keep(db: Session, stored: rules.Stored, paper: Paper, *, now: datetime) -> dict[str, Any]:
    """Gives a paper already read its row, ready at once: `{upload, name, size, kind}`.

    The text of a short one is the form's from here on: kept nowhere else, so that what its author takes out is out.
    """
    text = whole_text(paper)
    media = Media(
        id=new_id(),
        opaque=rules.new_opaque(),
        kind=MediaKind.DOCUMENT,
        state=MediaState.READY,
        progress=100,
        mime=stored.mime,
        size=stored.size,
        original=stored.key,
        transcript=text if is_long(text) else None,
        details={"container": Path(stored.name).suffix.lstrip(".").lower()[:8], "characters": len(text)},
        received_at=now,
    )
    token = rules.arrive(db, media, name=stored.name, now=now, completed=True)
    return {"upload": token, "name": stored.name, "size": stored.size, "kind": MediaKind.DOCUMENT.value}


def note_text(db: Session, media: Media, paper: Paper) -> None:
    """The words of a paper that came by itself (tus), for the moderator to read; never over a person's."""
    db.connection().execute(
        sa.update(Media)
        .where(col(Media.seq) == media.seq, col(Media.transcript).is_(None))
        .values(transcript=whole_text(paper))
    )


def whole_ones(db: Session, tokens: Iterable[str]) -> list[Whole]:
    """Among papers sent and not yet tied: those whose text is kept whole."""
    asked = {rules.upload_mac(token): token for token in tokens}
    rows = db.exec(_papers().where(col(Upload.mac).in_(asked), col(Media.contribution_seq).is_(None))).all()
    return [
        Whole(asked[upload.mac], text, visible_length(text, len(text)))
        for upload, media in rows
        if (text := media.transcript or "") and is_long(text)
    ]


def _papers() -> Any:
    return (
        select(Upload, Media)
        .join(Media, col(Media.seq) == col(Upload.media_seq))
        .where(col(Media.kind) == MediaKind.DOCUMENT)
    )


def refuse_misplaced(db: Session, contribution_seq: int, *, kind: Kind, body: str) -> None:
    """Refuses a paper of one person, and a text that is no summary beside a paper kept whole.

    Unprocessable `document_needs_collective`, `summary_too_long`, `summary_missing`. A paper that still arrives is
    not known to be long yet: nobody waits for it.
    """
    papers = db.exec(_papers().where(col(Media.contribution_seq) == contribution_seq)).all()
    if papers and kind is not Kind.COLLECTIVE:
        raise refuse_field("kind", "document_needs_collective", NEEDS_GROUP)
    if any(media.transcript and is_long(media.transcript) for _, media in papers):
        refuse_no_summary(body)


def refuse_no_summary(body: str) -> None:
    limit = consultation().limits.paper_summary
    length = visible_length(body, len(body))
    if length > limit:
        raise refuse_field("body", "summary_too_long", TOO_LONG, length=length, limit=limit)
    if not body:
        raise refuse_field("body", "summary_missing", NO_SUMMARY, limit=limit)
