"""What becomes of a device: it reports, is renamed, is sent home."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import audit
from app.models import AllottedCode, Device, DevicePairing, Staff
from app.outreach.credentials import Collector, DeviceRevoked

MOST_OFF = 2**31 - 1  # seconds: what the column holds


def report(db: Session, collector: Collector, *, waiting: int, clock: datetime | None, at: datetime) -> None:
    """Notes the contact, in real time (`at`). Nothing to note of a mediator without a device."""
    if collector.device is None:
        return
    said: dict[str, object] = {"waiting": waiting, "seen_at": at}
    if clock is not None:
        said["clock_off"] = max(-MOST_OFF, min(MOST_OFF, round((clock - at).total_seconds())))
    mine = (col(Device.seq) == collector.device.seq, col(Device.revoked_at).is_(None))
    if not db.connection().execute(sa.update(Device).where(*mine).values(**said)).rowcount:
        raise DeviceRevoked  # since this request began


def rename(db: Session, device: Device, *, name: str, by: str, now: datetime) -> None:
    """So that people know which it is."""
    if device.name == name:
        return
    device.name = name
    db.add(device)
    db.flush()
    _note(db, device, "device_renamed", by=by, now=now)


def revoke(db: Session, device: Device, *, by: str, now: datetime) -> bool:
    """Nothing it sends is taken any more, and the codes it held open nothing. False: it was so already."""
    mine = (col(Device.seq) == device.seq, col(Device.revoked_at).is_(None))
    if not db.connection().execute(sa.update(Device).where(*mine).values(revoked_at=now, revoked_by=by)).rowcount:
        return False
    unused = (
        col(AllottedCode.device_seq) == device.seq,
        col(AllottedCode.used_at).is_(None),
        col(AllottedCode.cancelled_at).is_(None),
    )
    db.connection().execute(sa.update(AllottedCode).where(*unused).values(cancelled_at=now))
    db.refresh(device)
    _note(db, device, "device_revoked", by=by, now=now)
    return True


def revoke_all(db: Session, mediator: Staff, *, by: str, now: datetime) -> int:
    """When somebody is no mediator any more: their devices, and a code that waits for one. Says how many devices."""
    db.connection().execute(sa.delete(DevicePairing).where(col(DevicePairing.staff_seq) == mediator.seq))
    theirs = select(Device).where(col(Device.staff_seq) == mediator.seq, col(Device.revoked_at).is_(None))
    return sum(revoke(db, device, by=by, now=now) for device in db.exec(theirs.order_by(col(Device.seq))).all())


def _note(db: Session, device: Device, action: str, *, by: str, now: datetime) -> None:
    audit.append(db, actor=by, action=action, kind="device", object_id=str(device.id), now=now)
