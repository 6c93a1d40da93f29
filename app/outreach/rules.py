"""Takes in what was said in the street: once under its device's id, however often and from wherever it is sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import i18n
from app.adapters import vault
from app.consultation.content import consultation
from app.contributions import receipts
from app.contributions import rules as contributions
from app.errors import N_, Conflict, NotFound, refuse_field
from app.models import Channel, Collected, Contribution, Outing, OutingMediator
from app.models.driver import insert_new
from app.moderation import alerts
from app.moderation.schemas import AlertIn, Danger
from app.outreach import codes, collect_media
from app.outreach.credentials import Collector
from app.outreach.schemas import CollectedIn
from app.outreach.sealed import Opened
from app.outreach.times import When, when

OTHER = N_("Une autre parole a déjà ce numéro. Celle-ci reste sur l’appareil.")
OUTING = N_("Cette sortie n’est pas à votre nom. Demandez à l’équipe.")


@dataclass(frozen=True)
class Taken:
    """A record as it is held now; `new` when this very request brought it."""

    collected: Collected
    new: bool


def take(
    db: Session,
    id: UUID,
    opened: Opened,
    *,
    by: Collector,
    now: datetime,
    device_now: datetime | None = None,
    new_code: bool = False,
    imported: bool = False,
) -> Taken:
    """Keeps a record and queues its words. The same again changes nothing but adds media declared since.

    Conflict `other_content` when other words have this id, `collection_closed`, or what `codes.use` says; pydantic's
    ValidationError; Unprocessable `unknown_outing`. `new_code` sets the record's own code aside. `imported`: out of a
    file, where a code cancelled with its device counts and the mediator may have left the outing.
    """
    if held := find(db, id):
        return _again(db, held, opened, by=by, now=now)
    said = opened.judged
    outing = _outing(db, said.outing, by, anybodys=imported)
    spoken = when(said.collected_at, device_now=device_now, outing=outing, now=now)
    if not (consultation().collecting(spoken.judged_at) or consultation().collecting(now)):
        raise Conflict(contributions.CLOSED, code="collection_closed")
    seq = insert_new(db, Collected, _row(id, opened, said, outing, spoken, by, now, imported=imported), "seq")
    if seq is None:  # another request brought it at this instant
        return _again(db, get(db, id), opened, by=by, now=now)
    if outing:
        count = sa.update(Outing).where(col(Outing.seq) == outing.seq).values(collected=Outing.collected + 1)
        db.connection().execute(count)
    collected = db.get_one(Collected, seq)
    _keep(db, collected, said, spoken, by=by, now=now, new_code=new_code, imported=imported)
    return Taken(collected, new=True)


def find(db: Session, id: UUID) -> Collected | None:
    return db.exec(select(Collected).where(col(Collected.id) == id)).first()


def get(db: Session, id: UUID, *, by: Collector | None = None) -> Collected:
    """NotFound when nothing came under this id, or when another mediator brought it."""
    found = find(db, id)
    if found is None or (by is not None and found.staff_seq != by.staff.seq):
        raise NotFound
    return found


def _again(db: Session, held: Collected, opened: Opened, *, by: Collector, now: datetime) -> Taken:
    """Nothing said is judged anew: what was taken once is held, whatever has changed since."""
    if held.staff_seq != by.staff.seq or held.digest != opened.digest:
        raise Conflict(OTHER, code="other_content")
    if opened.said.get("media"):
        contribution = db.get_one(Contribution, held.contribution_seq)
        collect_media.declare(db, held, contribution, opened.media, now=now)
    return Taken(held, new=False)


def _outing(db: Session, id: UUID | None, by: Collector, *, anybodys: bool) -> Outing | None:
    """Also one that is over or closed: what was said there still counts."""
    if id is None:
        return None
    wanted = select(Outing).where(col(Outing.id) == id)
    if not anybodys:
        theirs = select(OutingMediator.outing_seq).where(col(OutingMediator.staff_seq) == by.staff.seq)
        wanted = wanted.where(col(Outing.seq).in_(theirs))
    found = db.exec(wanted).first()
    if found is None:
        raise refuse_field("outing", "unknown_outing", OUTING)
    return found


def _row(
    id: UUID,
    opened: Opened,
    said: CollectedIn,
    outing: Outing | None,
    spoken: When,
    by: Collector,
    now: datetime,
    *,
    imported: bool,
) -> dict[str, Any]:
    return {
        "id": id, "digest": opened.digest, "sealed": opened.sealed, "imported": imported, "received_at": now,
        "staff_seq": by.staff.seq, "device_seq": by.device.seq if by.device else None,
        "outing_seq": outing.seq if outing else None, "sheet": said.sheet, "read_back": said.read_back,
        "under_15": said.under_15, "clock_doubtful": spoken.doubtful, "chosen": False,
    }  # fmt: skip


def _keep(
    db: Session,
    collected: Collected,
    said: CollectedIn,
    spoken: When,
    *,
    by: Collector,
    now: datetime,
    new_code: bool,
    imported: bool,
) -> None:
    """The contribution, its code, its media, its trace; the alert last, since it is told to people."""
    made = None if said.receipt_code and not new_code else receipts.new_code()
    if made:
        macs = receipts.macs(made)
        collected.code_sealed = vault.seal("collected-code", f"{made.words}|{made.digits}".encode())
    else:
        macs = codes.use(db, said.receipt_code or "", by=by, now=now, imported=imported)
    channel = Channel.PAPER if said.sheet else Channel.STREET
    page = said.language if said.language in i18n.LANGUAGES else "fr"
    kept = contributions.keep(
        db, said, macs, channel=channel, now=now, page=page or "fr", collected_at=spoken.collected_at
    )
    collected.contribution_seq = kept.seq
    db.add(collected)
    db.flush()
    if said.media:
        collect_media.declare(db, collected, kept.contribution, said.media, now=now)
    contributions.announce(db, kept, said, actor=by.staff.actor, now=now, page=page or "fr")
    if said.danger:
        alerts.open_alert(db, kept.contribution, by=by.staff, said=AlertIn(kind=Danger.DANGER), now=now)
