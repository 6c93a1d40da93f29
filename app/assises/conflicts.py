"""What organisers are warned of before a release: never a refusal, a sentence each. Pure, and quick as one works."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app import i18n
from app.assises.frozen import FrozenProgramme, FrozenSession
from app.i18n import gettext as _


@dataclass(frozen=True)
class Conflict:
    """`code`: room_twice, speaker_twice, over_capacity, no_room, in_pause, outside_day; in the current language."""

    code: str
    sessions: tuple[UUID, ...]
    words: str


def find(programme: FrozenProgramme, *, speakers: Mapping[UUID, str] | None = None) -> list[Conflict]:
    """Everything to be warned of, what is twice first. `speakers`: their names, for the team."""
    taking_place = sorted((each for each in programme.sessions if not each.cancelled), key=lambda one: one.starts_at)
    return [
        *_rooms_twice(programme, taking_place),
        *_speakers_twice(taking_place, speakers or {}),
        *_each(programme, taking_place),
    ]


def at_once(sessions: Sequence[FrozenSession]) -> Iterator[tuple[FrozenSession, FrozenSession]]:
    """Pairs that overlap, of sessions in order of time."""
    for place, one in enumerate(sessions):
        for other in sessions[place + 1 :]:
            if other.starts_at >= one.ends_at:
                break
            yield one, other


def _rooms_twice(programme: FrozenProgramme, sessions: Iterable[FrozenSession]) -> Iterator[Conflict]:
    by_room = defaultdict(list)
    for session in sessions:
        if programme.where(session):
            by_room[session.room].append(session)
    for together in by_room.values():
        for one, other in at_once(together):
            said = {"room": programme.where(one)} | _both(one, other)
            words = _("%(room)s est prise deux fois : « %(one)s » et « %(other)s », %(when)s.") % said
            yield Conflict("room_twice", (one.id, other.id), words)


def _speakers_twice(sessions: Iterable[FrozenSession], names: Mapping[UUID, str]) -> Iterator[Conflict]:
    by_speaker = defaultdict(list)
    for session in sessions:
        for speaker in {each.id for each in session.speakers}:
            by_speaker[speaker].append(session)
    for speaker, together in by_speaker.items():
        for one, other in at_once(together):
            said = {"name": names.get(speaker) or _("La même personne")} | _both(one, other)
            words = _("%(name)s intervient à deux endroits : « %(one)s » et « %(other)s », %(when)s.") % said
            yield Conflict("speaker_twice", (one.id, other.id), words)


def _both(one: FrozenSession, other: FrozenSession) -> dict[str, str]:
    return {"one": one.title, "other": other.title, "when": i18n.format_moment(other.starts_at)}


def _each(programme: FrozenProgramme, sessions: Iterable[FrozenSession]) -> Iterator[Conflict]:
    for session in sessions:
        room, title = programme.room_of.get(session.room) if session.room else None, {"title": session.title}
        if room is None:
            yield Conflict("no_room", (session.id,), _("« %(title)s » n’a pas de salle.") % title)
        elif session.seats and room.capacity and session.seats > room.capacity:
            said = title | {"seats": session.seats, "room": room.name, "capacity": room.capacity}
            words = _("« %(title)s » a %(seats)s places. %(room)s en a %(capacity)s.") % said
            yield Conflict("over_capacity", (session.id,), words)
        for pause in programme.pauses:
            if session.starts_at < pause.ends_at and pause.starts_at < session.ends_at:
                words = _("« %(title)s » a lieu pendant la pause « %(pause)s ».") % (title | {"pause": pause.title})
                yield Conflict("in_pause", (session.id,), words)
        if not any(day.starts_at <= session.starts_at and session.ends_at <= day.ends_at for day in programme.days):
            words = _("« %(title)s » est en dehors des heures d’ouverture.") % title
            yield Conflict("outside_day", (session.id,), words)
