"""Reading media: what the public may have, what staff and the holder see."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.models import Contribution, Media, MediaChoice, MediaState, State

SHOWN = (MediaChoice.PUBLISH, MediaChoice.BLUR)


def public_media(db: Session, seqs: list[int]) -> dict[int, list[dict[str, Any]]]:
    """Published media by contribution seq, in their order, in api.md's shape. One query."""
    rows = db.exec(
        select(Media)
        .where(
            col(Media.contribution_seq).in_(seqs),
            Media.state == MediaState.READY,
            col(Media.choice).in_(SHOWN),
        )
        .order_by(col(Media.contribution_seq), col(Media.position))
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for media in rows if seqs else []:
        found.setdefault(media.contribution_seq or 0, []).append(shape(media))
    return found


def shape(media: Media) -> dict[str, Any]:
    """One medium as the API says it. `urls` by derivative name, root-relative."""
    return {
        "id": str(media.id),
        "kind": media.kind.value,
        "type": media.mime,
        "width": media.width,
        "height": media.height,
        "duration": None,
        "urls": {name: f"/media/{media.opaque}/{name}" for name in media.derivatives},
        "sizes": {name: made["width"] for name, made in media.derivatives.items()},
        "colour": media.colour,
        "alt": media.alt,
        "transcript": media.transcript,
        "captions": [],
        "blurred": media.choice is MediaChoice.BLUR,
    }


def held_media(db: Session, contribution: Contribution) -> list[dict[str, Any]]:
    """All media of one contribution, with state and choice, for its holder and for staff."""
    rows = db.exec(select(Media).where(Media.contribution_seq == contribution.seq).order_by(col(Media.position)))
    return [
        shape(media)
        | {
            "state": media.state.value,
            "choice": media.choice.value if media.choice else None,
            "failure": media.failure,
            "face": media.face.value,
            "people_recognisable": media.people_recognisable,
        }
        for media in rows
    ]


def derivative(db: Session, opaque: str, name: str, *, team: bool, held: int | None) -> Media | None:
    """The medium of a media address, for who may see it: the public, the team, the holder of `held` (its seq).

    What its author took back is no longer the team's to see; what is erased is nobody's, before its files go too.
    """
    state = col(Contribution.state)
    public = sa.and_(state == State.PUBLISHED, col(Media.state) == MediaState.READY, col(Media.choice).in_(SHOWN))
    may_see = [public]
    if team:
        may_see.append(sa.or_(state.is_(None), state.not_in([State.WITHDRAWN, State.ERASED])))
    if held is not None:
        may_see.append(sa.and_(col(Contribution.seq) == held, state != State.ERASED))
    media = db.exec(
        select(Media)
        .join(Contribution, col(Contribution.seq) == col(Media.contribution_seq), isouter=True)
        .where(Media.opaque == opaque, sa.or_(*may_see))
    ).first()
    return media if media and name in media.derivatives else None
