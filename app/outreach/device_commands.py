"""`dialogue device …`: what each does and says. A refusal ends the program with words."""

import sys
from collections.abc import Iterator
from uuid import UUID

from sqlmodel import select

from app.accounts.rules import COMMAND_LINE
from app.adapters.clock import real_now
from app.db import reading, writing
from app.models import Device
from app.outreach import device_queries, devices


def list_devices() -> Iterator[str]:
    """One line each: id, name, whose, state, last contact (UTC), records waiting, seconds its clock is ahead."""
    with reading() as db:
        found = device_queries.every(db)
    for device, mediator in found:
        state = "revoked" if device.revoked_at else "paired"
        seen = device.seen_at.isoformat(timespec="seconds")
        yield "\t".join([
            str(device.id), device.name, mediator.email, state, seen, str(device.waiting), str(device.clock_off),
        ])  # fmt: skip


def revoke_device(given: str) -> str:
    """By its id; revoked already, it stays so."""
    try:
        wanted = UUID(given)
    except ValueError:
        sys.exit(f"{given}: this is no device's id. See `dialogue device list`.")
    with writing() as db:
        device = db.exec(select(Device).where(Device.id == wanted)).first()
        if device is None:
            sys.exit(f"{given}: no device has this id. See `dialogue device list`.")
        codes = device_queries.codes_of(db, device)
        if not devices.revoke(db, device, by=COMMAND_LINE, now=real_now()):
            return f"{device.name}: was revoked already"
    return f"revoked {device.name}: it can send nothing; receipt codes cancelled: {codes}"
