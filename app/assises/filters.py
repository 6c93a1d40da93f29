"""The filters of the programme: what one may ask for, what it leaves, and what an unknown value is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields

from app import i18n
from app.assises.cards import offered
from app.assises.frozen import FrozenProgramme, FrozenSession
from app.consultation import asked
from app.consultation.asked import Asked
from app.consultation.content import consultation
from app.errors import N_, FieldError
from app.events import words

NOT_THERE = {
    "day": N_("Ce jour n’est pas dans le programme."),
    "track": N_("Ce thème n’est pas dans le programme."),
}


@dataclass(frozen=True)
class Filters(Asked):
    """What a reader asks for; empty means the whole programme. `day` as 2022-06-10, `track` by its slug."""

    day: str = ""
    track: str = ""
    audience: str = ""
    offer: str = ""

    def of(self, programme: FrozenProgramme) -> list[FrozenSession]:
        """The sessions that are asked for, in order."""
        asked = self.given().items()
        return [each for each in programme.sessions if all(v in HAS[name](each, programme) for name, v in asked)]


NAMES = tuple(field.name for field in fields(Filters))


def read(given: Mapping[str, str], programme: FrozenProgramme) -> tuple[Filters, list[FieldError]]:
    """The filters one can follow, and one error per value nobody can have meant."""
    values, errors = asked.known(given, _tests(programme), NOT_THERE)
    return Filters(**values), errors


def _tests(programme: FrozenProgramme) -> dict[str, Callable[[str], bool]]:
    return {
        "day": lambda value: value in days(programme),
        "track": lambda value: any(value == track.slug for track in programme.tracks),
        "audience": lambda value: consultation().audience(value) is not None,
        "offer": lambda value: value in words.offers(),
    }


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
