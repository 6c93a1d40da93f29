"""The programme as programs get it: the API's shape."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app.assises.frozen import FrozenProgramme, FrozenSession
from app.assises.queries import Released
from app.events import queries as meetings
from app.i18n import local
from app.web import exists, url


def as_json(
    released: Released, sessions: list[FrozenSession], names: Mapping[UUID, Any], seats: Mapping[UUID, Any],
    now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """The last release, with the sessions asked for; of the speakers those who let their name be shown."""
    whole = released.programme
    return {
        "release": {"id": str(released.id), "name": released.name, "at": local(released.at).isoformat()},
        "title": whole.title, "words": whole.words,
        "place": {
            "name": whole.place_name, "address": whole.place_address, "lat": whole.latitude, "lon": whole.longitude,
        },
        "days": [_span(day) for day in whole.days],
        "pauses": [{"title": pause.title} | _span(pause) for pause in whole.pauses],
        "rooms": [
            {"id": str(room.id), "name": room.name, "capacity": room.capacity, "offers": list(room.offers)}
            for room in whole.rooms
        ],
        "tracks": [{"slug": track.slug, "name": track.name} for track in whole.tracks],
        "sessions": [_session(each, whole, names, seats.get(each.id), now) for each in sessions],
        "url": url("assises"),
    }  # fmt: skip


def _session(
    session: FrozenSession, whole: FrozenProgramme, names: Mapping[UUID, Any], event: Any, now: datetime
) -> dict[str, Any]:
    track = whole.track_of.get(session.track) if session.track else None
    return _span(session) | {
        "id": str(session.id), "slug": session.slug, "kind": session.kind.value, "title": session.title,
        "summary": session.summary, "body": session.body, "audience": session.audience,
        "audiences": list(session.audiences), "language": session.language, "offers": list(session.offers),
        "track": track.slug if track else None, "room": str(session.room) if session.room in whole.room_of else None,
        "cancelled": session.cancelled, "said": session.said or None, "sequence": session.sequence,
        "changed_at": local(session.changed_at).isoformat(),
        "speakers": [_speaker(each.part.value, names.get(each.id)) for each in session.speakers],
        "capacity": event.capacity if event else None, "seats_left": meetings.seats_left(event) if event else None,
        "waiting": event.waiting if event else 0, "open": bool(event and meetings.is_open(event, now)),
        "sign_up_url": url("api:sign_up", slug=event.slug) if event else None,
        "invented": session.invented, "url": url("assises_session", slug=session.slug),
        "ics_url": url("assises_session_ics", slug=session.slug) if exists("assises_session_ics") else None,
    }  # fmt: skip


def _speaker(part: str, shown: Any) -> dict[str, Any]:
    return {"part": part, "name": shown.name if shown else None, "about": shown.about if shown else ""}


def _span(one: Any) -> dict[str, str]:
    return {"starts_at": local(one.starts_at).isoformat(), "ends_at": local(one.ends_at).isoformat()}
