"""The demonstration's outings as data: where mediators go, and what is told of it afterwards."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import AwareDatetime, Field

from app.consultation.checks import duplicates, unknown
from app.consultation.demo_events import Line, Number
from app.consultation.reading import Problem
from app.consultation.schemas import Consultation, Part
from app.models import Method


class DemoOuting(Part):
    """What `Outing` says. `public`: on the calendar; `sheets` of tickets; `stopped`: it is over, so many stopped."""

    prefix: Annotated[str, Field(pattern=r"^[A-Z]{3,4}$")]
    method: Method
    place_name: Line
    place_address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    quartier: str | None = None
    question: str | None = None
    planned: AwareDatetime
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    material: str = ""
    notes: str = ""
    public: bool = False
    sheets: Number = 0
    stopped: Number | None = None
    told_at: AwareDatetime | None = None
    heard: str = ""
    changes: str = ""


def problems(outings: tuple[DemoOuting, ...], consultation: Consultation) -> Iterator[Problem]:
    """What pydantic cannot see: other parts of the file, and one line beside another."""
    yield from duplicates("outings", (outing.prefix for outing in outings), "prefix")
    for position, outing in enumerate(outings):
        for key, sentence in _of(outing, consultation):
            yield ("outings", position, *key), sentence


def _of(outing: DemoOuting, consultation: Consultation) -> Iterable[Problem]:
    if outing.quartier is not None and consultation.quartier(outing.quartier) is None:
        yield ("quartier",), unknown(outing.quartier, consultation.quartiers)
    if outing.question is not None and consultation.question(outing.question) is None:
        yield ("question",), unknown(outing.question, consultation.questions)
    if outing.ends_at <= outing.starts_at:
        yield ("ends_at",), "cette sortie finit avant de commencer ; changez l’heure"
    if outing.planned >= outing.starts_at:
        yield ("planned",), "cette sortie est prévue après son début ; changez la date"
    if outing.told_at is not None and (outing.told_at < outing.ends_at or not outing.heard):
        yield ("told_at",), "on raconte une sortie après sa fin, avec « heard » ; changez la date ou ajoutez-le"
