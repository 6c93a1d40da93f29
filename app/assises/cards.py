"""A session as people see it: the same words on every page that names it."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app import i18n, web
from app.assises import queries
from app.assises.frozen import FrozenProgramme, FrozenSession
from app.assises.queries import Released
from app.assises.words import KINDS, PARTS
from app.consultation.content import consultation
from app.errors import N_, NotFound
from app.events import cards as meetings
from app.events import words
from app.events.sign_up import situation
from app.i18n import gettext as _

SIGNS = meetings.SIGNS | {"free": "ok"}
FREE = N_("Entrée libre")
# When it is over, or called off, whether one could sign up says nothing any more.
FINAL = {
    "cancelled": meetings.SAID["cancelled"],
    "over": meetings.SAID["over"],
    "now": meetings.SAID["now"],
}


def cards(
    released: Released, names: Mapping[UUID, Any], seats: Mapping[UUID, Any], now: datetime
) -> list[dict[str, Any]]:
    """Every session of the release, in order of time. `names`, `seats`: of queries."""
    programme = released.programme
    return [card(each, programme, names, seats, now) for each in programme.sessions]


def whole(db: Session, now: datetime) -> dict[str, Any] | None:
    """The Assises as one card among the meetings; None before the first release, and once they are over."""
    try:
        programme = queries.current(db).programme
    except NotFound:
        return None
    spans: list[Any] = [*programme.days, *programme.sessions]
    if not spans or now >= max(each.ends_at for each in spans):
        return None
    starts, ends = i18n.local(min(each.starts_at for each in spans)), max(each.ends_at for each in spans)
    first, last = i18n.format_date(starts), i18n.format_date(ends)
    return {
        "url": web.url("assises"), "title": programme.title or _("Les Assises"), "where": programme.place_name,
        "day": starts.day, "month": i18n.format_short_month(starts), "starts": starts.isoformat(),
        "when": first if first == last else _("Du %(start)s au %(end)s") % {"start": first, "end": last},
        "sessions": sum(not each.cancelled for each in programme.sessions),
    }  # fmt: skip


def card(
    session: FrozenSession, programme: FrozenProgramme, names: Mapping[UUID, Any], seats: Mapping[UUID, Any],
    now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """Everything a card says, in the current language. `code`: cancelled, now, over, free, or as a meeting's."""
    start, end, language = i18n.local(session.starts_at), i18n.local(session.ends_at), i18n.current().code
    room = programme.room_of.get(session.room) if session.room else None
    track = programme.track_of.get(session.track) if session.track else None
    code, standing = _standing(session, seats.get(session.id), now)
    return {
        "id": str(session.id), "slug": session.slug, "url": web.url("assises_session", slug=session.slug),
        "title": session.title, "summary": session.summary, "kind": i18n.gettext(KINDS[session.kind]),
        "starts": start.isoformat(), "ends": end.isoformat(), "date": start.date(),
        "hour": _hour(session.starts_at, language), "until": _hour(session.ends_at, language),
        "when": _when(session.starts_at, session.ends_at, language),
        "room": room.name if room else "", "track": track.name if track else "",
        "audience": session.audience, "language": None if session.language == "fr" else session.language,
        "offers": offers(session, programme), "speakers": speakers(session, names),
        "code": code, "sign": SIGNS[code], "standing": standing, "said": session.said, "invented": session.invented,
    }  # fmt: skip


@lru_cache(maxsize=4096)
def _hour(moment: datetime, _language: str) -> str:
    """Three hundred sessions begin at the same few moments, and each costs what ten translations do."""
    return i18n.format_hour(moment)


@lru_cache(maxsize=4096)
def _when(starts_at: datetime, ends_at: datetime, _language: str) -> str:
    """The day and its hours."""
    return meetings.when(SimpleNamespace(starts_at=starts_at, ends_at=ends_at))


def offers(session: FrozenSession, programme: FrozenProgramme) -> list[str]:
    """What there is on the spot, in words: with the session, or in its room."""
    return [words.offer_name(code) for code in offered(session, programme)]


def offered(session: FrozenSession, programme: FrozenProgramme) -> list[str]:
    """As `offers`, the codes, each once and in the order of the list."""
    room = programme.room_of.get(session.room) if session.room else None
    there = {*session.offers, *(room.offers if room else ())}
    return [code for code in words.offers() if code in there]


def audiences(session: FrozenSession) -> list[str]:
    """For whom it was thought above all, of the consultation's closed list."""
    known = map(consultation().audience, session.audiences)
    return [web.translated(each.label) for each in known if each]


def speakers(session: FrozenSession, names: Mapping[UUID, Any]) -> list[dict[str, Any]]:
    """Who has which part. Without the person's consent the part alone is said: name "" and nothing about them."""
    found = []
    for speaking in session.speakers:
        shown = names.get(speaking.id)
        found.append({
            "part": _(PARTS[speaking.part]), "name": shown.name if shown else "", "about": shown.about if shown else "",
            "invented": bool(shown and shown.invented),
        })  # fmt: skip
    return found


def _standing(session: FrozenSession, event: Any, now: datetime) -> tuple[str, str]:
    if session.cancelled:
        code = "cancelled"
    elif now >= session.starts_at:
        code = "now" if now < session.ends_at else "over"
    elif event is None:
        return "free", _(FREE)
    else:
        code = situation(event, now)
        return code, meetings.standing(event, code)
    return code, _(FINAL[code])
