"""The programme day after day, as exports and print sheets go through it."""

from dataclasses import dataclass
from datetime import date, datetime

from app import i18n
from app.assises.frozen import FrozenDay, FrozenPause, FrozenProgramme, FrozenSession

Lasting = FrozenDay | FrozenPause | FrozenSession


@dataclass(frozen=True)
class Day:
    """One date in the city's time, and all that begins on it, in order of time."""

    date: date
    starts_at: datetime
    ends_at: datetime
    sessions: tuple[FrozenSession, ...]
    pauses: tuple[FrozenPause, ...]


def days(programme: FrozenProgramme) -> list[Day]:
    """The programme's days, and any other on which a session begins: none is left out."""
    lasting: list[Lasting] = [*programme.days, *programme.sessions]
    return [_day(programme, on) for on in sorted({_on(each) for each in lasting})]


def _day(programme: FrozenProgramme, on: date) -> Day:
    sessions = [session for session in programme.sessions if _on(session) == on]
    lasting: list[Lasting] = [*(day for day in programme.days if _on(day) == on), *sessions]
    return Day(
        on, min(each.starts_at for each in lasting), max(each.ends_at for each in lasting),
        tuple(sorted(sessions, key=lambda session: session.starts_at)),
        tuple(pause for pause in programme.pauses if _on(pause) == on),
    )  # fmt: skip


def _on(each: Lasting) -> date:
    return i18n.local(each.starts_at).date()
