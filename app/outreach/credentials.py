"""Whose hands a record comes from: a paired device, or a mediator by their own token."""

import secrets
from dataclasses import dataclass

from sqlmodel import Session, col, select

from app.adapters import vault
from app.errors import N_, Unauthorized
from app.models import Device, Role, Staff

REVOKED = N_("Cet appareil n’est plus relié. Rien n’est perdu : reliez-le de nouveau, ou gardez le fichier.")


class DeviceRevoked(Unauthorized):
    code, message = "device_revoked", REVOKED


@dataclass(frozen=True)
class Collector:
    """The mediator, and the device in their hands if it is one of ours."""

    staff: Staff
    device: Device | None = None


def new_token() -> str:
    return secrets.token_urlsafe(32)


def token_mac(token: str) -> str:
    return vault.blind("device-token", token)


def by_device(db: Session, token: str) -> Collector | None:
    """None when no device ever had this token; DeviceRevoked when it may send nothing any more."""
    found = db.exec(
        select(Device, Staff)
        .join(Staff, col(Staff.seq) == col(Device.staff_seq))
        .where(col(Device.token_mac) == token_mac(token))
    ).first()
    if found is None:
        return None
    device, staff = found
    if device.revoked_at is not None or not staff.holds(Role.MEDIATOR):
        raise DeviceRevoked
    return Collector(staff, device)
