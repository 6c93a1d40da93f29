"""How a device stands, in words: when it was last heard of, and whether its clock is right."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from app import i18n
from app.models import Device, Staff
from app.outreach.device_queries import may_see_all

JUST_NOW = timedelta(minutes=1)
RIGHT = timedelta(minutes=5)  # a clock so far off changes nothing: the service corrects what is beyond
LONG_AGO = timedelta(days=1)  # records that waited so long may be in a lost phone


def last_contact(device: Device, *, at: datetime) -> str:
    """`at`: real time."""
    since = at - device.seen_at
    return i18n.gettext("À l’instant") if since < JUST_NOW else i18n.format_ago(since)


def clock(device: Device) -> str:
    """Empty when it is right."""
    off = timedelta(seconds=device.clock_off)
    if abs(off) <= RIGHT:
        return ""
    words = i18n.gettext("En avance de %(lasts)s") if off > timedelta() else i18n.gettext("En retard de %(lasts)s")
    return words % {"lasts": i18n.format_lasting(abs(off))}


def forgotten(device: Device, *, at: datetime) -> bool:
    """Words wait in it, and nobody has heard of it for a day."""
    return bool(device.waiting) and at - device.seen_at > LONG_AGO


def may_open(device: Device, *, staff: Staff) -> bool:
    """Whether this member of the team sees its page: one's own, or everybody's for organisers."""
    return device.staff_seq == staff.seq or may_see_all(staff)


def shown(staff: Staff, *, at: datetime) -> dict[str, Any]:
    """What outreach/_devices.html asks of each device, at this moment of real time."""
    return {
        "contact": partial(last_contact, at=at),
        "forgotten": partial(forgotten, at=at),
        "clock_of": clock,
        "may_open": partial(may_open, staff=staff),
        "everybodys": may_see_all(staff),
    }
