"""A phone becomes a mediator's device: by a short code that serves once, or in their own browser."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import audit, limits
from app.adapters import vault
from app.contributions.chance import draw
from app.contributions.text import bare, latin_digits
from app.errors import N_, FieldError, TooMany, Unprocessable
from app.models import Device, DevicePairing, Role, Staff
from app.outreach.credentials import new_token, token_mac

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that looks like something else: 39 bits in eight
LENGTH = 8
LASTS = timedelta(minutes=10)
WRONG_CODES, WINDOW = 10, 600  # from one address, in so many seconds: as long as a code lives
PAIRED_AN_HOUR = 60  # by one mediator in their own browser
UNKNOWN = N_("Ce code ne marche pas, ou plus. Il sert une fois, pendant dix minutes. Demandez-en un nouveau.")


@dataclass(frozen=True)
class Paired:
    """A device, whose it is, and its token, which is kept nowhere else."""

    device: Device
    mediator: Staff
    token: str


def make_code(db: Session, mediator: Staff, *, by: Staff, at: datetime, now: datetime) -> str:
    """A code of ten minutes of real time (`at`) for a device of this mediator, in two groups of four.

    It replaces the one made for them before.
    """
    over = (col(DevicePairing.staff_seq) == mediator.seq) | (col(DevicePairing.expires_at) <= at)
    db.connection().execute(sa.delete(DevicePairing).where(over))
    plain = "".join(draw(ALPHABET, LENGTH))
    mac = _mac(plain)
    db.add(DevicePairing(code_mac=mac, staff_seq=mediator.seq or 0, made_by=by.actor, expires_at=at + LASTS))
    db.flush()
    _note(db, "pairing_code_made", kind="staff", object_id=str(mediator.id), by=by.actor, now=now)
    return f"{plain[:4]}-{plain[4:]}"


def by_code(db: Session, typed: str, *, name: str, who: str, at: datetime, now: datetime) -> Paired:
    """Uses the code up. Wrong ones count against the address `who`; too many are slowed (TooMany)."""
    if limits.standing("pairing", who, window=WINDOW) >= WRONG_CODES:
        raise TooMany(retry_after=WINDOW)
    found = _take(db, typed, at=at)
    if found is None:
        limits.hits("pairing", who, window=WINDOW)
        # Said of the whole too: a phone in the street shows one sentence.
        raise Unprocessable([FieldError("code", "unknown_pairing_code", UNKNOWN)], message=UNKNOWN)
    pairing, mediator = found
    return _pair(db, mediator, name=name, by=pairing.made_by, at=at, now=now)


def by_session(db: Session, mediator: Staff, *, name: str, at: datetime, now: datetime) -> Paired:
    """The browser the mediator is logged in with becomes their device."""
    limits.allow("pairing-own", str(mediator.id), most=PAIRED_AN_HOUR, window=3600)
    return _pair(db, mediator, name=name, by=mediator.actor, at=at, now=now)


def _take(db: Session, typed: str, *, at: datetime) -> tuple[DevicePairing, Staff] | None:
    """Who deletes the row has the code: of two at once, one."""
    asked = (
        select(DevicePairing, Staff)
        .join(Staff, col(Staff.seq) == col(DevicePairing.staff_seq))
        .where(col(DevicePairing.code_mac) == _mac(normal(typed)), col(DevicePairing.expires_at) > at)
    )
    found = db.exec(asked).first()
    if found is None or not found[1].holds(Role.MEDIATOR):
        return None
    mine = col(DevicePairing.code_mac) == found[0].code_mac
    db.expunge(found[0])
    return found if db.connection().execute(sa.delete(DevicePairing).where(mine)).rowcount else None


def _pair(db: Session, mediator: Staff, *, name: str, by: str, at: datetime, now: datetime) -> Paired:
    token = new_token()
    device = Device(staff_seq=mediator.seq or 0, name=name, token_mac=token_mac(token), paired_at=now, seen_at=at)
    db.add(device)
    db.flush()
    _note(db, "device_paired", kind="device", object_id=str(device.id), by=by, now=now)
    return Paired(device, mediator, token)


def normal(typed: str) -> str:
    """However it was typed: small letters, spaces, hyphens, any script's digits."""
    return re.sub(r"[^0-9A-Z]", "", latin_digits(bare(typed[:100])).upper())


def _mac(plain: str) -> str:
    return vault.blind("device-pairing", plain)


def _note(db: Session, action: str, *, kind: str, object_id: str, by: str, now: datetime) -> None:
    audit.append(db, actor=by, action=action, kind=kind, object_id=object_id, now=now)
