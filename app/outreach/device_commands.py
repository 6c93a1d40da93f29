"""`dialogue device …`: what each does and says. A refusal ends the program with words."""

import sys
from collections.abc import Iterator
from uuid import UUID

from app.accounts.rules import COMMAND_LINE
from app.adapters.clock import real_now
from app.db import reading, writing
from app.outreach import codes, device_queries, devices
from app.outreach.credentials import Collector


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
        found = next((each for each in device_queries.every(db) if each[0].id == wanted), None)
        if found is None:
            sys.exit(f"{given}: no device has this id. See `dialogue device list`.")
        device, mediator = found
        left = codes.unused(db, Collector(mediator, device))
        if not devices.revoke(db, device, by=COMMAND_LINE, now=real_now()):
            return f"{device.name}: was revoked already"
    return f"revoked {device.name}: it can send nothing; receipt codes cancelled: {left}"
