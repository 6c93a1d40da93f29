"""Media of what is collected in the street: declared with the words, sent after them, held once they are whole."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from app.adapters import vault
from app.errors import N_, Conflict, TooLarge
from app.media import rules, states, uploads
from app.models import Collected, CollectedMedia, Contribution, Media, MediaState, State
from app.models.base import new_id
from app.outreach.media_schemas import DeclaredIn

OTHER = N_("Un autre fichier a déjà ce numéro pour cette parole.")


def declare(
    db: Session, collected: Collected, contribution: Contribution, media: Iterable[DeclaredIn], *, now: datetime
) -> None:
    """Ties to the contribution each medium it does not have yet; their bytes come later, in any order.

    Said again, a medium stays as it is; sealed anew before it was held, its new key counts. TooLarge and too many
    as for anybody; Conflict `other_medium` when one client id names other bytes than before.
    """
    if contribution.state is State.ERASED:
        return
    db.exec(select(Collected.seq).where(col(Collected.seq) == collected.seq).with_for_update()).one()
    before = {each.client_id: each for each in _of(db, collected)}
    new = []
    for position, said in enumerate(media):
        if known := before.get(said.client_id):
            _again(db, known, said, position)
        else:
            _refuse_too_large(said, position)
            before[said.client_id] = _add(db, collected, contribution, said, len(before), now)
            new.append(said)
    rules.refuse_too_many(len(before))
    if new and contribution.received_at < now:
        states.touch(db, col(Media.contribution_seq) == contribution.seq)


def held(db: Session, collected: Collected, said: Iterable[DeclaredIn] = ()) -> list[dict[str, Any]]:
    """`{client_id, sha256, held}` for each medium of the record, in order.

    Of an erased record its device may forget everything it has `said`: nothing of it will be wanted any more.
    """
    if is_erased(db, collected):
        return [{"client_id": each.client_id, "sha256": each.sha256, "held": True} for each in said]
    return [
        {"client_id": each.client_id, "sha256": each.sha256, "held": each.held_at is not None}
        for each in _of(db, collected)
    ]


def is_erased(db: Session, collected: Collected) -> bool:
    """Whether nothing of the record is wanted any more."""
    if collected.contribution_seq is None:
        return True
    of = select(Contribution.state).where(col(Contribution.seq) == collected.contribution_seq)
    return db.exec(of).one() is State.ERASED


def opened_key(declared: CollectedMedia) -> bytes | None:
    """Key and nonce of what comes sealed."""
    return vault.unseal("collected-media", declared.key_sealed) if declared.key_sealed else None


def _of(db: Session, collected: Collected) -> list[CollectedMedia]:
    mine = select(CollectedMedia).where(col(CollectedMedia.collected_seq) == collected.seq)
    return list(db.exec(mine.order_by(col(CollectedMedia.seq))))


def _again(db: Session, known: CollectedMedia, said: DeclaredIn, position: int) -> None:
    if (known.sha256, known.size) != (said.sha256, said.size):
        raise Conflict(OTHER, code="other_medium", field=f"media.{position}.sha256")
    if known.held_at is None and said.secret != opened_key(known):
        known.key_sealed = _sealed_key(said)
        db.add(known)


def _refuse_too_large(said: DeclaredIn, position: int) -> None:
    limit = rules.size_limit(uploads.kind_of(said.type))
    if said.size > limit * rules.MB:
        raise TooLarge(rules.TOO_HEAVY, code="file_too_large", field=f"media.{position}.size", limit=limit)


def _add(
    db: Session, collected: Collected, contribution: Contribution, said: DeclaredIn, position: int, now: datetime
) -> CollectedMedia:
    media = Media(
        id=new_id(),
        opaque=rules.new_opaque(),
        contribution_seq=contribution.seq,
        position=position,
        kind=uploads.kind_of(said.type),
        state=MediaState.UPLOADING,
        face=said.face,
        voice=said.voice,
        people_recognisable=said.people_recognisable,
        agreements_held=said.agreements_held,
        alt=said.alt,
        mime=said.type,
        size=said.size,
        received_at=now,
    )
    db.add(media)
    db.flush()
    declared = CollectedMedia(
        collected_seq=collected.seq or 0,
        client_id=said.client_id,
        media_seq=media.seq or 0,
        sha256=said.sha256,
        size=said.size,
        type=said.type,
        key_sealed=_sealed_key(said),
    )
    db.add(declared)
    db.flush()
    return declared


def _sealed_key(said: DeclaredIn) -> bytes | None:
    return vault.seal("collected-media", said.secret) if said.secret else None
