"""The demonstration of the Assises as data: two days, their releases, a draft that goes on, the walk."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from app.consultation.checks import duplicates, unknown
from app.consultation.demo_events import Line, Number
from app.consultation.reading import Problem, read
from app.consultation.schemas import Consultation, Part
from app.models import SessionKind

DEMO = Path(__file__).with_name("demo_assises.toml")
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Positive = Annotated[int, Field(ge=1)]


class DemoDay(Part):
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class DemoPause(DemoDay):
    title: Line


class DemoRoom(Part):
    id: Slug
    name: Line
    capacity: Positive
    access_notes: str = ""
    offers: tuple[str, ...] = ()


class DemoTrack(Part):
    """One axis of the report, which names it; `slug` stands in links."""

    slug: Slug
    axis: str


class DemoSpeaker(Part):
    """A first name that nobody has. `consent`: how it was given; without it the name is not shown."""

    id: Slug
    name: Line
    about: str = ""
    consent: str = ""
    email: str | None = None
    phone: str | None = None


class DemoSession(Part):
    """What `ProgrammeSession` says, and who signed up: `taken` seats, `waiting` in line."""

    slug: Slug
    kind: SessionKind
    title: Line
    summary: Line
    body: str = ""
    audience: str = ""
    track: str
    room: str | None = None
    starts_at: AwareDatetime | None = None
    minutes: Positive = 45
    speakers: tuple[str, ...] = ()
    facilitators: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    seats: Positive | None = None
    taken: Number = 0
    waiting: Number = 0


class DemoRelease(Part):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    words: str = ""
    at: AwareDatetime


class DemoChange(Part):
    """What is different in one session from a release on; without `release`, in the draft alone."""

    release: str | None = None
    session: str
    room: str | None = None
    starts_at: AwareDatetime | None = None
    summary: Line | None = None
    cancelled: Literal[True] | None = None
    said: Line | None = None


class DemoHours(Part):
    opens: AwareDatetime
    closes: AwareDatetime


class DemoStop(Part):
    invented: bool
    name: Line
    words: Line
    place_address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    access_notes: str = ""
    offers: tuple[str, ...] = ()
    hours: tuple[DemoHours, ...] = ()
    photo: str | None = None  # what its picture shows: drawn for it


class DemoAssises(Part):
    format: Literal[1]
    title: Line
    words: str
    place_name: Line
    latitude: float
    longitude: float
    way: str = ""
    access_notes: str = ""
    contact: str = ""
    walk_words: str = ""
    days: tuple[DemoDay, ...]
    pauses: tuple[DemoPause, ...] = ()
    rooms: tuple[DemoRoom, ...]
    tracks: tuple[DemoTrack, ...]
    speakers: tuple[DemoSpeaker, ...]
    sessions: Annotated[tuple[DemoSession, ...], Field(min_length=1)]
    releases: Annotated[tuple[DemoRelease, ...], Field(min_length=1)]
    changes: tuple[DemoChange, ...] = ()
    drafts: tuple[DemoSession, ...] = ()  # not released yet
    stops: tuple[DemoStop, ...] = ()


def load_assises(path: Path, consultation: Consultation) -> DemoAssises:
    """Reads it so that it fits `consultation`; raises `ContentError` like `load`."""
    return read(path, DemoAssises, lambda content: problems(content, consultation))


def problems(content: DemoAssises, consultation: Consultation) -> Iterator[Problem]:
    """What pydantic cannot see: one line beside another, and the consultation's lists."""
    everything = (*content.sessions, *content.drafts)
    yield from duplicates("sessions", (session.slug for session in everything), "slug")
    for position, track in enumerate(content.tracks):
        if track.axis not in {axis.id for axis in consultation.axes}:
            yield ("tracks", position, "axis"), unknown(track.axis, consultation.axes)
    for name, sessions in (("sessions", content.sessions), ("drafts", content.drafts)):
        for position, session in enumerate(sessions):
            for key, sentence in _of(session, content, consultation):
                yield (name, position, *key), sentence
    for position, session in enumerate(content.sessions):
        if session.starts_at is None:
            yield ("sessions", position), "il manque « starts_at » : une séance publiée a une heure ; ajoutez-la"
    yield from _changes(content)


def _of(session: DemoSession, content: DemoAssises, consultation: Consultation) -> Iterable[Problem]:
    if session.track not in {track.slug for track in content.tracks}:
        yield ("track",), f"aucun thème ne s’appelle « {session.track} » ; corrigez le mot"
    if session.room is not None and session.room not in {room.id for room in content.rooms}:
        yield ("room",), f"aucune salle ne s’appelle « {session.room} » ; corrigez le mot"
    known = {speaker.id for speaker in content.speakers}
    for key in ("speakers", "facilitators", "interpreters"):
        for rank, person in enumerate(getattr(session, key)):
            if person not in known:
                yield (key, rank), f"personne ne s’appelle « {person} » ; corrigez le mot"
    for rank, audience in enumerate(session.audiences):
        if consultation.audience(audience) is None:
            yield ("audiences", rank), unknown(audience, consultation.audiences)
    if session.taken > (session.seats or 0):
        yield ("taken",), f"il y a plus de personnes que de places ; {session.seats or 0} au plus"
    if session.waiting and session.taken != session.seats:
        yield ("waiting",), "personne n’attend tant qu’il reste des places ; retirez « waiting »"


def _changes(content: DemoAssises) -> Iterable[Problem]:
    slugs, later = {session.slug for session in content.sessions}, {each.name for each in content.releases[1:]}
    rooms = {room.id for room in content.rooms}
    for position, change in enumerate(content.changes):
        here = ("changes", position)
        if change.session not in slugs:
            yield (*here, "session"), f"aucune séance ne s’appelle « {change.session} » ; corrigez le mot"
        if change.release is not None and change.release not in later:
            yield (*here, "release"), f"aucune version ne s’appelle « {change.release} » ; corrigez le mot"
        if change.room is not None and change.room not in rooms:
            yield (*here, "room"), f"aucune salle ne s’appelle « {change.room} » ; corrigez le mot"
