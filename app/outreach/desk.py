"""What the moderation desk shows of words from the street: who brought them, and which media have not arrived yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app import i18n
from app.adapters.clock import real_now
from app.models import Collected, CollectedMedia, Device, Media, Outing, Staff
from app.outreach import device_words
from app.outreach.device_queries import may_see_all
from app.outreach.words import METHODS


@dataclass(frozen=True)
class Gap:
    """Media declared with the words whose bytes are not here. `contact`: the device's last one, in words."""

    count: int
    since: datetime
    device: Device | None
    contact: str
    may_open: bool


@dataclass(frozen=True)
class Street:
    """Where, and with whom, it was said."""

    record: Collected
    outing: Outing | None
    mediator: Staff
    method: str
    may_open: bool  # the outing's page
    gap: Gap | None


def context(db: Session, contribution_seq: int, *, by: Staff) -> dict[str, Any]:
    """`street`: None for whatever came another way. At most two queries."""
    row = db.exec(
        select(Collected, Staff, Outing, Device)
        .join(Staff, col(Staff.seq) == col(Collected.staff_seq))
        .outerjoin(Outing, col(Outing.seq) == col(Collected.outing_seq))
        .outerjoin(Device, col(Device.seq) == col(Collected.device_seq))
        .where(col(Collected.contribution_seq) == contribution_seq)
    ).first()
    if row is None:
        return {"street": None}
    record, mediator, outing, device = row
    method = i18n.gettext(METHODS[outing.method]) if outing else ""
    gap = _gap(db, record, device, by)
    return {"street": Street(record, outing, mediator, method, may_see_all(by), gap)}


def place_of(db: Session, outing: UUID) -> str:
    """Its place and day, for the queue's filter; "" for one that never was."""
    found = db.exec(select(Outing).where(col(Outing.id) == outing)).first()
    return f"{found.place_name}, {i18n.format_date(found.starts_at)}" if found else ""


def _gap(db: Session, record: Collected, device: Device | None, by: Staff) -> Gap | None:
    missing = db.exec(
        select(Media.received_at)
        .join(CollectedMedia, col(CollectedMedia.media_seq) == col(Media.seq))
        .where(col(CollectedMedia.collected_seq) == record.seq, col(CollectedMedia.held_at).is_(None))
    ).all()
    if not missing:
        return None
    contact = device_words.last_contact(device, at=real_now()) if device else ""
    return Gap(
        len(missing), min(missing), device, contact, device is not None and device_words.may_open(device, staff=by)
    )
