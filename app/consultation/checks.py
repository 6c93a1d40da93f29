"""What a consultation must hold between its parts. Each problem names the path of its line."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, get_args

from pydantic import BaseModel

from app.consultation.lines import KeyPath
from app.consultation.reading import Problem
from app.consultation.schemas import FALLBACK, Consultation, ReasonId, Text


class _Named(Protocol):
    @property
    def id(self) -> str: ...


def problems(consultation: Consultation) -> Iterator[Problem]:
    yield from _languages(consultation)
    yield from texts_problems(consultation, {part.code for part in consultation.languages})
    yield from _ids(consultation)
    yield from _phases(consultation)
    yield from _thread(consultation)
    yield from _needed(consultation)
    yield from _meetings(consultation)


def texts_problems(part: BaseModel, codes: set[str], path: KeyPath = ()) -> Iterator[Problem]:
    """Every text has French, and no language that the file does not declare."""
    for where, text in texts_of(part, path):
        if FALLBACK not in text.root:
            yield where, 'il manque le français ; ajoutez fr = "…"'
        for code in text.root:
            if code not in codes:
                known = ", ".join(sorted(codes))
                yield (*where, code), f"la langue « {code} » n’est pas déclarée ; connues : {known}"


def texts_of(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Text]]:
    """Every text in a model, with its path in the file."""
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from texts_of(getattr(value, name), (*path, name))
    elif isinstance(value, tuple):
        for position, part in enumerate(value):
            yield from texts_of(part, (*path, position))


def duplicates(name: str, ids: Iterable[str], key: str = "id") -> Iterator[Problem]:
    seen: set[str] = set()
    for position, id_ in enumerate(ids):
        if id_ in seen:
            yield (
                (name, position, key),
                f"« {id_} » est déjà pris plus haut ; choisissez un autre identifiant",
            )
        seen.add(id_)


def unknown(value: str, known: Sequence[_Named]) -> str:
    """The sentence for an id that is not in the list."""
    return f"« {value} » n’est pas connu ; choisissez parmi {', '.join(part.id for part in known)}"


def _languages(consultation: Consultation) -> Iterator[Problem]:
    yield from duplicates("languages", (part.code for part in consultation.languages), "code")
    french = consultation.language(FALLBACK)
    if french is None:
        yield ("languages",), "il manque le français ; ajoutez une langue dont le code est fr"
    elif not french.complete:
        position = consultation.languages.index(french)
        yield ("languages", position, "complete"), "le français doit être complet ; écrivez true"


def _ids(consultation: Consultation) -> Iterator[Problem]:
    for name in (
        "phases",
        "questions",
        "audiences",
        "quartiers",
        "age_bands",
        "organisation_kinds",
        "reasons",
        "help_numbers",
        "contacts",
        "meetings",
        "axes",
    ):
        yield from duplicates(name, (part.id for part in getattr(consultation, name)))


def _phases(consultation: Consultation) -> Iterator[Problem]:
    before = None
    for position, phase in enumerate(consultation.phases):
        if phase.ends < phase.starts:
            yield (
                ("phases", position, "ends"),
                f"la phase « {phase.id} » finit le {phase.ends}, avant de commencer "
                f"le {phase.starts} ; corrigez l’une des deux dates",
            )
        if before is not None and phase.starts <= before.ends:
            yield (
                ("phases", position, "starts"),
                f"la phase « {phase.id} » commence le {phase.starts}, avant la fin de "
                f"« {before.id} » le {before.ends} ; corrigez la date ou l’ordre",
            )
        before = phase
    if not any(phase.collects for phase in consultation.phases):
        yield ("phases",), "aucune phase ne recueille les avis ; ajoutez collects = true à l’une"


def _thread(consultation: Consultation) -> Iterator[Problem]:
    known = {phase.id for phase in consultation.phases}
    for position, knot in enumerate(consultation.thread):
        for rank, id_ in enumerate(knot.phases):
            if id_ not in known:
                yield ("thread", position, "phases", rank), unknown(id_, consultation.phases)


def _needed(consultation: Consultation) -> Iterator[Problem]:
    if consultation.question("other") is None:
        yield (
            ("questions",),
            "il manque la question « other » (autre, je ne sais pas) ; ajoutez-la",
        )
    if not any(quartier.private for quartier in consultation.quartiers):
        yield (
            ("quartiers",),
            "il manque le choix de qui est sans domicile ou ne souhaite pas dire ; "
            "ajoutez un quartier avec private = true",
        )
    if not consultation.public_quartiers:
        yield ("quartiers",), "aucun quartier n’est public ; ajoutez-en un"
    for reason in get_args(ReasonId):
        if consultation.reason(reason) is None:
            yield ("reasons",), f"il manque l’article « {reason} » de la charte ; ajoutez-le"


def _meetings(consultation: Consultation) -> Iterator[Problem]:
    before = None
    for position, meeting in enumerate(consultation.meetings):
        if meeting.last_day < meeting.starts:
            yield (
                ("meetings", position, "ends"),
                f"« {meeting.id} » finit le {meeting.ends}, avant de commencer "
                f"le {meeting.starts} ; corrigez l’une des deux dates",
            )
        if before is not None and meeting.starts < before.starts:
            yield (
                ("meetings", position, "starts"),
                f"« {meeting.id} » vient avant « {before.id} » ; rangez-les par date",
            )
        before = meeting
