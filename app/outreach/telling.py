"""What is told of an outing afterwards: what was heard, what changes because of it, and which words stand first."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app import audit, i18n
from app.consultation.content import consultation
from app.errors import N_, Conflict, NotFound, refuse_field
from app.events.report import mark
from app.models import Collected, Contribution, Outing, OutingState, Role, Staff
from app.models.publication import bump
from app.outreach import discretion
from app.outreach.telling_schemas import ToldIn

NOT_YET = N_("Cette sortie n’a pas encore commencé. Le récit s’écrit après.")
CANCELLED = N_("Cette sortie est annulée.")
CHANGED = N_("Quelqu’un d’autre a changé ce récit entre-temps. Votre texte est gardé : comparez, puis enregistrez.")
NOTHING = N_("Écrivez d’abord ce que vous avez entendu.")
NAMED = N_("Moins de cinq personnes ont parlé : n’écrivez ni le nom du lieu, ni son adresse.")
PUBLISHERS = (Role.ORGANISER, Role.ADMINISTRATOR)


def may_publish(staff: Staff) -> bool:
    """Mediators write what they heard; organisers make it public."""
    return staff.holds(*PUBLISHERS)


def seen(outing: Outing, chosen: Sequence[str]) -> str:
    """By which one knows that what is told is still what somebody began with."""
    return mark("\0".join([outing.heard, outing.changes, *sorted(chosen)]))


def chosen(db: Session, outing: Outing) -> list[str]:
    """References of the words that stand first."""
    rows = select(Contribution.reference).join(Collected, col(Collected.contribution_seq) == col(Contribution.seq))
    return list(db.exec(rows.where(col(Collected.outing_seq) == outing.seq, col(Collected.chosen))))


def tell(db: Session, outing: Outing, said: ToldIn, *, by: Staff, now: datetime) -> None:
    """Keeps it, and makes it public if asked. Conflict `not_begun`, `cancelled`, `stale`; 422 naming the field.

    What is public already changes there at once, by an organiser's hand alone: NotFound for anybody else.
    """
    public = said.publish or outing.told_at is not None
    if public and not may_publish(by):
        raise NotFound
    refuse(outing, said, public=public, now=now)
    mine = sa.update(Outing).where(
        col(Outing.seq) == outing.seq, col(Outing.heard) == outing.heard, col(Outing.changes) == outing.changes
    )
    before = outing.told_at
    if seen(outing, chosen(db, outing)) != said.seen or not db.connection().execute(
        mine.values(heard=said.heard, changes=said.changes, changed_at=now)
    ).rowcount:  # fmt: skip
        raise Conflict(CHANGED, code="stale")
    _choose(db, outing, said.chosen)
    if public:
        _publish(db, outing, now=now)
    db.refresh(outing)
    action = "outing_written" if not public else "outing_retold" if before else "outing_told"
    audit.append(db, actor=by.actor, action=action, kind="outing", object_id=str(outing.id), now=now)


def refuse(outing: Outing, said: ToldIn, *, public: bool, now: datetime) -> None:
    """Raises what keeps it from being told."""
    if outing.state is OutingState.CANCELLED:
        raise Conflict(CANCELLED, code="cancelled")
    if now < outing.starts_at:
        raise Conflict(NOT_YET, code="not_begun")
    if not public:
        return
    if not said.heard:
        raise refuse_field("heard", "missing", NOTHING)
    if discretion.few(outing.collected):
        for name in ("heard", "changes"):
            if discretion.names_place(outing, getattr(said, name)):
                raise refuse_field(name, "names_place", NAMED)


def untell(db: Session, outing: Outing, *, by: Staff, now: datetime) -> None:
    """Its page is for nobody any more; its words stay for the team, its address for when it is told again."""
    if not may_publish(by):
        raise NotFound
    mine = sa.update(Outing).where(col(Outing.seq) == outing.seq, col(Outing.told_at).is_not(None))
    if not db.connection().execute(mine.values(told_at=None)).rowcount:
        return
    db.refresh(outing)
    bump(db)
    audit.append(db, actor=by.actor, action="outing_untold", kind="outing", object_id=str(outing.id), now=now)


def _choose(db: Session, outing: Outing, references: Sequence[str]) -> None:
    """Those that were said there; a reference from elsewhere chooses nothing."""
    wanted = sa.select(col(Contribution.seq)).where(col(Contribution.reference).in_(references))
    here = sa.update(Collected).where(col(Collected.outing_seq) == outing.seq)
    db.connection().execute(here.values(chosen=False).where(col(Collected.chosen)))
    db.connection().execute(here.values(chosen=True).where(col(Collected.contribution_seq).in_(wanted)))


def _publish(db: Session, outing: Outing, *, now: datetime) -> None:
    mine = sa.update(Outing).where(col(Outing.seq) == outing.seq)
    if outing.slug is None:
        _give_address(db, outing)
    db.connection().execute(mine.where(col(Outing.told_at).is_(None)).values(told_at=now))
    bump(db)


def _give_address(db: Session, outing: Outing) -> None:
    """Quartier and date, never the place: it stays where fewer spoke than was thought. The next number if taken."""
    place = consultation().quartier(outing.quartier or "")
    base = f"{place.id if place and not place.private else 'sortie'}-{i18n.local(outing.starts_at):%Y-%m-%d}"
    mine = sa.update(Outing).where(col(Outing.seq) == outing.seq)
    for number in count(1):
        try:
            with db.begin_nested():
                db.connection().execute(mine.values(slug=base if number == 1 else f"{base}-{number}"))
            return
        except IntegrityError:
            continue
