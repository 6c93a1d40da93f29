"""What the API answers about meetings: for the OpenAPI document and its tests; handlers answer dictionaries."""

from pydantic import AwareDatetime, BaseModel, Field

from app.media.answers import RootRelative
from app.models import Access, EventKind, EventState, Mode


class EventPlace(BaseModel):
    """Where; `quartier` is an id of the consultation. Empty for what is online alone."""

    name: str
    address: str
    lat: float | None
    lon: float | None
    quartier: str | None


class SignUpWindow(BaseModel):
    """When one may sign up; `open`: now, for a seat or for the waiting list."""

    opens_at: AwareDatetime | None
    closes_at: AwareDatetime
    open: bool


class PublicEvent(BaseModel):
    """A meeting the public sees. `said`: why it is cancelled or postponed. Without a capacity there is no limit."""

    slug: str
    kind: EventKind
    state: EventState
    mode: Mode
    access: Access
    title: str
    summary: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    place: EventPlace
    capacity: int | None
    seats_left: int | None
    waiting: int = Field(description="Registrations in line, not seats.")
    registration: SignUpWindow
    offers: list[str]
    said: str | None
    invented: bool = Field(description="Demonstration content.")
    url: RootRelative
    ics_url: RootRelative


class EventList(BaseModel):
    """`next` goes into `?after=`; null on the last page."""

    items: list[PublicEvent]
    next: str | None
