"""Zones: where somebody is hidden. Checked when they come in, and told apart by a short key.

A zone is {x, y, width, height}, fractions of the upright picture; in a video also {from, to} in seconds and
{track}, the face followed (its boxes lie in the private `tracks.json`). Proposed ones carry a `score`.
"""

import hashlib
import json
import math
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from app.errors import N_, refuse_field
from app.models import Media, MediaKind

Zone = dict[str, Any]
MOST = 200
SLACK = 0.002  # a rectangle drawn with a finger may end a hair outside
METHOD = "2022-1"  # changes with the way of blurring: what is decided from then on is made in the new way
SIDES = ("x", "y", "width", "height")
INVALID = N_("Une zone à cacher n’est pas comprise. Dessinez-la de nouveau.")
TOO_MANY = N_("Il y a trop de zones à cacher : %(most)s au plus. Dessinez-en de plus grandes.")


def clean(posted: Any, *, media: Media, field: str = "zones") -> list[Zone]:
    """The zones a person sent, checked and rounded. Raises Unprocessable naming `field`.

    In a video, a zone without times covers it from beginning to end; a track that was not proposed is dropped:
    the zone then stands still where it was drawn.
    """
    if not isinstance(posted, list) or not all(isinstance(zone, dict) for zone in posted):
        raise refuse_field(field, "zones_invalid", INVALID)
    if len(posted) > MOST:
        raise refuse_field(field, "too_many_zones", TOO_MANY, most=MOST)
    tracks = {zone.get("track") for zone in media.faces} - {None}
    cleaned = []
    for zone in posted:
        made = _place(zone)
        if made is not None and media.kind is MediaKind.VIDEO:
            made = _timed(made, zone, media.duration or 0.0, tracks)
        if made is None:
            raise refuse_field(field, "zones_invalid", INVALID)
        cleaned.append(made)
    return cleaned


def _place(zone: Zone) -> Zone | None:
    sides = [_number(zone.get(side)) for side in SIDES]
    if any(side is None for side in sides):
        return None
    x, y, width, height = (float(side or 0) for side in sides)
    outside = min(x, y) < -SLACK or x + width > 1 + SLACK or y + height > 1 + SLACK
    x, y = max(x, 0.0), max(y, 0.0)
    width, height = min(width, 1 - x), min(height, 1 - y)
    if outside or width <= 0 or height <= 0:
        return None
    return dict(zip(SIDES, (round(side, 4) for side in (x, y, width, height)), strict=True))


def _timed(made: Zone, zone: Zone, duration: float, tracks: set[Any]) -> Zone | None:
    begin, end = _number(zone.get("from", 0)), _number(zone.get("to", duration))
    if begin is None or end is None or begin < 0 or end <= begin:
        return None
    track = {"track": int(zone["track"])} if _number(zone.get("track")) in tracks else {}
    return made | {"from": round(begin, 2), "to": round(end, 2)} | track


def _number(value: Any) -> float | None:
    """JSON's numbers alone: no truth value, no word, nothing without end."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    with suppress(OverflowError):
        return float(value) if math.isfinite(value) else None
    return None


def wanted(media: Media) -> list[Zone]:
    """What is to be hidden: as the moderator decided, or everyone found while nobody decided."""
    return media.faces if media.zones is None else media.zones


def key(zones: Iterable[Zone]) -> str:
    """16 hex digits, the same for the same zones in any order; how sure the machine was plays no part."""
    lines = sorted(
        json.dumps({name: zone[name] for name in sorted(zone) if name != "score"}, separators=(",", ":"))
        for zone in zones
    )
    return hashlib.sha256("\n".join([METHOD, *lines]).encode()).hexdigest()[:16]


def prefix(zones_key: str) -> str:
    """What the names of the files blurred with these zones begin with."""
    return f"b{zones_key[:8]}-"
