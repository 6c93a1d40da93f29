"""Calendar entries of sessions: made as those of meetings, so that a session one signs up for is one entry, whoever
hands it out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app import i18n
from app.assises.differences import access
from app.assises.frozen import FrozenProgramme, FrozenSession
from app.assises.queries import Released
from app.events import calendars
from app.models import EventState

Page = Callable[[FrozenSession], str]
_whole: dict[tuple[UUID, str, str], bytes] = {}  # of one release, in each language: 300 sessions take a while to write


@dataclass(frozen=True)
class Entry:
    """A session with the names `app.events.calendars` asks for."""

    id: UUID
    slug: str
    state: EventState
    title: str
    said: str
    summary: str
    starts_at: datetime
    ends_at: datetime
    place_name: str
    place_address: str
    latitude: float | None
    longitude: float | None
    way: str
    access_notes: str
    sequence: int
    changed_at: datetime


def one(released: Released, session: FrozenSession, *, base_url: str, page: Page) -> bytes:
    """A calendar of one session, in the current language."""
    entry = as_entry(session, released.programme)
    return calendars.entry(entry, base_url=base_url, now=released.at, url=page(session))


def everything(released: Released, *, base_url: str, page: Page, name: str) -> bytes:
    """Every session, cancelled ones too: that is how a calendar learns of it. Written once for each release."""
    key = released.id, i18n.current().code, base_url
    if (kept := _whole.get(key)) is not None:
        return kept
    if any(of != released.id for of, _code, _base in _whole):
        _whole.clear()
    sessions = released.programme.sessions
    made = _whole[key] = several(released, sessions, base_url=base_url, page=page, name=name)
    return made


def several(released: Released, sessions: Iterable[FrozenSession], *, base_url: str, page: Page, name: str) -> bytes:
    """Some of them, or all, to subscribe to: the same bytes until the next release, so that asking again costs little.

    `name`: what the calendar is called. `page` gives each session's page, as a whole address.
    """
    sessions = list(sessions)
    entries = [as_entry(session, released.programme) for session in sessions]
    pages = {session.id: page(session) for session in sessions}
    return calendars.whole(entries, base_url=base_url, now=released.at, url=lambda entry: pages[entry.id], name=name)


def as_entry(session: FrozenSession, programme: FrozenProgramme) -> Entry:
    return Entry(
        id=session.id, slug=session.slug, title=session.title, said=session.said, summary=session.summary,
        state=EventState.CANCELLED if session.cancelled else EventState.PUBLISHED,
        starts_at=session.starts_at, ends_at=session.ends_at,
        place_name=", ".join(part for part in (programme.where(session), programme.place_name) if part),
        place_address=programme.place_address,
        latitude=programme.latitude, longitude=programme.longitude, way=programme.way,
        access_notes=access(programme, session),
        sequence=session.sequence, changed_at=session.changed_at,
    )  # fmt: skip
