"""The filters of the programme: what one may ask for, what it leaves, and what an unknown value is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields

from app import i18n
from app.assises.cards import offered
from app.assises.frozen import FrozenProgramme, FrozenSession
from app.consultation.content import consultation
from app.errors import N_, FieldError
from app.events import words

UNKNOWN = {
    "day": N_("Ce jour n’est pas dans le programme."),
    "track": N_("Ce thème n’est pas dans le programme."),
    "audience": N_("Ce choix n’existe pas."),
    "offer": N_("Ce choix n’existe pas."),
}


@dataclass(frozen=True)
class Filters:
    """What a reader asks for; empty means the whole programme. `day` as 2022-06-10, `track` by its slug."""

    day: str = ""
    track: str = ""
    audience: str = ""
    offer: str = ""

    def given(self) -> dict[str, str]:
        return {name: value for name in NAMES if (value := getattr(self, name))}

    def of(self, programme: FrozenProgramme) -> list[FrozenSession]:
        """The sessions that are asked for, in order."""
        asked = self.given().items()
        return [each for each in programme.sessions if all(v in HAS[name](each, programme) for name, v in asked)]


NAMES = tuple(field.name for field in fields(Filters))


def read(asked: Mapping[str, str], programme: FrozenProgramme) -> tuple[Filters, list[FieldError]]:
    """The filters one can follow, and one error per value nobody can have meant."""
    values, errors = {}, []
    for name in NAMES:
        value = asked.get(name, "").strip()
        if value and KNOWN[name](value, programme):
            values[name] = value
        elif value:
            errors.append(FieldError(name, f"unknown_{name}", UNKNOWN[name]))
    return Filters(**values), errors


def days(programme: FrozenProgramme) -> list[str]:
    """Every day of the programme, as the filter writes it."""
    starts = [*(day.starts_at for day in programme.days), *(each.starts_at for each in programme.sessions)]
    return sorted({i18n.local(moment).date().isoformat() for moment in starts})


def _track(session: FrozenSession, programme: FrozenProgramme) -> Sequence[str]:
    track = programme.track_of.get(session.track) if session.track else None
    return (track.slug,) if track else ()


# What a session has to answer each filter with.
HAS: dict[str, Callable[[FrozenSession, FrozenProgramme], Sequence[str]]] = {
    "day": lambda session, _programme: (i18n.local(session.starts_at).date().isoformat(),),
    "track": _track,
    "audience": lambda session, _programme: session.audiences,
    "offer": offered,
}
KNOWN: dict[str, Callable[[str, FrozenProgramme], bool]] = {
    "day": lambda value, programme: value in days(programme),
    "track": lambda value, programme: any(value == track.slug for track in programme.tracks),
    "audience": lambda value, _programme: consultation().audience(value) is not None,
    "offer": lambda value, _programme: value in words.offers(),
}
