"""The demonstration's meetings as data: the season in miniature, facts and invented ones."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import AwareDatetime, Field

from app.consultation.checks import duplicates, unknown
from app.consultation.reading import Problem
from app.consultation.schemas import Consultation, Part
from app.models import Access, EventKind, EventState, Mode

Line = Annotated[str, Field(min_length=1)]
Number = Annotated[int, Field(ge=0)]


class DemoEvent(Part):
    """What `Event` says, and who came: `seats` taken, `waiting` in line, `came` registrations, `walked_in` people."""

    invented: bool
    slug: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    kind: EventKind
    state: EventState = EventState.PUBLISHED
    mode: Mode = Mode.IN_PERSON
    access: Access = Access.OPEN
    announced: AwareDatetime
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    opens_at: AwareDatetime | None = None
    title: Line
    summary: Line
    body: str = ""
    audience: str = ""
    way: str = ""
    access_notes: str = ""
    place_name: str = ""
    place_address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    quartier: str | None = None
    online_url: str | None = None
    offers: tuple[str, ...] = ()
    facilitators: tuple[str, ...] = ()
    capacity: Number | None = None
    seats: Number = 0
    waiting: Number = 0
    came: Number | None = None
    walked_in: Number = 0
    said: str = ""
    report: str = ""
    photo: str | None = None  # what its picture shows: drawn for it


def problems(events: tuple[DemoEvent, ...], consultation: Consultation) -> Iterator[Problem]:
    """What pydantic cannot see: other parts of the file, and one line beside another."""
    yield from duplicates("events", (event.slug for event in events), "slug")
    for position, event in enumerate(events):
        for key, sentence in _of(event, consultation):
            yield ("events", position, *key), sentence


def _of(event: DemoEvent, consultation: Consultation) -> Iterable[Problem]:
    if event.quartier is not None and consultation.quartier(event.quartier) is None:
        yield ("quartier",), unknown(event.quartier, consultation.quartiers)
    if event.ends_at <= event.starts_at:
        yield ("ends_at",), "ce rendez-vous finit avant de commencer ; changez l’heure"
    if event.announced >= event.starts_at:
        yield ("announced",), "ce rendez-vous est annoncé après son début ; changez la date"
    if event.capacity is not None and event.seats > event.capacity:
        yield ("seats",), f"il y a plus de personnes que de places ; {event.capacity} au plus"
    if event.waiting and event.seats != event.capacity:
        yield ("waiting",), "personne n’attend tant qu’il reste des places ; retirez « waiting »"
    if event.state in (EventState.CANCELLED, EventState.POSTPONED) and not event.said:
        yield (), "il manque « said » : un rendez-vous annulé ou reporté dit pourquoi ; ajoutez-le"
