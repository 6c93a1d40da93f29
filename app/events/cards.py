"""A meeting as people see it in a list: the same words on every page that names it."""

from datetime import datetime
from typing import Any

from app import i18n, web
from app.consultation.content import consultation
from app.errors import N_
from app.events import queries, words
from app.events.sign_up import situation
from app.i18n import gettext as _
from app.i18n import ngettext
from app.models import Mode

# The sign beside the words: full is no warning, one may still come.
SIGNS = {
    "cancelled": "close", "postponed": "clock", "now": "clock", "over": "ok", "invited": "lock", "not_open": "clock",
    "closed": "lock", "full": "group", "open": "check",
}  # fmt: skip

SAID = {
    "cancelled": N_("Annulé"),
    "postponed": N_("Reporté"),
    "now": N_("C’est en ce moment"),
    "over": N_("C’est passé"),
    "invited": N_("Sur invitation"),
    "closed": N_("Inscriptions terminées"),
    "full": N_("Complet : liste d’attente ouverte"),
}


def cards(events: Any, now: datetime) -> list[dict[str, Any]]:
    return [card(event, now) for event in events]


def card(event: Any, now: datetime) -> dict[str, Any]:
    """Everything a card says, in the current language."""
    code = situation(event, now)
    if code == "over" and now < event.ends_at:
        code = "now"
    local = i18n.local(event.starts_at)
    return {
        "url": web.url("event", slug=event.slug), "slug": event.slug, "title": event.title, "summary": event.summary,
        "kind": i18n.gettext(words.KINDS[event.kind]), "day": local.day, "month": i18n.format_short_month(local),
        "under": i18n.format_month(local.date()), "hour": i18n.format_hour(local),
        "when": when(event), "starts": local.isoformat(), "where": where(event), "address": event.place_address,
        "offers": [words.offer_name(offer) for offer in event.offers],
        "code": code, "sign": SIGNS[code], "standing": standing(event, code), "invented": event.invented,
        "lat": event.latitude, "lon": event.longitude,
    }  # fmt: skip


def when(event: Any) -> str:
    """The day and its hours; both moments when it ends on another day."""
    start, end = i18n.local(event.starts_at), i18n.local(event.ends_at)
    if start.date() == end.date():
        values = {"day": i18n.format_day(start), "start": i18n.format_hour(start), "end": i18n.format_hour(end)}
        return _("%(day)s, de %(start)s à %(end)s") % values
    return _("Du %(start)s au %(end)s") % {"start": i18n.format_moment(start), "end": i18n.format_moment(end)}


def where(event: Any) -> str:
    """The place and its quartier, or that it is online."""
    known = consultation().quartier(event.quartier or "")
    quartier = web.translated(known.name) if known and not known.private else ""
    place = [] if event.mode is Mode.ONLINE else [" ".join(event.place_name.split()), quartier]
    online = [] if event.mode is Mode.IN_PERSON else [_("En ligne")]
    return " · ".join(part for part in (*place, *online) if part)


def standing(event: Any, code: str) -> str:
    """Whether one can come, in a few words."""
    if code == "open":
        left = queries.seats_left(event)
        if left is None:
            return _("Il y a de la place pour tout le monde")
        return ngettext("Il reste %(n)s place", "Il reste %(n)s places", left) % {"n": left}
    if code == "full" and event.waiting:
        many = ngettext(
            "Complet : %(n)s inscription en attente", "Complet : %(n)s inscriptions en attente", event.waiting
        )
        return many % {"n": event.waiting}
    if code == "not_open":
        return _("Inscriptions à partir du %(date)s") % {"date": i18n.format_date(event.opens_at)}
    return i18n.gettext(SAID[code])
