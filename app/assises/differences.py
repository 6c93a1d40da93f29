"""What is different between two releases, session by session: kept with the release, said in one sentence. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from app import i18n
from app.assises.frozen import FrozenProgramme, FrozenSession
from app.errors import N_
from app.i18n import gettext as _

Kind = Literal["new", "moved", "room", "cancelled", "restored", "changed"]
NEW = ("title", "starts_at", "minutes", "room", "place")  # what is kept of a new one
MOVED, PLACED = {"starts_at", "minutes"}, {"room", "place"}
# What else may differ, as it is named.
FIELDS = {
    "kind": N_("le genre"),
    "summary": N_("le résumé"),
    "body": N_("la description"),
    "audience": N_("pour qui"),
    "audiences": N_("pour qui"),
    "language": N_("la langue"),
    "offers": N_("ce qui est prévu sur place"),
    "track": N_("le thème"),
    "seats": N_("les places"),
    "said": N_("ce qu’il faut savoir"),
    "speakers": N_("qui intervient"),
}


@dataclass(frozen=True)
class Difference:
    """One session: the strongest kind of what happened to it, and what it was and is where that differs."""

    session: UUID
    kind: Kind
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For a release's column."""
        return asdict(self) | {"session": str(self.session)}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        return cls(UUID(kept["session"]), kept["kind"], dict(kept["before"]), dict(kept["after"]))


def between(old: FrozenProgramme | None, new: FrozenProgramme) -> list[Difference]:
    """One for each session that differs, in order of time; all are new when nothing was public before."""
    return list(_between(old or FrozenProgramme(), new))


def _between(old: FrozenProgramme, new: FrozenProgramme) -> Iterator[Difference]:
    for session in new.sessions:
        is_now, was = facts(new, session), old.by_id.get(session.id)
        if was is None:
            kind: Kind = "cancelled" if session.cancelled else "new"
            yield Difference(session.id, kind, after={name: is_now[name] for name in NEW if is_now[name]})
            continue
        was_then = facts(old, was)
        differ = [name for name in is_now if is_now[name] != was_then[name]]
        if differ:
            before, after = ({name: said[name] for name in differ} for said in (was_then, is_now))
            yield Difference(session.id, _kind(was, session, set(differ)), before, after)


def _kind(was: FrozenSession, session: FrozenSession, differ: set[str]) -> Kind:
    if session.cancelled:
        return "changed" if was.cancelled else "cancelled"
    if was.cancelled:
        return "restored"
    if differ & MOVED:
        return "moved"
    return "room" if differ & PLACED else "changed"


def facts(programme: FrozenProgramme, session: FrozenSession) -> dict[str, str]:
    """Everything the public reads of a session, as text that can be compared and kept."""
    track = programme.track_of.get(session.track) if session.track else None
    return {
        "title": session.title,
        "starts_at": session.starts_at.isoformat(),
        "minutes": str(session.minutes),
        "room": programme.where(session),
        "place": ", ".join(part for part in (programme.place_name, programme.place_address) if part),
        "cancelled": "yes" if session.cancelled else "",
        "said": session.said,
        "kind": session.kind.value,
        "summary": session.summary,
        "body": session.body,
        "audience": session.audience,
        "audiences": " ".join(session.audiences),
        "language": session.language,
        "offers": " ".join(session.offers),
        "track": track.name if track else "",
        "seats": str(session.seats or ""),
        "speakers": " ".join(f"{each.part}:{each.id}" for each in session.speakers),
    }


def calendar_facts(programme: FrozenProgramme, session: FrozenSession) -> tuple[Any, ...]:
    """What stands in a calendar entry: another one is sent when this differs."""
    at = programme.latitude, programme.longitude, programme.way, access(programme, session)
    said = session.title, session.summary, session.starts_at, session.minutes, session.cancelled, session.said
    return said, programme.where(session), programme.place_name, programme.place_address, at


def access(programme: FrozenProgramme, session: FrozenSession) -> str:
    """How one gets into the room, and the house."""
    room = programme.room_of.get(session.room) if session.room else None
    return "\n\n".join(part for part in (room.access_notes if room else "", programme.access_notes) if part)


def words(difference: Difference, programme: FrozenProgramme) -> str:
    """In one sentence, in the current language. `programme`: the release it belongs to, or a later one."""
    session = programme.by_id.get(difference.session)
    title = difference.after.get("title") or (session.title if session else difference.before.get("title", ""))
    if difference.kind == "cancelled":
        return _("Annulé : %(title)s") % {"title": title}
    start = difference.after.get("starts_at") or (session.starts_at.isoformat() if session else "")
    if difference.kind in ("new", "restored"):
        # Of a new one all that counts is kept: a room that is not there was not there then.
        kept = difference.kind == "new" and difference.after
        room = difference.after.get("room", "" if kept or session is None else programme.where(session))
        parts = [title, i18n.format_moment(datetime.fromisoformat(start)) if start else "", room]
        said = _("Nouveau : %(what)s") if difference.kind == "new" else _("A bien lieu : %(what)s")
        return said % {"what": ", ".join(part for part in parts if part)}
    return _("%(title)s : %(what)s") % {"title": title, "what": ", ".join(_parts(difference, start))}


def _parts(difference: Difference, start: str) -> Iterator[str]:
    before, after = difference.before, difference.after
    if "starts_at" in before:
        yield _instead(*_hours(datetime.fromisoformat(start), datetime.fromisoformat(before["starts_at"])))
    if "minutes" in before:
        yield _instead(_("%(n)s minutes") % {"n": after["minutes"]}, before["minutes"])
    for name in ("room", "place"):
        if name in before:
            yield _instead(after[name] or _("sans salle"), before[name] or _("sans salle"))
    if "title" in before:
        yield _("s’appelait « %(title)s »") % {"title": before["title"]}
    named = dict.fromkeys(_(label) for name, label in FIELDS.items() if name in before)
    if named:
        yield _("changent aussi : %(what)s") % {"what": ", ".join(named)}


def _hours(now: datetime, then: datetime) -> tuple[str, str]:
    """The day is said again only where it is another one."""
    same = i18n.local(now).date() == i18n.local(then).date()
    return i18n.format_moment(now), i18n.format_hour(then) if same else i18n.format_moment(then)


def _instead(now: str, then: str) -> str:
    return _("%(now)s au lieu de %(then)s") % {"now": now, "then": then}
