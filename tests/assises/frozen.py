"""A small programme to compare and to warn about, without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.assises.frozen import (
    FrozenDay,
    FrozenPause,
    FrozenProgramme,
    FrozenRoom,
    FrozenSession,
    FrozenTrack,
    Speaking,
)
from app.models import SessionKind

MADE = datetime(2022, 4, 1, 8, tzinfo=UTC)
DAY = datetime(2022, 6, 10, 7, tzinfo=UTC)  # nine o'clock in Nantes
HALL, SMALL = UUID(int=101), UUID(int=102)
ADA, LIN = UUID(int=201), UUID(int=202)
TRACK = UUID(int=301)


def at(hours: float) -> datetime:
    return DAY + timedelta(hours=hours)


def session(number: int, **fields: Any) -> FrozenSession:
    """One of an hour, the first at nine, each an hour after the one before."""
    people = tuple(Speaking(id=each) for each in fields.pop("people", ()))
    given = {
        "id": UUID(int=number), "slug": f"seance-{number}", "kind": SessionKind.TALK, "title": f"Séance {number}",
        "room": HALL, "starts_at": at(number - 1), "minutes": 60, "speakers": people, "changed_at": MADE,
    }  # fmt: skip
    return FrozenSession(**(given | fields))


def programme(*sessions: FrozenSession, **fields: Any) -> FrozenProgramme:
    """A day from nine to nineteen, lunch at noon, a hall and a small room."""
    given = {
        "title": "Assises", "place_name": "Solilab",
        "days": (FrozenDay(starts_at=DAY, ends_at=at(10)),),
        "pauses": (FrozenPause(title="Déjeuner", starts_at=at(3), ends_at=at(4)),),
        "rooms": (FrozenRoom(id=HALL, name="Grande halle", capacity=50), FrozenRoom(id=SMALL, name="Salle 2")),
        "tracks": (FrozenTrack(id=TRACK, slug="vivre", name="Vivre"),),
        "sessions": sessions or (session(1),),
    }  # fmt: skip
    return FrozenProgramme(**(given | fields))
