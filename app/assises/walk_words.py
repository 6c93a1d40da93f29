"""The walk as pages, sheets and maps say it, in the current language."""

from datetime import datetime
from typing import Any

from babel.numbers import format_decimal

from app import i18n
from app.assises.walk import Opening, Walk, apart, length, opening, openings
from app.events import words
from app.events.cards import when
from app.i18n import gettext as _
from app.models import Stop

KM = 1000


def shapes(walk: Walk, now: datetime) -> list[dict[str, Any]]:
    """Each stop in its order: everything its place in the list says."""
    following = [*walk.stops[1:], None]
    return [
        _shape(stop, number, walk.photos.get(stop.seq or 0, []), now)
        | {"next": _distance(apart(stop, after) if after else None)}
        for number, (stop, after) in enumerate(zip(walk.stops, following, strict=False), start=1)
    ]


def whole(walk: Walk) -> str:
    """How long it is, in words; "" where nobody can tell."""
    return _distance(length(walk.stops) or None)


def geojson(walk: Walk) -> dict[str, Any]:
    """RFC 7946: each stop a feature, in order; without a known place it has no geometry."""
    return {"type": "FeatureCollection", "features": [_feature(one, n) for n, one in enumerate(walk.stops, start=1)]}


def _shape(stop: Stop, number: int, photos: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    code, sign, standing = _standing(stop, now)
    return {
        "number": number, "name": stop.name, "words": stop.words, "address": stop.place_address,
        "lat": stop.latitude, "lon": stop.longitude, "access": stop.access_notes,
        "offers": [words.offer_name(offer) for offer in stop.offers],
        "hours": [when(one) for one in _to_come(stop, now)],
        "code": code, "sign": sign, "standing": standing, "invented": stop.invented, "photos": photos,
    }  # fmt: skip


def _standing(stop: Stop, now: datetime) -> tuple[str, str, str]:
    """(code, sign, sentence): whether one can go in now, and when else."""
    if not stop.hours:
        return "unknown", "clock", _("Les heures ne sont pas encore connues.")
    found = opening(stop, now)
    if found is None:
        return "over", "ok", _("C’est passé")
    if found.starts_at <= now:
        return "open", "check", _("Ouvert maintenant, jusqu’à %(hour)s") % {"hour": i18n.format_hour(found.ends_at)}
    if i18n.local(found.starts_at).date() == i18n.local(now).date():
        return "today", "clock", _("Ouvre aujourd’hui à %(hour)s") % {"hour": i18n.format_hour(found.starts_at)}
    values = {"day": i18n.format_day(found.starts_at), "hour": i18n.format_hour(found.starts_at)}
    return "later", "clock", _("Ouvre le %(day)s à %(hour)s") % values


def _to_come(stop: Stop, now: datetime) -> list[Opening]:
    """Whoever plans a visit need not read what is over; once all of it is, it is told."""
    every = openings(stop)
    return [one for one in every if now < one.ends_at] or every


def _distance(metres: float | None) -> str:
    """Rounded to what legs notice."""
    if metres is None:
        return ""
    locale = i18n.current().dates
    if round(metres, -1) < KM:
        return _("%(n)s m") % {"n": format_decimal(max(round(metres, -1), 10), "0", locale=locale)}
    return _("%(n)s km") % {"n": format_decimal(round(metres / KM, 1), "0.#", locale=locale)}


def _feature(stop: Stop, number: int) -> dict[str, Any]:
    placed = stop.latitude is not None and stop.longitude is not None
    point = {"type": "Point", "coordinates": [stop.longitude, stop.latitude]} if placed else None
    hours = [
        {"opens": i18n.local(one.starts_at).isoformat(), "closes": i18n.local(one.ends_at).isoformat()}
        for one in openings(stop)
    ]
    said = {
        "number": number, "name": stop.name, "words": stop.words, "address": stop.place_address, "hours": hours,
        "access": stop.access_notes, "offers": list(stop.offers), "invented": stop.invented,
    }  # fmt: skip
    return {"type": "Feature", "id": str(stop.id), "geometry": point, "properties": said}
