"""What the API answers to devices: for the OpenAPI document and its tests; handlers answer dictionaries."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from app.models import Method, OutingState


class DeviceNamed(BaseModel):
    id: UUID
    name: str


class MediatorNamed(BaseModel):
    id: UUID
    name: str


class PairedDevice(BaseModel):
    """The token is said this once."""

    token: str
    device: DeviceNamed
    mediator: MediatorNamed


class OutingNear(BaseModel):
    """One of the mediator's own. `question`: null when it is chosen for each person. Tickets are `prefix`-001 …"""

    id: UUID
    place: str
    quartier: str | None
    method: Method
    question: str | None
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    state: OutingState
    prefix: str
    tickets: int


class Contact(BaseModel):
    """`device`: null with a mediator's own credential. `now`: the service's time. `codes`: given and not yet used."""

    device: DeviceNamed | None
    mediator: MediatorNamed
    now: AwareDatetime
    codes: int
    outings: list[OutingNear] = Field(description="From seven days ago until in seven days, in order.")
