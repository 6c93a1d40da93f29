"""The programme as the XML that conference programs read (pentabarf, later frab): Giggity on phones, the CCC's tools.

There is no standard; its rules are those of the schema the CCC's video team checks by (tests/assises/schedule.xsd).
Giggity knows a session by its GUID, a room by its name, and takes the moment from `date`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, tostring

from app import i18n
from app.assises import by_day
from app.assises.frozen import FrozenProgramme, FrozenSession
from app.assises.queries import Released
from app.i18n import gettext as _
from app.models import Part

# What XML 1.0 cannot say, not even escaped.
UNSAYABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LARGEST = 2**31 - 1  # some programs keep numbers in so many bits
ON_STAGE = {Part.SPEAKER, Part.FACILITATOR}


def schedule(
    released: Released, names: Mapping[UUID, Any], *, page: Callable[[FrozenSession], str], home: str
) -> bytes:
    """The whole. `names`: who may be shown. `page`, `home`: whole addresses, of a session and of all."""
    programme = released.programme
    days, known = by_day.days(programme), numbers(session.id for session in programme.sessions)
    root = Element("schedule")
    _put(root, "version", released.name)
    conference = SubElement(root, "conference")
    _put(conference, "title", programme.title or _("Les Assises"))
    _put(conference, "acronym", "assises")
    if days:
        _put(conference, "start", days[0].date.isoformat())
        _put(conference, "end", days[-1].date.isoformat())
    _put(conference, "days", str(len(days)))
    _put(conference, "base_url", home)
    _put(conference, "time_zone_name", str(i18n.PARIS))
    for index, day in enumerate(days, 1):
        place = {"index": str(index), "date": day.date.isoformat()}
        node = SubElement(root, "day", place | {"start": _moment(day.starts_at), "end": _moment(day.ends_at)})
        for room, sessions in _rooms(programme, day):
            inside = SubElement(node, "room", {"name": room})
            for session in sessions:
                _event(inside, session, room, known[session.id], programme, names, page(session))
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def numbers(ids: Iterable[UUID]) -> dict[UUID, int]:
    """A number each, out of the id alone, since nothing else stays. Of two equal ones the later made takes the next."""
    found: dict[UUID, int] = {}
    taken = {0}
    for each in sorted(ids):
        number = each.int & LARGEST
        while number in taken:
            number = (number + 1) & LARGEST
        found[each] = number
        taken.add(number)
    return found


def _rooms(programme: FrozenProgramme, day: by_day.Day) -> list[tuple[str, list[FrozenSession]]]:
    """Every room on every day, in the organisers' order, even if nothing happens there; last what has none yet."""
    there = [(_plain(room.name), [each for each in day.sessions if each.room == room.id]) for room in programme.rooms]
    lost = [session for session in day.sessions if session.room not in programme.room_of]
    return [*there, (_("Salle à préciser"), lost)] if lost else there


def _event(
    room: Element, session: FrozenSession, where: str, number: int, programme: FrozenProgramme,
    names: Mapping[UUID, Any], page: str,
) -> None:  # fmt: skip
    event = SubElement(room, "event", {"guid": str(session.id), "id": str(number)})
    track = programme.track_of.get(session.track) if session.track else None
    start = i18n.local(session.starts_at)
    # A cancelled one stays, so that nobody waits for it: the format has no word for that but the title.
    title = _("Annulé : %(title)s") % {"title": session.title} if session.cancelled else session.title
    for name, text in {
        "date": start.isoformat(), "start": f"{start:%H:%M}", "room": where, "slug": session.slug,
        "duration": f"{session.minutes // 60:02}:{session.minutes % 60:02}", "title": title, "subtitle": "",
        "track": track.name if track else "", "type": session.kind.value, "language": session.language,
        "abstract": _joined(session.said if session.cancelled else "", session.summary),
        "description": _joined(session.body, session.audience), "url": page,
    }.items():  # fmt: skip
        _put(event, name, text)
    persons = SubElement(event, "persons")
    for speaking in session.speakers:
        if speaking.part in ON_STAGE and speaking.id in names:
            _put(persons, "person", names[speaking.id].name)


def _put(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _plain(text)


def _plain(text: str) -> str:
    return UNSAYABLE.sub("", text)


def _joined(*parts: str) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip())


def _moment(moment: datetime) -> str:
    return i18n.local(moment).isoformat()
